"""The choice among all routes met: OR-Tools' linear solver, then CP-SAT."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TypeVar

from ortools.linear_solver import pywraplp
from ortools.sat.python import cp_model

from dispatch.routing.search.problem import SearchProblem, SearchRoute

UNSCALED = "use_scaling: false"
# CP-SAT counts in whole units: costs are scaled so that the plan costs about this many
UNITS = 10**8
MOST_COLUMNS = 4000
COUNTED_EFFORT, COUNTED_PROOF = 1.0, 1.0
# The solvers end a little after their limit
PROMPT = 0.85
LOOK_S = 0.02
T = TypeVar("T")


def interruptible(run: Callable[[], T], stop: Callable[[], object], cancel: threading.Event) -> T:
    """What ``run`` gives; ``stop`` is called again and again once ``cancel`` is set."""
    with ThreadPoolExecutor(1) as pool:
        going = pool.submit(run)
        while not wait([going], LOOK_S).done:
            if cancel.is_set():
                stop()
        return going.result()


@dataclass(frozen=True, slots=True)
class Choice:
    """``routes`` None = no better plan than the known one; ``pool_bound`` None = the
    linear program was not solved in time."""

    routes: tuple[SearchRoute, ...] | None
    pool_bound: float | None


def choose(
    asked: SearchProblem,
    pool: Sequence[SearchRoute],
    known: tuple[tuple[SearchRoute, ...], float],
    limit_s: float | None,
    cancel: threading.Event,
) -> Choice:
    """The cheapest plan of pool routes when it beats the ``known`` plan and cost.

    ``limit_s`` None = counted effort instead of wall clock, the same answer every time.
    Once ``cancel`` is set nothing more is looked for.
    """
    began = time.perf_counter()
    limit_s = None if limit_s is None else limit_s * PROMPT
    until = None if limit_s is None else began + limit_s / 2
    solved = _relax(asked, pool, known[1], until, cancel)
    if solved is None:
        return Choice(None, None)
    bound, reduced = solved
    routes, cost = known
    used = {(r.group, r.stops) for r in routes}
    # no plan below the known cost uses a route whose reduced cost exceeds the gap
    worth = [i for i, extra in enumerate(reduced) if extra <= cost - bound + 1e-6]
    worth = sorted(worth, key=lambda i: (reduced[i], i))[:MOST_COLUMNS]
    worth += [i for i in set(range(len(pool))) - set(worth) if (pool[i].group, pool[i].stops) in used]
    if cost - bound <= 1e-6 * abs(cost):
        return Choice(None, bound)
    left = None if limit_s is None else limit_s - (time.perf_counter() - began)
    if left is not None and left < 0.05:
        return Choice(None, bound)
    columns = [pool[i] for i in sorted(worth)]
    return Choice(_partition(asked, columns, known, left, cancel), bound)


def _relax(
    asked: SearchProblem,
    pool: Sequence[SearchRoute],
    cost: float,
    until: float | None,
    cancel: threading.Event,
) -> tuple[float, list[float]] | None:
    """Optimum of the linear program over the pool and each route's reduced cost.

    Counted in thousandths of the known ``cost``, and no stop left out counts more than
    that: GLOP gives up on prices many powers of ten apart, and a bound stays a bound.
    """
    unit = max(cost, 1e-6) / 1000
    lp = pywraplp.Solver.CreateSolver("GLOP")
    once = [lp.Constraint(1, 1) for _ in asked.stops]
    count = [lp.Constraint(0, len(asked.stops) if g.count is None else g.count) for g in asked.groups]
    goal = lp.Objective()
    columns = []
    for route in pool:
        if cancel.is_set():
            return None
        column = lp.NumVar(0, lp.infinity(), "")
        columns.append(column)
        goal.SetCoefficient(column, route.cost / unit)
        count[route.group].SetCoefficient(column, 1)
        for u in route.stops:
            once[u].SetCoefficient(column, 1)
    for u, stop in enumerate(asked.stops):
        skipped = lp.NumVar(0, 1, "")
        goal.SetCoefficient(skipped, min(stop.unserved_cost / unit, 1000.0))
        once[u].SetCoefficient(skipped, 1)
    if until is not None:
        lp.SetTimeLimit(max(1, int(1000 * (until - time.perf_counter()))))
    if interruptible(lp.Solve, lp.InterruptSolve, cancel) != pywraplp.Solver.OPTIMAL:
        return None
    return goal.Value() * unit, [column.reduced_cost() * unit for column in columns]


def _partition(
    asked: SearchProblem,
    pool: Sequence[SearchRoute],
    known: tuple[tuple[SearchRoute, ...], float],
    limit_s: float | None,
    cancel: threading.Event,
) -> tuple[SearchRoute, ...] | None:
    routes, cost = known
    used = {(r.group, r.stops) for r in routes}
    scale = UNITS / max(1.0, abs(cost))
    model = cp_model.CpModel()
    taken = [model.new_bool_var("") for _ in pool]
    at_stop: dict[int, list[cp_model.IntVar]] = defaultdict(list)
    of_group: dict[int, list[cp_model.IntVar]] = defaultdict(list)
    for route, variable in zip(pool, taken, strict=True):
        if cancel.is_set():
            return None
        of_group[route.group].append(variable)
        model.add_hint(variable, (route.group, route.stops) in used)
        for u in route.stops:
            at_stop[u].append(variable)
    skipped = [model.new_bool_var("") for _ in asked.stops]
    for u, variable in enumerate(skipped):
        model.add_exactly_one([*at_stop[u], variable])
    for number, variables in of_group.items():
        most = asked.groups[number].count
        if most is not None and most < len(variables):
            model.add(sum(variables) <= most)
    prices = [round(r.cost * scale) for r in pool]
    penalties = [round(s.unserved_cost * scale) for s in asked.stops]
    goal = cp_model.LinearExpr.weighted_sum([*taken, *skipped], [*prices, *penalties])
    model.minimize(goal)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    if limit_s is None:
        solver.parameters.max_deterministic_time = COUNTED_EFFORT
    else:
        solver.parameters.max_time_in_seconds = limit_s
    status = interruptible(lambda: solver.solve(model), solver.stop_search, cancel)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    plan = tuple(r for r, variable in zip(pool, taken, strict=True) if solver.boolean_value(variable))
    served = {u for r in plan for u in r.stops}
    total = sum(r.cost for r in plan)
    total += sum(s.unserved_cost for u, s in enumerate(asked.stops) if u not in served)
    return plan if total < cost - 1e-6 else None


class Mixture:
    """The linear program over routes found so far: the cheapest mixture that serves all.

    ``skip`` is what each stop costs when no truck comes, ``counts`` the trucks of each group.
    """

    def __init__(self, skip: Sequence[float], counts: Sequence[int], unit: float) -> None:
        self._unit = unit
        self._lp = pywraplp.Solver.CreateSolver("GLOP")
        self._once = [self._lp.Constraint(1, 1) for _ in skip]
        self._count = [self._lp.Constraint(-self._lp.infinity(), n) for n in counts]
        for constraint, price in zip(self._once, skip, strict=True):
            constraint.SetCoefficient(self._variable(price), 1)

    def _variable(self, price: float) -> pywraplp.Variable:
        variable = self._lp.NumVar(0, self._lp.infinity(), "")
        self._lp.Objective().SetCoefficient(variable, price / self._unit)
        return variable

    def add(self, routes: Sequence[SearchRoute]) -> None:
        """More routes to mix."""
        for route in routes:
            variable = self._variable(route.cost)
            self._count[route.group].SetCoefficient(variable, 1)
            for u in route.stops:
                self._once[u].SetCoefficient(variable, 1)

    def prices(self, limit_s: float | None) -> tuple[float, list[float], list[float]] | None:
        """(cost of the mixture, price of each stop, of one more truck of each group, not above
        zero); None when time was short."""
        if limit_s is not None:
            self._lp.SetTimeLimit(max(1, int(1000 * limit_s)))
        status = self._lp.Solve()
        if status == pywraplp.Solver.ABNORMAL:
            # scaled, the basis it went on from no longer held numerically
            self._lp.SetSolverSpecificParametersAsString(UNSCALED)
            status = self._lp.Solve()
        if status != pywraplp.Solver.OPTIMAL:
            return None
        of = [constraint.dual_value() * self._unit for constraint in self._once]
        more = [min(0.0, constraint.dual_value() * self._unit) for constraint in self._count]
        return self._lp.Objective().Value() * self._unit, of, more


def cheapest_choice(
    routes: Sequence[SearchRoute], skip: Sequence[float], counts: Sequence[int],
    known: float, limit_s: float | None,
) -> tuple[float, tuple[SearchRoute, ...] | None]:
    """(no choice of these routes costs less than this, the cheapest one found).

    ``known`` is what a plan in hand costs; ``limit_s`` None = counted effort; ``skip`` and ``counts`` as in ``Mixture``.
    """
    scale = UNITS / max(1.0, known)
    model = cp_model.CpModel()
    taken = [model.new_bool_var("") for _ in routes]
    skipped = [model.new_bool_var("") for _ in skip]
    at_stop: dict[int, list[cp_model.IntVar]] = defaultdict(list)
    of_group: dict[int, list[cp_model.IntVar]] = defaultdict(list)
    for route, variable in zip(routes, taken, strict=True):
        of_group[route.group].append(variable)
        for u in route.stops:
            at_stop[u].append(variable)
    for u, variable in enumerate(skipped):
        model.add_exactly_one([*at_stop[u], variable])
    for number, variables in of_group.items():
        if counts[number] < len(variables):
            model.add(sum(variables) <= counts[number])
    # rounded down: what the model finds cheapest is no dearer in truth
    prices = [int(r.cost * scale) for r in routes] + [int(price * scale) for price in skip]
    model.minimize(cp_model.LinearExpr.weighted_sum([*taken, *skipped], prices))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    if limit_s is None:
        solver.parameters.max_deterministic_time = COUNTED_PROOF
    else:
        solver.parameters.max_time_in_seconds = max(0.01, limit_s)
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return 0.0, None
    plan = tuple(r for r, variable in zip(routes, taken, strict=True) if solver.boolean_value(variable))
    return solver.best_objective_bound / scale, plan
