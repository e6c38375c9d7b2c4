"""Brings the browser assets from installed packages into ``maps/assets/vendor``.

Run at set-up (``python -m maps.build_assets``); what it makes is never committed.
The Chinese font is cut down to GB 2312, Latin, Cyrillic and punctuation.
"""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path

from fontTools import subset
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection, TTFont, newTable

VENDOR = Path(__file__).resolve().parent / "assets" / "vendor"
FONT_NAME = "noto-sans-sc-subset.woff2"
MAXP_FIELDS = (
    "maxZones", "maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs",
    "maxStackElements", "maxSizeOfInstructions", "maxComponentElements",
)


def _package_folder(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(f"The package {name} is not installed; run ./go setup.")
    return Path(next(iter(spec.submodule_search_locations)))


def gb2312_text() -> str:
    """Every character of GB 2312, decoded from its code table."""
    cells = (bytes((high, low)) for high in range(0xA1, 0xF8) for low in range(0xA1, 0xFF))
    return "".join(cell.decode("gb2312", errors="ignore") for cell in cells)


def wanted_unicodes() -> set[int]:
    """Code points the pages and papers may show."""
    ranges = ((0x20, 0x17F), (0x400, 0x45F), (0x2000, 0x206F), (0x2150, 0x218F), (0x2190, 0x21FF))
    points = {point for low, high in ranges for point in range(low, high + 1)}
    return points | {ord(char) for char in gb2312_text()}


def build_font() -> Path:
    """Subset the simplified-Chinese face of the font collection to a woff2 file."""
    source = next(_package_folder("noto_cjk_sans_otc").rglob("*Regular*.[ot]t[cf]"))
    options = subset.Options(flavor="woff2", layout_features=["kern", "locl", "vert"])
    fonts = TTCollection(str(source)).fonts if source.suffix == ".ttc" else None
    if fonts is None:
        font = subset.load_font(str(source), options)
    else:
        font = next(f for f in fonts if "SC" in str(f["name"].getDebugName(4)))
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=wanted_unicodes())
    subsetter.subset(font)
    target = VENDOR / "fonts" / FONT_NAME
    target.parent.mkdir(parents=True, exist_ok=True)
    subset.save_font(font, str(target), options)
    return target


def build_print_font(source: Path) -> Path:
    """The same characters with quadratic outlines, as the PDF writer embeds TrueType only."""
    font = TTFont(str(source))
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
    for tag in ("CFF ", "VORG"):
        if tag in font:
            del font[tag]
    font["post"].formatType = 3.0
    font.sfntVersion, font.flavor = "\0\1\0\0", None
    target = source.with_suffix(".ttf")
    font.save(str(target))
    return target


def build() -> None:
    """Copy Leaflet and jQuery, make the font; prints what it made."""
    shutil.rmtree(VENDOR, ignore_errors=True)
    leaflet = next(_package_folder("xstatic").rglob("leaflet.js"))
    shutil.copytree(leaflet.parent, VENDOR / "leaflet")
    jquery = next(_package_folder("xstatic").rglob("jquery.min.js"))
    (VENDOR / "jquery").mkdir()
    shutil.copy(jquery, VENDOR / "jquery" / "jquery.min.js")
    build_print_font(build_font())
    for path in sorted(p for p in VENDOR.rglob("*") if p.is_file()):
        print(f"{path.relative_to(VENDOR)}  {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    build()
