"""Needs: exposure before reports, reports after, standards with their season."""

from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from dispatch.alerts.model import Colour, LossCounts, Observations
from dispatch.geo import LonLat
from dispatch.needs.estimate import Setting, estimate, people_in_need, spread
from dispatch.needs.exposure import first_estimate
from dispatch.needs.exposure_table import load_exposure
from dispatch.needs.standards import load_standards
from dispatch.reference.load import read_counties
from tests.builders import judged, make_situation

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
