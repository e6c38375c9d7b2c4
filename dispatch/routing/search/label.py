"""All routes of one truck worth having at given prices of the stops, by labels.

A label is a way to come to a stop: when, how rested the crew, with which goods, at which
cost less the prices.  One that another label beats in all of these is dropped; so what is
left over contains the cheapest route (Feillet et al. 2004).  Sleep and breaks accumulate
over the whole route as in the timetable.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from dispatch.routing.search.arrays import Array
from dispatch.routing.search.compiled import compiled, inlined

WORD = 63
# What makes a label needless: another that can go wherever it can; one with just the same
# goods (keeps the cheapest route of every set); any cheaper and earlier one (quick, not exact)
EXACT, EVERY_SET, ROUGH = range(3)
LABEL = np.dtype(
    [("last", "i4"), ("before", "i4"), ("next", "i4"), ("dead", "i4"), ("at", "i8"), ("broke", "i8"),
     ("awake", "i8"), ("load_a", "i8"), ("load_b", "i8"), ("cost", "f8"), ("whole", "f8")],
    align=True,
)


class Truck(NamedTuple):
    """One kind of truck at one yard with the stops it may serve, numbered from 0.

    The yard is the last row of the matrices.  ``soonest``/``nearest`` are chains of drives,
    for which the triangle holds; ``place`` names the county by its first stop; ``upto`` and
    ``everywhere`` are bits: stops of the same county up to this one, and all of them.
    """

    metres: Array
    drive: Array
    soonest: Array
    nearest: Array
    place: Array
    upto: Array
    everywhere: Array
    load_a: Array
    load_b: Array
    close: Array
    due: Array
    late: Array
    arrive: Array
    room_a: int
    room_b: int
    fixed: float
    per_m: float
    back: int


class Crew(NamedTuple):
    """Seconds: unloading, driving until a break, the break, driving until sleep, sleep."""

    unload: int
    rest_after: int
    rest: int
    day: int
    sleep: int


@inlined
def drive_on(crew: Crew, seconds: int, broke: int, awake: int) -> tuple[int, int, int]:
    """(seconds until there, driven since the last break, since the last sleep)."""
    stood, left = 0, seconds
    while left > 0:
        if awake >= crew.day:
            stood, awake = stood + crew.sleep, 0
            if crew.sleep >= crew.rest:
                broke = 0
        elif broke >= crew.rest_after:
            stood, broke = stood + crew.rest, 0
        else:
            part = min(left, crew.rest_after - broke, crew.day - awake)
            broke, awake, left = broke + part, awake + part, left - part
    return seconds + stood, broke, awake


@inlined
def step(t: Truck, crew: Crew, here: int, u: int, at: int, broke: int, awake: int) -> tuple[int, int, int]:
    """(arrival at stop ``u``, driven since break, since sleep) from stop ``here`` or, the last
    row, from the yard; goods for one county are unloaded together."""
    if here < len(t.place):
        if t.place[here] == t.place[u]:
            return at, broke, awake
        at += crew.unload
        if crew.unload >= crew.rest:
            broke = 0
        if crew.unload >= crew.sleep:
            awake = 0
    seconds, broke, awake = drive_on(crew, t.drive[here, u], broke, awake)
    return at + seconds, broke, awake


@compiled
def cost_of(t: Truck, crew: Crew, stops: Array, prices: Array) -> float:
    """What the truck's route over these stops costs, less their prices."""
    here, at, broke, awake, metres, cost = len(t.place), 0, 0, 0, 0, t.fixed
    for u in stops:
        at, broke, awake = step(t, crew, here, u, at, broke, awake)
        metres += t.metres[here, u]
        cost += t.arrive[u] * at + t.late[u] * max(0, at - t.due[u]) - prices[u]
        here = u
    return cost + t.per_m * (metres + t.back * t.metres[here, len(t.place)])


