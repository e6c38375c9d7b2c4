"""What to draw, as plain data: zones, tracks and markers in lon/lat floats."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class About:
    """What a thing on the map is, beyond its shape: the same words stand in the table beside the map.

    ``code`` names it for good (a warehouse, a truck), ``place`` is an adcode, ``href`` leads to its
    page on this host, ``as_of`` is when that was so, ``state`` says its kind in one or two words.
    ``is_old`` marks what was reported longer ago than one may rely on; ``rank`` is 0 for the gravest.
    """

    code: str = ""
    name: str = ""
    state: str = ""
    place: str = ""
    place_name: str = ""
    href: str = ""
    as_of: datetime | None = None
    is_old: bool = False
    rank: int = 9


NOTHING = About()


@dataclass(frozen=True)
class Zone:
    """A polygon (GeoJSON geometry) with a kind that styles it, a text, and a short label in its middle."""

    geometry: dict[str, Any]
    kind: str
    text: str
    label: str = ""
    about: About = NOTHING


@dataclass(frozen=True)
class Track:
    """A line through (lon, lat) points."""

    points: tuple[tuple[float, float], ...]
    kind: str
    text: str
    about: About = NOTHING


@dataclass(frozen=True)
class Marker:
    """A point with a short label drawn in a shape by its kind."""

    lon: float
    lat: float
    kind: str
    text: str
    label: str = ""
    about: About = NOTHING


Item = Zone | Track | Marker


@dataclass(frozen=True)
class Layer:
    """A named group that can be switched off.

    ``key`` names it in addresses; ``legend`` pairs each kind it may hold with words; ``is_on`` says
    whether it is shown at first; ``gathers`` whether markers near each other become one with a number.
    """

    title: str
    items: tuple[Item, ...]
    key: str = ""
    legend: tuple[tuple[str, str], ...] = ()
    is_on: bool = True
    gathers: bool = False


@dataclass(frozen=True)
class Scene:
    """Layers from bottom to top, and the box to look at first (west, south, east, north)."""

    layers: tuple[Layer, ...]
    bounds: Bounds | None = None


def legend_of(layer: Layer) -> tuple[tuple[str, str], ...]:
    """The lines of a layer's legend that something in it needs, in the layer's order."""
    drawn = {item.kind for item in layer.items}
    return tuple((kind, words) for kind, words in layer.legend if kind in drawn)
