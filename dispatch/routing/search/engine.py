"""The search as a whole: threads, clock, cancel, best plan, choice among all routes met."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from dispatch.routing.search.anneal import anneal, first_plan
from dispatch.routing.search.arrays import BEST, DONE, Problem, State
from dispatch.routing.search.master import choose
from dispatch.routing.search.prepare import make_problem, make_state
from dispatch.routing.search.problem import SearchParams, SearchProblem, SearchResult
from dispatch.routing.search.read import read_best, read_pool

CHUNK_S = 0.01
COUNTED_CHUNK = 500
# Ways to price a new truck in the first plans of a mixed fleet (see recreate)
FIRST_FILLS = (1.0, 0.5, 0.0)
OnImprove = Callable[[SearchResult], None]
Ears = tuple[OnImprove | None, threading.Event]


@dataclass
class Worker:
    """One thread's state and how hot it starts and ends."""

    problem: Problem
    state: State
    hot: float
    cold: float
    stop: threading.Event = field(default_factory=threading.Event)
    # taken while a chunk runs, so that plans are read between chunks
    busy: threading.Lock = field(default_factory=threading.Lock)

    def anneal(self, rounds: int, share: float, step: float) -> None:
        """``rounds`` steps at the temperature of ``share`` of the way, to ``share + step``."""
        fall = self.cold / self.hot
        with self.busy:
            anneal(
                self.problem, self.state, rounds, self.hot * fall**share,
                fall ** (step / max(1, rounds)),
            )

    def run_until(self, began: float, deadline: float) -> None:
        """Chunks of about ``CHUNK_S`` until the deadline or a stop."""
        rounds, span = 20, deadline - began
        while not self.stop.is_set():
            now = time.perf_counter()
            if now + CHUNK_S * 0.5 >= deadline:
                return
            want = min(CHUNK_S, deadline - now)
            self.anneal(rounds, (now - began) / span, want / span)
            took = max(time.perf_counter() - now, 1e-6)
            rounds = max(1, min(4 * rounds, int(rounds * CHUNK_S / took)))

    def run_rounds(self, rounds: int) -> None:
        """Exactly ``rounds`` steps, in chunks, unless stopped."""
        done = 0
        while done < rounds and not self.stop.is_set():
            chunk = min(COUNTED_CHUNK, rounds - done)
            self.anneal(chunk, done / rounds, chunk / rounds)
            done += chunk


def solve(
    asked: SearchProblem,
    params: SearchParams,
    on_improve: OnImprove | None = None,
    cancel: threading.Event | None = None,
) -> SearchResult:
    """The cheapest plan found within the budget; never worse than the greedy one.

    ``on_improve`` is called in this thread with each better plan seen, about fifty
    times a second at most; setting ``cancel`` ends the search within some hundredths
    of a second with the best so far.
    """
    began = time.perf_counter()
    cancel = cancel or threading.Event()
    problem = make_problem(asked)
    workers = [_worker(problem, params, number) for number in range(params.threads)]
    deadline = began + params.seconds - max(0.004, 0.01 * params.seconds)
    chosen = params.master_share > 0 and len(asked.stops) > 1 and (
        params.iterations is not None or params.seconds >= params.master_from_s
    )
    until = deadline - params.master_share * params.seconds * chosen
    if len(asked.stops) > 1 and (params.iterations is not None or time.perf_counter() < until):
        told = [np.inf]
        _run(
            workers, params.iterations, until,
            lambda: _watch(workers, began, told, (on_improve, cancel)),
        )
    result = _best(workers, began)
    if chosen and not cancel.is_set():
        limit_s = None if params.iterations is not None else deadline - time.perf_counter()
        result = _choose(asked, workers, result, limit_s)
        if on_improve:
            on_improve(result)
    return replace(result, seconds=time.perf_counter() - began)


def _worker(problem: Problem, params: SearchParams, number: int) -> Worker:
    starts = []
    for fill in FIRST_FILLS if problem.mixed else (1.0,):
        starts.append(make_state(problem, 1000 * params.seed + number))
        first_plan(problem, starts[-1], bool(number % 2), fill)
    state = min(starts, key=lambda s: float(s.value[BEST]))
    hot, cold = _heat(problem)
    return Worker(problem, state, hot, cold)


def _heat(problem: Problem) -> tuple[float, float]:
    """Start and end temperatures in units of cost: the way to near stops sets the scale."""
    if problem.n < 2:
        return 1.0, 0.1
    near = problem.near[:, 1:9]
    typical = problem.metres[0][np.arange(problem.n)[:, None], near].mean()
    unit = max(1e-9, typical * problem.groups["per_m"].mean())
    return (3.0 * unit, 0.1 * unit) if problem.mixed else (1.0 * unit, 0.06 * unit)


def _run(
    workers: list[Worker], iterations: int | None, deadline: float, watch: Callable[[], None]
) -> None:
    started = time.perf_counter()
    threads = [
        threading.Thread(target=w.run_until, args=(started, deadline))
        if iterations is None
        else threading.Thread(target=w.run_rounds, args=(iterations,))
        for w in workers
    ]
    for thread in threads:
        thread.start()
    try:
        while any(thread.is_alive() for thread in threads):
            threads[0].join(0.02)
            watch()
    finally:
        for worker in workers:
            worker.stop.set()
        for thread in threads:
            thread.join()


def _watch(
    workers: list[Worker], began: float, told: list[float], ears: Ears
) -> None:
    on_improve, cancel = ears
    if cancel.is_set():
        for worker in workers:
            worker.stop.set()
    elif on_improve:
        best = min(float(worker.state.value[BEST]) for worker in workers)
        if best < told[0]:
            told[0] = best
            on_improve(_best(workers, began))


def _choose(
    asked: SearchProblem, workers: list[Worker], known: SearchResult, limit_s: float | None
) -> SearchResult:
    pool = read_pool([w.state for w in workers], known.routes)
    choice = choose(asked, pool, (known.routes, known.cost), limit_s)
    if choice.routes is None:
        return replace(known, pool_bound=choice.pool_bound)
    served = {u for route in choice.routes for u in route.stops}
    unserved = tuple(u for u in range(len(asked.stops)) if u not in served)
    cost = sum(r.cost for r in choice.routes) + sum(asked.stops[u].unserved_cost for u in unserved)
    return replace(
        known, routes=choice.routes, unserved=unserved, cost=cost, pool_bound=choice.pool_bound
    )


def _best(workers: list[Worker], began: float) -> SearchResult:
    plans = []
    for worker in workers:
        with worker.busy:
            plans.append(read_best(worker.problem, worker.state))
    routes, unserved, cost = min(plans, key=lambda plan: plan[2])
    return SearchResult(
        routes, unserved, cost, None,
        sum(int(w.state.tally[DONE]) for w in workers), time.perf_counter() - began,
    )
