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
from dispatch.routing.search.label import LABEL, WORD, Crew, Truck, cost_of, list_labels
from dispatch.routing.search.master import Mixture, cheapest_choice
from dispatch.routing.search.problem import SearchRoute

NEW_ROUTES = 60
MOST_CHOICES = 30_000
PARTS = 512
# a millionth of the cost, and a fen: what counting in floating point may be off
NOISE = 1e-6


@dataclass(frozen=True)
class Kind:
    """Like trucks, the stops they may serve in the numbers of the question, and how many."""

    truck: Truck
    stops: tuple[int, ...]
    count: int


@dataclass(frozen=True)
class Question:
    """``skip``: what each stop costs when no truck comes; ``room``: labels kept at most."""

    kinds: tuple[Kind, ...]
    crew: Crew
    skip: tuple[float, ...]
    room: int = 400_000


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

    def __init__(self, room: int, stops: int) -> None:
        words = max(1, -(-stops // WORD))
        self.label = np.zeros(room, LABEL)
        self.seen = np.zeros((room, words), np.int64)
        self.shut = self.seen.copy()

    def search(
        self, kind: Kind, crew: Crew, prices: Array, most: float, *, same: bool
    ) -> list[tuple[float, tuple[int, ...]]] | None:
        """(cost less prices, stops) of the routes below ``most``; None without room."""
        own = prices[list(kind.stops)]
        words = max(1, -(-len(kind.stops) // WORD))
        head = np.zeros((len(kind.stops), PARTS if same else 1), np.int32)
        seen, shut = self.seen[:, :words], self.shut[:, :words]
        count = list_labels(kind.truck, crew, own, most, self.label, seen, shut, head, same)
        if count < 0:
            return None
        found = self.label[:count]
        below = np.flatnonzero((found["whole"] < most) & (found["dead"] == 0))
        best: dict[bytes, int] = {}
        for k in below[np.argsort(found["whole"][below], kind="stable")]:
            best.setdefault(seen[k].tobytes(), int(k))
        chosen = list(best.values()) if same else list(best.values())[:NEW_ROUTES]
        return [(float(found["whole"][k]), self._stops(kind, k)) for k in chosen]

    def _stops(self, kind: Kind, k: int) -> tuple[int, ...]:
        stops = []
        while k >= 0:
            stops.append(kind.stops[int(self.label[k]["last"])])
            k = int(self.label[k]["before"])
        return tuple(reversed(stops))


def route_cost(question: Question, group: int, stops: Sequence[int]) -> float:
    """What a route costs a truck of the group, by the terms of the question."""
    kind = question.kinds[group]
    place = {u: i for i, u in enumerate(kind.stops)}
    own = np.array([place[u] for u in stops], np.int64)
    return float(cost_of(kind.truck, question.crew, own, np.zeros(len(kind.stops))))


def prove(question: Question, known: Sequence[SearchRoute], limit_s: float) -> Proof:
    """The best bound on every plan within about ``limit_s`` seconds.

    ``known`` are the routes of a plan in hand, at any cost; they are priced anew.
    """
    until = time.perf_counter() + limit_s
    known = tuple(SearchRoute(r.group, r.stops, route_cost(question, r.group, r.stops)) for r in known)
    served = {u for r in known for u in r.stops}
    cost = sum(r.cost for r in known) + sum(p for u, p in enumerate(question.skip) if u not in served)
    labels = Labels(question.room, max((len(k.stops) for k in question.kinds), default=1))
    mixture = Mixture(question.skip, [k.count for k in question.kinds], max(1.0, cost / 1000))
    mixture.add([*known, *_singles(question)])
    bound, rounds = 0.0, 0
    while time.perf_counter() < until:
        rounds += 1
        priced = mixture.prices(until - time.perf_counter())
        if priced is None:
            break
        _, prices, more = priced
        found = _price(question, labels, np.array(prices), more, until)
        if found is None:
            break
        fresh, gains = found
        bound = max(bound, _bound(question, prices, gains))
        if not fresh or cost - bound <= 1 + NOISE * cost:
            break
        mixture.add(fresh)
    if rounds and priced and found and not fresh and cost - bound > 1 + NOISE * cost:
        return _look_through(question, labels, (np.array(prices), more), (known, cost, bound, rounds), until)
    return Proof(min(bound, cost), cost, rounds)


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


def _price(
    question: Question, labels: Labels, prices: Array, more: Sequence[float], until: float
) -> tuple[list[SearchRoute], list[float]] | None:
    """(routes that make the mixture cheaper, each group's least cost less prices)."""
    fresh, gains = [], []
    for group, kind in enumerate(question.kinds):
        if time.perf_counter() > until:
            return None
        most = more[group] - 1e-3
        routes = labels.search(kind, question.crew, prices, most, same=False)
        if routes is None:
            return None
        gains.append(min([more[group], *(c for c, _ in routes)]))
        for _, stops in routes:
            fresh.append(SearchRoute(group, stops, route_cost(question, group, stops)))
    return fresh, gains


def _bound(question: Question, prices: Sequence[float], gains: Sequence[float]) -> float:
    """Valid for any prices: stops at their price, each truck at its least cost less prices."""
    stops = sum(min(price, skip) for price, skip in zip(prices, question.skip, strict=True))
    return stops + sum(k.count * min(0.0, g - 1e-3) for k, g in zip(question.kinds, gains, strict=True))


def _look_through(
    question: Question, labels: Labels, at: tuple[Array, Sequence[float]],
    known: tuple[Sequence[SearchRoute], float, float, int], until: float,
) -> Proof:
    """The cheapest plan of all routes that can be part of a better one."""
    prices, more = at
    routes, cost, bound, rounds = known
    choices: list[SearchRoute] = []
    for group, kind in enumerate(question.kinds):
        most = more[group] + (cost - bound) + 1e-3
        found = labels.search(kind, question.crew, prices, most, same=True)
        if found is None or len(choices) + len(found) > MOST_CHOICES or time.perf_counter() > until:
            return Proof(bound, cost, rounds)
        choices += [SearchRoute(group, s, route_cost(question, group, s)) for _, s in found]
    have = {(r.group, frozenset(r.stops)) for r in choices}
    choices += [r for r in routes if (r.group, frozenset(r.stops)) not in have]
    least, plan = cheapest_choice(
        choices, question.skip, [k.count for k in question.kinds], cost, until - time.perf_counter()
    )
    if plan is None:
        return Proof(bound, cost, rounds)
    served = {u for r in plan for u in r.stops}
    total = sum(r.cost for r in plan) + sum(p for u, p in enumerate(question.skip) if u not in served)
    bound = max(bound, min(least, cost, total))
    return Proof(bound, cost, rounds, plan, total) if total < cost - 1 else Proof(bound, cost, rounds)
