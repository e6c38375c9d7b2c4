"""One thread of the search: a first plan, then steps until the clock or a count ends it."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from dispatch.routing.search.anneal import anneal, insert_next, load_plan, note_plan
from dispatch.routing.search.arrays import BANK, BEST, ROUTES, STRIDE, TRIED, Problem, State
from dispatch.routing.search.prepare import make_state
from dispatch.routing.search.problem import SearchRoute

CHUNK_S = 0.01
# Steps and first insertions between two looks at the stop flag, for a thousand stops
COUNTED_CHUNK, INSERTED_CHUNK = 200, 50
# Ways to price a new truck in the first plans of a mixed fleet (see recreate)
FIRST_FILLS = (1.0, 0.5)
# Steps after which so few stops have been put in every good order many times
FEW_STOPS, STEPS_PER_PAIR = 10, 50


@dataclass
class Worker:
    """One thread's plan, ``state``; None until there is one.

    ``temperatures`` are the hottest and the coldest, in units of cost; ``heat`` the part
    of the way between them to be covered.
    """

    problem: Problem
    seed: int
    by_load: bool
    temperatures: tuple[float, float]
    heat: tuple[float, float] = (0.0, 1.0)
    start: Sequence[SearchRoute] = ()
    state: State | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    # taken while a chunk runs, so that plans are read between chunks
    busy: threading.Lock = field(default_factory=threading.Lock)

    def run(self, deadline: float, rounds: int | None) -> None:
        """First plan, then exactly ``rounds`` steps, or as many as the clock allows; a
        few stops need no more than a few steps."""
        state = self.begin(deadline)
        if self.problem.n <= FEW_STOPS:
            most = STEPS_PER_PAIR * self.problem.n**2
            rounds = most if rounds is None else min(rounds, most)
        if rounds is None:
            self._run_until(state, deadline)
        else:
            self._run_rounds(state, rounds, deadline)

    def _anneal(self, state: State, rounds: int, share: float, step: float) -> None:
        """``rounds`` steps at the temperature of ``share`` of the way, to ``share + step``."""
        hot, cold = self.temperatures
        first, last = self.heat
        fall = (cold / hot) ** (last - first)
        with self.busy:
            anneal(
                self.problem, state, rounds, hot * (cold / hot) ** first * fall**share,
                fall ** (step / max(1, rounds)),
            )

    def _run_until(self, state: State, deadline: float) -> None:
        """Chunks of about ``CHUNK_S`` until the deadline or a stop."""
        began = time.perf_counter()
        rounds, span = 4, deadline - began
        while not self.stop.is_set():
            now = time.perf_counter()
            if now + CHUNK_S * 0.5 >= deadline:
                return
            want = min(CHUNK_S, deadline - now)
            self._anneal(state, rounds, (now - began) / span, want / span)
            took = max(time.perf_counter() - now, 1e-6)
            rounds = max(1, min(4 * rounds, int(rounds * CHUNK_S / took)))

    def _run_rounds(self, state: State, rounds: int, deadline: float) -> None:
        done = 0
        most = max(1, COUNTED_CHUNK * 1000 // max(1000, self.problem.n))
        while done < rounds and not self.stop.is_set() and time.perf_counter() < deadline:
            chunk = min(most, rounds - done)
            self._anneal(state, chunk, done / rounds, chunk / rounds)
            done += chunk

    def begin(self, deadline: float) -> State:
        """The start completed; without one the best of the greedy plans, of which one is
        made even when the deadline is over."""
        fills = FIRST_FILLS if self.problem.mixed and not self.start else (1.0,)
        best = self._insert_all(fills[0])
        for fill in fills[1:]:
            if not self.stop.is_set() and time.perf_counter() < deadline:
                best = min(best, self._insert_all(fill), key=lambda s: float(s.value[BEST]))
        self.state = best
        return best

    def _insert_all(self, fill: float) -> State:
        state = make_state(self.problem, self.seed)
        self._load(state)
        many = max(1, INSERTED_CHUNK * 1000 // max(1000, self.problem.n))
        while state.tally[TRIED] < state.tally[BANK] and not self.stop.is_set():
            insert_next(self.problem, state, many, fill)
        note_plan(self.problem, state)
        state.tally[STRIDE] = min(len(state.routes), 32 + 2 * state.tally[ROUTES])
        return state

    def _load(self, state: State) -> None:
        """The start put in; the other stops wait, far or heavy ones first."""
        stops = [u for route in self.start for u in route.stops]
        if stops:
            load_plan(
                self.problem, state,
                np.array([r.group for r in self.start], np.int32),
                np.array([len(r.stops) for r in self.start], np.int32),
                np.array(stops, np.int32),
            )
        key = self.problem.stops["load_a" if self.by_load else "away"]
        order = np.argsort(-key, kind="stable").astype(np.int32)
        order = order[~np.isin(order, stops)] if stops else order
        state.bank[: len(order)] = order
        state.tally[BANK] = len(order)
        note_plan(self.problem, state)
