"""Allocation by OR-Tools: integer min-cost flow per item, with an LP for the fair floor."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from ortools.graph.python import min_cost_flow
from ortools.linear_solver import pywraplp

from dispatch.allocation.explain import why_gap, why_line
from dispatch.allocation.model import AllocationResult, Gap, SolveStatus, SupplyLine
from dispatch.allocation.params import AllocationParams
from dispatch.allocation.problem import AllocationProblem, Offer
from dispatch.allocation.usable import arrival, is_usable
from dispatch.errors import Unavailable
from dispatch.inventory.fefo import order
from dispatch.needs.model import NeedLine

COST_PER_MINUTE = 100
LOT_RANKS = 90
UNMET_REST = 20_000_000
UNMET_FLOOR = 60_000_000


@dataclass(frozen=True)
class ItemProblem:
    """One item's needs and offers, with the arcs that may be used."""

    item_code: str
    needs: tuple[NeedLine, ...]
    offers: tuple[Offer, ...]
    arcs: tuple[tuple[int, int, int], ...]


def allocate(
    problem: AllocationProblem, params: AllocationParams | None = None
) -> AllocationResult:
    """Who sends what: supplied + gap = need for every county and item.

    Each item is a min-cost flow and so optimal in itself: unmet need first (the
    fair floor before the rest), then driving time and lateness, then lot order.
    """
    params = params or AllocationParams()
    began = time.perf_counter()
    lines: list[SupplyLine] = []
    gaps: list[Gap] = []
    objective = 0
    for item in _split(problem, params):
        floors = _floors(item, params)
        flows, cost = _flow(item, floors)
        objective += cost
        lines += _lines(problem, item, flows)
        gaps += _gaps(problem, item, flows)
    return AllocationResult(
        status=SolveStatus.OPTIMAL,
        lines=tuple(lines),
        gaps=tuple(gaps),
        objective=float(objective),
        bound=float(objective),
        runtime_s=time.perf_counter() - began,
    )


def _split(problem: AllocationProblem, params: AllocationParams) -> list[ItemProblem]:
    offers: dict[str, list[Offer]] = defaultdict(list)
    for offer in problem.offers:
        if offer.quantity > 0:
            offers[offer.item_code].append(offer)
    needs: dict[str, list[NeedLine]] = defaultdict(list)
    for need in problem.needs:
        needs[need.item_code].append(need)
    return [
        _item_problem(problem, params, needs[code], offers.get(code, [])) for code in sorted(needs)
    ]


