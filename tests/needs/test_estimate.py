"""Needs: exposure before reports, reports after, standards with their season."""

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from dispatch.alerts.model import Colour, LossCounts
from dispatch.needs.estimate import Setting, estimate, people_in_need, spread
from dispatch.needs.standards import load_standards
from dispatch.reference.load import read_counties
from tests.builders import judged, make_situation

COUNTIES = {c.adcode: c for c in read_counties()}
STANDARDS = load_standards(date(2024, 7, 1))


def needs(**changes: object) -> dict[str, int]:
    situation = make_situation(**changes)
    lines = estimate(situation, judged(situation), Setting(COUNTIES, STANDARDS))
    return {line.item_code: line.quantity for line in lines}


def test_before_any_report_people_come_from_exposure() -> None:
    people = COUNTIES["150522"].population * 10 // 10_000
    assert needs()["COAT"] == people


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
    for line in estimate(situation, judged(situation), Setting(COUNTIES, STANDARDS)):
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
    shares = people_in_need(situation, COUNTIES, STANDARDS)
    assert shares["150522"][0] > 0 and shares["150525"][0] > 0
