"""One run of the region's benchmark: a solver on an instance, in a process of its own."""

from __future__ import annotations

import importlib
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.allocation import make_problem, solved
from benchmarks.region_instances import load_inputs, load_shipments
from benchmarks.report import peak_mb as peak_with_parent_mb
from dispatch.allocation.params import load_params
from dispatch.allocation.solver import allocate
from dispatch.drills.practice import direct_plan, practice_problem, without_end_of_hire
from dispatch.flow import decide
from dispatch.routing.bound import bound_free, bound_plan
from dispatch.routing.finish import make_result
from dispatch.routing.model import RoutingResult
from dispatch.routing.plan import RoutePlan
from dispatch.routing.planner import plan_routes
from dispatch.routing.problem import RoutingParams, RoutingProblem
from dispatch.routing.search.adapt import Part, list_kinds, make_search_problem, read_plan
from dispatch.routing.search.compile import warm
from dispatch.routing.search.price import price_route
from dispatch.routing.search.problem import SearchResult, SearchRoute
from dispatch.routing.verify import violations

PEERS = {"pyvrp": "benchmarks.region_pyvrp", "vroom": "benchmarks.region_vroom"}
PROOF_S = 15.0
# of the budget what is kept back for times, reasons and checks
CONCLUDE_S = 0.4
GRAMS = 1e6
Row = dict[str, Any]


def peak_mb() -> int:
    """Most memory this process has held; the usual count begins with that of the parent."""
    status = Path("/proc/self/status")
    if not status.exists():
        return peak_with_parent_mb()
    (held,) = (row.split()[1] for row in status.read_text().splitlines() if row.startswith("VmHWM"))
    return int(held) // 1024


def figures(problem: RoutingProblem, result: RoutingResult) -> Row:
    """What the plan is worth, by its own routes; every rule broken is told."""
    weights = load_params().priority_weights
    of = {s.id: s for s in problem.shipments}
    leaves = problem.departs_at.timestamp() + problem.load_s
    hours = mass = grams = 0.0
    late = 0
    for route in result.routes:
        grams += route.load_g
        for stop in route.stops:
            for s in (of[i] for i in stop.shipment_ids):
                weight = weights[min(s.priority, len(weights)) - 1] * s.load_g
                hours += weight * (stop.arrives_at.timestamp() - leaves) / 3600
                mass += weight
                late += stop.arrives_at > s.due_at
    faults = violations(problem, result)
    return {
        "cost_yuan": sum(r.cost_fen for r in result.routes) // 100,
        "weighs_yuan": result.objective // 100,
        "tonnes": round(grams / GRAMS, 1),
        "arrival_h": round(hours / mass, 2) if mass else None,
        "late": late,
        "shipments": len(of),
        "unserved": len(result.unserved),
        "trucks": len(result.routes),
        "hired": sum(r.is_hired for r in result.routes),
        "faults": len(faults),
        "fault": (faults or [""])[0],
    }


def proof(problem: RoutingProblem, plan: RoutePlan) -> Row:
    """Bounds for the sources as the plan has them, with time enough."""
    began = time.perf_counter()
    parts = bound_plan(problem, plan, PROOF_S)
    cost = sum(part.cost_fen for part in parts) or 1
    closed = [part for part in parts if part.is_closed]
    optimal = [part for part in parts if part.is_optimal]
    return {
        "warehouses": len(parts),
        "closed": len(closed),
        "optimal": len(optimal),
        "closed_%": round(100 * sum(p.cost_fen for p in closed) / cost, 1),
        "optimal_%": round(100 * sum(p.cost_fen for p in optimal) / cost, 1),
        "gap_%": round(100 * (cost / max(1, sum(p.bound_fen for p in parts)) - 1), 3),
        "closed_gap_%": round(
            100 * (sum(p.cost_fen for p in closed) / max(1, sum(p.bound_fen for p in closed)) - 1),
            3,
        ),
        "radial": sum(p.is_radial for p in parts),
        "proof_s": round(time.perf_counter() - began, 2),
        "off": [
            (
                p.warehouse_codes[0],
                p.shipments,
                round(100 * (p.cost_fen / max(1, p.best_fen) - 1), 2),
            )
            for p in parts
            if p.cost_fen > p.best_fen * 1.0001
        ],
    }


