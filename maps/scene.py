"""What to draw, as plain data: zones, tracks and markers in lon/lat floats."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Zone:
    """A polygon (GeoJSON geometry) with a kind that styles it and a text."""

    geometry: dict[str, Any]
    kind: str
    text: str


@dataclass(frozen=True)
class Track:
    """A line through (lon, lat) points."""

    points: tuple[tuple[float, float], ...]
    kind: str
    text: str


@dataclass(frozen=True)
class Marker:
    """A point with a short label drawn in a shape by its kind."""

    lon: float
    lat: float
    kind: str
    text: str
    label: str = ""


@dataclass(frozen=True)
class Layer:
    """A named group that can be switched off."""

    title: str
    items: tuple[Zone | Track | Marker, ...]


@dataclass(frozen=True)
class Scene:
    """Layers from bottom to top, and the (kind, words) pairs of the legend."""

    layers: tuple[Layer, ...]
    legend: tuple[tuple[str, str], ...] = field(default_factory=tuple)
