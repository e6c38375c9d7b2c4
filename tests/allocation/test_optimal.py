"""Arc pricing, fairness, trucks and determinism, against brute force and other formulations."""

import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from itertools import combinations
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dispatch.allocation.model import AllocationResult
from dispatch.allocation.params import load_params
from dispatch.allocation.problem import AllocationProblem, Fleet, Offer, Rule
from dispatch.allocation.solver import allocate
from dispatch.allocation.verify import violations
from dispatch.clock import to_local
from dispatch.inventory.fefo import Use, why_not
from tests.builders import make_allocation, make_need, make_offer, random_allocation

PARAMS = load_params()
FEW, ALL = replace(PARAMS, nearest=2), replace(PARAMS, nearest=200)
SEEDS = st.integers(0, 10**6)


def supplied(result: AllocationResult) -> Counter[tuple[str, str]]:
    units: Counter[tuple[str, str]] = Counter()
    for line in result.lines:
        units[line.county, line.item_code] += line.quantity
    return units


def may(problem: AllocationProblem, offer: Offer, county: str) -> bool:
    seconds = problem.travel_s.get((offer.warehouse_code, county))
    if seconds is None:
        return False
    day = to_local(problem.departs_at).replace(tzinfo=None)
    return why_not(offer, Use(problem.hazard, county, (day + timedelta(seconds=seconds)).date())) is None


def most_supplied(problem: AllocationProblem, item: str, most: dict[str, int]) -> int:
    """Largest total supply by cuts: the least over sets of counties of what reaches them plus the others' needs."""
    offers = [o for o in problem.offers if o.item_code == item]
    counties = sorted(most)
    best = sum(most.values())
    for size in range(len(counties) + 1):
        for chosen in combinations(counties, size):
            reach = sum(o.quantity for o in offers if any(may(problem, o, c) for c in chosen))
            best = min(best, reach + sum(most[c] for c in counties if c not in chosen))
    return best


def needs_of(problem: AllocationProblem, item: str) -> dict[str, int]:
    return {n.county: n.quantity for n in problem.needs if n.item_code == item and n.quantity}


@settings(max_examples=120, deadline=None)
@given(SEEDS)
@example(6903)  # a county whose only source is far and better used elsewhere still has its share
def test_few_arcs_priced_in_are_as_good_as_all_arcs(seed: int) -> None:
    problem = random_allocation(Random(seed), 5, 14)
    few, every = allocate(problem, FEW), allocate(problem, ALL)
    assert violations(problem, few) == [] and violations(problem, every) == []
    for mine, best in zip(few.stages[1:], every.stages[1:], strict=True):
        if mine.name == "unmet":
            assert mine.value == pytest.approx(best.value)
    weighted = [sum(s.value for s in r.stages if s.name in ("late", "arrival")) for r in (few, every)]
    # order of lots is the only other cost: below a minute for a unit
    units = sum(supplied(every).values())
    assert weighted[0] == pytest.approx(weighted[1], abs=0.02 * 8 * 25 * (1 + units))


@settings(max_examples=120, deadline=None)
@given(SEEDS)
def test_nothing_avoidable_stays_missing(seed: int) -> None:
    problem = random_allocation(Random(seed), 5, 14)
    result = allocate(problem, FEW)
    for item in ("QUILT", "STOVE"):
        got = sum(u for (_, i), u in supplied(result).items() if i == item)
        assert got == most_supplied(problem, item, needs_of(problem, item))


@settings(max_examples=80, deadline=None)
@given(SEEDS, st.sampled_from([0.0, 0.3, 0.6, 1.0]))
def test_every_reachable_county_gets_alpha_of_the_best_equal_share(seed: int, alpha: float) -> None:
    problem = random_allocation(Random(seed), 5, 10)
    result = allocate(problem, replace(FEW, alpha=alpha))
    got = supplied(result)
    for item in ("QUILT", "STOVE"):
        offers = [o for o in problem.offers if o.item_code == item and o.quantity]
        wanted = {c: q for c, q in needs_of(problem, item).items() if any(may(problem, o, c) for o in offers)}
        shares = [Fraction(1)]
        for size in range(1, len(wanted) + 1):
            for chosen in combinations(sorted(wanted), size):
                reach = sum(o.quantity for o in offers if any(may(problem, o, c) for c in chosen))
                shares.append(Fraction(reach, sum(wanted[c] for c in chosen)))
        for county, units in wanted.items():
            assert got[county, item] >= alpha * float(min(shares)) * units - 1 - 1e-4


def test_a_cut_off_county_does_not_pull_down_the_floor_of_the_others() -> None:
    needs = tuple(make_need(c, quantity=100) for c in ("150521", "150522", "152921"))
    offers = (make_offer("W0", "A", 4), make_offer("W1", "B", 100))
    problem = make_allocation(needs, offers, travel_s={
        ("W0", "152921"): 600, ("W1", "150521"): 600, ("W1", "150522"): 90_000})
    got = supplied(allocate(problem))
    assert got["152921", "QUILT"] == 4 and got["150522", "QUILT"] >= 30


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.booleans())
def test_trucks_are_never_overrun_and_the_floor_holds(seed: int, is_forced: bool) -> None:
    chance = Random(seed)
    fleet = {f"W{i}": Fleet(8_000_000, chance.choice([None, 30_000, 300_000]), chance.choice([None, 400_000]),
                            chance.choice([None, 500])) for i in range(3)}
    problem = random_allocation(chance, 5, 12, fleet=fleet)
    result = allocate(problem, replace(FEW, engine="lp" if is_forced else "auto"))
    assert violations(problem, result) == []
    if result.engine == "lp":
        unmet = next(s for s in result.stages if s.name == "unmet")
        assert unmet.value >= unmet.bound * (1 - 1e-6) - 1e-6


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_the_linear_programme_agrees_with_the_flow_where_no_truck_binds(seed: int) -> None:
    problem = random_allocation(Random(seed), 4, 10)
    flow, linear = (allocate(problem, replace(PARAMS, engine=e, alpha=0.0)) for e in ("flow", "lp"))
    assert violations(problem, linear) == []
    unmet = [next(s.value for s in r.stages if s.name == "unmet") for r in (flow, linear)]
    assert unmet[1] == pytest.approx(unmet[0], rel=2e-3, abs=1e-3)


