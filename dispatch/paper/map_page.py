"""The map on paper: a scene → PDF bytes, drawn from the same styles as the map on the screen.

One sheet with title, situations, map, scale, north, legend and the age of the data; behind it the
same things in rows.  Areas carry the pattern of their level, so a grey copy can be read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fpdf import FPDF
from fpdf.enums import TableBordersLayout
from fpdf.fonts import FontFace

from dispatch.paper.letters import FONT, printable
from dispatch.paper.map_draw import draw_key, draw_scene, legend_lines
from dispatch.paper.projection import Frame, fit
from maps.scene import Bounds, Scene

SIZES = {"A3": (420.0, 297.0), "A4": (297.0, 210.0)}
MARGIN_MM, HEAD_MM, FOOT_MM = 10.0, 26.0, 10.0
LEGEND_MM = {"A3": 84.0, "A4": 66.0}
WHOLE: Bounds = (97.2, 37.4, 126.1, 53.3)
INK = (20, 32, 46)


@dataclass(frozen=True)
class MapSheet:
    """What is on it besides the scene.

    ``lines`` are the situations in words, ``mark`` says live, drill or demo (``is_live`` decides
    whether it is also written across the sheet), ``rows`` (with their heads) stand behind the map.
    """

    title: str
    lines: tuple[str, ...]
    scene: Scene
    as_of: str
    printed: str
    mark: str
    is_live: bool
    words: dict[str, str]
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    size: str = "A3"


class _Page(FPDF):
    """A sheet across with the age of the data and page x of y at its foot."""

    def __init__(self, sheet: MapSheet) -> None:
        super().__init__(orientation="L", format=sheet.size)
        self.sheet = sheet
        self.set_margins(MARGIN_MM, MARGIN_MM, MARGIN_MM)
        self.set_auto_page_break(True, margin=FOOT_MM + 4)
        self.add_font("zh", "", str(FONT))
        self.set_title(sheet.title)
        self.set_font("zh", size=9)

    def header(self) -> None:
        """The title, and the mark in a box at the right."""
        sheet, width = self.sheet, self.w - 2 * MARGIN_MM
        self.set_text_color(*INK)
        self.set_xy(MARGIN_MM, MARGIN_MM)
        self.set_font("zh", size=17)
        self.cell(width - 60, 9, printable(sheet.title))
        self.set_font("zh", size=12)
        self.set_xy(self.w - MARGIN_MM - 56, MARGIN_MM)
        self.set_line_width(0.8)
        self.cell(56, 9, printable(sheet.mark), border=1, align="C")
        self.set_xy(MARGIN_MM, MARGIN_MM + 11)

    def write_across(self, frame: Frame) -> None:
        """The mark in large letters over what is not live."""
        text = printable(self.sheet.mark)
        middle = (frame.left + frame.width / 2, frame.top + frame.height / 2)
        with self.local_context(fill_opacity=0.16, text_color=INK), self.rotation(24, *middle):
            self.set_font("zh", size=72)
            self.text(middle[0] - self.get_string_width(text) / 2, middle[1], text)

    def footer(self) -> None:
        """Age of the data, when it was printed, page x of y."""
        self.set_y(-FOOT_MM)
        self.set_font("zh", size=8)
        sheet = self.sheet
        self.cell(0, 5, printable(f"{sheet.as_of}    {sheet.printed}    {sheet.mark}    {self.page_no()} / {{nb}}"), align="C")


def map_pdf(sheet: MapSheet) -> bytes:
    """The sheet as PDF bytes.  ``sheet.size`` is A3 or A4."""
    page = _Page(sheet)
    page.add_page()
    page.set_font("zh", size=10)
    for line in sheet.lines[:3]:
        page.cell(page.w - 2 * MARGIN_MM, 5, printable(line), new_x="LMARGIN", new_y="NEXT")
    frame = _frame(sheet)
    draw_scene(page, sheet.scene, fit(sheet.scene.bounds or WHOLE, frame))
    if not sheet.is_live:
        page.write_across(frame)
    page.set_draw_color(*INK)
    page.set_line_width(0.5)
    page.rect(frame.left, frame.top, frame.width, frame.height)
    _furniture(page, frame)
    _legend(page, frame)
    if sheet.rows:
        page.add_page()
        _rows(page, sheet.heads, sheet.rows)
    return bytes(page.output())


def _frame(sheet: MapSheet) -> Frame:
    width, height = SIZES[sheet.size]
    top = MARGIN_MM + HEAD_MM
    return Frame(MARGIN_MM, top, width - 2 * MARGIN_MM - LEGEND_MM[sheet.size], height - top - FOOT_MM - 4)


def _furniture(page: _Page, frame: Frame) -> None:
    """Scale bar and north."""
    projection = fit(page.sheet.scene.bounds or WHOLE, frame)
    km, length = projection.scale_bar(frame.width / 4)
    left, base = frame.left + 6, frame.top + frame.height - 6
    page.set_fill_color(255, 255, 255)
    page.rect(left - 3, base - 7, length + 24, 11, style="F")
    page.set_fill_color(*INK)
    page.rect(left, base - 1.6, length / 2, 1.6, style="F")
    page.rect(left + length / 2, base - 1.6, length / 2, 1.6, style="D")
    page.set_font("zh", size=8)
    page.text(left, base - 3, "0")
    page.text(left + length - 4, base - 3, f"{km} km")
    x, y = frame.left + frame.width - 10, frame.top + 8
    page.polygon([(x, y - 5), (x - 3, y + 5), (x, y + 2.5), (x + 3, y + 5)], style="F")
    page.text(x - 2, y + 10, printable(page.sheet.words["north"]))


def _legend(page: _Page, frame: Frame) -> None:
    left, y = frame.left + frame.width + 5, frame.top
    page.set_font("zh", size=11)
    page.text(left, y + 4, printable(page.sheet.words["legend"]))
    page.set_font("zh", size=9)
    y += 8
    for title, lines in legend_lines(page.sheet.scene):
        if y > frame.top + frame.height - 12:
            break
        page.set_text_color(90, 100, 112)
        page.text(left, y + 3.5, printable(title))
        page.set_text_color(*INK)
        y += 5
        for kind, words in lines:
            draw_key(page, kind, (left, y))
            page.text(left + 13, y + 4, printable(words))
            y += 6
        y += 1.5


def _rows(page: _Page, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    page.set_line_width(0.2)
    page.set_font("zh", size=8)
    page.set_y(MARGIN_MM + 13)
    with page.table(headings_style=FontFace(emphasis=""), line_height=4.6, borders_layout=TableBordersLayout.HORIZONTAL_LINES,
                    col_widths=(2, 4, 2, 3, 2), text_align="LEFT", padding=0.6) as table:
        for cells in (heads, *rows):
            row = table.row()
            for text in cells:
                row.cell(printable(text))
