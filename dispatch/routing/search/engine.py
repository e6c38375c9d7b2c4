"""The search as a whole: threads, clock, cancel, best plan, choice among all routes met."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace

import numpy as np

from dispatch.routing.search.arrays import BEST, DONE, Problem
from dispatch.routing.search.exact import best_plan, is_small
from dispatch.routing.search.master import choose
from dispatch.routing.search.prepare import Cancelled, make_problem
from dispatch.routing.search.price import valid_routes
from dispatch.routing.search.problem import (
    SearchParams,
    SearchProblem,
    SearchResult,
    SearchRoute,
)
from dispatch.routing.search.read import read_best, read_pool
from dispatch.routing.search.worker import Worker

LOOK_S = 0.02
# First and last temperature, in costs of the way to a near stop
HOT, COLD = 1.0, 0.05
OnImprove = Callable[[SearchResult], None]
Ears = tuple[OnImprove | None, threading.Event]


def solve(
    asked: SearchProblem,
    params: SearchParams,
    on_improve: OnImprove | None = None,
    cancel: threading.Event | None = None,
    start: tuple[SearchRoute, ...] = (),
) -> SearchResult:
    """The cheapest plan found within the budget; never worse than the greedy one.

    ``on_improve`` is called in this thread with each better plan seen, about fifty
    times a second at most; setting ``cancel`` ends the search within a tenth of a second
    with the best so far.  ``start`` are routes to begin from: those that break a rule are
    dissolved, stops in none of the others are inserted, and the answer is never worse
    than the others alone.
    """
    began = time.perf_counter()
    cancel = cancel or threading.Event()
    kept = valid_routes(asked, start)
    try:
        problem = make_problem(asked, lambda: _stop_if(cancel))
    except Cancelled:
        return _from_routes(asked, kept, began)
    if is_small(problem):
        exact = _from_routes(asked, best_plan(asked, problem), began)
        exact = replace(exact, pool_bound=exact.cost, is_optimal=True)
        if on_improve:
            on_improve(exact)
        return exact
    deadline = began + params.seconds - max(0.004, 0.01 * params.seconds)
    chosen = params.master_share > 0 and problem.n > 1 and (
        params.iterations is not None or params.seconds >= params.master_from_s
    )
    workers = _workers(problem, params, kept)
    until = deadline - params.master_share * params.seconds * chosen
    rounds = 0 if params.seconds == 0 and params.iterations is None else params.iterations
    _run(asked, workers, (rounds, until), began, (on_improve, cancel))
    result = _best(asked, workers, began)
    if chosen and not cancel.is_set():
        limit_s = None if params.iterations is not None else deadline - time.perf_counter()
        result = _choose(asked, workers, result, limit_s, cancel)
        if on_improve:
            on_improve(result)
    return replace(result, seconds=time.perf_counter() - began)


def _stop_if(cancel: threading.Event) -> None:
    if cancel.is_set():
        raise Cancelled


def _workers(
    problem: Problem, params: SearchParams, start: Sequence[SearchRoute]
) -> list[Worker]:
    heat = _temperatures(problem)
    return [
        Worker(problem, 1000 * params.seed + number, bool(number % 2), heat, params.heat, start)
        for number in range(params.threads)
    ]


def _temperatures(problem: Problem) -> tuple[float, float]:
    """Start and end temperatures in units of cost: the way to near stops sets the scale."""
    if problem.n < 2 or not len(problem.groups):
        return 1.0, 0.1
    place, near = np.arange(problem.n)[:, None], problem.near[:, 1:9]
    unit = problem.metres[0][place, near].mean() * problem.groups["per_m"].mean()
    unit = max(1e-9, unit + problem.seconds[0][place, near].mean() * problem.groups["per_s"].mean())
    return HOT * unit, COLD * unit


def _run(
    asked: SearchProblem, workers: list[Worker], budget: tuple[int | None, float],
    began: float, ears: Ears,
) -> None:
    """All workers at once, watched; counted steps know no deadline."""
    rounds, until = budget
    told = np.inf
    with ThreadPoolExecutor(len(workers)) as pool:
        going = [
            pool.submit(w.run, until if rounds is None else np.inf, rounds) for w in workers
        ]
        try:
            while wait(going, LOOK_S).not_done:
                told = _watch(asked, workers, began, told, ears)
        finally:
            for worker in workers:
                worker.stop.set()
    for done in going:
        done.result()


def _watch(
    asked: SearchProblem, workers: list[Worker], began: float, told: float, ears: Ears
) -> float:
    """Pass a cancel on, tell of a plan better than ``told``; the cost told last."""
    on_improve, cancel = ears
    if cancel.is_set():
        for worker in workers:
            worker.stop.set()
    elif on_improve:
        best = min((float(w.state.value[BEST]) for w in workers if w.state), default=np.inf)
        if best < told:
            on_improve(_best(asked, workers, began))
            return best
    return told


def _choose(
    asked: SearchProblem, workers: list[Worker], known: SearchResult, limit_s: float | None,
    cancel: threading.Event,
) -> SearchResult:
    pool = read_pool([w.state for w in workers if w.state], known.routes, cancel)
    choice = choose(asked, pool, (known.routes, known.cost), limit_s, cancel)
    if choice.routes is None:
        return replace(known, pool_bound=choice.pool_bound)
    plan = _from_routes(asked, choice.routes, 0.0)
    return replace(plan, pool_bound=choice.pool_bound, iterations=known.iterations)


def _from_routes(
    asked: SearchProblem, routes: tuple[SearchRoute, ...], began: float
) -> SearchResult:
    """The plan of these routes, all other stops unserved."""
    served = {u for route in routes for u in route.stops}
    unserved = tuple(u for u in range(len(asked.stops)) if u not in served)
    cost = sum(r.cost for r in routes) + sum(asked.stops[u].unserved_cost for u in unserved)
    return SearchResult(routes, unserved, cost, None, 0, time.perf_counter() - began)


def _best(asked: SearchProblem, workers: list[Worker], began: float) -> SearchResult:
    plans = []
    for worker in workers:
        with worker.busy:
            if worker.state:
                plans.append(read_best(asked, worker.state))
    routes, unserved, cost = min(plans, key=lambda plan: plan[2])
    return SearchResult(
        routes, unserved, cost, None,
        sum(int(w.state.tally[DONE]) for w in workers if w.state), time.perf_counter() - began,
    )
