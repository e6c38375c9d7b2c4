"""The checker sees each rule broken on purpose; the door refuses bad input."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from dispatch.allocation.model import AllocationResult, Floor, Gap
from dispatch.allocation.problem import AllocationProblem, Fleet, Rule
from dispatch.allocation.solver import allocate
from dispatch.allocation.travel import TravelGrid
from dispatch.allocation.verify import violations
from dispatch.errors import InvalidInput
from tests.builders import WORDS, make_allocation, make_need, make_offer

NEEDS = (make_need("150521", quantity=60), make_need("150522", quantity=60))
OFFERS = (make_offer("WH-A", "LA", 50), make_offer("WH-B", "LB", 50))


def scarce(**changes: Any) -> AllocationProblem:
    return replace(make_allocation(NEEDS, OFFERS), **changes)


def all_to_first(answer: AllocationResult) -> AllocationResult:
    """The units of the second county's lines become its gap; the first takes no more."""
    kept = tuple(line for line in answer.lines if line.county == "150521")
    gaps = [g for g in answer.gaps if g.county == "150521"]
    return replace(answer, lines=kept, floors=(), gaps=(*gaps, Gap("150522", "QUILT", 60, WORDS, WORDS)))


def moved(answer: AllocationResult) -> AllocationResult:
    """The plan stays; the problem it is checked against changes."""
    return answer


def first_line(answer: AllocationResult, **change: Any) -> AllocationResult:
    return replace(answer, lines=(replace(answer.lines[0], **change), *answer.lines[1:]))


