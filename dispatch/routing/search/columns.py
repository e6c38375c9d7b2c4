"""A proven lower bound on all plans for some stops: routes priced in until none is missing.

The linear program mixes the routes found so far; at its prices every truck's cheapest
route is sought exactly (``label``).  For any prices, the prices of all stops less what the
trucks could still gain is a bound on every plan; when no route gains, it is the optimum of
the program.  What is then left between bound and plan is looked through route by route.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dispatch.routing.search.arrays import Array
from dispatch.routing.search.label import (
    EVERY_SET,
    EXACT,
    LABEL,
    ROUGH,
    WORD,
    Crew,
    Truck,
    cost_of,
    list_labels,
)
from dispatch.routing.search.master import Mixture, cheapest_choice
from dispatch.routing.search.problem import SearchRoute

NEW_ROUTES = 60
MOST_CHOICES = 30_000
PARTS = 512
# labels of one search, and rounds of pricing, at most
ROOM, MOST_ROUNDS = 200_000, 400
# labels made or compared: in a second at least, and in all when effort is counted
WORK_PER_S, COUNTED_WORK = 25_000_000, 150_000_000
LEAST_GAIN = 1e-3
# stops from which the exact part may not end in time: a cheaper plan is looked for before
LARGE = 20
FIRST_SHARE = 0.3
# a millionth of the cost, and a fen: what counting in floating point may be off
NOISE = 1e-6


@dataclass(frozen=True)
class Kind:
    """Like trucks, the stops they may serve in the numbers of the question, what each stop
    costs beside the road in such a truck, and how many trucks there are."""

    truck: Truck
    stops: tuple[int, ...]
    serve: Array
    count: int


@dataclass(frozen=True)
class Question:
    """``skip``: what each stop costs when no truck comes."""

    kinds: tuple[Kind, ...]
    crew: Crew
    skip: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """No plan costs less than ``bound``; ``cost`` is the plan's in hand; ``routes`` and
    ``better`` are a cheaper plan met on the way and its cost; ``rounds`` of pricing were needed."""

    bound: float
    cost: float
    rounds: int
    routes: tuple[SearchRoute, ...] | None = None
    better: float = float("inf")

    @property
    def is_closed(self) -> bool:
        """Whether the optimum is known but for counting noise."""
        best = min(self.cost, self.better)
        return best - self.bound <= 1 + NOISE * abs(best)


class Labels:
    """Room for the labels of one search, used again and again."""

    def __init__(self, stops: int) -> None:
        words = max(1, -(-stops // WORD))
        self.label = np.empty(ROOM, LABEL)
        self.seen = np.empty((ROOM, words), np.int64)
        self.shut = np.empty_like(self.seen)
        self.work = np.zeros(1, np.int64)

    def search(
        self, kind: Kind, crew: Crew, prices: Array, most: float, rule: int
    ) -> list[tuple[float, tuple[int, ...]]] | None:
        """(cost less prices, stops) of the routes below ``most``; None without room."""
        own = prices[list(kind.stops)] - kind.serve
        words = max(1, -(-len(kind.stops) // WORD))
        head = np.zeros((len(kind.stops), PARTS if rule == EVERY_SET else 1), np.int32)
        seen, shut = self.seen[:, :words], self.shut[:, :words]
        t = kind.truck
        count = list_labels(
            t, crew, own, _room_worth(t, own), most, self.label, seen, shut, head, self.work, rule,
        )
        if count < 0:
            return None
        found = self.label[:count]
        below = np.flatnonzero((found["whole"] < most) & (found["dead"] == 0))
        best: dict[bytes, int] = {}
        for k in below[np.argsort(found["whole"][below], kind="stable")]:
            best.setdefault(seen[k].tobytes(), int(k))
        chosen = list(best.values())[: None if rule == EVERY_SET else NEW_ROUTES]
        return [(float(found["whole"][k]), self._stops(kind, k)) for k in chosen]

    def _stops(self, kind: Kind, k: int) -> tuple[int, ...]:
        stops = []
        while k >= 0:
            stops.append(kind.stops[int(self.label[k]["last"])])
            k = int(self.label[k]["before"])
        return tuple(reversed(stops))


def _room_worth(t: Truck, prices: Array) -> float:
    """The worth of a whole truck's room at which the best load is bounded most tightly."""
    share = (t.load_a / t.room_a + t.load_b / t.room_b) / 2
    worth = np.unique(prices[(share > 0) & (prices > 0)] / share[(share > 0) & (prices > 0)])
    if not len(worth):
        return 0.0
    worth = worth[:: max(1, len(worth) // 50)]
    bounds = worth + np.maximum(0, prices[None] - worth[:, None] * share[None]).sum(axis=1)
    return float(worth[bounds.argmin()])


def route_cost(question: Question, group: int, stops: Sequence[int]) -> float:
    """What a route costs a truck of the group, by the terms of the question."""
    kind = question.kinds[group]
    place = {u: i for i, u in enumerate(kind.stops)}
    own = np.array([place[u] for u in stops], np.int64)
    return float(cost_of(kind.truck, question.crew, own, -kind.serve))


def prove(question: Question, known: Sequence[SearchRoute], limit_s: float | None) -> Proof:
    """The best bound on every plan within about ``limit_s`` seconds, or, None, within counted
    effort: the same every time.

    ``known`` are the routes of a plan in hand, at any cost; they are priced anew.
    """
    return _Search(question, known, limit_s).prove()


class _Search:
    """One proof in the making: the mixture, the routes in it, the cheapest plan so far."""

    def __init__(self, question: Question, known: Sequence[SearchRoute], limit_s: float | None) -> None:
        self.asked, self.rounds = question, 0
        self.until = None if limit_s is None else time.perf_counter() + limit_s
        plan = tuple(SearchRoute(r.group, r.stops, route_cost(question, r.group, r.stops)) for r in known)
        self.cost = self._worth(plan)
        self.better: tuple[SearchRoute, ...] | None = None
        self.best = self.cost
        self.labels = Labels(max((len(k.stops) for k in question.kinds), default=1))
        if limit_s is None:
            self.labels.work[0] = COUNTED_WORK
        self.counts = [k.count for k in question.kinds]
        self.mixture = Mixture(question.skip, self.counts, max(1.0, self.cost / 1000))
        self.routes = {(r.group, frozenset(r.stops)): r for r in (*_singles(question), *plan)}
        self.mixture.add(list(self.routes.values()))

    def _worth(self, plan: Sequence[SearchRoute]) -> float:
        served = {u for r in plan for u in r.stops}
        return sum(r.cost for r in plan) + sum(p for u, p in enumerate(self.asked.skip) if u not in served)

    def _left_s(self) -> float | None:
        return None if self.until is None else self.until - time.perf_counter()

    def _is_over(self) -> bool:
        left = self._left_s()
        return self.rounds >= MOST_ROUNDS or (left is not None and left <= 0)

    def _search(
        self, kind: Kind, prices: Array, most: float, rule: int
    ) -> list[tuple[float, tuple[int, ...]]] | None:
        if self._is_over():
            return None
        left = self._left_s()
        if left is not None:
            self.labels.work[0] = int(left * WORK_PER_S)
        return self.labels.search(kind, self.asked.crew, prices, most, rule)

    def _is_closed(self, bound: float) -> bool:
        return self.best - bound <= 1 + NOISE * self.best

    def prove(self) -> Proof:
        bound, rule = 0.0, ROUGH
        while not self._is_over():
            self.rounds += 1
            priced = self.mixture.prices(self._left_s())
            found = priced and self._price(np.array(priced[1]), priced[2], rule)
            if not priced or found is None:
                break
            fresh, gains = found
            self._add(fresh)
            if rule == EXACT:
                bound = max(bound, _bound(self.asked, priced[1], gains))
                if self._is_closed(bound):
                    break
                if not fresh:
                    bound = self._look_through(np.array(priced[1]), priced[2], bound)
                    break
            elif not fresh:
                rule = EXACT
                if len(self.asked.skip) > LARGE:
                    self._choose_met()
        routes = self.better if self.best < self.cost - 1 else None
        return Proof(min(bound, self.best), self.cost, self.rounds, routes, self.best)

    def _add(self, routes: Sequence[SearchRoute]) -> None:
        self.mixture.add(routes)
        for route in routes:
            key = (route.group, frozenset(route.stops))
            if key not in self.routes or route.cost < self.routes[key].cost:
                self.routes[key] = route

    def _price(
        self, prices: Array, more: Sequence[float], rule: int
    ) -> tuple[list[SearchRoute], list[float]] | None:
        """(routes that make the mixture cheaper, each group's least cost less prices)."""
        fresh, gains = [], []
        for group, kind in enumerate(self.asked.kinds):
            routes = self._search(kind, prices, more[group] - LEAST_GAIN, rule)
            if routes is None:
                return None
            gains.append(min([more[group], *(c for c, _ in routes)]))
            fresh += [SearchRoute(group, s, route_cost(self.asked, group, s)) for _, s in routes]
        return fresh, gains

    def _choose(self, routes: Sequence[SearchRoute], limit_s: float | None) -> float:
        """The cheapest plan of these routes, kept when it is the best; no choice costs less."""
        least, plan = cheapest_choice(routes, self.asked.skip, self.counts, self.best, limit_s)
        if plan is not None and self._worth(plan) < self.best:
            self.best, self.better = self._worth(plan), plan
        return least

    def _choose_met(self) -> None:
        """The cheapest plan of the routes met so far."""
        left = self._left_s()
        self._choose(list(self.routes.values()), None if left is None else left * FIRST_SHARE)

    def _look_through(self, prices: Array, more: Sequence[float], bound: float) -> float:
        """The bound after all routes that can be part of a plan cheaper than the best one."""
        self._choose_met()
        choices: dict[tuple[int, frozenset[int]], SearchRoute] = {}
        for group, kind in enumerate(self.asked.kinds):
            most = more[group] + (self.best - bound) + LEAST_GAIN
            found = None if self._is_closed(bound) else self._search(kind, prices, most, EVERY_SET)
            if found is None or len(choices) + len(found) > MOST_CHOICES:
                return bound
            for _, s in found:
                choices[group, frozenset(s)] = SearchRoute(group, s, route_cost(self.asked, group, s))
        for route in self.better or ():
            choices.setdefault((route.group, frozenset(route.stops)), route)
        before = self.best
        least = self._choose(list(choices.values()), self._left_s())
        # what a route left out could be part of costs at least as much as the best plan before
        return max(bound, min(least, before))


def _singles(question: Question) -> list[SearchRoute]:
    found = []
    for group, kind in enumerate(question.kinds):
        t = kind.truck
        for i, u in enumerate(kind.stops):
            fits = t.load_a[i] <= t.room_a and t.load_b[i] <= t.room_b and t.drive[len(t.place), i] >= 0
            price = route_cost(question, group, (u,)) if fits else np.inf
            if price < question.skip[u]:
                found.append(SearchRoute(group, (u,), price))
    return found


def _bound(question: Question, prices: Sequence[float], gains: Sequence[float]) -> float:
    """Valid for any prices: stops at their price, each truck at its least cost less prices."""
    stops = sum(min(price, skip) for price, skip in zip(prices, question.skip, strict=True))
    return stops + sum(k.count * min(0.0, g - LEAST_GAIN) for k, g in zip(question.kinds, gains, strict=True))


def warm_proof() -> None:
    """Compile or load what a proof needs."""
    square, zero, bits = np.zeros((2, 2), np.int64), np.zeros(1, np.int64), np.ones((1, 1), np.int64)
    truck = Truck(
        square, square, square, square, zero, bits, bits, zero, zero, zero + 1, zero,
        np.zeros(1), np.zeros(1), 1, 1, 1.0, 1.0, 1,
    )
    prove(Question((Kind(truck, (0,), np.zeros(1), 1),), Crew(1, 1, 1, 1, 1), (9.0,)), (), None)
