"""A layer as GeoJSON: the one shape in which the page, the endpoint and the table know it."""

from __future__ import annotations

import json
from typing import Any

from shapely.geometry import shape

from maps.scene import Item, Layer, Marker, Track, Zone

DIGITS = 4


def collection(layer: Layer) -> dict[str, Any]:
    """A FeatureCollection (RFC 7946, lon/lat, about 10 m) with the layer's key, title and legend."""
    return {
        "type": "FeatureCollection", "key": layer.key, "title": layer.title, "gathers": layer.gathers,
        "features": [feature(item) for item in layer.items],
    }


def feature(item: Item) -> dict[str, Any]:
    """One thing: its geometry, its kind, its texts; empty properties are left out."""
    about = item.about
    said: dict[str, Any] = {
        "kind": item.kind, "text": item.text, "label": getattr(item, "label", ""), "code": about.code,
        "name": about.name, "state": about.state, "place": about.place, "place_name": about.place_name,
        "href": about.href, "as_of": about.as_of.isoformat() if about.as_of else "",
        "is_old": about.is_old, "rank": about.rank,
    }
    if isinstance(item, Zone) and item.label:
        middle = shape(item.geometry).representative_point()
        said["label_at"] = [round(middle.x, DIGITS), round(middle.y, DIGITS)]
    properties = {name: value for name, value in said.items() if value not in ("", None, False)}
    return {"type": "Feature", "geometry": geometry(item), "properties": properties}


def geometry(item: Item) -> dict[str, Any]:
    """The item's geometry with rounded coordinates."""
    if isinstance(item, Marker):
        return {"type": "Point", "coordinates": _rounded([item.lon, item.lat])}
    if isinstance(item, Track):
        return {"type": "LineString", "coordinates": _rounded([list(point) for point in item.points])}
    return {"type": item.geometry["type"], "coordinates": _rounded(item.geometry["coordinates"])}


def dumps(layer: Layer) -> str:
    """The collection as one line of JSON."""
    return json.dumps(collection(layer), ensure_ascii=False, separators=(",", ":"))


def _rounded(values: Any) -> Any:
    if isinstance(values, int | float):
        return round(float(values), DIGITS)
    return [_rounded(value) for value in values]
