"""A report as PDF on the server, with the packaged font; the same document, the same bytes."""

from __future__ import annotations

import io
from datetime import UTC, datetime, time

from fpdf import FPDF
from fpdf.fonts import FontFace

from dispatch.drills.report_blocks import Document, Heading, Picture, Table, Text
from dispatch.drills.report_plots import FONT
from dispatch.paper.letters import printable

MARGIN_MM, WIDTH_MM, LINE_MM = 12, 186, 5.0
LEAST_MM = 40
DRILL_RGB = (163, 0, 27)


class _Sheet(FPDF):
    """A4 with the drill mark at the head of every page and its number at the foot."""

    def __init__(self, shown: Document) -> None:
        super().__init__(format="A4")
        self.shown = shown
        self.set_margins(MARGIN_MM, MARGIN_MM, MARGIN_MM)
        self.set_auto_page_break(True, margin=16)
        self.add_font("zh", "", str(FONT))
        self.set_font("zh", size=9)
        self.set_title(shown.title)
        self.set_lang("zh-CN" if shown.lang == "zh" else "en")
        self.alias_nb_pages("{pages}")

    def header(self) -> None:
        """The mark that this is a drill."""
        self.set_font("zh", size=9)
        self.set_text_color(*DRILL_RGB)
        self.cell(WIDTH_MM, LINE_MM, printable(self.shown.drill), align="R", new_x="LMARGIN", new_y="NEXT")
        self.set_text_color(0)

    def footer(self) -> None:
        """Scenario, day, page."""
        self.set_y(-12)
        self.set_font("zh", size=8)
        self.cell(0, 5, printable(f"{self.shown.subtitle}    {self.page_no()} / {{pages}}"), align="C")


def render_pdf(shown: Document, pictures: dict[str, bytes], on: datetime | None = None) -> bytes:
    """The PDF; ``pictures`` are PNG by name, ``on`` the moment written into the file."""
    sheet = _Sheet(shown)
    sheet.set_creation_date(on or datetime.combine(datetime(2000, 1, 1).date(), time(), UTC))
    sheet.add_page()
    sheet.set_font("zh", size=15)
    sheet.multi_cell(WIDTH_MM, 8, printable(shown.title), align="L", new_x="LMARGIN", new_y="NEXT")
    sheet.set_font("zh", size=9)
    sheet.cell(WIDTH_MM, LINE_MM, printable(shown.subtitle), new_x="LMARGIN", new_y="NEXT")
    for block in shown.blocks:
        if isinstance(block, Heading):
            _heading(sheet, block)
        elif isinstance(block, Text):
            _text(sheet, block)
        elif isinstance(block, Picture):
            sheet.image(io.BytesIO(pictures[block.name]), w=WIDTH_MM, alt_text=block.alt)
        else:
            _table(sheet, block)
    return bytes(sheet.output())


def _heading(sheet: _Sheet, block: Heading) -> None:
    if sheet.will_page_break(LEAST_MM):
        sheet.add_page()
    sheet.ln(3)
    sheet.set_font("zh", size=12)
    sheet.cell(WIDTH_MM, 7, printable(block.text), border="B", new_x="LMARGIN", new_y="NEXT")
    sheet.ln(1)


def _text(sheet: _Sheet, block: Text) -> None:
    sheet.set_font("zh", size=8 if block.is_list else 9)
    for line in block.lines:
        mark = "· " if block.is_list else ""
        sheet.multi_cell(WIDTH_MM, 4.6, printable(mark + line), align="L", new_x="LMARGIN", new_y="NEXT")


def _table(sheet: _Sheet, block: Table) -> None:
    sheet.set_font("zh", size=8)
    whole = sum(block.widths)
    with sheet.table(
        col_widths=tuple(width * WIDTH_MM / whole for width in block.widths), text_align="LEFT",
        headings_style=FontFace(emphasis=""), line_height=4.2, width=WIDTH_MM, padding=0.6,
    ) as table:
        for cells in (block.head, *block.rows):
            row = table.row()
            for text in cells:
                row.cell(printable(text))
