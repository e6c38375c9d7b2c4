"""Allocation by OR-Tools: min-cost flow per item, max flow for the fair floor, GLOP where trucks bind."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from ortools.graph.python import max_flow, min_cost_flow
from ortools.linear_solver import pywraplp

from dispatch.allocation.answer import Plan, Planned, make_result
from dispatch.allocation.arcs import (
    Arcs,
    better_arcs,
    crossing_arcs,
    joined,
    nearest_arcs,
    potentials,
)
from dispatch.allocation.coupled import (
    Aim,
    LinearAnswer,
    LinearProgram,
    arcs_worth_adding,
    build,
    few_arcs,
    whole_floor,
)
from dispatch.allocation.model import AllocationResult
from dispatch.allocation.network import (
    PPM,
    Network,
    cut_share,
    item_network,
    share_network,
    unmet_costs,
)
from dispatch.allocation.params import AllocationParams, load_params
from dispatch.allocation.problem import AllocationProblem
from dispatch.allocation.repair import Repair
from dispatch.allocation.trucks import (
    TOLERANCE,
    Floats,
    Headroom,
    Item,
    room_by_place,
    top_up_order,
)
from dispatch.allocation.view import (
    Bools,
    Ints,
    ItemView,
    World,
    item_views,
    make_world,
    split_safety,
)
from dispatch.errors import Unavailable

LEVELS = 6
PRICED_AIMS = 2
# presolve off: the next aim starts from the basis of the last one, three times faster in all
GLOP = "use_preprocessing: false random_seed: {seed}"


def allocate(
    problem: AllocationProblem, params: AllocationParams | None = None
) -> AllocationResult:
    """Who sends what: supplied + gap = need for every county and item.

    Aims in order: the fair floor of scarce items, priority-weighted unmet need,
    then weighted lateness and arrival.  Each item is an integer min-cost flow,
    optimal over all arcs there are; where trucks bind all items are one linear
    programme, rounded.  ``Unavailable`` when the solver gives no answer.
    """
    began = time.perf_counter()
    world = make_world(problem, params or load_params())
    offers, withheld = split_safety(problem)
    plan = Plan("flow", tuple(_plan_item(world, view) for view in item_views(world, offers)))
    engine = world.params.engine
    if plan.items and (engine == "lp" or (engine == "auto" and not _trucks_suffice(world, plan))):
        plan = _plan_coupled(world, plan)
    result = make_result(world, replace(plan, offers=tuple(offers), withheld=tuple(withheld)))
    return replace(result, runtime_s=time.perf_counter() - began)


def _plan_item(world: World, view: ItemView) -> Planned:
    """The best flow of one item; with a floor when some reachable need stays short."""
    zero = np.zeros_like(view.wanted)
    arcs, sent = _best_flow(world, view, nearest_arcs(world, view), zero)
    got, is_reached = _received(view, arcs, sent), _received(view, arcs, np.ones(len(arcs))) > 0
    planned = Planned(view, arcs, sent, zero, is_reached.astype(np.float64), np.zeros(len(zero), dtype=bool))
    if not np.any(is_reached & (got < view.wanted)):
        return planned
    arcs, share, binding = _fair_shares(world, view, arcs)
    floor = whole_floor(share * view.wanted, world.params.alpha)
    if np.any(got < floor):
        arcs, sent = _best_flow(world, view, arcs, floor)
    else:
        arcs, sent = planned.arcs, planned.sent
    return Planned(view, arcs, sent, floor, share, binding)


def _received(view: ItemView, arcs: Arcs, sent: Ints | Floats) -> Ints:
    return np.bincount(arcs.j, weights=sent, minlength=len(view.needs)).astype(np.int64)


def _best_flow(world: World, view: ItemView, arcs: Arcs, floor: Ints) -> tuple[Arcs, Ints]:
    """Optimal over all arcs: absent ones are priced and added until none would help."""
    demand = unmet_costs(world, view, floor)
    most = world.params.nearest
    while True:
        sent = _run_flow(item_network(view, arcs, demand), view.item_code)[: len(arcs)]
        keys = better_arcs(world, view, arcs, potentials(view, arcs, sent, demand), most)
        if not len(keys):
            return arcs, sent
        arcs, most = joined(world, view, arcs, keys), 2 * most


def _fair_shares(world: World, view: ItemView, arcs: Arcs) -> tuple[Arcs, Floats, Bools]:
    """Arcs, the largest equal coverage of each need, and the needs that bind the smallest.

    Newton's method on cuts: where max flow cannot give all the share asked, the cut
    names the needs held short and what they can have at most.  Those are fixed and
    the others go on, so a cut-off county does not pull down the rest.
    """
    active = _received(view, arcs, np.ones(len(arcs))) > 0
    share = np.zeros(len(view.needs), dtype=np.int64)
    first: Bools = np.zeros(len(view.needs), dtype=bool)
    for level in range(LEVELS):
        tried, short = PPM, np.zeros(len(view.needs), dtype=bool)
        while True:
            share[active] = tried
            is_met, spare, covered = _run_max_flow(view, arcs, share)
            if is_met:
                break
            keys = crossing_arcs(world, view, arcs, (spare, ~covered), world.params.nearest)
            if len(keys):
                arcs = joined(world, view, arcs, keys)
                continue
            short = ~covered & active
            tried = cut_share(view, share, spare, (~covered, short))
        if not level:
            first = short
        active = active & ~short
        if not short.any() or not active.any():
            break
    return arcs, share / PPM, first


def _trucks_suffice(world: World, plan: Plan) -> bool:
    headroom = Headroom(world)
    for planned in plan.items:
        headroom.take(planned.item, planned.sent)
    return headroom.is_kept()


def _plan_coupled(world: World, plan: Plan) -> Plan:
    """All items under the trucks: aims one after another, then whole units."""
    items = [few_arcs(world, planned.item, planned.sent) for planned in plan.items]
    while True:
        program = build(world, items)
        answer = _run_linear(program, world.params, partial(arcs_worth_adding, world, items, program.aims))
        if isinstance(answer, LinearAnswer):
            break
        items = [
            replace(i, arcs=joined(world, i.view, i.arcs, keys))
            for i, keys in zip(items, answer, strict=True)
        ]
    planned = _round(world, items, answer.x, world.params.alpha * answer.values[0])
    bounds = tuple(zip((aim.name for aim in program.aims), answer.values, strict=True))
    return Plan("lp", tuple(planned), bounds=bounds)


def _round(world: World, items: Sequence[Item], x: Floats, share: float) -> list[Planned]:
    """Whole units: rounded down, then topped up by flows within what the trucks can still take;
    every item's floor first, then the rest."""
    parts = np.split(x, np.cumsum([len(item.arcs) for item in items]))
    sent = [np.floor(part + TOLERANCE).astype(np.int64) for part in parts[: len(items)]]
    floors = [whole_floor(item.share * item.view.wanted, share) for item in items]
    headroom = Headroom(world)
    for item, units in zip(items, sent, strict=True):
        headroom.take(item, units)
    for number in top_up_order(world, items, is_floor=True):
        sent[number] += _top_up(world, items[number], (sent[number], floors[number]), headroom)
    Repair(world, items, sent, floors, headroom).run()
    for number in top_up_order(world, items, is_floor=False):
        wanted = items[number].view.wanted
        sent[number] += _top_up(world, items[number], (sent[number], wanted), headroom)
    unbound = [np.zeros(len(floor), dtype=bool) for floor in floors]
    return [
        Planned(item.view, item.arcs, units, floor, item.share, binding)
        for item, units, floor, binding in zip(items, sent, floors, unbound, strict=True)
    ]


