"""Areas to counties: codes first, polygons second."""

import pytest

from dispatch.alerts.areas import to_alerts
from dispatch.alerts.cap import parse
from dispatch.boundaries import load_boundaries
from dispatch.errors import InvalidInput
from dispatch.reference.load import read_counties
from tests.builders import cap_xml

COUNTIES = read_counties()


def counties_of(area: str) -> tuple[str, ...]:
    return to_alerts(parse(cap_xml(area=area)), COUNTIES, load_boundaries())[0].counties


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


def circle(text: str) -> str:
    return f"<circle>{text}</circle>"


def seat_of(adcode: str) -> tuple[float, float]:
    seat = next(c.seat for c in COUNTIES if c.adcode == adcode)
    return seat.lat, seat.lon


@pytest.mark.parametrize("written", ["150522", "150522101", "150522101000"])
def test_codes_of_6_9_and_12_digits_mean_the_county(written: str) -> None:
    assert counties_of(code(written)) == ("150522",)
    assert len(counties_of(code("150500000"))) == 8


def test_the_name_of_the_code_does_not_matter() -> None:
    assert counties_of(code("150522").replace("adcode", "行政区划代码")) == ("150522",)


def test_a_circle_of_0_km_is_the_county_of_its_point() -> None:
    lat, lon = seat_of("152921")
    assert counties_of(circle(f"{lat},{lon} 0")) == ("152921",)


def test_a_small_area_in_a_large_county_means_that_county() -> None:
    lat, lon = seat_of("152923")
    ring = f"{lat + .3},{lon + .3} {lat + .3},{lon + .4} {lat + .4},{lon + .4} {lat + .3},{lon + .3}"
    assert counties_of(polygon(ring)) == ("152923",)
    assert counties_of(circle(f"{lat + .3},{lon + .3} 2")) == ("152923",)


def test_a_circle_reaches_as_far_as_its_radius() -> None:
    lat, lon = seat_of("150522")
    near, far = counties_of(circle(f"{lat},{lon} 20")), counties_of(circle(f"{lat},{lon} 250"))
    assert near == ("150522",)
    assert {"150522", "150502", "150521"} <= set(far) and "152921" not in far
    assert len(counties_of(circle("44,112 1000"))) > 60


def test_polygons_circles_and_areas_add_up() -> None:
    (a_lat, a_lon), (b_lat, b_lon) = seat_of("150522"), seat_of("152921")
    areas = circle(f"{a_lat},{a_lon} 0") + "</area><area><areaDesc>y</areaDesc>" + circle(f"{b_lat},{b_lon} 0")
    assert counties_of(areas) == ("150522", "152921")


@pytest.mark.parametrize("area", [circle("31.2,121.5 50"), circle("89.9,0 900"), circle("0,179.9 1000")])
def test_circles_elsewhere_name_no_county(area: str) -> None:
    with pytest.raises(InvalidInput, match="names no county"):
        counties_of(area)


def parameter(name: str, value: str) -> str:
    return f"<parameter><valueName>{name}</valueName><value>{value}</value></parameter>"


@pytest.mark.parametrize("name,value", [("road", "G45;closed;150599"), ("road", "G45;closed;150500"), ("government.level", "159900;3")])
def test_places_of_parameters_are_known_places(name: str, value: str) -> None:
    with pytest.raises(InvalidInput, match="Unknown division"):
        to_alerts(parse(cap_xml(parameters=parameter(name, value))), COUNTIES, load_boundaries())


def test_measures_levels_and_marks_reach_the_alert() -> None:
    pairs = "".join(parameter(*pair) for pair in (
        ("hazard.magnitude", "5.3"), ("hazard.epicentre", "122.2,43.6"), ("hazard.depth_km", "10"),
        ("government.level", "150500;3"), ("government.level", "150000; 4"), ("report.kind", "verified"), ("report.correction", "true"),
    ))
    alert = to_alerts(parse(cap_xml(parameters=pairs)), COUNTIES, load_boundaries())[0]
    assert (alert.observations.magnitude, alert.observations.depth_km) == (5.3, 10)
    assert alert.observations.epicentre is not None and alert.observations.epicentre.lon == 122.2
    assert alert.government == (("150000", 4), ("150500", 3))
    assert (alert.report_kind, alert.is_correction) == ("verified", True)
    assert (alert.urgency, alert.severity, alert.certainty) == ("Expected", "Extreme", "Likely")
