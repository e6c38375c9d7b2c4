"""The quick guide: two A4 pages to hang up beside the desk, made on the server."""

from __future__ import annotations

from collections.abc import Iterable

from fpdf import FPDF

from dispatch.paper.letters import FONT, printable

MARGIN_MM, WIDTH_MM = 14, 182
BODY_PT, LINE_MM = 10.5, 5.6
RULE_RGB = (11, 110, 79)
Lines = Iterable[tuple[str, str]]


class _Guide(FPDF):
    """A4 with a page number at the foot."""

    def __init__(self, title: str, foot: str) -> None:
        super().__init__(format="A4")
        self.foot = foot
        self.set_margins(MARGIN_MM, MARGIN_MM, MARGIN_MM)
        self.set_auto_page_break(True, margin=14)
        self.add_font("zh", "", str(FONT))
        self.set_title(title)

    def footer(self) -> None:
        """What it rests on, and the page."""
        self.set_y(-11)
        self.set_font("zh", size=8)
        self.cell(WIDTH_MM, 4, printable(f"{self.foot}    {self.page_no()} / 2"), align="C")

    def headline(self, text: str, size: float = 14) -> None:
        """A heading with a rule under it."""
        self.set_font("zh", size=size)
        self.set_text_color(*RULE_RGB)
        self.cell(WIDTH_MM, size * 0.62, printable(text), new_x="LMARGIN", new_y="NEXT")
        self.set_draw_color(*RULE_RGB)
        self.line(MARGIN_MM, self.get_y(), MARGIN_MM + WIDTH_MM, self.get_y())
        self.ln(2)
        self.set_text_color(0)

    def pairs(self, lines: Lines, first_mm: float) -> None:
        """Two columns: a short name, and what is said of it."""
        for name, text in lines:
            self.set_font("zh", size=BODY_PT)
            top = self.get_y()
            self.multi_cell(first_mm, LINE_MM, printable(name), align="L", new_x="RIGHT", new_y="TOP")
            self.set_xy(MARGIN_MM + first_mm, top)
            self.multi_cell(WIDTH_MM - first_mm, LINE_MM, printable(text), align="L", new_x="LMARGIN", new_y="NEXT")
            self.ln(1.2)


def render_guide(title: str, foot: str, parts: tuple[tuple[str, Lines], ...]) -> bytes:
    """The PDF: the first part on the first page, the others on the second."""
    sheet = _Guide(title, foot)
    sheet.add_page()
    sheet.headline(title, 18)
    for number, (heading, lines) in enumerate(parts):
        if number == 1:
            sheet.add_page()
        sheet.ln(2)
        sheet.headline(heading)
        sheet.pairs(lines, 52 if number == 0 else 38)
    return bytes(sheet.output())
