"""The search as a whole: threads, clock, cancel, best plan, choice among all routes met."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from dispatch.routing.search.anneal import anneal, first_plan
from dispatch.routing.search.arrays import BEST, BEST_BANK, BEST_ROUTES, DONE, Problem, State
from dispatch.routing.search.prepare import make_problem, make_state
from dispatch.routing.search.problem import (
    SearchParams,
    SearchProblem,
    SearchResult,
    SearchRoute,
)

CHUNK_S = 0.01
# Ways to price a new truck in the first plans of a mixed fleet (see recreate)
FIRST_FILLS = (1.0, 0.5, 0.0)
COUNTED_CHUNK = 500
Plan = tuple[tuple[SearchRoute, ...], tuple[int, ...], float]
OnImprove = Callable[[SearchResult], None]


@dataclass
class Worker:
    """One thread's state and how hot it starts and ends."""

    problem: Problem
    state: State
    hot: float
    cold: float
    best: float = np.inf
    stop: threading.Event = field(default_factory=threading.Event)

    def anneal(self, rounds: int, share: float, step: float) -> None:
        """``rounds`` steps at the temperature of ``share`` of the way, to ``share + step``."""
        fall = self.cold / self.hot
        anneal(
            self.problem, self.state, rounds, self.hot * fall**min(1.0, share),
            fall ** (min(1.0, step) / max(1, rounds)),
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
            took = time.perf_counter() - now
            rounds = max(1, min(4 * rounds, int(rounds * CHUNK_S / max(took, 1e-6))))

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

    ``on_improve`` is called in this thread with each better plan seen; setting
    ``cancel`` ends the search within some hundredths of a second with the best so far.
    """
    began = time.perf_counter()
    problem = make_problem(asked)
    workers = [_worker(problem, params, number) for number in range(params.threads)]
    if len(asked.stops) > 1:
        _run(workers, params, began, (on_improve, cancel or threading.Event()))
    return _result(workers, began)


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
    workers: list[Worker],
    params: SearchParams,
    began: float,
    ears: tuple[OnImprove | None, threading.Event],
) -> None:
    on_improve, cancel = ears
    deadline = began + params.seconds - max(0.004, 0.01 * params.seconds)
    if params.iterations is None and time.perf_counter() >= deadline:
        return
    started = time.perf_counter()
    threads = []
    for worker in workers:
        if params.iterations is not None:
            job = threading.Thread(target=worker.run_rounds, args=(params.iterations,))
        else:
            job = threading.Thread(target=worker.run_until, args=(started, deadline))
        job.start()
        threads.append(job)
    told = np.inf
    for job in threads:
        while job.is_alive():
            job.join(0.02)
            if cancel.is_set():
                for worker in workers:
                    worker.stop.set()
            best = min(w.state.value[BEST] for w in workers)
            if on_improve and best < told:
                told = best


def _result(workers: list[Worker], began: float) -> SearchResult:
    best = min(workers, key=lambda w: float(w.state.value[BEST]))
    routes, unserved, cost = read_best(best.problem, best.state)
    return SearchResult(
        routes, unserved, cost, None,
        sum(int(w.state.count[DONE]) for w in workers), time.perf_counter() - began,
    )


def read_best(problem: Problem, state: State) -> Plan:
    """Routes, unserved stops and cost of the best plan in a state."""
    routes, start = [], 0
    for k in range(int(state.count[BEST_ROUTES])):
        size = int(state.best_size[k])
        stops = tuple(int(u) for u in state.best_stops[start : start + size])
        routes.append(SearchRoute(int(state.best_group[k]), stops, 0.0))
        start += size
    unserved = tuple(sorted(int(u) for u in state.best_bank[: state.count[BEST_BANK]]))
    return tuple(routes), unserved, float(state.value[BEST])
