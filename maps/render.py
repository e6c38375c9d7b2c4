"""Scene → folium map as three pieces of HTML that load nothing from elsewhere.

Folium makes the map, its groups and its controls; what is in a group stands beside it as GeoJSON
and is drawn by ``assets/scene.js``, which draws the same shape again when the page asks anew.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import folium
from branca.element import MacroElement
from folium.template import Template

from maps.geojson import dumps
from maps.scene import Bounds, Layer, Scene, Track, Zone, legend_of
from maps.sheet import drawings, key_html, sign_svg, stylesheet
from maps.style import SIGNS, TRACKS, ZONES

ASSETS = "/assets"
FOLDER = Path(__file__).resolve().parent / "assets"
CENTRE = (44.2, 112.0)
CLOSEST = 9


@dataclass(frozen=True)
class MapPieces:
    """``head`` for <head>, ``body`` for the place of the map, ``script`` for the end of the page,
    ``legend`` wherever the page explains the signs (it holds what is on the map and nothing else)."""

    head: str
    body: str
    script: str
    legend: str = ""


class _Looked(MacroElement):
    """Lets the map look at a box, again when its place on the page takes another size."""

    _template = Template(
        "{% macro script(this, kwargs) %}sceneMap.look({{ this._parent.get_name() }}, {{ this.box|tojson }}, {{ this.closest }});{% endmacro %}"
    )

    def __init__(self, box: Bounds) -> None:
        super().__init__()
        west, south, east, north = box
        self.box, self.closest = [[south, west], [north, east]], CLOSEST


class _Drawn(MacroElement):
    """Hands a group of folium's and the name of its data to the drawing script."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "sceneMap.draw({{ this.drawn }}, {{ this._parent.get_name() }}, {{ this.key|tojson }}, {{ this.data_id|tojson }});"
        "{% endmacro %}"
    )

    def __init__(self, drawn: str, key: str, data_id: str) -> None:
        super().__init__()
        self.drawn, self.key, self.data_id = drawn, key, data_id


def render(scene: Scene, nonce: str, urls: Mapping[str, str] | None = None) -> MapPieces:
    """Draw the scene; every script carries the nonce, every text stays text.

    ``urls`` maps a layer's key to the address at which it is to be had anew.
    """
    figure = folium.Figure()
    drawn = folium.Map(CENTRE, zoom_start=5, tiles=None, zoom_control=True, max_zoom=13,
                       min_zoom=4, zoom_snap=0.25, zoom_animation=False, attribution_control=False)
    drawn.add_to(figure)
    blocks = []
    for number, layer in enumerate(scene.layers):
        key = layer.key or f"layer-{number}"
        data_id = f"{drawn.get_name()}-{key}"
        group = folium.FeatureGroup(name=as_text(layer.title), show=layer.is_on)
        group.add_to(drawn)
        _Drawn(drawn.get_name(), key, data_id).add_to(group)
        blocks.append(_data_block(data_id, layer, (urls or {}).get(key, "")))
    folium.LayerControl(collapsed=True).add_to(drawn)
    bounds = scene.bounds or _bounds(scene)
    if bounds:
        _Looked(bounds).add_to(drawn)
    figure.render()
    # folium's own header links point to the outside and are left out on purpose
    body = drawings() + figure.html.render() + "".join(blocks)
    pieces = MapPieces(_head(nonce), body, f'<script nonce="{nonce}">{figure.script.render()}</script>', legend(scene))
    outside = re.findall(r"(?:src|href)=[\"']https?://[^\"']+", pieces.head + pieces.body)
    if outside:
        raise ValueError(f"the map would load {outside}")
    return pieces


def as_text(text: str) -> str:
    """Text that stays text: neither HTML, nor a template, as which folium renders its scripts."""
    return html.escape(text).replace("{", "&#123;").replace("}", "&#125;")


def legend(scene: Scene) -> str:
    """A list of the signs that are on the map, each naming the layer it belongs to."""
    lines = [
        f'<li data-layer="{html.escape(layer.key)}"{"" if layer.is_on else " hidden"}>{key_html(kind)}<span>{html.escape(words)}</span></li>'
        for layer in scene.layers for kind, words in legend_of(layer)
    ]
    return f'<ul class="map-keys">{"".join(lines)}</ul>' if lines else ""


def _data_block(data_id: str, layer: Layer, url: str) -> str:
    said = dumps(layer).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return f'<script type="application/json" id="{html.escape(data_id)}" data-url="{html.escape(url)}">{said}</script>'


def _head(nonce: str) -> str:
    return "".join([
        f'<link rel="stylesheet" href="{ASSETS}/vendor/leaflet/leaflet.css">',
        f'<style nonce="{nonce}">{stylesheet()}</style>',
        f'<script nonce="{nonce}">L_NO_TOUCH = false; L_DISABLE_3D = false;</script>',
        f'<script nonce="{nonce}" src="{ASSETS}/vendor/leaflet/leaflet.js"></script>',
        f'<script type="application/json" id="map-kinds">{_kinds()}</script>',
        *(f'<script nonce="{nonce}" src="{ASSETS}/{name}?v={_version(name)}"></script>' for name in ("keys.js", "apart.js", "scene.js")),
    ])


@cache
def _kinds() -> str:
    """What the drawing script must know of each kind."""
    return json.dumps({
        "zones": {k: {"pattern": bool(s.pattern), "outline": s.is_outline} for k, s in ZONES.items()},
        "tracks": {k: {"casing": s.has_casing} for k, s in TRACKS.items()},
        "signs": {k: {"size": s.size, "mark": s.mark, "svg": sign_svg(k)} for k, s in SIGNS.items()},
    }).replace("<", "\\u003c")


@cache
def _version(name: str) -> str:
    return hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()[:12]


def _bounds(scene: Scene) -> Bounds | None:
    """The box around areas in force and routes; nothing where there are none."""
    routes = [p for layer in scene.layers for t in layer.items
              if isinstance(t, Track) and t.kind.startswith("route") for p in t.points]
    hit = [point for layer in scene.layers for z in layer.items
           if isinstance(z, Zone) and z.kind != "calm" for point in _corners(z)]
    points = [*routes, *hit]
    if not points:
        return None
    lons, lats = [p[0] for p in points], [p[1] for p in points]
    return (min(lons), min(lats), max(lons), max(lats))


def _corners(zone: Zone) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    stack = [zone.geometry["coordinates"]]
    while stack:
        top = stack.pop()
        if top and isinstance(top[0], int | float):
            found.append((float(top[0]), float(top[1])))
        else:
            stack.extend(top)
    return found