def _top_up(world: World, item: Item, now: tuple[Ints, Ints], headroom: Headroom) -> Ints:
    """More units on each arc, towards the goal of each need, booked on the trucks."""
    sent, goal = now
    view = item.view
    used = np.bincount(item.arcs.o, weights=sent, minlength=len(view.lots)).astype(np.int64)
    wanted = np.maximum(0, goal - _received(view, item.arcs, sent))
    if not wanted.any():
        return np.zeros_like(sent)
    rest = replace(view, units=view.units - used, wanted=wanted)
    demand = unmet_costs(world, rest, np.zeros_like(wanted))
    network = item_network(rest, item.arcs, demand, room_by_place(world, item, headroom))
    extra = _run_flow(network, view.item_code)[: len(sent)]
    headroom.take(item, extra)
    return extra


def _run_flow(network: Network, item_code: str) -> Ints:
    """Units on each arc of the cheapest flow."""
    solver = min_cost_flow.SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(
        network.tail, network.head, network.most, network.cost
    )
    solver.set_nodes_supplies(np.arange(len(network.supply)), network.supply)
    status = solver.solve()
    if status != solver.OPTIMAL:
        raise _no_answer(item_code, str(status))
    flows: Ints = np.asarray(solver.flows(arcs), dtype=np.int64)
    return flows


