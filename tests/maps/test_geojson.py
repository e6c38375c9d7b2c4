"""A layer as GeoJSON says what the scene says, and nothing empty."""

import json
from datetime import UTC, datetime

from maps.geojson import collection, dumps
from maps.scene import About, Layer, Marker, Track, Zone, legend_of

SQUARE = {"type": "Polygon", "coordinates": [[[110.123456, 40], [111, 40], [111, 41], [110.123456, 40]]]}
AT = datetime(2026, 1, 31, 8, 30, tzinfo=UTC)
LAYER = Layer(
    "道路", (
        Zone(SQUARE, "red", "甲", "I", About("county:1", "甲旗", rank=1)),
        Track(((110.0, 40.0), (111.0, 41.0)), "closed", "乙", About("road:1", "乙路", "封闭", as_of=AT, is_old=True, rank=2)),
        Marker(110.00001, 40.0, "truck", "丙"),
    ),
    "roads", (("red", "I 级"), ("blue", "IV 级"), ("closed", "封闭")), gathers=True,
)


def test_a_collection_holds_every_item_with_what_is_said_of_it() -> None:
    found = collection(LAYER)
    assert (found["type"], found["key"], found["gathers"]) == ("FeatureCollection", "roads", True)
    zone, track, marker = found["features"]
    assert zone["geometry"]["coordinates"][0][0] == [110.1235, 40.0]
    lon, lat = zone["properties"]["label_at"]
    assert 110.1 < lon < 111 and 40 < lat < 41
    assert track["geometry"] == {"type": "LineString", "coordinates": [[110.0, 40.0], [111.0, 41.0]]}
    assert track["properties"] == {
        "kind": "closed", "text": "乙", "code": "road:1", "name": "乙路", "state": "封闭",
        "as_of": "2026-01-31T08:30:00+00:00", "is_old": True, "rank": 2,
    }
    assert marker["geometry"] == {"type": "Point", "coordinates": [110.0, 40.0]}
    assert "label_at" not in marker["properties"]
    assert json.loads(dumps(LAYER)) == found


def test_a_legend_has_only_what_is_drawn() -> None:
    assert legend_of(LAYER) == (("red", "I 级"), ("closed", "封闭"))
