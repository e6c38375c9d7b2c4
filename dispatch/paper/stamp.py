"""A word across every page of a finished PDF, so that a paper of a drill is never taken for a real one."""

from __future__ import annotations

import io

from fpdf import FPDF
from pypdf import PdfReader, PdfWriter

from dispatch.paper.letters import FONT

MARK = "演练 DRILL"
# pale enough to read what lies under it, dark enough for a grey copy
GREY, ANGLE = 190, 38


def stamp(content: bytes, mark: str = MARK) -> bytes:
    """The same PDF with ``mark`` across each page, whatever its size."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(content)))
    made: dict[tuple[float, float], PdfReader] = {}
    for page in writer.pages:
        size = (float(page.mediabox.width), float(page.mediabox.height))
        if size not in made:
            made[size] = PdfReader(io.BytesIO(_sheet(size, mark)))
        page.merge_page(made[size].pages[0])
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _sheet(size: tuple[float, float], mark: str) -> bytes:
    width, height = size
    sheet = FPDF(unit="pt", format=(width, height))
    sheet.set_auto_page_break(False)
    sheet.add_page()
    sheet.add_font("zh", "", str(FONT))
    sheet.set_font("zh", size=min(width, height) / 9)
    sheet.set_text_color(GREY, 60, 60)
    with sheet.local_context(fill_opacity=0.28):
        for share in (0.25, 0.6, 0.95):
            y = height * share
            with sheet.rotation(ANGLE, width / 2, y):
                sheet.text((width - sheet.get_string_width(mark)) / 2, y, mark)
    return bytes(sheet.output())
