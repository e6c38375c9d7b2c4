"""Are the causes of what stays behind right?  Small random questions against brute force.

For each gap and each load no truck takes: the rule named is lifted alone, all else kept, and the
goods must then come; no easier rule may do as much.  `./go bench causes [--cases N] [--seed N]`.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from benchmarks import causes_brute, gaps_brute
from benchmarks.causes_instances import random_allocation, random_routing
from benchmarks.report import finish
from dispatch.allocation.solver import allocate
from dispatch.routing.causes import Finding, Hindrance
from dispatch.routing.finish import make_result
from dispatch.routing.planner import plan_routes
from dispatch.routing.problem import RoutingParams
from dispatch.routing.unserved import find_causes

PARAMS = RoutingParams(iterations=60, slices=2)


@dataclass(frozen=True)
class Judged:
    """One stated cause: how much demand it speaks of and what is wrong about it."""

    seed: int
    cause: str
    demand: float
    faults: tuple[str, ...]


def cause_of(finding: Finding) -> str:
    """The rules named, in their order."""
    if finding.place is None:
        return "no way at all"
    return " + ".join(h for h in Hindrance if h in finding.lifts) or "room left"


def judge_routes(seed: int) -> Iterator[Judged]:
    """A random route question; demand in tonnes."""
    problem = random_routing(Random(seed))
    result = make_result(problem, plan_routes(problem, PARAMS))
    left = {u.shipment_id for u in result.unserved}
    shipments = [s for s in problem.shipments if s.id in left]
    findings = find_causes(problem, shipments, result.routes)
    extra = causes_brute.truck_faults(problem, result.routes, findings)
    for f in findings:
        case = causes_brute.Case(problem, result.routes, f.shipment)
        wrong = (*causes_brute.faults(case, f), *extra.get(f.shipment.id, ()))
        yield Judged(seed, cause_of(f), f.shipment.load_g / 1e6, wrong)


def judge_gaps(seed: int) -> Iterator[Judged]:
    """A random allocation; demand in units."""
    problem, roads = random_allocation(Random(seed))
    result = allocate(problem)
    case = gaps_brute.Gapped(problem, result, roads)
    for gap in result.gaps:
        cause = gaps_brute.stated(gap) or "stock is short"
        yield Judged(seed, cause, gap.quantity, tuple(gaps_brute.faults(case, gap)))


def rows_of(name: str, found: list[Judged]) -> list[dict[str, Any]]:
    """One row per cause (the rare ones together), then all."""
    by: dict[str, list[Judged]] = defaultdict(list)
    for one in found:
        number = one.cause.count("+") + 1
        by[f"{number} rules together" if number > 1 else one.cause].append(one)
    rows = [row(name, cause, ones) for cause, ones in by.items()]
    rows.sort(key=lambda r: (-r["cases"], r["cause"]))
    return [*rows, row(name, "all", found)]


def row(name: str, cause: str, found: list[Judged]) -> dict[str, Any]:
    """Numbers and the share of demand with a right cause."""
    right = sum(one.demand for one in found if not one.faults)
    total = sum(one.demand for one in found)
    return {
        "what": name, "cause": cause, "cases": len(found),
        "wrong": sum(bool(one.faults) for one in found),
        "right_demand_percent": round(100 * right / total, 2) if total else 100.0,
    }


def run(judge: Callable[[int], Iterator[Judged]], seeds: range) -> list[Judged]:
    """All causes of these questions; the wrong ones are printed."""
    found = [one for seed in seeds for one in judge(seed)]
    for one in found:
        if one.faults:
            print(f"seed {one.seed}, {one.cause}: {'; '.join(one.faults)}")
    return found


def main() -> None:
    """Judge and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=2000, help="random questions of each kind")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    seeds = range(given.seed, given.seed + given.cases)
    rows = rows_of("load on no truck", run(judge_routes, seeds))
    rows += rows_of("gap", run(judge_gaps, seeds))
    finish(rows, given.json)


if __name__ == "__main__":
    main()
