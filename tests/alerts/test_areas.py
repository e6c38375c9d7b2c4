"""Areas to counties: codes first, polygons second."""

import pytest

from dispatch.alerts.areas import to_alert
from dispatch.alerts.cap import parse
from dispatch.boundaries import load_boundaries
from dispatch.errors import InvalidInput
from dispatch.reference.load import read_counties
from tests.builders import cap_xml

COUNTIES = read_counties()


def counties_of(area: str) -> tuple[str, ...]:
    return to_alert(parse(cap_xml(area=area)), COUNTIES, load_boundaries()).counties


def code(adcode: str) -> str:
    return f"<geocode><valueName>adcode</valueName><value>{adcode}</value></geocode>"


def polygon(points: str) -> str:
    return f"<polygon>{points}</polygon>"


def test_a_league_code_means_all_its_counties() -> None:
    assert counties_of(code("150500")) == tuple(sorted(c.adcode for c in COUNTIES if c.league_adcode == "150500"))


def test_a_region_code_means_all_103() -> None:
    assert len(counties_of(code("150000"))) == 103


def test_a_twelve_digit_code_and_a_neighbour_province() -> None:
    assert counties_of(code("150522000000") + code("220300")) == ("150522",)


def test_codes_win_over_a_polygon() -> None:
    assert counties_of(code("150522") + polygon("40,106 41,106 41,107 40,106")) == ("150522",)


def test_a_polygon_around_a_seat_means_its_county() -> None:
    seat = next(c.seat for c in COUNTIES if c.adcode == "150525")
    lat, lon = seat.lat, seat.lon
    ring = f"{lat - .05},{lon - .05} {lat + .05},{lon - .05} {lat + .05},{lon + .05} {lat - .05},{lon - .05}"
    square = ring.replace(f" {lat - .05},{lon - .05}", f" {lat - .05},{lon + .05} {lat - .05},{lon - .05}")
    assert counties_of(polygon(square)) == ("150525",)


@pytest.mark.parametrize("area,words", [
    (code("159999"), "Unknown division"),
    (code("220300"), "names no county"),
    ("", "names no county"),
    (polygon("43.0,122.0 43.5,122.5 43.5,122.0 43.0,122.5 43.0,122.0"), "crosses itself"),
    (polygon("43.0,122.0 43.5,122.5 43.0,122.0 43.0,122.0"), "no area"),
    (polygon("20.0,110.0 20.5,110.0 20.5,110.5 20.0,110.0"), "names no county"),
])
def test_bad_areas(area: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        counties_of(area)
