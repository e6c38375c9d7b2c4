"""First estimate: ordered, capped, never raising, growing with what makes harm grow."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, Polygon, box

from dispatch.alerts.model import Colour, Observations
from dispatch.boundaries import simplified
from dispatch.geo import LonLat
from dispatch.needs.band import around
from dispatch.needs.exposure import PlaceEstimate, first_estimate, level_of
from dispatch.needs.exposure_table import load_exposure
from dispatch.needs.quake import intensity, where_people_live
from dispatch.needs.snow import herders, snow_grade
from dispatch.reference.load import read_counties
from tests.builders import AT, make_county, make_situation

COUNTIES = {c.adcode: c for c in read_counties()}
SHAPES = simplified()
TABLE = load_exposure(date(2026, 12, 1))
HAZARDS = sorted({*TABLE.hazards, *TABLE.snow.colour_grade, "never heard of"})
COLOURS = st.sampled_from(Colour)
LOCAL = {code: COUNTIES[code] for code in ("150522", "150525", "150581", "152525", "152921")}
PEOPLE = ("need_aid", "displaced", "dead", "rooms", "herder_households")
TONGLIAO = LonLat(122.4, 42.9)
EPICENTRES = st.builds(LonLat, st.floats(97, 126), st.floats(37, 53))


def estimate(**changes: Any) -> dict[tuple[str, str], PlaceEstimate]:
    found = first_estimate(make_situation(**changes), LOCAL, SHAPES, TABLE)
    return {(e.county, e.measure): e for e in found}


def quake(magnitude: float | None, at: LonLat | None = TONGLIAO, **more: Any) -> dict[str, Any]:
    seen = Observations(magnitude=magnitude, epicentre=at)
    return {"hazard": "earthquake", "hazards": {}, "observations": seen, "counties": {}, **more}


def warned(hazard: str, colour: Colour, **seen: int | None) -> dict[str, Any]:
    return {
        "hazard": hazard, "hazards": {hazard: colour}, "colour": colour,
        "counties": dict.fromkeys(LOCAL, colour), "observations": Observations(**seen),
    }


def never_less(
    less: Mapping[tuple[str, str], PlaceEstimate], more: Mapping[tuple[str, str], PlaceEstimate]
) -> None:
    for key, small in less.items():
        large = more[key]
        assert (small.p10 <= large.p10, small.p50 <= large.p50, small.p90 <= large.p90) == (True,) * 3, key


@given(st.floats(3, 9), st.floats(0, 2), EPICENTRES)
@settings(max_examples=40, deadline=None)
def test_a_stronger_shock_never_harms_fewer(magnitude: float, step: float, at: LonLat) -> None:
    never_less(estimate(**quake(magnitude, at)), estimate(**quake(magnitude + step, at)))


@given(st.sampled_from(HAZARDS), COLOURS, COLOURS)
def test_a_higher_colour_never_means_fewer(hazard: str, one: Colour, other: Colour) -> None:
    low, high = sorted((one, other), key=lambda c: c.rank)
    never_less(estimate(**warned(hazard, low)), estimate(**warned(hazard, high)))


@given(st.sampled_from(sorted(TABLE.snow.colour_grade)), COLOURS, st.integers(0, 120),
       st.integers(0, 60), st.integers(0, 40))
def test_deeper_snow_never_means_fewer(hazard: str, colour: Colour, depth: int, more: int, days: int) -> None:
    seen = {"snow_depth_cm": depth, "snow_days": days}
    deeper = {"snow_depth_cm": depth + more, "snow_days": days}
    never_less(estimate(**warned(hazard, colour, **seen)), estimate(**warned(hazard, colour, **deeper)))


@given(st.sampled_from(HAZARDS), COLOURS, st.integers(0, 10**6), st.integers(0, 10**6))
@settings(deadline=None)
def test_more_people_never_means_fewer_in_need(hazard: str, colour: Colour, people: int, more: int) -> None:
    def of(population: int, changes: dict[str, Any]) -> dict[tuple[str, str], PlaceEstimate]:
        county = make_county(population=population)
        found = first_estimate(make_situation(**changes), {county.adcode: county}, None, TABLE)
        return {(e.county, e.measure): e for e in found}

    for changes in (warned(hazard, colour, snow_depth_cm=20), quake(6.5, counties={"150522": colour})):
        never_less(of(people, changes), of(people + more, changes))


ODD = st.none() | st.integers(-10, 10**6)
ODD_SEEN = st.builds(
    Observations,
    magnitude=st.none() | st.floats(), epicentre=st.none() | st.builds(LonLat, st.floats(-180, 180), st.floats(-90, 90)),
    depth_km=ODD, snow_depth_cm=ODD, snow_days=ODD, snow_area_percent=ODD, grass_buried_percent=ODD,
    return_period_years=ODD, dry_area_percent=ODD, short_of_water_percent=ODD, fire_danger_class=ODD,
)
ODD_SHAPES = st.sampled_from([None, {}, SHAPES, dict.fromkeys(LOCAL, Polygon()),
                              dict.fromkeys(LOCAL, Point(122, 43)), dict.fromkeys(LOCAL, box(0, 0, 1, 1))])


@given(
    seen=ODD_SEEN, hazard=st.sampled_from([*HAZARDS, ""]), shapes=ODD_SHAPES,
    hazards=st.dictionaries(st.sampled_from(HAZARDS), COLOURS, max_size=3),
    counties=st.dictionaries(st.sampled_from([*LOCAL, "999999", ""]), COLOURS),
    hours=st.integers(-10_000, 10_000),
)
@settings(deadline=None)
def test_any_situation_gets_an_ordered_and_capped_answer(
    seen: Observations, hazard: str, shapes: Any, hazards: dict[str, Colour],
    counties: dict[str, Colour], hours: int,
) -> None:
    situation = make_situation(
        observations=seen, hazard=hazard, hazards=hazards, counties=counties, started_at=AT + timedelta(hours=hours),
    )
    found = first_estimate(situation, LOCAL, shapes, TABLE)
    assert found == first_estimate(situation, LOCAL, shapes, TABLE)
    for e in found:
        assert 0 <= e.p10 <= e.p50 <= e.p90
        assert e.measure not in PEOPLE or e.p90 <= LOCAL[e.county].population
        assert e.words.zh and e.words.en
    asked = {code for code in counties if code in LOCAL}
    assert asked <= {e.county for e in found if e.measure == "need_aid"}


def test_far_counties_are_not_touched_and_a_warned_one_gets_zero() -> None:
    assert {code for code, _ in estimate(**quake(5.3))} == {"150522", "150525"}
    alxa = estimate(**quake(5.3, counties={"152921": Colour.BLUE}))["152921", "need_aid"]
    assert (alxa.p10, alxa.p50, alxa.p90) == (0, 0, 0)


def test_a_shock_reaches_counties_no_message_named() -> None:
    assert estimate(**quake(5.3))["150522", "need_aid"].p50 > 1_000


def test_a_wide_banner_is_not_a_point() -> None:
    # Alxa Left 2015: the shock was 153 km from the seat; at the seat alone hardly anything breaks
    desert = LonLat(106.3, 39.8)
    assert estimate(**quake(5.8, desert))["152921", "need_aid"].p50 > 500
    seat = {"152921": replace(LOCAL["152921"], area_km2=0)}
    found = first_estimate(make_situation(**quake(5.8, desert)), seat, None, TABLE)
    assert [e.p50 for e in found if e.measure == "need_aid"] == [0]


@pytest.mark.parametrize("changes", [quake(None), quake(6.0, None), quake(float("nan"))])
def test_an_unlocated_shock_goes_by_colour(changes: dict[str, Any]) -> None:
    found = estimate(**{**changes, "counties": {"150522": Colour.RED}})
    assert found["150522", "need_aid"].p50 == round(LOCAL["150522"].population * 600 / 10_000)
    assert found["150522", "need_aid"].words.code == "exposure.level"


def test_intensity_draws_the_isoseismals_of_baotou_1996() -> None:
    # M6.4: VIII at the epicentre; the VIII isoseismal measured 26 km by 17 km, mean radius about 11 km
    assert 7.5 <= intensity(6.4, 11, TABLE.earthquake) < intensity(6.4, 0, TABLE.earthquake) < 8.5
    assert intensity(6.4, 25, TABLE.earthquake) < 7.5


def test_shares_of_the_people_add_up() -> None:
    for shape in (None, SHAPES["150522"], Polygon()):
        for county in (make_county(), make_county(is_district=True, area_km2=0)):
            points = where_people_live(county, shape, TABLE.earthquake)
            assert sum(share for _, share in points) == pytest.approx(1)


def test_snow_of_the_standard_is_graded_by_it() -> None:
    def grade(days: int, **seen: int) -> int:
        return snow_grade("blizzard", 1, Observations(**seen), days, TABLE.snow)

    assert grade(10, grass_buried_percent=35, snow_area_percent=20) == 1
    assert grade(7, grass_buried_percent=60, snow_area_percent=30) == 2
    assert grade(10, grass_buried_percent=60, snow_area_percent=40) == 3
    assert grade(7, grass_buried_percent=95, snow_area_percent=60) == 4
    assert grade(6, grass_buried_percent=95, snow_area_percent=60) == 0
    assert [grade(7, snow_depth_cm=d) for d in (4, 5, 10, 15)] == [0, 1, 2, 3]


def test_snow_counts_herder_households_and_their_stock() -> None:
    found = estimate(**warned("snow_disaster", Colour.ORANGE))
    ujimqin = LOCAL["152525"]
    households, stock = found["152525", "herder_households"], found["152525", "livestock"]
    assert herders(ujimqin, TABLE.snow) == ujimqin.population * 30 // 100
    assert households.p50 <= herders(ujimqin, TABLE.snow) // 3
    assert stock.p50 == households.p50 * TABLE.snow.livestock["pastoral"] > 0


def test_days_of_snow_run_from_the_start_when_nobody_counted_them() -> None:
    seen = {"observations": Observations(snow_depth_cm=16)}
    first = estimate(**{**warned("blizzard", Colour.BLUE), **seen})
    later = estimate(**{**warned("blizzard", Colour.BLUE), **seen, "as_of": AT + timedelta(days=9)})
    assert first["152525", "need_aid"].p50 == 0 < later["152525", "need_aid"].p50


def test_the_worst_hazard_decides_at_its_own_colour() -> None:
    red = {"blizzard": Colour.BLUE, "flood": Colour.ORANGE}
    both = estimate(hazards=red, counties={"150522": Colour.RED})["150522", "need_aid"]
    flood = estimate(**warned("flood", Colour.ORANGE))["150522", "need_aid"]
    assert both == flood


def test_what_was_observed_lifts_the_level_and_never_lowers_it() -> None:
    flood, drought = TABLE.hazards["flood"], TABLE.hazards["drought"]
    assert [level_of(1, Observations(return_period_years=y), flood)[0] for y in (4, 5, 10, 20, 50)] == [1, 1, 2, 3, 4]
    assert level_of(4, Observations(return_period_years=5), flood)[0] == 4
    assert level_of(1, Observations(short_of_water_percent=45), drought)[0] == 3


def test_every_estimate_says_how_it_came_about() -> None:
    words = estimate(**quake(6.0))["150522", "need_aid"].words
    assert "6.0 级" in words.zh and "2013" in words.zh and "intensity" in words.en
    words = estimate(**warned("blizzard", Colour.RED, snow_depth_cm=50))["150522", "need_aid"].words
    assert "积雪 50 厘米" in words.zh and "红色预警" in words.zh and "assumption" in words.en


def test_a_band_is_capped() -> None:
    band = around(60, 4, 100)
    assert (band.p10, band.p50, band.p90) == (15, 60, 100)