CASES: list[tuple[str, dict[str, Any], Callable[[AllocationResult], AllocationResult], str]] = [
    ("stock per lot", {"offers": (replace(OFFERS[0], quantity=20), OFFERS[1])}, moved, "taken of"),
    ("donor's purpose", {"hazard": "flood", "offers": (replace(OFFERS[0], restriction="blizzard"), OFFERS[1])}, moved, "bound to blizzard"),
    ("donor's area", {"offers": (replace(OFFERS[0], area="152900"), OFFERS[1])}, moved, "bound to the area"),
    ("expiry at arrival", {"offers": (replace(OFFERS[0], expires_on=date(2021, 11, 8)), OFFERS[1])}, moved, "expired"),
    ("safety stock", {"safety_stock": {("WH-A", "QUILT"): 30}}, moved, "safety stock is 30"),
    ("roads", {"travel_s": {("WH-B", c): 3600 for c in ("150521", "150522")}}, moved, "no open road"),
    ("trucks by weight", {"fleet": {"WH-A": Fleet(8_000_000, load_g=60_000)}}, moved, "trucks carry"),
    ("trucks by room", {"fleet": {"WH-A": Fleet(8_000_000, load_cm3=60_000)}, "item_volume_cm3": {"QUILT": 20_000}}, moved, "cm3"),
    ("trucks by time", {"fleet": {"WH-A": Fleet(8_000_000, truck_s=20)}}, moved, "trucks drive"),
    ("need", {"needs": (replace(NEEDS[0], quantity=70), NEEDS[1])}, moved, "need 70"),
    ("promised floor", {}, lambda a: replace(a, floors=(Floor("150522", "QUILT", 62),)), "floor promised"),
    ("fairness", {}, all_to_first, "fairness asks"),
    ("an arrival", {}, lambda a: first_line(a, arrives_at=a.lines[0].arrives_at - timedelta(hours=1)), "arrives"),
    ("a lot there is not", {}, lambda a: first_line(a, lot_code="X"), "not an offer of QUILT"),
    ("a lot of another item", {"offers": (replace(OFFERS[0], item_code="STOVE"), OFFERS[1]), "item_names": {"QUILT": ("棉被", "quilt"), "STOVE": ("火炉", "stove")}}, moved, "not an offer of QUILT"),
    ("units that are reserved or held back", {"offers": (replace(OFFERS[0], quantity=49), OFFERS[1]), "withheld": (replace(OFFERS[0], quantity=1, held_by=Rule.TIER),)}, moved, "50 taken of 49"),
    ("a warehouse that holds nothing", {}, lambda a: first_line(a, warehouse_code="WH-C"), "not an offer"),
    ("a line twice", {}, lambda a: replace(a, lines=(*a.lines, a.lines[0])), "supplied + gap"),
    ("a line lost", {}, lambda a: replace(a, lines=a.lines[1:]), "supplied + gap"),
    ("a gap lost", {}, lambda a: replace(a, gaps=()), "supplied + gap"),
    ("a county that asked for nothing", {}, lambda a: first_line(a, county="150525"), "supplied + gap"),
    ("a quantity of nothing", {}, lambda a: first_line(a, quantity=0), "quantity 0"),
    ("a quantity that is no whole number", {}, lambda a: replace(a, lines=(replace(a.lines[0], quantity=1.5), *a.lines[1:])), "quantity 1.5"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize("name,change,mutate,words", CASES, ids=[c[0] for c in CASES])
def test_each_broken_rule_is_caught(
    name: str, change: dict[str, Any], mutate: Callable[[AllocationResult], AllocationResult], words: str
) -> None:
    answer = allocate(scarce())
    assert violations(scarce(), answer) == []
    assert any(words in found for found in violations(scarce(**change), mutate(answer))), name


NAN: Any = float("nan")


@pytest.mark.parametrize("change,words", [
    ({"needs": (make_need("150521", quantity=-1), NEEDS[1])}, "quantity -1"),
    ({"needs": (make_need("150521", quantity=NAN), NEEDS[1])}, "quantity nan"),
    ({"needs": (make_need("150599"),)}, "the place is unknown"),
    ({"needs": (make_need("150521", item="BOAT"),)}, "the item is unknown"),
    ({"needs": (make_need("150521", priority=0),)}, "priority 0"),
    ({"needs": (make_need("150521", due_at=datetime(2021, 11, 9)),)}, "no time zone"),
    ({"offers": (OFFERS[0], OFFERS[0])}, "given 2 times"),
    ({"offers": (replace(OFFERS[0], quantity=True),)}, "quantity True"),
    ({"offers": (replace(OFFERS[0], held_by=Rule.TIER),)}, "held_by"),
    ({"withheld": (OFFERS[0],)}, "held_by"),
    ({"travel_s": {("WH-A", "150521"): -5}}, "-5 is not 0 to"),
    ({"travel_s": {("WH-A", "150521"): NAN}}, "nan is not 0 to"),
    ({"safety_stock": {("WH-A", "QUILT"): -1}}, "safety stock WH-A"),
    ({"fleet": {"WH-A": Fleet(0)}}, "payload_g 0"),
    ({"fleet": {"WH-A": Fleet(1, load_cm3=9)}}, "no volume"),
    ({"fleet": {"WH-A": Fleet(1)}, "item_weight_g": {}}, "no weight"),
])
def test_bad_input_is_refused_by_name(change: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInput, match=words) as caught:
        scarce(**change)
    assert caught.value.remedy and caught.value.message_zh


def test_holes_in_the_travel_are_an_answer_not_an_error() -> None:
    grid = TravelGrid(("WH-A", "WH-B"), ("150521", "150522"), np.array([[600, -1], [-1, -1]], dtype=np.int64))
    assert dict(grid) == {("WH-A", "150521"): 600} and len(grid) == 1
    answer = allocate(scarce(travel_s=grid))
    assert [(line.county, line.quantity) for line in answer.lines] == [("150521", 50)]
    assert {g.county: g.cause.code for g in answer.gaps} == {"150521": "gap.no_road", "150522": "gap.no_road"}
    assert allocate(scarce(travel_s={})).lines == ()


def test_a_grid_that_does_not_fit_its_names_is_refused() -> None:
    with pytest.raises(InvalidInput, match="different warehouses"):
        TravelGrid(("WH-A", "WH-A"), ("150521",), np.zeros((2, 1), dtype=np.int64))


def test_no_needs_is_an_empty_answer() -> None:
    answer = allocate(make_allocation((), OFFERS))
    assert (answer.lines, answer.gaps) == ((), ())