@inlined
def gain(t: Truck, crew: Crew, label: Any, shut: Array, prices: Array, room_worth: float) -> float:
    """No way on from a label saves more than this: every stop left, as soon as can be; or
    those worth more than their share of the room at ``room_worth`` for the whole, and the
    room that is left at that worth."""
    total, u = 0.0, label.last
    in_room = room_worth * (1 - (label.load_a / t.room_a + label.load_b / t.room_b) / 2)
    for v in range(len(t.place)):
        if not shut[v // WORD] >> (v % WORD) & 1:
            at = label.at
            if t.place[u] != t.place[v]:
                at += crew.unload + t.soonest[u, v]
            worth = prices[v] - t.arrive[v] * at - t.late[v] * max(0, at - t.due[v])
            if worth > 0:
                total += worth
                in_room += max(0.0, worth - room_worth * (t.load_a[v] / t.room_a + t.load_b[v] / t.room_b) / 2)
    return min(total, in_room)


@inlined
def beats(a: Any, b: Any, seen_a: Array, seen_b: Array, rule: int) -> bool:
    """Whether label a makes label b at the same stop needless."""
    if a.cost > b.cost + 1e-7 or a.at > b.at or a.awake > b.awake or a.broke > b.broke:
        return False
    if a.load_a > b.load_a or a.load_b > b.load_b:
        return False
    for w in range(len(seen_a)):
        if rule == EVERY_SET and seen_a[w] != seen_b[w]:
            return False
        if rule == EXACT and seen_a[w] & ~seen_b[w]:
            return False
    return True


@compiled
def list_labels(
    t: Truck, crew: Crew, prices: Array, room_worth: float, most: float, label: Array,
    seen: Array, shut: Array, head: Array, work: Array, rule: int,
) -> int:
    """Fill ``label`` with every way of cost below ``most`` that could matter; how many, or -1
    when room or work are used up.

    ``head`` is [stop, part], parts to find equal labels sooner; ``work[0]`` the labels that may
    still be made or compared.
    """
    n, parts = len(t.place), head.shape[1]
    head[:] = -1
    count, done = 0, -1
    while done < count:
        here = n if done < 0 else label[done].last
        if done < 0 or not label[done].dead:
            for u in range(n):
                if done >= 0 and shut[done, u // WORD] >> (u % WORD) & 1:
                    continue
                work[0] -= 4 + n
                if count == len(label) or work[0] < 0:
                    return -1
                if not _extend(t, crew, prices, label, seen, shut, done, here, u, count):
                    continue
                new = label[count]
                new.whole = new.cost + t.per_m * t.back * t.metres[u, n]
                least = new.cost + t.per_m * t.back * t.nearest[u, n]
                if least - gain(t, crew, new, shut[count], prices, room_worth) >= most:
                    continue
                part = 0
                for w in range(seen.shape[1]):
                    part = (part * 31 + seen[count, w]) % parts
                if _place(label, seen if rule == EVERY_SET else shut, head, work, u, part, count, rule):
                    count += 1
        done += 1
    return count


@inlined
def _extend(
    t: Truck, crew: Crew, prices: Array, label: Array, seen: Array, shut: Array,
    done: int, here: int, u: int, count: int,
) -> bool:
    """Write the label that goes on from ``done`` to stop ``u``; False when it cannot."""
    new = label[count]
    at = broke = awake = load_a = load_b = 0
    cost = t.fixed
    if done >= 0:
        old = label[done]
        at, broke, awake = old.at, old.broke, old.awake
        load_a, load_b, cost = old.load_a, old.load_b, old.cost
    load_a, load_b = load_a + t.load_a[u], load_b + t.load_b[u]
    if t.drive[here, u] < 0 or load_a > t.room_a or load_b > t.room_b:
        return False
    at, broke, awake = step(t, crew, here, u, at, broke, awake)
    if at > t.close[u]:
        return False
    new.last, new.before, new.next, new.dead = u, done, -1, 0
    new.at, new.broke, new.awake, new.load_a, new.load_b = at, broke, awake, load_a, load_b
    new.cost = cost + t.per_m * t.metres[here, u] - prices[u]
    new.cost += t.arrive[u] * at + t.late[u] * max(0, at - t.due[u])
    for w in range(seen.shape[1]):
        seen[count, w] = seen[done, w] if done >= 0 else 0
        shut[count, w] = shut[done, w] | t.upto[u, w] if done >= 0 else t.upto[u, w]
        if done >= 0 and t.place[here] != t.place[u]:
            shut[count, w] |= t.everywhere[here, w]
    seen[count, u // WORD] |= 1 << (u % WORD)
    for v in range(len(t.place)):
        if load_a + t.load_a[v] > t.room_a or load_b + t.load_b[v] > t.room_b:
            shut[count, v // WORD] |= 1 << (v % WORD)
    return True


@inlined
def _place(
    label: Array, bits: Array, head: Array, work: Array, u: int, part: int, count: int, rule: int
) -> bool:
    """Hang the new label under its stop unless it is beaten; take away those it beats."""
    earlier, k = -1, head[u, part]
    while k >= 0:
        work[0] -= 2
        if beats(label[k], label[count], bits[k], bits[count], rule):
            return False
        k = label[k].next
    k = head[u, part]
    while k >= 0:
        following = label[k].next
        if beats(label[count], label[k], bits[count], bits[k], rule):
            label[k].dead = 1
            if earlier < 0:
                head[u, part] = following
            else:
                label[earlier].next = following
        else:
            earlier = k
        k = following
    label[count].next = head[u, part]
    head[u, part] = count
    return True
