"""What people type stays text on a map: no HTML and no template is made of it."""

import pytest

from maps.render import render
from maps.scene import Layer, Marker, Scene, Track, Zone
from maps.style import TRACKS, ZONES

TEXT = "{{ 6007 * 7 }}{% raise %}{# gone #}<b>"
SQUARE = {"type": "Polygon", "coordinates": [[[110, 40], [111, 40], [111, 41], [110, 40]]]}
ITEMS = {
    "zone": Zone(SQUARE, next(iter(ZONES)), TEXT),
    "track": Track(((110.0, 40.0), (111.0, 41.0)), next(iter(TRACKS)), TEXT),
    "marker": Marker(110.0, 40.0, "place", TEXT, TEXT),
}


@pytest.mark.parametrize("kind", sorted(ITEMS))
def test_text_is_neither_html_nor_template(kind: str) -> None:
    pieces = render(Scene((Layer(TEXT, (ITEMS[kind],)),)), "n")
    drawn = pieces.head + pieces.body + pieces.script
    assert "42049" not in drawn and "6007 * 7" in drawn
    assert "# gone #" in drawn and "<b>" not in drawn
