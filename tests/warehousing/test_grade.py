"""Grades with their evidence; room used and free."""

from datetime import date, timedelta

from dispatch.inventory.model import Lot, StockLine
from dispatch.reference.load import read_items
from dispatch.warehousing.model import Check, Facility, grade, room
from dispatch.warehousing.store import load_standard

STANDARD = load_standard()
TODAY = date(2026, 11, 24)
FACILITY = Facility("W", 5200, 10**9, 1000, "甲", "乙", True)


def checks(met: bool = True, on: date = TODAY) -> list[Check]:
    return [Check(c.code, met, "照片", on, "duty") for c in STANDARD.criteria]


def test_all_met_is_an_a() -> None:
    assert grade(STANDARD, FACILITY, "region", checks(), TODAY).letter == "A"


def test_nobody_looked_is_no_grade() -> None:
    assert grade(STANDARD, None, "region", [], TODAY).letter == "?"


def test_without_a_must_it_is_a_d_however_much_else_is_met() -> None:
    found = [c for c in checks() if c.criterion != "fire"]
    result = grade(STANDARD, FACILITY, "region", found, TODAY)
    assert result.letter == "D" and result.percent > 80


def test_old_evidence_is_stale() -> None:
    result = grade(STANDARD, FACILITY, "region", checks(on=TODAY - timedelta(days=366)), TODAY)
    assert {f.state for f in result.findings} == {"stale", "met"}
    assert result.letter == "D"


def test_one_person_for_store_and_book_is_seen() -> None:
    same = Facility("W", 5200, 10**9, 1000, "甲", "甲", True)
    states = {f.criterion.code: f.state for f in grade(STANDARD, same, "region", checks(), TODAY).findings}
    assert states["two_people"] == "unmet"


def test_a_small_store_misses_the_area_of_its_tier() -> None:
    small = Facility("W", 100, 10**9, 1000, "甲", "乙", True)
    states = {f.criterion.code: f.state for f in grade(STANDARD, small, "county", checks(), TODAY).findings}
    assert states["area"] == "unmet"


def test_room_goes_below_zero_when_overfull() -> None:
    items = {i.code: i for i in read_items()}
    lines = [StockLine("W", Lot("L", "QUILT", None, None, "o"), 400, 0)]
    left = room(FACILITY, lines, items)
    assert left.used_kg == 1200 and left.free_kg == -200
    assert left.used_cm3 == 400 * items["QUILT"].volume_cm3
