"""The Chinese font from its package: one file for papers, slices for pages.

A page shows some hundred different characters of the seven thousand of GB 2312.  The browser fetches
a slice only when a character of it is shown, and only where the machine has no Chinese font of its
own; characters that the project's own texts use most are together in the first slices.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from fontTools import subset
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection, TTFont, newTable

ROOT = Path(__file__).resolve().parent.parent
PRINT_FONT = "noto-sans-sc-subset.ttf"
SHEET = "fonts.css"
OFTEN, SELDOM = 100, 500
"""Characters of a slice: those of our own texts, and the others."""
TEXTS = ("*.html", "*.py", "*.po", "*.toml", "*.csv", "*.json")
MAXP_FIELDS = (
    "maxZones", "maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs",
    "maxStackElements", "maxSizeOfInstructions", "maxComponentElements",
)


def gb2312_text() -> str:
    """Every character of GB 2312, decoded from its code table."""
    cells = (bytes((high, low)) for high in range(0xA1, 0xF8) for low in range(0xA1, 0xFF))
    return "".join(cell.decode("gb2312", errors="ignore") for cell in cells)


def wanted_unicodes() -> set[int]:
    """Code points the pages and papers may show."""
    ranges = ((0x20, 0x17F), (0x400, 0x45F), (0x2000, 0x206F), (0x2150, 0x218F), (0x2190, 0x21FF))
    points = {point for low, high in ranges for point in range(low, high + 1)}
    return points | {ord(char) for char in gb2312_text()}


def slices(available: Sequence[int], used: Counter[int]) -> Iterator[list[int]]:
    """Latin together, then characters by how often our own texts use them, then the rest by code."""
    latin = [p for p in available if p < 0x300]
    yield latin
    others = [p for p in available if p >= 0x300]
    often = sorted((p for p in others if used[p]), key=lambda p: (-used[p], p))
    seldom = [p for p in others if not used[p]]
    for points, size in ((often, OFTEN), (seldom, SELDOM)):
        for start in range(0, len(points), size):
            yield sorted(points[start:start + size])


def own_characters(folder: Path = ROOT / "dispatch") -> Counter[int]:
    """How many of the project's files use each code point."""
    files = (path for pattern in TEXTS for path in folder.rglob(pattern))
    return Counter(ord(char) for path in files for char in set(path.read_text("utf-8")))


def ranges_of(points: Sequence[int]) -> str:
    """Sorted code points as CSS says them: U+4E00-4E03,U+4E07."""
    runs: list[list[int]] = []
    for point in points:
        if runs and point == runs[-1][1] + 1:
            runs[-1][1] = point
        else:
            runs.append([point, point])
    return ",".join(f"U+{a:X}" if a == b else f"U+{a:X}-{b:X}" for a, b in runs)


def build_fonts(source: Path, target: Path) -> None:
    """Make the print font, the slices and their style sheet in the folder ``target``."""
    target.mkdir(parents=True, exist_ok=True)
    font = _cut(_simplified_chinese(source), sorted(wanted_unicodes()))
    whole = io.BytesIO()
    font.save(whole)
    rules = []
    for number, points in enumerate(slices(sorted(font.getBestCmap()), own_characters())):
        name = f"sc-{number:02}.woff2"
        piece = _cut(TTFont(io.BytesIO(whole.getvalue())), points)
        piece.flavor = "woff2"
        piece.save(str(target / name))
        rules.append(
            f'@font-face{{font-family:"Packaged Sans SC";src:url("{name}") format("woff2");'
            f"font-display:swap;unicode-range:{ranges_of(points)}}}"
        )
    (target / SHEET).write_text("\n".join(rules) + "\n", "ascii")
    _save_print_font(TTFont(io.BytesIO(whole.getvalue())), target / PRINT_FONT)


def _simplified_chinese(source: Path) -> TTFont:
    if source.suffix != ".ttc":
        return TTFont(str(source))
    return next(f for f in TTCollection(str(source)).fonts if "SC" in str(f["name"].getDebugName(4)))


def _cut(font: TTFont, points: Sequence[int]) -> TTFont:
    """The same font with these characters only, without layout tables of which nothing here makes use."""
    options = subset.Options(layout_features=[], hinting=False)
    options.drop_tables += ["GSUB", "GPOS", "BASE", "VORG", "vmtx", "vhea"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=points)
    subsetter.subset(font)
    return font


def _save_print_font(font: TTFont, target: Path) -> None:
    """Quadratic outlines, as the PDF writer embeds TrueType only."""
    outlines = font.getGlyphSet()
    order = font.getGlyphOrder()
    table = newTable("glyf")
    table.glyphOrder, table.glyphs = order, {}
    for name in order:
        pen = TTGlyphPen(outlines)
        outlines[name].draw(Cu2QuPen(pen, 1.0, reverse_direction=True))
        table.glyphs[name] = pen.glyph()
        table.glyphs[name].recalcBounds(table)
    widths = font["hmtx"].metrics
    font["hmtx"].metrics = {n: (widths[n][0], getattr(table.glyphs[n], "xMin", 0)) for n in order}
    font["loca"], font["glyf"] = newTable("loca"), table
    font["maxp"].tableVersion = 0x00010000
    for field in MAXP_FIELDS:
        setattr(font["maxp"], field, 1 if field == "maxZones" else 0)
    del font["CFF "]
    font["post"].formatType = 3.0
    font.sfntVersion, font.flavor = "\0\1\0\0", None
    font.save(str(target))
