"""Which arcs a flow starts with, and which absent ones would make it better.  Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dispatch.allocation.view import Bools, Ints, ItemView, World, arc_cost, delay_cost, usable

NEVER = np.iinfo(np.int64).max // 4
CHUNK = 256


@dataclass(frozen=True)
class Arcs:
    """Arcs from class ``o`` to need ``j``, ordered by (j, o), with their cost;
    ``horizon[j]`` is a lower bound on the cost of any absent arc to ``j``."""

    o: Ints
    j: Ints
    cost: Ints
    horizon: Ints

    def __len__(self) -> int:
        return len(self.o)


@dataclass(frozen=True)
class Demand:
    """How a missing unit is priced: the first ``floor`` units dear, the others by weight."""

    floor: Ints
    floor_cost: Ints
    rest_cost: Ints


def received(view: ItemView, arcs: Arcs, sent: Ints | None = None) -> Ints:
    """Units each need gets; without ``sent`` how many arcs reach it."""
    return np.bincount(arcs.j, weights=sent, minlength=len(view.needs)).astype(np.int64)


def nearest_arcs(world: World, view: ItemView) -> Arcs:
    """Arcs from the nearest warehouses that hold the item, by driving time; what is scarce
    comes from farther away, so twice as many."""
    holders = np.zeros(len(world.grid.warehouses), dtype=bool)
    holders[view.place] = True
    is_scarce = bool(view.units.sum() < view.wanted.sum())
    k = min(world.params.nearest * (1 + is_scarce), int(holders.sum()))
    if not k:
        return _arcs(world, view, np.zeros(0, np.int64), np.full(len(view.needs), NEVER))
    depth = min(len(holders), max(16, 3 * k * len(holders) // max(1, int(holders.sum()))))
    while True:
        order = world.nearest[:depth][:, view.column]
        flags = holders[order]
        count = np.cumsum(flags, axis=0)
        if depth == len(holders) or int(count[-1].min()) >= k:
            break
        depth = min(len(holders), 2 * depth)
    picked = flags & (count <= k)
    row, j = np.nonzero(picked)
    place = order[row, j].astype(np.int64)
    seconds = world.grid.seconds[place, view.column[j]]
    far = np.zeros(len(view.needs), dtype=np.int64)
    np.maximum.at(far, j, np.where(seconds < 0, NEVER, seconds))
    is_whole = (far >= NEVER) | (k == int(holders.sum()))
    every = np.arange(len(view.needs))
    horizon = np.where(is_whole, NEVER, delay_cost(world, view, np.where(is_whole, 0, far), every))
    return _arcs(world, view, _keys(view, place[seconds >= 0], j[seconds >= 0]), horizon)


def _keys(view: ItemView, place: Ints, j: Ints) -> Ints:
    """Every class of each place, as keys j * classes + o."""
    first = np.searchsorted(view.place, place, side="left")
    many = np.searchsorted(view.place, place, side="right") - first
    ends = np.cumsum(many)
    within = np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(ends - many, many)
    keys: Ints = np.repeat(j, many) * len(view.lots) + np.repeat(first, many) + within
    return keys


def _arcs(world: World, view: ItemView, keys: Ints, horizon: Ints) -> Arcs:
    keys = np.sort(keys)  # np.unique by its hash table takes several times as long
    keys = keys[np.r_[True, keys[1:] > keys[:-1]]] if len(keys) else keys
    j, o = np.divmod(keys, max(1, len(view.lots)))
    keep = usable(world, view, o, j) if len(keys) else np.zeros(0, dtype=bool)
    o, j = o[keep], j[keep]
    return Arcs(o, j, arc_cost(world, view, o, j), horizon)


def every_arc(world: World, view: ItemView) -> Arcs:
    """All arcs there are."""
    keys = np.arange(len(view.lots) * len(view.needs))
    return _arcs(world, view, keys, np.full(len(view.needs), NEVER))


def joined(world: World, view: ItemView, arcs: Arcs, keys: Ints) -> Arcs:
    """Arcs with more of them, given as keys j * classes + o."""
    return _arcs(world, view, np.concatenate([arcs.j * len(view.lots) + arcs.o, keys]), arcs.horizon)


def potentials(view: ItemView, arcs: Arcs, sent: Ints, demand: Demand) -> tuple[Ints, Ints]:
    """Least cost of one more unit at each class and at each need in the optimal flow.

    Shortest paths in the residual network (Bellman and Ford); ``NEVER`` for a class
    none of whose units can be freed.
    """
    used = np.bincount(arcs.o, weights=sent, minlength=len(view.lots)).astype(np.int64)
    got = np.bincount(arcs.j, weights=sent, minlength=len(view.needs)).astype(np.int64)
    at_class = np.where(used < view.units, 0, NEVER)
    full = np.where(demand.floor > 0, demand.floor_cost, demand.rest_cost)
    at_need = np.where(got > demand.floor, demand.rest_cost, np.where(got > 0, demand.floor_cost, NEVER))
    back = np.flatnonzero(sent)
    back = back[np.argsort(arcs.o[back], kind="stable")]
    back_first = np.flatnonzero(np.r_[True, np.diff(arcs.o[back]) > 0]) if len(back) else back
    on_first = np.flatnonzero(np.r_[True, np.diff(arcs.j) > 0]) if len(arcs) else back
    while len(arcs):
        before = (at_class, at_need)
        at_need = at_need.copy()
        reach = np.minimum.reduceat(at_class[arcs.o] + arcs.cost, on_first)
        at_need[arcs.j[on_first]] = np.minimum(at_need[arcs.j[on_first]], reach)
        if len(back):
            at_class = at_class.copy()
            freed = np.minimum.reduceat(at_need[arcs.j[back]] - arcs.cost[back], back_first)
            places = arcs.o[back[back_first]]
            at_class[places] = np.minimum(at_class[places], freed)
        if np.array_equal(before[0], at_class) and np.array_equal(before[1], at_need):
            break
    return at_class, np.where(at_need >= NEVER, full, at_need)


def better_arcs(
    world: World, view: ItemView, arcs: Arcs, prices: tuple[Ints, Ints], most: int
) -> Ints:
    """Keys of absent arcs with negative reduced cost, the ``most`` best of each need."""
    at_class, at_need = prices
    found = []
    classes = np.flatnonzero(at_class < NEVER)
    asking = np.flatnonzero(at_need > arcs.horizon)
    for begin in range(0, len(asking) if len(classes) else 0, CHUNK):
        j = asking[begin : begin + CHUNK]
        grid = np.ix_(classes, j)
        o_at, j_at = np.broadcast_arrays(classes[:, None], j[None, :])
        cost = arc_cost(world, view, o_at, j_at) + at_class[classes][:, None] - at_need[j][None, :]
        cost[~usable(world, view, o_at, j_at)] = NEVER
        found.append(_best(cost, grid, most, len(view.lots)))
    keys = np.concatenate(found) if found else np.zeros(0, dtype=np.int64)
    return np.setdiff1d(keys, arcs.j * len(view.lots) + arcs.o, assume_unique=True)


def _best(cost: Ints, grid: tuple[Ints, ...], most: int, classes: int) -> Ints:
    if most < len(cost):
        rows = np.argpartition(cost, most, axis=0)[:most]
    else:
        rows = np.broadcast_to(np.arange(len(cost))[:, None], cost.shape)
    columns = np.broadcast_to(np.arange(cost.shape[1])[None, :], rows.shape)
    good = cost[rows, columns] < 0
    keys: Ints = grid[1][0, columns[good]] * classes + grid[0][rows[good], 0]
    return keys


def crossing_arcs(
    world: World, view: ItemView, arcs: Arcs, cut: tuple[Bools, Bools], most: int
) -> Ints:
    """Keys of absent arcs from classes with units to spare to needs held short by the cut."""
    spare, short = cut
    prices = (np.where(spare, 0, NEVER), np.where(short, NEVER // 2, 0))
    return better_arcs(world, view, arcs, prices, most)
