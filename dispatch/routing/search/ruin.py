"""Ruin: take strings of neighbouring stops out of nearby routes.

After J. Christiaens and G. Vanden Berghe, Slack Induction by String Removals for
Vehicle Routing Problems, Transportation Science 54 (2020) 417-433.
"""

from __future__ import annotations

from dispatch.routing.search.arrays import BANK, ROUTES, TODO, Problem, State
from dispatch.routing.search.chance import below, uniform
from dispatch.routing.search.compiled import inlined
from dispatch.routing.search.routes import refresh, touch

# Stops taken out on average: this part of a route's stops, within bounds; long routes need
# more, else no more than two routes change at once
REMOVED_PER_STOP, FEWEST_REMOVED, MOST_REMOVED = 0.7, 7.0, 10.0
LONGEST_STRING = 10.0
SPLIT_SHARE = 0.5
SPLIT_DEEPER = 0.01
BANK_TRIED = 12
# How often routes of a mixed fleet are taken out whole, to be cut anew for other trucks
WHOLE_SHARE = 0.1


@inlined
def ruin(p: Problem, s: State) -> None:
    """Take stops out around a random one; with some of the bank they become ``todo``."""
    count = s.tally
    count[TODO] = 0
    _take_from_bank(s)
    if count[ROUTES] == 0:
        return
    mean = (p.n - count[BANK]) / count[ROUTES]
    whole = p.mixed and uniform(s.random) < WHOLE_SHARE
    longest = mean if whole else min(LONGEST_STRING, mean)
    removed = min(MOST_REMOVED, max(FEWEST_REMOVED, REMOVED_PER_STOP * mean))
    strings = int(uniform(s.random) * (4.0 * removed / (1.0 + longest) - 1.0)) + 1
    seed = below(s.random, p.n)
    done = 0
    for j in range(p.near.shape[1]):
        u = p.near[seed, j]
        k = s.where[u]
        if k < 0 or s.old[k] != -1:
            continue
        _take_string(p, s, k, u, longest, whole)
        done += 1
        if done >= strings:
            break


@inlined
def _take_from_bank(s: State) -> None:
    """All waiting stops, or a random dozen of many, moved to the front of the bank."""
    held = s.tally[BANK]
    for i in range(min(held, BANK_TRIED)):
        j = i + below(s.random, held - i)
        s.bank[i], s.bank[j] = s.bank[j], s.bank[i]
        s.todo[i] = s.bank[i]
    s.tally[TODO] = min(held, BANK_TRIED)


@inlined
def _take_string(p: Problem, s: State, k: int, u: int, longest: float, whole: bool) -> None:
    x = touch(s, k)
    route, seq = s.routes[x], s.seq[x]
    size = route.size
    taken = int(uniform(s.random) * min(longest, size)) + 1
    taken = size if whole else min(taken, size)
    kept = 0
    if taken > 1 and taken < size and uniform(s.random) < SPLIT_SHARE:
        kept = 1
        while taken + kept < size and uniform(s.random) < SPLIT_DEEPER:
            kept += 1
    span = taken + kept
    at = s.at[u]
    first = max(1, at - span + 1)
    last = min(at, size - span + 1)
    start = first + below(s.random, last - first + 1)
    hole = start + 1 + below(s.random, taken - 1) if kept else -1
    out = start
    for i in range(start, size + 1):
        v = seq[i]
        if i < start + span and not (hole >= 0 and hole <= i < hole + kept):
            s.where[v] = -1
            s.todo[s.tally[TODO]] = v
            s.tally[TODO] += 1
        else:
            seq[out] = v
            out += 1
    route.size = out - 1
    if route.size == 0:
        s.used[route.group] -= 1
    else:
        refresh(p, s, x)