def whole_ours(folder: Path, name: tuple[int, str, int], budget_s: float) -> Row:
    """From what is known to a checked decision: the instant one, then the one after the budget."""
    inputs = load_inputs(folder, *name)
    params = RoutingParams(1.0)
    decide.conclude(*_first(decide.prepare(inputs, params, instant=True)))
    began, cpu_began = time.perf_counter(), time.process_time()
    instant = decide.conclude(*_first(decide.prepare(inputs, params, instant=True)))
    first_s, first_mb = time.perf_counter() - began, peak_mb()
    first_cpu_s = time.process_time() - cpu_began
    began = time.perf_counter()
    prepared = decide.prepare(inputs, params)
    prepared_mb = peak_mb()
    left = budget_s - (time.perf_counter() - began) - CONCLUDE_S
    prepared = replace(prepared, params=replace(params, time_limit_s=max(0.5, left)))
    _, plan = _first(prepared)
    while plan.slices < prepared.params.slices:
        plan = decide.improve(prepared, plan)
    answer = decide.conclude(prepared, plan)
    final_s, final_mb = time.perf_counter() - began, peak_mb()
    asked = prepared.routing_problem
    moved = sum(
        a.warehouse_code != b.warehouse_code
        for a, b in zip(asked.shipments, answer.routing_problem.shipments, strict=True)
    )
    row = {
        "first_s": round(first_s, 3),
        "first_cpu_s": round(first_cpu_s, 3),
        "first_stages_s": instant.stage_seconds,
        "final_s": round(final_s, 2),
        "stages_s": answer.stage_seconds,
        "slices_s": round(prepared.params.time_limit_s, 2),
        "told_gap_%": _gap(answer.routing.objective, answer.routing.bound),
        "movable": len(asked.sources),
        "moved": moved,
        "first_mb": first_mb,
        "prepared_mb": prepared_mb,
        "final_mb": final_mb,
        **figures(answer.routing_problem, answer.routing),
        **proof(answer.routing_problem, plan),
    }
    if asked.sources:
        free = bound_free(asked, plan, PROOF_S)
        row |= {
            "free_gap_%": _gap(answer.routing.objective, free.bound_fen),
            "free_radial": free.is_radial,
        }
    return row


def _first(prepared: decide.Prepared) -> tuple[decide.Prepared, RoutePlan]:
    return prepared, decide.first_plan(prepared)


def _gap(objective: int, bound: int) -> float:
    return round(100 * (objective / max(1, bound) - 1), 2)


def whole_practice(folder: Path, name: tuple[int, str, int], budget_s: float) -> Row:
    """Nearest first, a truck for each lane."""
    prepared = decide.prepare(load_inputs(folder, *name), RoutingParams(1.0), instant=True)
    problem = practice_problem(prepared)
    return figures(problem, make_result(problem, direct_plan(problem)))


def fixed(
    folder: Path, name: tuple[int, str, int], how: tuple[str, str], limits: tuple[float, int]
) -> Row:
    """The same shipments from the same warehouses, for the aim ``money`` or ``whole``."""
    solver, aim = how
    budget_s, seed = limits
    problem = load_shipments(folder, *name)
    asked = _money(problem) if aim == "money" else problem
    began = time.perf_counter()
    plan = _fixed_plan(asked, solver, budget_s, seed)
    seconds = time.perf_counter() - began
    if solver == "practice":
        problem = without_end_of_hire(problem)
    plan = replace(plan, bound=0)
    row = {
        "final_s": round(seconds, 2),
        "final_mb": peak_mb(),
        **figures(problem, make_result(problem, plan)),
    }
    if solver == "ours":
        row |= proof(asked, plan)
    return row


def _money(problem: RoutingProblem) -> RoutingProblem:
    """The same question when only money counts."""
    nothing = (0,) * len(problem.rates.arrival_fen_per_tonne_hour)
    rates = replace(
        problem.rates, arrival_fen_per_tonne_hour=nothing, late_fen_per_tonne_hour=nothing
    )
    return replace(problem, rates=rates)


def _fixed_plan(asked: RoutingProblem, solver: str, budget_s: float, seed: int) -> RoutePlan:
    if solver == "practice":
        return direct_plan(without_end_of_hire(asked))
    if solver in ("ours", "ortools"):
        engine = "search" if solver == "ours" else "ortools"
        warm()
        return plan_routes(asked, RoutingParams(budget_s, seed=seed, engine=engine))
    part = Part(asked, asked.shipments)
    kinds = list_kinds(part)
    question = make_search_problem(part, kinds)
    assert question.allowed is not None
    routes = []
    for group, stops in importlib.import_module(PEERS[solver]).solve(question, budget_s, seed):
        # a stop for which no allowed truck was left rides where it must not: it stays
        kept = tuple(u for u in stops if question.allowed[u, group])
        if kept:
            routes.append(SearchRoute(group, kept, price_route(question, group, kept)))
    served = {u for r in routes for u in r.stops}
    left = tuple(u for u in range(len(question.stops)) if u not in served)
    return RoutePlan(
        *read_plan(part, kinds, SearchResult(tuple(routes), left, 0.0, None, 0, 0.0)), 0.0
    )


def allocation(size: int, case: str) -> Row:
    """The benchmark of the allocation, one size and case; memory of this process alone."""
    params = load_params()
    allocate(make_problem(10, "flow"), params)
    problem = make_problem(size, case)
    before = peak_mb()
    _, facts = solved(problem, params)
    return {**facts, "needs": len(problem.needs), "before_mb": before, "final_mb": peak_mb()}


def run(folder: Path, task: Row) -> Row:
    """What a task gives, with the load of the machine at the time."""
    name = (task["counties"], task["stock"], task["seed"])
    whole: dict[str, Callable[[Path, tuple[int, str, int], float], Row]] = {
        "ours": whole_ours,
        "practice": whole_practice,
    }
    if task["part"] == "allocation":
        row = allocation(task["counties"], task["stock"])
    elif task["part"] == "whole":
        row = whole[task["solver"]](folder, name, task["budget"])
    else:
        row = fixed(folder, name, (task["solver"], task["aim"]), (task["budget"], task["seed"]))
    return {**row, "load": [round(x, 1) for x in os.getloadavg()]}
