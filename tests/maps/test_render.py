"""What people type stays text on a map: no HTML, no template and no script is made of it."""

import json
import re

import pytest

from maps.render import render
from maps.scene import About, Layer, Marker, Scene, Track, Zone
from maps.style import TRACKS, ZONES

TEXT = "{{ 6007 * 7 }}{% raise %}{# gone #}<b></script><script>alert(1)</script>"
SQUARE = {"type": "Polygon", "coordinates": [[[110, 40], [111, 40], [111, 41], [110, 40]]]}
ABOUT = About("x", TEXT, TEXT, place_name=TEXT, href="/x")
ITEMS = {
    "zone": Zone(SQUARE, next(iter(ZONES)), TEXT, TEXT, ABOUT),
    "track": Track(((110.0, 40.0), (111.0, 41.0)), next(iter(TRACKS)), TEXT, ABOUT),
    "marker": Marker(110.0, 40.0, "place", TEXT, TEXT, ABOUT),
}
BLOCK = re.compile(r'<script type="application/json" id="map_[^"]*" data-url="([^"]*)">(.*?)</script>', re.S)


@pytest.mark.parametrize("kind", sorted(ITEMS))
def test_text_is_neither_html_nor_template(kind: str) -> None:
    layer = Layer(TEXT, (ITEMS[kind],), "x", ((ITEMS[kind].kind, TEXT),))
    pieces = render(Scene((layer,)), "n")
    drawn = pieces.head + pieces.body + pieces.script + pieces.legend
    assert "42049" not in drawn and "6007 * 7" in drawn
    assert "# gone #" in drawn and "<b></script>" not in drawn and "<script>alert" not in drawn
    ((_, data),) = BLOCK.findall(pieces.body)
    assert json.loads(data)["features"][0]["properties"]["text"] == TEXT


def test_nothing_of_a_map_needs_a_style_attribute_or_a_handler() -> None:
    layers = tuple(Layer(kind, (item,), kind, ((item.kind, kind),)) for kind, item in ITEMS.items())
    pieces = render(Scene(layers), "n")
    tags = re.findall(r"<[a-zA-Z][^>]*>", pieces.head + pieces.body + pieces.legend)
    assert tags and not [tag for tag in tags if re.search(r"\s(style|on[a-z]+)\s*=", tag)]
    assert all('nonce="n"' in tag or "application/json" in tag for tag in tags if tag.startswith("<script"))


def test_the_legend_explains_what_is_on_and_hides_what_is_off() -> None:
    on = Layer("甲", (ITEMS["zone"],), "a", (("calm", "无响应"), ("red", "I 级")))
    off = Layer("乙", (ITEMS["track"],), "b", (("road", "道路"),), is_on=False)
    lines = re.findall(r'<li data-layer="(\w)"( hidden)?>.*?<span>([^<]*)</span></li>', render(Scene((on, off)), "n").legend)
    assert lines == [("a", "", "无响应"), ("b", " hidden", "道路")]


def test_a_layer_knows_where_it_is_to_be_had_anew() -> None:
    pieces = render(Scene((Layer("甲", (ITEMS["zone"],), "a"), Layer("乙", (), "b"))), "n", {"a": "/map/a.geojson?at=1&b=2"})
    assert [url for url, _ in BLOCK.findall(pieces.body)] == ["/map/a.geojson?at=1&amp;b=2", ""]


@pytest.mark.parametrize(("scene", "box"), [
    (Scene((Layer("甲", (ITEMS["zone"],)),), (100.0, 40.0, 101.0, 41.0)), "[[40.0, 100.0], [41.0, 101.0]]"),
    (Scene((Layer("甲", (Zone(SQUARE, "red", ""),)),)), "[[40.0, 110.0], [41.0, 111.0]]"),
])
def test_the_map_looks_at_the_box_given_or_at_what_is_affected(scene: Scene, box: str) -> None:
    assert f"{box}, 9)" in render(scene, "n").script
