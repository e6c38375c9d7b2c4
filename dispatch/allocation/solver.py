"""Allocation by OR-Tools: min-cost flow per item, max flow for the fair floor, GLOP where trucks bind."""

from __future__ import annotations

import time
from dataclasses import replace

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
    received,
)
from dispatch.allocation.coupled import (
    Aim,
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
from dispatch.allocation.pinned import take_pinned
from dispatch.allocation.problem import AllocationProblem
from dispatch.allocation.rounding import whole_units
from dispatch.allocation.trucks import (
    TOLERANCE,
    Floats,
    Headroom,
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
# presolve off: the next aim starts from the basis of the last one, a third faster in all
UNSCALED = "use_scaling: false"
GLOP = "use_preprocessing: false random_seed: {seed}"


def allocate(
    problem: AllocationProblem, params: AllocationParams | None = None
) -> AllocationResult:
    """Who sends what: supplied + gap = need for every county and item.

    Aims in order: the fair floor of scarce items, priority-weighted unmet need,
    then weighted lateness and arrival.  Each item is an integer min-cost flow,
    optimal over all arcs there are; where trucks bind all items are one linear
    programme, rounded.  Pinned quantities are set aside first (``InvalidInput`` when they
    cannot be had).  ``Unavailable`` when the solver gives no answer.
    """
    began = time.perf_counter()
    pinned, rest = take_pinned(problem)
    world = make_world(rest, params or load_params())
    offers, withheld = split_safety(rest)
    plan = Plan("flow", tuple(_plan_item(world, view) for view in item_views(world, offers)))
    engine = world.params.engine
    if plan.items and (engine == "lp" or (engine == "auto" and not _trucks_suffice(world, plan))):
        plan = _plan_coupled(world, plan)
    result = make_result(world, replace(plan, offers=tuple(offers), withheld=tuple(withheld)))
    return replace(result, lines=(*pinned, *result.lines), runtime_s=time.perf_counter() - began)


def _plan_item(world: World, view: ItemView) -> Planned:
    """The best flow of one item; with a floor when some reachable need stays short."""
    arcs = nearest_arcs(world, view)
    # where stock cannot do for those in reach, what is best without a floor need not be known
    if view.units.sum() >= view.wanted[received(view, arcs) > 0].sum():
        zero = np.zeros_like(view.wanted)
        arcs, sent = _best_flow(world, view, arcs, zero)
        got, is_reached = received(view, arcs, sent), received(view, arcs) > 0
        if not np.any(is_reached & (got < view.wanted)):
            nobody = np.zeros(len(zero), dtype=bool)
            return Planned(view, arcs, sent, zero, is_reached.astype(np.float64), nobody)
    arcs, share, binding = _fair_shares(world, view, arcs)
    floor = whole_floor(share * view.wanted, world.params.alpha)
    arcs, sent = _best_flow(world, view, arcs, floor)
    return Planned(view, arcs, sent, floor, share, binding)


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
    arcs = joined(world, view, arcs, _keys_of_the_unreached(view, arcs))
    active = received(view, arcs) > 0
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
    program, glop = build(world, items), Glop(world.params)
    values: list[float] = []
    duals: list[Floats] = []
    for number in range(len(program.aims)):
        glop.load(program)
        values.append(glop.best(program.aims[number]))
        while number < PRICED_AIMS:
            duals[number:] = [glop.duals()]
            more = arcs_worth_adding(world, items, program.aims, duals)
            if not any(len(keys) for keys in more):
                break
            items = [
                replace(i, arcs=joined(world, i.view, i.arcs, keys))
                for i, keys in zip(items, more, strict=True)
            ]
            program = build(world, items)
            glop.load(program)
            values[number] = glop.best(program.aims[number])
        if program.aims[number].maximise:
            glop.promise(program, world.params.alpha * values[number])
        else:
            glop.keep(program.aims[number], values[number] * (1 + world.params.epsilon))
    planned = whole_units(world, items, (glop.x(), world.params.alpha * values[0]), _run_flow)
    bounds = tuple(zip((aim.name for aim in program.aims), values, strict=True))
    return Plan("lp", tuple(planned), bounds=bounds)


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


def _keys_of_the_unreached(view: ItemView, arcs: Arcs) -> Ints:
    """Keys of all arcs to needs that none of the few arcs reach: what is given elsewhere for
    less may be their only source, and their share of it counts."""
    classes = len(view.lots)
    j = np.flatnonzero(received(view, arcs) == 0)
    return (j[:, None] * classes + np.arange(classes)).ravel()


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


class Glop:
    """A linear programme that grows by columns and goes on from its last basis."""

    def __init__(self, params: AllocationParams) -> None:
        self.solver = pywraplp.Solver.CreateSolver("GLOP")
        self.solver.SetSolverSpecificParametersAsString(GLOP.format(seed=params.seed))
        self.known: dict[int, pywraplp.Variable] = {}
        self.columns: list[pywraplp.Variable] = []
        self.rows: list[pywraplp.Constraint] = []

    def load(self, program: LinearProgram) -> None:
        """Add what the solver does not know yet; rows are always the same."""
        names = program.names.tolist()
        fresh = [name not in self.known for name in names]
        for name, upper, is_new in zip(names, program.upper.tolist(), fresh, strict=True):
            if is_new:
                self.known[name] = self.solver.NumVar(0, upper, "")
        self.columns = [self.known[name] for name in names]
        if not self.rows:
            self.rows = [self.solver.RowConstraint(row.low, row.high, "") for row in program.rows]
        for made, row in zip(self.rows, program.rows, strict=True):
            for column, value in zip(row.columns.tolist(), row.coefficients.tolist(), strict=True):
                if fresh[column]:
                    made.SetCoefficient(self.columns[column], value)

    def best(self, aim: Aim) -> float:
        """The optimum of an aim under all that was kept."""
        objective = self.solver.Objective()
        objective.Clear()
        for column, value in zip(aim.columns.tolist(), aim.coefficients.tolist(), strict=True):
            objective.SetCoefficient(self.columns[column], value)
        objective.SetOptimizationDirection(aim.maximise)
        status = self.solver.Solve()
        if status == pywraplp.Solver.ABNORMAL:
            # scaled, the basis it went on from no longer held numerically
            self.solver.SetSolverSpecificParametersAsString(UNSCALED)
            status = self.solver.Solve()
        if status != pywraplp.Solver.OPTIMAL:
            raise _no_answer(aim.name, str(status))
        self.found = [column.solution_value() for column in self.columns]
        return float(objective.Value())

    def x(self) -> Floats:
        """The columns at the last optimum, in the order of the programme."""
        return np.maximum(0.0, np.array(self.found, dtype=np.float64)).astype(np.float64)

    def duals(self) -> Floats:
        """Prices of the rows at the last optimum."""
        return np.array([row.dual_value() for row in self.rows])

    def promise(self, program: LinearProgram, share: float) -> None:
        """Ask for whole units of a share of the fair coverage from now on."""
        self.columns[-1].SetUb(0.0)
        for number, fair in program.promises.items():
            self.rows[number].SetLb(float(whole_floor(fair, share)))

    def keep(self, aim: Aim, most: float) -> None:
        """Later aims may not make this one worse than ``most``."""
        kept = self.solver.RowConstraint(-self.solver.infinity(), most + TOLERANCE * (1 + abs(most)), "")
        for column, value in zip(aim.columns.tolist(), aim.coefficients.tolist(), strict=True):
            kept.SetCoefficient(self.columns[column], value)


def _no_answer(what: str, status: str) -> Unavailable:
    return Unavailable(
        f"The allocation of {what} ended with {status}.",
        remedy="Draft the proposal again; report it when it stays.",
        zh=f"{what} 的分配计算未得出结果（{status}）。",
        remedy_zh="请重新生成方案；如仍出现，请上报。",
    )
