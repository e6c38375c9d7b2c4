"""The compiled loop: ruin, recreate, accept by annealing, remember the best."""

from __future__ import annotations

import math

import numpy as np

from dispatch.routing.search.arrays import (
    BANK,
    BEFORE,
    BEST,
    BEST_BANK,
    BEST_ROUTES,
    COST,
    DONE,
    FOUND,
    ROUTES,
    TODO,
    TOUCHED,
    TRIED,
    Array,
    Problem,
    State,
)
from dispatch.routing.search.chance import uniform
from dispatch.routing.search.compiled import compiled, inlined
from dispatch.routing.search.fleet import tidy
from dispatch.routing.search.recreate import (
    BLINK,
    draw_order,
    order_todo,
    recreate,
)
from dispatch.routing.search.rehome import rehome
from dispatch.routing.search.routes import change, open_route, recost, refresh, revert, settle
from dispatch.routing.search.ruin import BANK_TRIED, ruin

POOL_WITHIN = 1.01
# How often a mixed fleet's new trucks are priced by the part used
FILL_SHARE = 0.3
# How often routes may not change to a free larger truck
STILL_SHARE = 0.3


@compiled
def load_plan(p: Problem, s: State, group: Array, size: Array, stops: Array) -> None:
    """Routes one after another, known to keep the rules, put into an empty plan; the bank
    is the caller's to set."""
    s.tally[BEFORE] = s.tally[ROUTES]
    done = 0
    for r in range(len(group)):
        k = open_route(s, group[r])
        x = s.slot[k]
        for i in range(size[r]):
            s.seq[x, i + 1] = stops[done + i]
            s.where[stops[done + i]] = k
        s.routes[x].size = size[r]
        done += size[r]
        refresh(p, s, x)
    settle(s)


@compiled
def insert_next(p: Problem, s: State, many: int, fill: float) -> None:
    """The next ``many`` stops of the bank inserted greedily; what fits nowhere stays there,
    before those not tried yet."""
    s.tally[BEFORE] = s.tally[ROUTES]
    tried = s.tally[TRIED]
    many = min(many, s.tally[BANK] - tried)
    for i in range(many):
        s.todo[i] = s.bank[tried + i]
    s.tally[TODO] = many
    recreate(p, s, 0.0, fill, True)
    if p.mixed:
        tidy(p, s)
    left = s.tally[TODO]
    for i in range(left):
        s.bank[tried + i] = s.todo[i]
    for i in range(tried + many, s.tally[BANK]):
        s.bank[i - many + left] = s.bank[i]
    s.tally[TRIED] += left
    s.tally[BANK] -= many - left
    settle(s)


@compiled
def note_plan(p: Problem, s: State) -> None:
    """The plan as it stands is the best when it is."""
    recost(p, s)
    remember(s)


@inlined
def _keep(p: Problem, s: State, tried: int) -> None:
    """The changed plan becomes the plan: stops left over replace those tried."""
    left, held = s.tally[TODO], s.tally[BANK]
    rest = held - tried
    if left != tried:
        if left > tried:
            for i in range(rest - 1, -1, -1):
                s.bank[left + i] = s.bank[tried + i]
        else:
            for i in range(rest):
                s.bank[left + i] = s.bank[tried + i]
    for i in range(left):
        s.bank[i] = s.todo[i]
    s.tally[BANK] = left + rest
    settle(s)


@inlined
def remember(s: State) -> None:
    """Copy the plan as the best when it is."""
    if s.value[COST] >= s.value[BEST] - 1e-9:
        return
    s.value[BEST] = s.value[COST]
    out = 0
    for k in range(s.tally[ROUTES]):
        x = s.slot[k]
        size = s.routes[x].size
        s.best_group[k], s.best_size[k] = s.routes[x].group, size
        for i in range(1, size + 1):
            s.best_stops[out] = s.seq[x, i]
            out += 1
    s.tally[BEST_ROUTES], s.tally[BEST_BANK] = s.tally[ROUTES], s.tally[BANK]
    for i in range(s.tally[BANK]):
        s.best_bank[i] = s.bank[i]
    s.tally[FOUND] += 1


@compiled
def anneal(p: Problem, s: State, rounds: int, heat: float, cooling: float) -> None:
    """``rounds`` steps from temperature ``heat``, multiplied by ``cooling`` each step."""
    for _ in range(rounds):
        heat *= cooling
        s.tally[BEFORE] = s.tally[ROUTES]
        held = 0.0
        ruin(p, s)
        tried = min(s.tally[BANK], BANK_TRIED)
        for i in range(tried):
            held += p.stops[s.bank[i]].skip
        order_todo(p, s, draw_order(p, s))
        fill = 1.0
        if p.mixed and uniform(s.random) < FILL_SHARE:
            fill = uniform(s.random)
        grow = uniform(s.random) >= STILL_SHARE
        penalty = recreate(p, s, BLINK, fill, grow)
        if p.mixed:
            tidy(p, s)
        more = change(p, s) + penalty - held
        if more < -heat * math.log(uniform(s.random) + 1e-300):
            s.value[COST] += more
            s.value[COST] -= rehome(p, s)
            if s.value[COST] < s.value[BEST] * POOL_WITHIN:
                _pool_changed(p, s)
            _keep(p, s, tried)
            if s.value[COST] < s.value[BEST] - 1e-9:
                recost(p, s)
                remember(s)
        else:
            revert(s)
    s.tally[DONE] += rounds


@inlined
def _pool_changed(p: Problem, s: State) -> None:
    """Note the changed routes in the pool, each set of stops with its best order."""
    for t in range(s.tally[TOUCHED]):
        x = s.slot[s.touched[t]]
        if s.routes[x].size > 0:
            _pool_route(s, x)


@inlined
def _pool_route(s: State, x: int) -> None:
    """Note slot ``x`` where its stops and group hash to; a known one keeps its cheapest
    order, another one gives way."""
    route = s.routes[x]
    key = np.uint64(route.group + 1) * np.uint64(0x9E3779B97F4A7C15)
    for i in range(1, route.size + 1):
        mixed = (np.uint64(s.seq[x, i]) + np.uint64(1)) * np.uint64(0xBF58476D1CE4E5B9)
        key += (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0x94D049BB133111EB)
    spot = np.int64((key >> np.uint64(20)) % np.uint64(len(s.pool_key)))
    if s.pool_key[spot] == key and route.cost >= s.pool_cost[spot]:
        return
    s.pool_key[spot], s.pool_cost[spot] = key, route.cost
    s.pool_group[spot], s.pool_size[spot] = route.group, route.size
    for i in range(route.size):
        s.pool_stops[spot, i] = s.seq[x, i + 1]
