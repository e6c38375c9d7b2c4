"""Needs: exposure before reports, reports after, standards with their season."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.alerts.model import Colour, LossCounts, Observations
from dispatch.geo import LonLat
from dispatch.needs.estimate import Setting, estimate, people_in_need, spread
from dispatch.needs.exposure import first_estimate
from dispatch.needs.exposure_table import load_exposure
from dispatch.needs.model import Covered, NeedLine
from dispatch.needs.standards import load_standards
from dispatch.reference.load import read_counties
from tests.builders import AT, judged, make_situation

COUNTIES = {c.adcode: c for c in read_counties()}
STANDARDS = load_standards(date(2024, 7, 1))
SETTING = Setting(COUNTIES, STANDARDS, load_exposure(date(2024, 7, 1)))


def needs(**changes: object) -> dict[str, int]:
    situation = make_situation(**changes)
    lines = estimate(situation, judged(situation), SETTING)
    return {line.item_code: line.quantity for line in lines}


def test_before_any_report_people_come_from_exposure() -> None:
    (middle,) = [e.p50 for e in first_estimate(make_situation(), COUNTIES, None, SETTING.exposure) if e.measure == "need_aid"]
    assert needs()["COAT"] == middle > 0


def test_a_quake_reaches_beyond_the_counties_named_until_somebody_reports() -> None:
    seen = Observations(magnitude=6.4, epicentre=LonLat(109.66, 40.77))
    quake = make_situation(hazard="earthquake", hazards={"earthquake": Colour.RED}, counties={"150222": Colour.RED}, observations=seen)
    lines = estimate(quake, judged(quake), SETTING)
    assert len({line.county for line in lines}) > 1
    told = replace(quake, counts=LossCounts(relocated=500), places={"150222": LossCounts(relocated=500)})
    assert {line.county for line in estimate(told, judged(told), SETTING)} == {"150222"}


def test_needs_follow_the_hazard() -> None:
    wet = needs(hazard="flood", hazards={"flood": Colour.RED}, as_of=datetime(2021, 7, 8, tzinfo=UTC), counts=LossCounts(relocated=320))
    dry = needs(hazard="drought", hazards={"drought": Colour.RED}, as_of=datetime(2021, 7, 8, tzinfo=UTC), counts=LossCounts(need_aid=320))
    dust = needs(hazard="sandstorm", hazards={"sandstorm": Colour.RED}, as_of=datetime(2021, 4, 8, tzinfo=UTC), counts=LossCounts(need_aid=400))
    assert wet["PURIFIER"] == 2 and wet["RAINSET"] == 107 and "TENT-12" in wet and "MASK-2000" not in wet
    assert dry["PURIFIER"] == 2 and "TENT-12" not in dry and dry["FODDER-20"] > 0 and "RAINSET" not in dry
    assert dust["MASK-2000"] == 1 and "QUILT" not in dust


def test_fodder_is_counted_by_herder_households() -> None:
    counts = LossCounts(need_aid=260)
    herders = make_situation(counties={"152525": Colour.RED}, counts=counts)
    (pastoral,) = [n for n in estimate(herders, judged(herders), SETTING) if n.item_code == "FODDER-20"]
    assert pastoral.quantity > 0 and "牧户" in pastoral.basis.zh


def test_a_report_replaces_the_estimate() -> None:
    assert needs(counts=LossCounts(need_aid=300))["COAT"] == 300
    assert needs(counts=LossCounts(affected=300))["COAT"] == 60
    # the more direct figure wins
    assert needs(counts=LossCounts(affected=9_999, relocated=50))["COAT"] == 50


def test_bitter_cold_doubles_quilts_and_only_quilts() -> None:
    counts = LossCounts(need_aid=100)
    assert needs(counts=counts, temperature_c=-9)["QUILT"] == 100
    cold = needs(counts=counts, temperature_c=-35)
    assert (cold["QUILT"], cold["COAT"]) == (200, 100)


def test_summer_needs_no_stoves() -> None:
    summer = needs(as_of=datetime(2021, 7, 8, tzinfo=UTC), counts=LossCounts(need_aid=100))
    assert "STOVE" not in summer and "TENT-12" in summer and "QUILT" not in summer


def test_rounding_is_up_a_third_of_a_tent_is_a_tent() -> None:
    assert needs(counts=LossCounts(need_aid=1))["TENT-12-COTTON"] == 1


def test_watching_needs_nothing() -> None:
    assert needs(hazards={"blizzard": Colour.BLUE}) == {}


def test_every_need_says_how_it_came_about_and_when_it_is_due() -> None:
    situation = make_situation()
    for line in estimate(situation, judged(situation), SETTING):
        assert line.due_at > situation.as_of
        assert "标准：" in line.basis.zh and "standard:" in line.basis.en


@settings(deadline=None)
@given(st.integers(0, 10**7), st.dictionaries(st.text(min_size=1, max_size=3), st.integers(1, 10**6), min_size=1, max_size=9))
def test_spreading_loses_nobody(total: int, weights: dict[str, int]) -> None:
    shares = spread(total, weights)
    assert sum(shares.values()) == total
    whole = sum(weights.values())
    assert all(abs(shares[k] - total * w / whole) < 1 for k, w in weights.items())


def test_more_people_never_need_less() -> None:
    situation = make_situation(counties={"150522": Colour.RED, "150525": Colour.ORANGE})
    shares = people_in_need(situation, SETTING, first_estimate(situation, COUNTIES, None, SETTING.exposure))
    assert shares["150522"][0] > 0 and shares["150525"][0] > 0


# --- who is in need, county by county ----------------------------------------------------------

RED_THREE = {"150522": Colour.RED, "150525": Colour.RED, "150421": Colour.ORANGE}


def heads(**changes: Any) -> dict[str, int]:
    situation = make_situation(**{"counties": RED_THREE, **changes})
    return {code: n for code, (n, _) in people_in_need(situation, SETTING, first_estimate(situation, COUNTIES, None, SETTING.exposure)).items()}


def test_a_countys_own_report_comes_before_its_part_of_the_whole() -> None:
    found = heads(counts=LossCounts(relocated=1_000), places={"150522": LossCounts(relocated=700)})
    assert found["150522"] == 700 and sum(found.values()) == 1_000
    assert found["150525"] > found["150421"] > 0  # more people under a stronger colour


def test_what_a_league_states_stays_in_the_league() -> None:
    found = heads(counts=LossCounts(relocated=1_000), places={"150500": LossCounts(relocated=900), "150522": LossCounts(relocated=200)})
    assert found == {"150522": 200, "150525": 700, "150421": 100}


def test_nobody_is_lost_when_every_county_has_reported() -> None:
    own = {"150522": LossCounts(relocated=10), "150525": LossCounts(relocated=20), "150421": LossCounts(relocated=30)}
    found = heads(counts=LossCounts(relocated=1_000), places=own)
    assert sum(found.values()) == 1_000
    assert all(found[code] >= counts.relocated for code, counts in own.items() if counts.relocated)


def test_the_first_report_of_one_county_does_not_take_the_others_need_away() -> None:
    """A sum over one county says nothing of the others: they stay as exposed as they are warned."""
    before = heads()
    found = heads(counts=LossCounts(relocated=50), places={"150522": LossCounts(relocated=50), "150500": LossCounts(relocated=50)})
    assert found == {**before, "150522": 50}
    # unless they said that nothing happened
    quiet = heads(counts=LossCounts(relocated=50), places={"150522": LossCounts(relocated=50)}, heard={"150525": AT})
    assert quiet == {**before, "150522": 50, "150525": 0}


COUNT = st.none() | st.integers(0, 3_000)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from([*RED_THREE, "150500", "150400"]), st.builds(LossCounts, relocated=COUNT, affected=COUNT)),
       st.builds(LossCounts, relocated=COUNT, need_aid=COUNT))
def test_what_anybody_stated_is_served_in_whole(places: dict[str, LossCounts], counts: LossCounts) -> None:
    found = heads(places=places, counts=counts)
    assert set(found) == set(RED_THREE) and min(found.values()) >= 0
    assert sum(found.values()) >= (counts.relocated or 0) + (counts.need_aid or 0)
    for place, stated in places.items():
        assert sum(n for c, n in found.items() if c == place or place == c[:4] + "00") >= (stated.relocated or 0)


def test_spreading_over_nobody_or_over_the_uninhabited() -> None:
    assert spread(5, {}) == {}
    assert spread(5, {"a": 0, "b": 0}) == {"a": 3, "b": 2}


# --- net of what is covered --------------------------------------------------------------------

def net(**covered: int) -> list[NeedLine]:
    situation = make_situation(counts=LossCounts(relocated=300))
    setting = replace(SETTING, covered={("150522", "COAT"): Covered(**covered)})
    return [line for line in estimate(situation, judged(situation), setting) if line.item_code == "COAT"]


def test_what_is_dispatched_and_given_out_locally_is_taken_off() -> None:
    (line,) = net(dispatched=100, local=50)
    assert (line.gross, line.dispatched, line.local, line.quantity) == (300, 100, 50, 150)
    assert "净需 150" in line.basis.zh and "150" in line.basis.en
    assert net()[0].quantity == 300 and "净需" not in net()[0].basis.zh


def test_what_is_covered_in_whole_or_more_is_no_need() -> None:
    assert net(dispatched=250, local=50) == [] and net(dispatched=9_999) == []
    assert [line.quantity for line in net(dispatched=299)] == [1]
