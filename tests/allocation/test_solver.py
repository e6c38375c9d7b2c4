"""Allocation: conservation, nearest first, fair when scarce, expiry and purpose kept."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.allocation.model import Gap
from dispatch.allocation.params import load_params
from dispatch.allocation.problem import AllocationProblem, Rule
from dispatch.allocation.solver import allocate
from dispatch.allocation.verify import violations
from dispatch.errors import InvalidInput
from tests.builders import AT, WORDS, make_allocation, make_need, make_offer


def sent(problem: AllocationProblem) -> dict[tuple[str, str], int]:
    answer = allocate(problem)
    assert violations(problem, answer) == []
    units: Counter[tuple[str, str]] = Counter()
    for line in answer.lines:
        units[line.lot_code, line.county] += line.quantity
    return dict(units)


def test_nearest_first() -> None:
    problem = make_allocation((make_need(),), (make_offer("WH-FAR", "FAR"), make_offer("WH-NEAR", "NEAR")))
    problem.travel_s["WH-FAR", "150522"] = 7200
    assert sent(problem) == {("NEAR", "150522"): 100}


def test_the_earlier_expiring_lot_leaves_first() -> None:
    offers = (make_offer(lot="LATE", expires_on=date(2024, 1, 1)), make_offer(lot="SOON", expires_on=date(2021, 12, 1)))
    assert sent(make_allocation((make_need(quantity=60),), offers)) == {("SOON", "150522"): 60}


def test_a_lot_expired_on_arrival_stays() -> None:
    problem = make_allocation((make_need(),), (make_offer(expires_on=AT.date()),))
    answer = allocate(problem)
    assert answer.lines == () and answer.gaps[0].cause.code == "gap.unusable"


def test_a_gift_goes_to_its_purpose_only_and_last() -> None:
    gift = make_offer(lot="GIFT", restriction="blizzard")
    free = make_offer(lot="FREE")
    assert sent(make_allocation((make_need(quantity=120),), (gift, free))) == {("FREE", "150522"): 100, ("GIFT", "150522"): 20}
    assert sent(make_allocation((make_need(),), (gift,), hazard="flood")) == {}


def test_scarcity_is_shared_with_a_floor_for_the_far_county() -> None:
    needs = (make_need("near", quantity=100), make_need("far", quantity=100))
    problem = make_allocation(needs, (make_offer(quantity=100),))
    problem.travel_s["WH-150522", "far"] = 36_000
    got = sent(problem)
    # best equal coverage is half of each need; the floor promises 60 % of that
    assert got["L1", "far"] >= 30 and got["L1", "near"] > got["L1", "far"]
    assert sum(got.values()) == 100


@pytest.mark.parametrize("change,code", [
    ({"offers": ()}, "gap.no_stock"),
    ({"travel_s": {}}, "gap.no_road"),
    ({"offers": (), "withheld": (make_offer(quantity=50, held_by=Rule.SAFETY_STOCK),)}, "gap.withheld"),
])
def test_each_gap_names_its_cause_and_a_remedy(change: dict[str, object], code: str) -> None:
    problem = replace(make_allocation((make_need(),), (make_offer(),)), **change)  # type: ignore[arg-type]
    (gap,) = allocate(problem).gaps
    assert (gap.quantity, gap.cause.code) == (100, code)
    assert gap.remedy.zh and gap.remedy.en


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 300), min_size=1, max_size=6), st.lists(st.integers(0, 300), max_size=6), st.randoms(use_true_random=False))
def test_any_problem_is_answered_whole(needs: list[int], offers: list[int], chance) -> None:  # type: ignore[no-untyped-def]
    problem = make_allocation(
        tuple(make_need(f"c{i}", quantity=n) for i, n in enumerate(needs)),
        tuple(make_offer(f"W{i}", f"L{i}", n) for i, n in enumerate(offers)),
    )
    for key in list(problem.travel_s):
        problem.travel_s[key] = chance.randrange(600, 90_000)
        if chance.random() < 0.2:
            del problem.travel_s[key]
    answer = allocate(problem)
    assert violations(problem, answer) == []
    if len(problem.travel_s) == len(needs) * len(offers):
        assert sum(g.quantity for g in answer.gaps) == max(0, sum(needs) - sum(offers))


def mutations(problem: AllocationProblem):  # type: ignore[no-untyped-def]
    answer = allocate(problem)
    line = answer.lines[0]

    def lines(**change: object):  # type: ignore[no-untyped-def]
        return replace(answer, lines=(replace(line, **change), *answer.lines[1:]))

    yield "one unit more", lines(quantity=line.quantity + 1)
    yield "one unit less", lines(quantity=line.quantity - 1)
    yield "another county", lines(county="150525")
    yield "another lot", lines(lot_code="NONE")
    yield "sooner than possible", lines(arrives_at=line.arrives_at - timedelta(minutes=1))
    yield "another item", lines(item_code="COAT")
    yield "a line dropped", replace(answer, lines=answer.lines[1:])
    yield "a line twice", replace(answer, lines=(*answer.lines, line))
    yield "a gap of nothing", replace(answer, gaps=(Gap("150522", "QUILT", 0, WORDS, WORDS),))


def test_the_checker_sees_every_mutation() -> None:
    problem = make_allocation((make_need(quantity=150),), (make_offer(), make_offer("WH-B", "L2")))
    for name, answer in mutations(problem):
        assert violations(problem, answer), name


def test_params_out_of_range_are_refused() -> None:
    for change in ({"alpha": 1.5}, {"alpha": float("nan")}, {"nearest": 0}, {"priority_weights": (1, 2)},
                   {"late_pieces": ((5, 1),)}, {"engine": "magic"}, {"epsilon": -1.0}, {"seed": -1}):
        with pytest.raises(InvalidInput):
            replace(load_params(), **change)  # type: ignore[arg-type]
