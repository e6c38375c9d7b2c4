"""Pinned quantities: exactly kept under every rule, or refused by how much."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.allocation.pinned import take_pinned
from dispatch.allocation.problem import AllocationProblem, Fleet, LinePin
from dispatch.allocation.solver import allocate
from dispatch.allocation.verify import violations
from dispatch.errors import InvalidInput
from tests.builders import make_allocation, make_need, make_offer, random_allocation

NEEDS = (make_need("150521", quantity=60), make_need("150522", quantity=60))
OFFERS = (make_offer("WH-A", "LA", 50), make_offer("WH-B", "LB", 50))


def asked(*pins: LinePin, **changes: object) -> AllocationProblem:
    return replace(make_allocation(NEEDS, OFFERS), line_pins=pins, **changes)  # type: ignore[arg-type]


def sent(problem: AllocationProblem) -> dict[tuple[str, str, str], int]:
    answer = allocate(problem)
    assert violations(problem, answer) == []
    found: dict[tuple[str, str, str], int] = {}
    for line in answer.lines:
        key = (line.warehouse_code, line.county, line.item_code)
        found[key] = found.get(key, 0) + line.quantity
    return found


@pytest.mark.parametrize("units", [0, 1, 37, 50])
def test_a_pin_is_kept_to_the_unit_and_the_rest_is_shared(units: int) -> None:
    found = sent(asked(LinePin("WH-A", "150521", "QUILT", units)))
    assert found.get(("WH-A", "150521", "QUILT"), 0) == units
    assert sum(found.values()) == 100


def test_nothing_pinned_leaves_no_way_round_the_pin() -> None:
    one = replace(asked(LinePin("WH-A", "150521", "QUILT", 0)), offers=OFFERS[:1], needs=NEEDS[:1])
    answer = allocate(one)
    assert answer.lines == () and violations(one, answer) == []
    assert answer.gaps[0].cause.code == "gap.pinned" and answer.gaps[0].freed == 50


@pytest.mark.parametrize("problem,words", [
    (asked(LinePin("WH-A", "150521", "QUILT", 61)), "the warehouse may send 50, 11 short"),
    (asked(LinePin("WH-A", "150522", "QUILT", 70), offers=(make_offer("WH-A", "LA", 90),)), "the county needs 60, 10 short"),
    (asked(LinePin("WH-A", "150521", "QUILT", 40), safety_stock={("WH-A", "QUILT"): 20}), "may send 30, 10 short"),
    (asked(LinePin("WH-A", "150521", "QUILT", 40), offers=(replace(OFFERS[0], restriction="flood"),)), "may send 0, 40 short"),
    (asked(LinePin("WH-A", "150521", "QUILT", 40), travel_s={("WH-A", "150522"): 60}), "no open road"),
    (asked(LinePin("WH-A", "150521", "QUILT", 40), item_weight_g={"QUILT": 3000}, fleet={"WH-A": Fleet(8_000_000, load_g=60_000)}), "trucks can take 20, 20 short"),
    (asked(LinePin("WH-A", "150521", "QUILT", 30), LinePin("WH-A", "150522", "QUILT", 30)), "together exceed the warehouse may send 50 by 10"),
    (asked(LinePin("WH-A", "150521", "QUILT", 30), LinePin("WH-B", "150521", "QUILT", 31)), "together exceed the county needs 60 by 1"),
    (asked(LinePin("WH-A", "150521", "QUILT", 30), LinePin("WH-A", "150521", "QUILT", 31)), "30 quilt' and '"),
    (asked(LinePin("WH-A", "150521", "QUILT", -1)), "not a whole number"),
])
def test_a_pin_that_cannot_be_had_says_by_how_much(problem: AllocationProblem, words: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        allocate(problem)
    assert words in refused.value.message
    assert refused.value.message_zh != refused.value.message


def test_the_checker_sees_a_pin_that_is_not_held() -> None:
    free = allocate(asked())
    broken = violations(asked(LinePin("WH-A", "150521", "QUILT", 1)), free)
    assert any("were pinned" in sentence for sentence in broken)


@given(st.integers(0, 2**32), st.integers(0, 3))
def test_any_pins_are_kept_or_refused_and_the_checker_agrees(seed: int, many: int) -> None:
    chance = Random(seed)
    problem = random_allocation(chance)
    pairs = sorted({(o.warehouse_code, n.county, n.item_code) for o in problem.offers for n in problem.needs})
    pins = tuple(
        LinePin(*pair, chance.choice([0, 1, 5, 20])) for pair in chance.sample(pairs, min(many, len(pairs)))
    )
    fleet = {"W0": Fleet(8_000_000, load_g=chance.choice([None, 90_000]))} if chance.random() < 0.4 else {}
    problem = replace(problem, line_pins=pins, fleet=fleet)
    try:
        take_pinned(problem)
    except InvalidInput as refused:
        assert refused.facts["faults"]
        return
    assert violations(problem, allocate(problem)) == []
