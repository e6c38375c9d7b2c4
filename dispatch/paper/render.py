"""Paper → PDF bytes on the server: no browser, no network, the font from a package."""

from __future__ import annotations

from functools import cache

import segno
from fontTools.ttLib import TTFont
from fpdf import FPDF
from fpdf.enums import TableBordersLayout
from fpdf.fonts import FontFace

from dispatch.config import PROJECT_ROOT
from dispatch.errors import Unavailable
from dispatch.paper.model import Pair, Paper

FONT = PROJECT_ROOT / "maps" / "assets" / "vendor" / "fonts" / "noto-sans-sc-subset.ttf"
MARGIN_MM, WIDTH_MM, LINE_MM = 12, 186, 5.0
QR_MM = 24
MISSING = "□"


@cache
def _known_characters() -> frozenset[int]:
    if not FONT.exists():
        raise Unavailable(
            "The print font is missing.", remedy="Run ./go setup.",
            zh="缺少打印字体。", remedy_zh="请运行 ./go setup。",
        )
    with TTFont(str(FONT), lazy=True) as font:
        return frozenset(font.getBestCmap())


def printable(text: str) -> str:
    """The text with □ for what the font cannot show (control characters left out)."""
    known = _known_characters()
    return "".join(c if ord(c) in known or c == "\n" else MISSING for c in text if c.isprintable() or c == "\n")


class _Sheet(FPDF):
    """An A4 page with the code at its head and page x/y at its foot."""

    def __init__(self, paper: Paper, pages: int, base_url: str) -> None:
        super().__init__(format="A4")
        self.paper, self.pages_per_copy = paper, pages
        self.base_url = base_url
        self.copy: Pair | None = None
        self.set_margins(MARGIN_MM, MARGIN_MM, MARGIN_MM)
        self.set_auto_page_break(True, margin=16)
        self.add_font("zh", "", str(FONT))
        self.set_font("zh", size=9)
        self.set_title(f"{paper.title[0]} {paper.code}")

    def header(self) -> None:
        """Title, code, copy and QR."""
        paper = self.paper
        top = self.get_y()
        self.set_font("zh", size=16)
        self.cell(WIDTH_MM - QR_MM, 8, printable(paper.title[0]), new_x="LMARGIN", new_y="NEXT")
        self.set_font("zh", size=9)
        self.cell(WIDTH_MM - QR_MM, LINE_MM, paper.title[1], new_x="LMARGIN", new_y="NEXT")
        copy = f"    {self.copy[0]} {self.copy[1]}" if self.copy else ""
        self.cell(WIDTH_MM - QR_MM, LINE_MM, printable(f"编号 No. {paper.code}{copy}"), new_x="LMARGIN", new_y="NEXT")
        self.cell(WIDTH_MM - QR_MM, LINE_MM, f"SHA-256 {paper.content_hash[:32]}", new_x="LMARGIN", new_y="NEXT")
        self._draw_code(WIDTH_MM + MARGIN_MM - QR_MM, top)
        self.set_y(top + QR_MM + 2)

    def _draw_code(self, left: float, top: float) -> None:
        text = code_text(self.base_url, self.paper.code, self.paper.content_hash, self.paper.opens)
        matrix = segno.make(text, error="m").matrix
        size = QR_MM / len(matrix)
        for y, line in enumerate(matrix):
            for x, dark in enumerate(line):
                if dark:
                    self.rect(left + x * size, top + y * size, size, size, style="F")

    def footer(self) -> None:
        """Page x of y within the copy."""
        self.set_y(-12)
        self.set_font("zh", size=8)
        number = (self.page_no() - 1) % self.pages_per_copy + 1
        self.cell(0, 5, f"{self.paper.code}    第 {number} 页 / 共 {self.pages_per_copy} 页  page {number}/{self.pages_per_copy}", align="C")


def code_text(base_url: str, code: str, content_hash: str, opens: str = "w") -> str:
    """What the QR code of a paper says: its code and hash, as an address where there is one."""
    short = content_hash[:16]
    return f"{base_url}/{opens}/{code}?h={short}" if base_url else f"{code} {short}"


def render_pdf(paper: Paper, base_url: str = "") -> bytes:
    """The PDF; every copy has its own pages 1 to y."""
    first = _draw(paper, (1, base_url), (None,))
    copies: tuple[Pair | None, ...] = paper.copies or (None,)
    if len(copies) == 1 and copies[0] is None and first.pages_count == 1:
        return bytes(first.output())
    return bytes(_draw(paper, (first.pages_count, base_url), copies).output())


def _draw(paper: Paper, made: tuple[int, str], copies: tuple[Pair | None, ...]) -> _Sheet:
    sheet = _Sheet(paper, *made)
    for copy in copies:
        sheet.copy = copy
        sheet.add_page()
        _fields(sheet, paper)
        _table(sheet, paper)
        _foot(sheet, paper)
    return sheet


def _fields(sheet: _Sheet, paper: Paper) -> None:
    sheet.set_font("zh", size=9)
    for zh, en, value in paper.fields:
        sheet.set_font("zh", size=8)
        sheet.cell(44, LINE_MM, printable(f"{zh} {en}"))
        sheet.set_font("zh", size=9)
        sheet.multi_cell(WIDTH_MM - 44, LINE_MM, printable(value or "________________"), align="L", new_x="LMARGIN", new_y="NEXT")
    sheet.ln(2)


def _table(sheet: _Sheet, paper: Paper) -> None:
    if not paper.columns:
        return
    sheet.set_font("zh", size=8)
    whole = sum(column.width for column in paper.columns)
    plain = FontFace(emphasis="")
    with sheet.table(
        col_widths=tuple(column.width * WIDTH_MM / whole for column in paper.columns),
        text_align=tuple("RIGHT" if column.is_number else "LEFT" for column in paper.columns),
        headings_style=plain, line_height=4.2, borders_layout=TableBordersLayout.ALL, width=WIDTH_MM,
        padding=0.6,
    ) as table:
        heads = table.row()
        for column in paper.columns:
            heads.cell(printable(f"{column.zh}\n{column.en}"))
        for cells in (*paper.rows, *([paper.totals] if paper.totals else [])):
            row = table.row()
            for text in cells:
                row.cell(printable(text))


def _foot(sheet: _Sheet, paper: Paper) -> None:
    sheet.ln(3)
    sheet.set_font("zh", size=8)
    for note in paper.notes:
        sheet.multi_cell(WIDTH_MM, 4.2, printable(note), align="L", new_x="LMARGIN", new_y="NEXT")
    if not paper.signers:
        return
    if sheet.will_page_break(26):
        sheet.add_page()
    sheet.ln(8)
    width = WIDTH_MM / len(paper.signers)
    for zh, en in paper.signers:
        sheet.cell(width, LINE_MM, printable(f"{zh} {en}"), border="T")
    sheet.ln(LINE_MM)
    for _ in paper.signers:
        sheet.cell(width, LINE_MM, "签名 Signature / 日期 Date", new_x="RIGHT", new_y="TOP")
    sheet.ln(LINE_MM + 6)