def test_safety_stock_stays_unless_opened() -> None:
    base = make_allocation((make_need(quantity=100),), (make_offer(quantity=90),), safety_stock={("WH-150522", "QUILT"): 60})
    assert sum(supplied(allocate(base)).values()) == 30
    (gap,) = allocate(base).gaps
    assert (gap.cause.code, gap.remedy.code, gap.freed) == ("gap.withheld", "remedy.open_safety_stock", 60)
    assert sum(supplied(allocate(replace(base, is_safety_stock_open=True))).values()) == 90


CODES = {
    "remedy.open_safety_stock": Rule.SAFETY_STOCK, "remedy.borrow": Rule.TIER, "remedy.raise_level": Rule.LEVEL,
    "remedy.open_road": Rule.ROAD, "remedy.ask_donor": Rule.DONOR,
}
FREES = {Rule.LEVEL: (Rule.LEVEL, Rule.SAFETY_STOCK, Rule.TIER)}


def without(problem: AllocationProblem, rule: Rule) -> AllocationProblem:
    """The problem with one rule lifted, written out anew."""
    freed = [replace(o, held_by=None, lot_code=o.lot_code + "+") for o in problem.withheld
             if o.held_by in FREES.get(rule, (rule,))]
    offers = [*problem.offers, *freed]
    if rule is Rule.DONOR:
        offers = [replace(o, restriction=None, area=None) for o in offers]
    if rule is Rule.EXPIRY:
        offers = [replace(o, expires_on=None) for o in offers]
    travel = {**(problem.closed_travel_s or {}), **problem.travel_s} if rule is Rule.ROAD else problem.travel_s
    return replace(problem, offers=tuple(offers), withheld=(), travel_s=travel)


@settings(max_examples=150, deadline=None)
@given(SEEDS)
def test_the_cause_of_every_gap_is_what_brute_force_finds(seed: int) -> None:
    problem = random_allocation(Random(seed), 4, 10)
    result = allocate(problem)
    got = supplied(result)
    for gap in result.gaps:
        wanted = needs_of(problem, gap.item_code)
        most = {c: got[c, gap.item_code] for c in wanted}
        most[gap.county] = wanted[gap.county]
        before = sum(got[c, gap.item_code] for c in wanted)
        gain = {
            rule: most_supplied(without(problem, rule), gap.item_code, most) - before
            for rule in Rule if rule is not Rule.TRUCKS
        }
        assert gap.freed == max(gain.values())
        if gap.freed:
            rule = CODES.get(gap.remedy.code, Rule.EXPIRY)
            assert gain[rule] == gap.freed and (rule is Rule.EXPIRY) == (gap.remedy.code == "remedy.ask_head_office")
        else:
            assert gap.cause.code in ("gap.scarce", "gap.no_stock")


def test_full_trucks_are_named_as_the_cause() -> None:
    fleet = {"WH-150522": Fleet(8_000_000, load_g=90_000)}
    problem = make_allocation((make_need(),), (make_offer(),), fleet=fleet)
    (gap,) = allocate(problem).gaps
    assert (gap.quantity, gap.cause.code, gap.remedy.code, gap.freed) == (70, "gap.trucks", "remedy.hire_trucks", 70)


def test_the_next_best_source_is_priced() -> None:
    offers = (make_offer("W0", "A"), make_offer("W1", "B"))
    problem = make_allocation((make_need(),), offers, travel_s={("W0", "150522"): 3600, ("W1", "150522"): 10_800},
                              distance_m={("W0", "150522"): 50_000, ("W1", "150522"): 150_000}, fen_per_tonne_km=100)
    (line,) = allocate(problem).lines
    assert "2.0 h later, 30 yuan dearer" in line.reason.en and "晚 2.0 小时，多 30 元" in line.reason.zh


def digest(hash_seed: str) -> str:
    code = ("import dataclasses, random; from tests.builders import *; from dispatch.allocation.solver import allocate\n"
            "from dispatch.allocation.problem import Fleet\n"
            "for n in range(12):\n"
            " p = random_allocation(random.Random(n), 5, 12, fleet={'W1': Fleet(8000000, 60000)} if n % 2 else {})\n"
            " r = allocate(p); print(repr(dataclasses.replace(r, runtime_s=0.0)))\n")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                          env={"PYTHONHASHSEED": hash_seed, "PATH": ""})
    return done.stdout


def test_the_same_problem_gives_the_same_answer_in_every_process() -> None:
    first = digest("1")
    assert len(first) > 1000 and first == digest("2")