def _item_problem(
    problem: AllocationProblem,
    params: AllocationParams,
    needs: Sequence[NeedLine],
    offers: Sequence[Offer],
) -> ItemProblem:
    ordered = sorted(offers, key=order)
    rank: dict[str, int] = defaultdict(int)
    arcs = []
    for i, offer in enumerate(ordered):
        place = min(rank[offer.warehouse_code], LOT_RANKS)
        rank[offer.warehouse_code] += 1
        for j, need in enumerate(needs):
            at = arrival(problem, offer.warehouse_code, need.county)
            if at is None or not is_usable(problem, offer, need.county):
                continue
            minutes = int((at - problem.departs_at).total_seconds()) // 60
            late = max(0, int((at - need.due_at).total_seconds()) // 60)
            cost = COST_PER_MINUTE * (minutes + params.late_factor * late) + place
            arcs.append((i, j, cost))
    return ItemProblem(needs[0].item_code, tuple(needs), tuple(ordered), tuple(arcs))


def _floors(item: ItemProblem, params: AllocationParams) -> list[int]:
    """Units every county gets first: alpha x the best equal coverage when scarce."""
    wanted = sum(need.quantity for need in item.needs)
    if sum(offer.quantity for offer in item.offers) >= wanted or not item.arcs:
        return [need.quantity for need in item.needs]
    linear = pywraplp.Solver.CreateSolver("GLOP")
    flow = {(i, j): linear.NumVar(0, linear.infinity(), "") for i, j, _ in item.arcs}
    coverage = linear.NumVar(0, 1, "coverage")
    by_offer: dict[int, list[Any]] = defaultdict(list)
    by_need: dict[int, list[Any]] = defaultdict(list)
    for (i, j), variable in flow.items():
        by_offer[i].append(variable)
        by_need[j].append(variable)
    for i, variables in by_offer.items():
        linear.Add(sum(variables) <= item.offers[i].quantity)
    for j, variables in by_need.items():
        linear.Add(sum(variables) >= coverage * item.needs[j].quantity)
    linear.Maximize(coverage)
    best = coverage.solution_value() if linear.Solve() == pywraplp.Solver.OPTIMAL else 0.0
    share = params.floor_alpha * best
    return [int(need.quantity * share) if j in by_need else 0 for j, need in enumerate(item.needs)]


def _flow(item: ItemProblem, floors: Sequence[int]) -> tuple[Mapping[tuple[int, int], int], int]:
    """Units per (offer, need) and the optimal cost."""
    if not item.arcs:
        return {}, UNMET_REST * sum(need.quantity for need in item.needs)
    base = len(item.offers)
    source = base + len(item.needs)
    total = sum(need.quantity for need in item.needs)
    tails = [i for i, _, _ in item.arcs]
    heads = [base + j for _, j, _ in item.arcs]
    most = [min(item.offers[i].quantity, item.needs[j].quantity) for i, j, _ in item.arcs]
    costs = [cost for _, _, cost in item.arcs]
    for i, offer in enumerate(item.offers):
        tails.append(source)
        heads.append(i)
        most.append(offer.quantity)
        costs.append(0)
    for j, need in enumerate(item.needs):
        for units, cost in (
            (floors[j], UNMET_FLOOR), (need.quantity - floors[j], UNMET_REST // need.priority)
        ):
            tails.append(source)
            heads.append(base + j)
            most.append(units)
            costs.append(cost)
    solver = min_cost_flow.SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(
        np.array(tails), np.array(heads), np.array(most), np.array(costs)
    )
    solver.set_node_supply(source, total)
    for j, need in enumerate(item.needs):
        solver.set_node_supply(base + j, -need.quantity)
    status = solver.solve()
    if status != solver.OPTIMAL:
        raise Unavailable(f"The allocation of {item.item_code} ended with {status}.",
                          remedy="Draft the proposal again; report it when it stays.")
    sent = solver.flows(arcs[: len(item.arcs)])
    flows = {(i, j): int(u) for (i, j, _), u in zip(item.arcs, sent, strict=True) if u}
    return flows, solver.optimal_cost()


def _lines(
    problem: AllocationProblem, item: ItemProblem, flows: Mapping[tuple[int, int], int]
) -> list[SupplyLine]:
    lines = []
    for (i, j), quantity in sorted(flows.items(), key=lambda f: (f[0][1], f[0][0])):
        offer, need = item.offers[i], item.needs[j]
        at = arrival(problem, offer.warehouse_code, need.county)
        if at is not None:
            lines.append(
                SupplyLine(
                    county=need.county, item_code=item.item_code, lot_code=offer.lot_code,
                    warehouse_code=offer.warehouse_code, quantity=quantity, arrives_at=at,
                    reason=why_line(problem, item.offers, offer, need.county),
                )
            )
    return lines


def _gaps(
    problem: AllocationProblem, item: ItemProblem, flows: Mapping[tuple[int, int], int]
) -> list[Gap]:
    gaps = []
    for j, need in enumerate(item.needs):
        missing = need.quantity - sum(u for (_, k), u in flows.items() if k == j)
        if missing:
            cause, remedy = why_gap(problem, need, missing)
            gaps.append(Gap(need.county, item.item_code, missing, cause, remedy))
    return gaps