def _run_max_flow(view: ItemView, arcs: Arcs, share: Ints) -> tuple[bool, Bools, Bools]:
    """Whether every need gets its share; else classes with units to spare and needs that could get more."""
    tail, head, most = share_network(view, arcs, share)
    classes, needs = len(view.lots), len(view.needs)
    solver = max_flow.SimpleMaxFlow()
    solver.add_arcs_with_capacity(tail, head, most)
    status = solver.solve(classes + needs, classes + needs + 1)
    if status != solver.OPTIMAL:
        raise _no_answer(view.item_code, str(status))
    side = np.zeros(classes + needs + 2, dtype=bool)
    side[np.asarray(solver.get_source_side_min_cut(), dtype=np.int64)] = True
    is_met = solver.optimal_flow() == int((share * view.wanted).sum())
    return is_met, side[:classes], side[classes : classes + needs]


def _run_linear(
    program: LinearProgram,
    params: AllocationParams,
    price: Callable[[Sequence[Floats]], list[Ints]],
) -> LinearAnswer | list[Ints]:
    """The aims one after another; each stays within epsilon of its own optimum.

    ``price`` is given the duals of the rows for floor and unmet; the arcs it finds missing
    are the answer when there are any.
    """
    solver = pywraplp.Solver.CreateSolver("GLOP")
    solver.SetSolverSpecificParametersAsString(GLOP.format(seed=params.seed))
    columns = [solver.NumVar(0, float(most), "") for most in program.upper]
    rows = []
    for row in program.rows:
        made = solver.RowConstraint(row.low, row.high, "")
        for column, coefficient in zip(row.columns.tolist(), row.coefficients.tolist(), strict=True):
            made.SetCoefficient(columns[column], coefficient)
        rows.append(made)
    values: list[float] = []
    duals: list[Floats] = []
    for aim in program.aims:
        value = _run_aim(solver, columns, aim)
        values.append(value)
        if len(values) <= PRICED_AIMS:
            duals.append(np.array([row.dual_value() for row in rows]))
            missing = price(duals)
            if any(len(keys) for keys in missing):
                return missing
        if aim.maximise:
            columns[-1].SetUb(0.0)
            for number, fair in program.promises.items():
                rows[number].SetLb(float(whole_floor(fair, params.alpha * value)))
        elif aim is not program.aims[-1]:
            _keep(solver, columns, aim, value * (1 + params.epsilon))
    x = np.array([column.solution_value() for column in columns])
    return LinearAnswer(tuple(values), np.maximum(0.0, x))


def _run_aim(
    solver: pywraplp.Solver, columns: Sequence[pywraplp.Variable], aim: Aim
) -> float:
    objective = solver.Objective()
    objective.Clear()
    for column, coefficient in zip(aim.columns.tolist(), aim.coefficients.tolist(), strict=True):
        objective.SetCoefficient(columns[column], coefficient)
    objective.SetOptimizationDirection(aim.maximise)
    status = solver.Solve()
    if status != pywraplp.Solver.OPTIMAL:
        raise _no_answer(aim.name, str(status))
    return float(objective.Value())


def _keep(
    solver: pywraplp.Solver, columns: Sequence[pywraplp.Variable], aim: Aim, most: float
) -> None:
    """Later aims may not make this one worse than ``most``."""
    kept = solver.RowConstraint(-solver.infinity(), most + TOLERANCE * (1 + abs(most)), "")
    for column, coefficient in zip(aim.columns.tolist(), aim.coefficients.tolist(), strict=True):
        kept.SetCoefficient(columns[column], coefficient)


def _no_answer(what: str, status: str) -> Unavailable:
    return Unavailable(
        f"The allocation of {what} ended with {status}.",
        remedy="Draft the proposal again; report it when it stays.",
        zh=f"{what} 的分配计算未得出结果（{status}）。",
        remedy_zh="请重新生成方案；如仍出现，请上报。",
    )
