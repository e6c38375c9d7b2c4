"""The mark of a drill lies across every page, and takes nothing away."""

import io

from fpdf import FPDF
from pypdf import PdfReader

from dispatch.paper.stamp import MARK, stamp


def made(*formats: str) -> bytes:
    sheet = FPDF()
    sheet.set_font("helvetica", size=12)
    for number, form in enumerate(formats):
        sheet.add_page(format=form)
        sheet.cell(text=f"page {number}")
    return bytes(sheet.output())


def test_every_page_bears_the_mark_and_keeps_its_words_and_size() -> None:
    before = PdfReader(io.BytesIO(made("A4", "A3", "A4")))
    after = PdfReader(io.BytesIO(stamp(made("A4", "A3", "A4"))))
    assert len(after.pages) == 3
    for number, (old, new) in enumerate(zip(before.pages, after.pages, strict=True)):
        words = new.extract_text()
        assert f"page {number}" in words and MARK.split()[1] in words and "演练" in words
        assert new.mediabox == old.mediabox
