"""Allocation from 10 to 2,800 counties, against greedy nearest-first.

    python -m benchmarks.allocation [--json FILE] [--sizes 10,103,2800] [--cases flow,fair,trucks]

``flow``: stock for all; ``fair``: need above stock; ``trucks``: that, and trucks for three
quarters of the stock (up to 103 counties).  Up to 103 counties with the real counties,
warehouses, twenty items and roads under a red blizzard; beyond with synthetic growth.
Seeded; answers up to 10,000 needs are checked (the time of the check is not counted).
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from benchmarks.report import finish, peak_mb
from dispatch.allocation.params import AllocationParams, load_params
from dispatch.allocation.problem import AllocationProblem, Fleet, Offer
from dispatch.allocation.solver import allocate
from dispatch.allocation.travel import TravelGrid
from dispatch.allocation.verify import violations
from dispatch.needs.model import NeedLine
from dispatch.reference.read import DATA, read_csv
from dispatch.routing.model import RoadEdge
from dispatch.routing.roads import RoadConditions, build_matrix
from dispatch.routing.speeds import load_speeds
from dispatch.words import Words

AT = datetime(2024, 1, 20, 8, 0, tzinfo=UTC)
NO_WORDS = Words("bench", "测试", "bench")
REAL = 103
ITEMS = 20
DUE_H = (12, 24, 48, 72)
SYNTHETIC_M_PER_S = 11


@dataclass(frozen=True)
class Land:
    """Counties with people, warehouses, items (g, cm3) and travel."""

    counties: dict[str, int]
    warehouses: tuple[str, ...]
    items: dict[str, tuple[int, int]]
    travel: TravelGrid


def _rows(name: str) -> list[dict[str, str]]:
    return read_csv(DATA / name, dict)


def _items() -> dict[str, tuple[int, int]]:
    rows = _rows("items.csv")[:ITEMS]
    return {r["code"]: (int(r["weight_g"]), int(r["volume_cm3"])) for r in rows}


def real_land(size: int) -> Land:
    """The region: all warehouses, counties in a seeded order, roads at blizzard speed."""
    rows = _rows("counties.csv")
    Random(size).shuffle(rows)
    counties = {r["adcode"]: int(r["population_2020"]) for r in rows[:size]}
    places = {r["code"]: r["county_adcode"] for r in _rows("warehouses.csv")}
    edges = [
        RoadEdge(int(r["id"]), r["from_adcode"], r["to_adcode"], int(r["distance_m"]),
                 r["road_class"], r["refs"], r["evidence"])
        for r in _rows("road_edges.csv")
    ]
    weather = {r["adcode"]: (("blizzard", 4),) for r in rows}
    ends = {*places.values(), *counties}
    matrix = build_matrix(edges, load_speeds(), RoadConditions(weather, {}), ends)
    warehouses = tuple(sorted(places))
    seconds = np.array(
        [[matrix.duration_s.get((places[w], c), -1) for c in counties] for w in warehouses],
        dtype=np.int64,
    )
    return Land(counties, warehouses, _items(), TravelGrid(warehouses, tuple(counties), seconds))


def synthetic_land(size: int, chance: Random) -> Land:
    """Counties around league seats, 9 warehouses for 10 counties, 2 % of pairs cut."""
    draw = np.random.default_rng(chance.randrange(2**32))
    seats = draw.uniform((0, 0), (4_000_000, 3_000_000), size=(max(1, size // 9), 2))
    spots = seats[draw.integers(len(seats), size=size)] + draw.normal(0, 90_000, size=(size, 2))
    people = np.minimum(1_500_000, draw.lognormal(12.1, 0.7, size)).astype(int)
    counties = {f"{100000 + i}": int(people[i]) for i in range(size)}
    stores = spots[np.sort(draw.permutation(size)[: int(size * 0.903)])]
    metres = np.hypot(*(stores[:, None, axis] - spots[None, :, axis] for axis in (0, 1)))
    seconds = 5400 + (1.35 * metres / SYNTHETIC_M_PER_S).astype(np.int64)
    seconds[draw.random(seconds.shape) < 0.02] = -1
    warehouses = tuple(f"WH-{i:05d}" for i in range(len(stores)))
    return Land(counties, warehouses, _items(), TravelGrid(warehouses, tuple(counties), seconds))


def make_problem(size: int, case: str, seed: int = 1) -> AllocationProblem:
    """Needs by people, lots in half of the pairs of warehouse and item; need : stock 0.6 or 1.6."""
    chance = Random(f"{size} {seed}")
    land = real_land(size) if size <= REAL else synthetic_land(size, chance)
    needs: list[NeedLine] = []
    wanted: dict[str, int] = defaultdict(int)
    for place, (county, people) in enumerate(land.counties.items()):
        for number, item in enumerate(land.items):
            share = chance.randint(20, 90)
            quantity = people * share // 10_000 // (1 + land.items[item][0] // 5000)
            if quantity:
                due = AT + timedelta(hours=DUE_H[number % 4])
                priority = 1 + (place + number) % 4
                needs.append(NeedLine(county, item, quantity, due, priority, NO_WORDS))
                wanted[item] += quantity
    offers = _offers(land, chance, wanted, 0.6 if case == "flow" else 1.6)
    limits = _fleets(land, offers) if case == "trucks" else {}
    return AllocationProblem(
        needs=tuple(needs), offers=offers, travel_s=land.travel, departs_at=AT, hazard="blizzard",
        item_weight_g={code: item[0] for code, item in land.items.items()},
        item_volume_cm3={code: item[1] for code, item in land.items.items()},
        item_names={code: (code, code) for code in land.items},
        county_names={code: (code, code) for code in land.counties}, fleet=limits,
    )


def _offers(
    land: Land, chance: Random, wanted: dict[str, int], ratio: float
) -> tuple[Offer, ...]:
    offers = []
    for item in land.items:
        holders = [w for w in land.warehouses if chance.random() < 0.5] or [land.warehouses[0]]
        weights = {w: chance.uniform(0.2, 1.8) for w in holders}
        scale = wanted[item] / ratio / sum(weights.values())
        for place, weight in weights.items():
            units = max(3, round(weight * scale))
            gift = units // 10 if chance.random() < 0.1 else 0
            for tag, part in (("A", units // 3), ("B", units - units // 3 - gift), ("G", gift)):
                if part:
                    is_ending = tag == "A" and chance.random() < 0.05
                    ends = date(2024, 1, 22) if is_ending else date(2026, 1, 1)
                    bound = "blizzard" if tag == "G" else None
                    code = f"{place}-{item}-{tag}"
                    offers.append(Offer(place, place, place, code, item, part, ends, bound))
    return tuple(offers)


def _fleets(land: Land, offers: tuple[Offer, ...]) -> dict[str, Fleet]:
    """Trucks for three quarters of the kilograms in a warehouse, and two days of driving."""
    grams: dict[str, int] = defaultdict(int)
    for offer in offers:
        grams[offer.warehouse_code] += offer.quantity * land.items[offer.item_code][0]
    return {
        code: Fleet(payload_g=8_000_000, load_g=load * 3 // 4,
                    truck_s=172_800 * max(1, load * 3 // 4 // 8_000_000))
        for code, load in sorted(grams.items())
    }


Sent = dict[tuple[str, str, str], int]


def greedy(problem: AllocationProblem) -> tuple[Sent, float]:
    """Nearest first, needs in the order of urgency; trucks left aside; (units sent, seconds)."""
    began = time.perf_counter()
    left: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for offer in problem.offers:
        if offer.expires_on and offer.expires_on > date(2024, 1, 25):
            left[offer.item_code][offer.warehouse_code] += offer.quantity
    grid = problem.travel_s
    assert isinstance(grid, TravelGrid)
    order = np.argsort(np.where(grid.seconds < 0, 10**9, grid.seconds), axis=0, kind="stable")
    sent: Sent = {}
    for need in sorted(problem.needs, key=lambda n: n.priority):
        missing, column = need.quantity, grid.column[need.county]
        for row in order[:, column]:
            place = grid.warehouses[row]
            units = min(missing, left[need.item_code].get(place, 0))
            if units and grid.seconds[row, column] >= 0:
                left[need.item_code][place] -= units
                sent[place, need.county, need.item_code] = units
                missing -= units
            if not missing:
                break
    return sent, time.perf_counter() - began


def figures(problem: AllocationProblem, sent: Sent) -> dict[str, float]:
    """Share of kilograms missing, priority-weighted hours, worst county, Gini, coverage of P1."""
    weights = load_params().priority_weights
    asked = {(n.county, n.item_code): n for n in problem.needs}
    kg = {code: grams / 1000 for code, grams in problem.item_weight_g.items()}
    got: dict[str, float] = defaultdict(float)
    urgent = hours = mass = 0.0
    for (place, county, item), units in sent.items():
        need = asked[county, item]
        got[county] += units * kg[item]
        weight = weights[need.priority - 1] * units * kg[item]
        hours += weight * problem.travel_s[place, county] / 3600
        mass += weight
        urgent += units * kg[item] * (need.priority == 1)
    want: dict[str, float] = defaultdict(float)
    for need in problem.needs:
        want[need.county] += need.quantity * kg[need.item_code]
    wish = sum(n.quantity * kg[n.item_code] for n in problem.needs if n.priority == 1)
    cover = np.sort([got[c] / w for c, w in want.items()])
    ranks = np.arange(1, len(cover) + 1)
    gini = float((2 * ranks - len(cover) - 1) @ cover / (len(cover) * cover.sum()))
    return {
        "unmet_%": round(100 * (1 - sum(got.values()) / sum(want.values())), 2),
        "pw_h": round(hours / mass, 2), "min_cover": round(float(cover[0]), 3),
        "gini": round(gini, 3), "p1": round(urgent / wish, 3),
    }


def solved(problem: AllocationProblem, params: AllocationParams) -> tuple[Sent, dict[str, Any]]:
    """Units sent and the facts of the solve; every answer is checked."""
    began, cpu_began = time.perf_counter(), time.process_time()
    result = allocate(problem, params)
    seconds, cpu_s = time.perf_counter() - began, time.process_time() - cpu_began
    broken = violations(problem, result) if len(problem.needs) < 10_000 else []
    assert not broken, broken[:3]
    sent: Sent = defaultdict(int)
    for line in result.lines:
        sent[line.warehouse_code, line.county, line.item_code] += line.quantity
    facts = {"s": round(seconds, 3), "cpu_s": round(cpu_s, 3)}
    facts |= {"lines": len(result.lines), "gaps": len(result.gaps)}
    if result.engine == "lp":
        facts |= {f"gap_{s.name}": round(s.gap, 4) for s in result.stages}
    return sent, {"engine": result.engine, **facts}


def main() -> None:
    """Measure every size and case, print, and write what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--sizes", default="10,30,60,103,1000,2800")
    parser.add_argument("--cases", default="flow,fair,trucks")
    given = parser.parse_args()
    rows: list[dict[str, Any]] = []
    params = load_params()
    allocate(make_problem(10, "flow"), params)
    for size in map(int, given.sizes.split(",")):
        for case in given.cases.split(","):
            if case == "trucks" and size > REAL:
                continue
            problem = make_problem(size, case)
            sent, seconds = greedy(problem)
            answers = {"greedy": (sent, {"engine": "greedy", "s": round(seconds, 3)})}
            answers["ours"] = solved(problem, params)
            if case != "flow":
                answers["no floor"] = solved(problem, replace(params, alpha=0.0))
            for policy, (sent, facts) in answers.items():
                row = {"counties": size, "case": case, "policy": policy}
                rows.append({**row, **figures(problem, sent), **facts, "peak_mb": peak_mb()})
                print(rows[-1], flush=True)
    keys = list(dict.fromkeys(key for row in rows for key in row))
    finish([{key: row.get(key, "") for key in keys} for row in rows], given.json)


if __name__ == "__main__":
    main()
