"""Paper → PDF bytes on the server: no browser, no network, the font from a package."""

from __future__ import annotations

from collections.abc import Sequence

import segno
from fpdf import FPDF
from fpdf.enums import TableBordersLayout
from fpdf.fonts import FontFace

from dispatch.paper.letters import FONT, printable
from dispatch.paper.model import Pair, Paper
from dispatch.paper.strip import draw_strip

MARGIN_MM, WIDTH_MM, LINE_MM = 12, 186, 5.0
QR_MM = 24


class _Sheet(FPDF):
    """An A4 page with the code at its head and page x/y at its foot."""

    def __init__(self, paper: Paper, pages: int, base_url: str) -> None:
        super().__init__(format="A4")
        self.paper, self.pages_per_copy = paper, pages
        self.base_url, self.pages_before = base_url, 0
        # the paper that begins with the next page: the foot of the page before is still the old one's
        self.next: tuple[Paper, int] | None = None
        self.copy: Pair | None = None
        self.set_margins(MARGIN_MM, MARGIN_MM, MARGIN_MM)
        self.set_auto_page_break(True, margin=16)
        self.add_font("zh", "", str(FONT))
        self.set_font("zh", size=9)
        self.set_title(f"{paper.title[0]} {paper.code}")

    def header(self) -> None:
        """Title, code, copy and QR."""
        if self.next is not None:
            (self.paper, self.pages_per_copy), self.next = self.next, None
            self.pages_before = self.page_no() - 1
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
        text = self.paper.link or code_text(self.base_url, self.paper.code, self.paper.content_hash)
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
        number = (self.page_no() - 1 - self.pages_before) % self.pages_per_copy + 1
        self.cell(0, 5, f"{self.paper.code}    第 {number} 页 / 共 {self.pages_per_copy} 页  page {number}/{self.pages_per_copy}", align="C")


def code_text(base_url: str, code: str, content_hash: str) -> str:
    """What the QR code of a paper says: its code and hash, as an address where there is one."""
    short = content_hash[:16]
    return f"{base_url}/w/{code}?h={short}" if base_url else f"{code} {short}"


def render_pdf(paper: Paper, base_url: str = "") -> bytes:
    """The PDF; every copy has its own pages 1 to y."""
    first = _draw(paper, (1, base_url), (None,))
    copies: tuple[Pair | None, ...] = paper.copies or (None,)
    if len(copies) == 1 and copies[0] is None and first.pages_count == 1:
        return bytes(first.output())
    return bytes(_draw(paper, (first.pages_count, base_url), copies).output())


def render_pack(papers: Sequence[Paper], base_url: str = "") -> bytes:
    """Several papers as one PDF, each with its copies and its own pages 1 to y."""
    pages = [_draw(paper, (1, base_url), (None,)).pages_count for paper in papers]
    sheet = _Sheet(papers[0], pages[0], base_url)
    for paper, number in zip(papers, pages, strict=True):
        sheet.next = (paper, number)
        _fill(sheet, paper, paper.copies or (None,))
    return bytes(sheet.output())


def _draw(paper: Paper, made: tuple[int, str], copies: tuple[Pair | None, ...]) -> _Sheet:
    sheet = _Sheet(paper, *made)
    _fill(sheet, paper, copies)
    return sheet


def _fill(sheet: _Sheet, paper: Paper, copies: tuple[Pair | None, ...]) -> None:
    for copy in copies:
        sheet.copy = copy
        sheet.add_page()
        _fields(sheet, paper)
        _table(sheet, paper)
        if paper.strip is not None:
            draw_strip(sheet, paper.strip, WIDTH_MM)
        _foot(sheet, paper)


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
