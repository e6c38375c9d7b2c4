"""Scene → folium map as three pieces of HTML that load nothing from elsewhere."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

import folium

from maps.scene import Layer, Marker, Scene, Track, Zone
from maps.style import SIGNS, TRACKS, ZONES

ASSETS = "/assets/vendor"
HEAD_SCRIPTS = ("leaflet/leaflet.js", "jquery/jquery.min.js")
HEAD_STYLES = ("leaflet/leaflet.css",)
CENTRE = (44.2, 112.0)


@dataclass(frozen=True)
class MapPieces:
    """``head`` for <head>, ``body`` for the place of the map, ``script`` for the end."""

    head: str
    body: str
    script: str


def render(scene: Scene, nonce: str) -> MapPieces:
    """Draw the scene; every script carries the nonce, every text is escaped."""
    figure = folium.Figure()
    drawn = folium.Map(CENTRE, zoom_start=5, tiles=None, zoom_control=True, control_scale=True,
                       max_zoom=12, min_zoom=4, zoom_animation=False)
    drawn.add_to(figure)
    for layer in scene.layers:
        _draw(layer, drawn)
    folium.LayerControl(collapsed=True).add_to(drawn)
    bounds = _bounds(scene)
    if bounds:
        drawn.fit_bounds(bounds)
    figure.render()
    # folium's own header links point to the outside and are left out on purpose
    body = figure.html.render()
    script = figure.script.render()
    sizes = f"#{drawn.get_name()} {{ position: absolute; inset: 0; }}"
    head = "".join(
        [f'<link rel="stylesheet" href="{ASSETS}/{path}">' for path in HEAD_STYLES]
        + [f'<script nonce="{nonce}">L_NO_TOUCH = false; L_DISABLE_3D = false;</script>']
        + [f'<script nonce="{nonce}" src="{ASSETS}/{path}"></script>' for path in HEAD_SCRIPTS]
        + [f'<style nonce="{nonce}">{sizes}</style>']
    )
    pieces = MapPieces(head, body, f'<script nonce="{nonce}">{script}</script>')
    outside = re.findall(r"(?:src|href)=[\"']https?://[^\"']+", head + body)
    if outside:
        raise ValueError(f"the map would load {outside}")
    return pieces


def as_text(text: str) -> str:
    """Text that stays text: neither HTML, nor a template, as which folium renders its scripts."""
    return html.escape(text).replace("{", "&#123;").replace("}", "&#125;")


def _draw(layer: Layer, drawn: folium.Map) -> None:
    group = folium.FeatureGroup(name=as_text(layer.title))
    group.add_to(drawn)
    zones = [item for item in layer.items if isinstance(item, Zone)]
    if zones:
        _draw_zones(zones, group)
    for item in layer.items:
        if isinstance(item, Track):
            folium.PolyLine(
                [(lat, lon) for lon, lat in item.points],
                tooltip=as_text(item.text), **TRACKS[item.kind],
            ).add_to(group)
        elif isinstance(item, Marker):
            _draw_marker(item, group)


def _draw_zones(zones: list[Zone], group: folium.FeatureGroup) -> None:
    features = [
        {"type": "Feature", "geometry": zone.geometry,
         "properties": {"kind": zone.kind, "text": as_text(zone.text)}}
        for zone in zones
    ]
    folium.GeoJson(
        {"type": "FeatureCollection", "features": features},
        style_function=lambda feature: ZONES[feature["properties"]["kind"]],
        tooltip=folium.GeoJsonTooltip(fields=["text"], labels=False),
    ).add_to(group)


def _draw_marker(item: Marker, group: folium.FeatureGroup) -> None:
    sign = SIGNS.get(item.kind, "●") + as_text(item.label)
    folium.Marker(
        (item.lat, item.lon),
        tooltip=as_text(item.text),
        icon=folium.DivIcon(
            html=f'<span class="sign sign-{item.kind}">{sign}</span>', icon_size=(16, 16),
            icon_anchor=(8, 8), class_name="sign-box",
        ),
    ).add_to(group)


def _bounds(scene: Scene) -> list[list[float]] | None:
    points = [p for layer in scene.layers for t in layer.items
              if isinstance(t, Track) and t.kind == "route" for p in t.points]
    if not points:
        return None
    lons, lats = [p[0] for p in points], [p[1] for p in points]
    return [[min(lats), min(lons)], [max(lats), max(lons)]]
