"""Which characters the print font can show."""

from __future__ import annotations

from functools import cache

from fontTools.ttLib import TTFont

from dispatch.config import PROJECT_ROOT
from dispatch.errors import Unavailable

FONT = PROJECT_ROOT / "maps" / "assets" / "vendor" / "fonts" / "noto-sans-sc-subset.ttf"
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
