"""Colours, patterns and shapes per kind; never colour alone.

The four warning colours follow the national rule (blue, yellow, orange, red).  In the light theme
areas are told apart by a dark edge, in the dark theme also by their own brightness; every area in
force has a pattern of its own, and every sign a shape of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

LIGHT = {
    "ground": "#f3f5f8", "calm": "#e6ebf1", "border": "#7c8897", "edge": "#14202e", "ink": "#14202e", "plate": "#ffffff",
    "red": "#d7263d", "orange": "#f28c1e", "yellow": "#f2c500", "blue": "#3b7dd8",
    "special": "#8d62c9", "road": "#7c8897", "route": "#0b6e4f", "team": "#0b4fa0", "bad": "#a3001b",
}
DARK = {
    "ground": "#11161d", "calm": "#242d39", "border": "#8494a8", "edge": "#0b1016", "ink": "#0b1016", "plate": "#f3f5f8",
    "red": "#f0566a", "orange": "#f28c1e", "yellow": "#f2c500", "blue": "#6ba3ee",
    "special": "#b08ee6", "road": "#8494a8", "route": "#0b6e4f", "team": "#0b4fa0", "bad": "#a3001b",
}
THEMES = {"light": LIGHT, "dark": DARK}


@dataclass(frozen=True, slots=True)
class ZoneStyle:
    """How an area is drawn: its colour, its pattern (SVG path in a tile of 14), its edge in pixels."""

    colour: str
    pattern: str = ""
    edge: str = "border"
    weight: float = 0.7
    dash: str = ""
    is_outline: bool = False


@dataclass(frozen=True, slots=True)
class TrackStyle:
    """How a line is drawn, upon a casing of the plate's colour two pixels wider on each side."""

    colour: str
    weight: float
    dash: str = ""
    has_casing: bool = True


ZONES = {
    "calm": ZoneStyle("calm"),
    "blue": ZoneStyle("blue", "M0 7H14", "edge", 1.4),
    "yellow": ZoneStyle("yellow", "M6 7a1 1 0 1 0 2 0a1 1 0 1 0 -2 0", "edge", 1.6),
    "orange": ZoneStyle("orange", "M0 14L14 0M-1 1L1 -1M13 15L15 13", "edge", 1.9),
    "red": ZoneStyle("red", "M0 14L14 0M0 0L14 14M-1 1L1 -1M13 15L15 13M-1 13L1 15M13 -1L15 1", "edge", 2.3),
    "special": ZoneStyle("special", "M7 0V14", "edge", 1.9),
    "alert_blue": ZoneStyle("blue", "", "edge", 4, "2 7", is_outline=True),
    "alert_yellow": ZoneStyle("yellow", "", "edge", 4, "7 7", is_outline=True),
    "alert_orange": ZoneStyle("orange", "", "edge", 4, "14 5", is_outline=True),
    "alert_red": ZoneStyle("red", "", "edge", 4, "", is_outline=True),
}
TRACKS = {
    "road": TrackStyle("road", 1, has_casing=False),
    "slow": TrackStyle("ink", 2.5, "8 4"),
    "closed": TrackStyle("bad", 4, "2 7"),
    "route": TrackStyle("route", 3),
    "route_draft": TrackStyle("route", 3, "10 6"),
}
SHAPES = {
    "square": "M3 3H21V21H3Z",
    "cross": "M9 2H15V9H22V15H15V22H9V15H2V9H9Z",
    "wagon": "M2 6H14V17H2ZM14 10H19L22 13V17H14ZM5 17A2.5 2.5 0 1 0 10 17ZM15 17A2.5 2.5 0 1 0 20 17Z",
    "flag": "M4 2H6V22H4ZM6 3H20L16 8L20 13H6Z",
    "dot": "M5 12A7 7 0 1 0 19 12A7 7 0 1 0 5 12Z",
}


@dataclass(frozen=True, slots=True)
class Sign:
    """How a point is drawn: a shape, its colour, whether it is filled, its size in pixels.

    ``fill``: full, none or low (the lower half of it); ``mark``: an exclamation beside the shape.
    """

    shape: str
    colour: str = "ink"
    fill: str = "full"
    size: int = 18
    mark: str = ""
    dash: str = ""


SIGNS = {
    "region": Sign("square", size=24), "league": Sign("square", size=20), "county": Sign("square", size=14),
    "stock_full": Sign("square"), "stock_low": Sign("square", fill="low"),
    "stock_bad": Sign("square", "bad", "none", mark="!"), "stock_unknown": Sign("square", fill="none", dash="3 2"),
    "team": Sign("cross", "team"), "team_assumed": Sign("cross", "team", "none", dash="3 2"),
    "team_unready": Sign("cross", "team", "none"), "team_out": Sign("flag", "team", size=20),
    "truck_issued": Sign("wagon", "route", "none", 22), "truck": Sign("wagon", "route", size=22),
    "truck_planned": Sign("wagon", "route", "none", 22, dash="3 2"),
    "truck_late": Sign("wagon", "bad", size=22, mark="!"), "truck_silent": Sign("wagon", "bad", "none", 22, mark="?"),
    "truck_there": Sign("dot", "route", size=16),
    "place": Sign("dot"),
}
PLAIN = Sign("dot")


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours (#rrggbb) by WCAG 2.2, 1 to 21."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
