"""The linear programme over all items at once, for when trucks bind.  Pure: built here, run elsewhere.

Columns: one per arc of each item, then one per need for what stays missing, then
the share of the fair coverage that everybody gets (lambda).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from dispatch.allocation.arcs import joined, nearest_arcs
from dispatch.allocation.trucks import (
    GRAMS,
    TOLERANCE,
    Floats,
    Item,
    item_mass_g,
    seconds_of,
    use_of,
)
from dispatch.allocation.view import Ints, ItemView, World, late_s, usable

INFINITE = float("inf")
ITEM_BITS = 40
MOST_NEW = 4


@dataclass(frozen=True)
class Row:
    """``low`` <= sum of coefficients times columns <= ``high``."""

    columns: Ints
    coefficients: Floats
    low: float
    high: float


@dataclass(frozen=True)
class Aim:
    """One objective in its order."""

    name: str
    columns: Ints
    coefficients: Floats
    maximise: bool = False


@dataclass(frozen=True)
class LinearProgram:
    """Columns from 0 to ``upper``, rows, and the aims in order.

    ``promises`` maps a floor row to the units of the fair coverage: once the best
    share of it is known, the last column goes and the row asks for whole units.
    ``names`` tell columns apart while arcs are added.
    """

    upper: Floats
    rows: tuple[Row, ...]
    aims: tuple[Aim, ...]
    promises: Mapping[int, float]
    names: Ints


def build(world: World, items: Sequence[Item]) -> LinearProgram:
    """The programme of these items under the fleets of the problem."""
    offsets = np.cumsum([0, *(len(i.arcs) for i in items)])
    need_offsets = offsets[-1] + np.cumsum([0, *(len(i.view.needs) for i in items)])
    share_column = int(need_offsets[-1])
    rows: list[Row] = []
    for item, first, first_need in zip(items, offsets, need_offsets, strict=False):
        rows += _item_rows(item, int(first), int(first_need), share_column)
    rows += _fleet_rows(world, items, offsets)
    upper = np.full(share_column + 1, INFINITE)
    upper[share_column] = 1.0
    aims = _aims(world, items, (offsets, need_offsets))
    names = [(n << ITEM_BITS) + i.arcs.j * len(i.view.lots) + i.arcs.o for n, i in enumerate(items)]
    others = -1 - np.arange(share_column - int(offsets[-1]) + 1)
    return LinearProgram(
        upper, tuple(rows), tuple(aims), _promises(items), np.concatenate([*names, others])
    )


def _promises(items: Sequence[Item]) -> dict[int, float]:
    """Floor row to the fair coverage in units."""
    promises: dict[int, float] = {}
    first = 0
    for item in items:
        first += len(item.view.lots) + len(item.view.needs)
        promises |= {first + j: float(u) for j, u in enumerate(item.share * item.view.wanted)}
        first += len(item.view.needs)
    return promises


def whole_floor(fair: Floats | float, share: float) -> Ints:
    """Whole units of a share of the fair coverage."""
    return np.floor(np.asarray(fair) * share + TOLERANCE).astype(np.int64)


def _item_rows(item: Item, first: int, first_need: int, share_column: int) -> list[Row]:
    """Class rows, then need rows, then floor rows: always one of each, in order."""
    view, arcs = item.view, item.arcs
    columns = first + np.arange(len(arcs))
    by_class = np.argsort(arcs.o, kind="stable")
    class_ends = np.searchsorted(arcs.o[by_class], np.arange(len(view.lots) + 1))
    need_ends = np.searchsorted(arcs.j, np.arange(len(view.needs) + 1))
    rows = []
    for o, units in enumerate(view.units):
        mine = columns[by_class[class_ends[o] : class_ends[o + 1]]]
        rows.append(Row(mine, np.ones(len(mine)), 0, float(units)))
    for j, wanted in enumerate(view.wanted):
        mine = np.append(columns[need_ends[j] : need_ends[j + 1]], first_need + j)
        rows.append(Row(mine, np.ones(len(mine)), float(wanted), float(wanted)))
    for j, wanted in enumerate(view.wanted):
        mine = np.append(columns[need_ends[j] : need_ends[j + 1]], share_column)
        promise = np.append(np.ones(len(mine) - 1), -item.share[j] * wanted)
        rows.append(Row(mine, promise, 0, INFINITE))
    return rows


def _fleet_rows(world: World, items: Sequence[Item], offsets: Ints) -> list[Row]:
    rows = []
    for code, fleet in sorted(world.problem.fleet.items()):
        place = world.grid.row.get(code)
        parts: dict[str, list[tuple[Ints, Floats]]] = {}
        for item, first in zip(items, offsets, strict=False):
            mine = np.flatnonzero(item.view.place[item.arcs.o] == place)
            seconds = seconds_of(world, item)[mine]
            for name, used in use_of(world.problem, fleet, item.view.item_code, seconds).items():
                parts.setdefault(name, []).append((first + mine, used))
        for name, blocks in sorted(parts.items()):
            columns = np.concatenate([block[0] for block in blocks])
            scale = 1.0 / GRAMS
            used = np.concatenate([block[1] for block in blocks]) * scale
            rows.append(Row(columns, used, 0, getattr(fleet, name) * scale))
    return rows


def _aims(
    world: World, items: Sequence[Item], offsets: tuple[Ints, Ints]
) -> list[Aim]:
    first_arc, first_need = offsets
    arcs = np.arange(int(first_arc[-1]))
    needs = np.arange(int(first_arc[-1]), int(first_need[-1]))
    weighed = [weighed_kg(world, item.view) for item in items]
    missing = np.concatenate(weighed)
    seconds = [seconds_of(world, item) for item in items]
    late, arrival, cost = [], [], []
    for item, kg, driven in zip(items, weighed, seconds, strict=True):
        j = item.arcs.j
        late.append(kg[j] * late_s(world.params, np.maximum(0, driven - item.view.due_s[j])) / 3600)
        arrival.append(kg[j] * driven / 3600)
        tonnes = item_mass_g(world.problem, item.view.item_code) / 1e6
        cost.append(2 * tonnes * driven / 3600)
    share = np.array([int(first_need[-1])])
    return [
        Aim("floor", share, np.ones(1), maximise=True),
        Aim("unmet", needs, missing),
        Aim("late", arcs, np.concatenate(late)),
        Aim("arrival", arcs, np.concatenate(arrival)),
        Aim("cost", arcs, np.concatenate(cost)),
    ]


def weighed_kg(world: World, view: ItemView) -> Floats:
    """Weight of the priority times kilograms, for a unit of each need."""
    kg = item_mass_g(world.problem, view.item_code) / GRAMS
    return (view.weight * kg).astype(np.float64)


def arcs_worth_adding(
    world: World, items: Sequence[Item], aims: Sequence[Aim], duals: Sequence[Floats]
) -> list[Ints]:
    """Per item, keys of absent arcs that would raise the floor or cut what is missing, the best
    few of each need.

    ``duals`` of the rows, for the first aims.
    """
    found = []
    first_row = 0
    fleet_first = sum(len(i.view.lots) + 2 * len(i.view.needs) for i in items)
    for item in items:
        view = item.view
        classes, needs = len(view.lots), len(view.needs)
        o = np.repeat(np.arange(classes), needs)
        j = np.tile(np.arange(needs), classes)
        keys = j * classes + o
        keep = usable(world, view, o, j) if len(o) else np.zeros(0, bool)
        keep &= ~np.isin(keys, item.arcs.j * classes + item.arcs.o)
        o, j, keys = o[keep], j[keep], keys[keep]
        gain = np.zeros(len(keys))
        for aim, prices in zip(aims, duals, strict=False):
            mine = prices[first_row : first_row + classes + 2 * needs]
            paid: Floats = mine[o] + mine[classes + j] + mine[classes + needs + j]
            paid += _fleet_price(world, (item, o, j), prices[fleet_first:])
            gain = np.maximum(gain, -paid if aim.maximise else paid)
        ranked = np.lexsort((keys, -gain, j))
        place = np.arange(len(j)) - np.searchsorted(j[ranked], j[ranked])
        best = ranked[place < MOST_NEW]
        found.append(keys[best[gain[best] > TOLERANCE]])
        first_row += classes + 2 * needs
    return found


def _fleet_price(world: World, absent: tuple[Item, Ints, Ints], duals: Floats) -> Floats:
    item, o, j = absent
    seconds = world.grid.seconds[item.view.place[o], item.view.column[j]]
    paid: Floats = np.zeros(len(o))
    number = 0
    for code, fleet in sorted(world.problem.fleet.items()):
        mine = np.flatnonzero(item.view.place[o] == world.grid.row.get(code))
        used = use_of(world.problem, fleet, item.view.item_code, seconds[mine])
        for _name, amount in sorted(used.items()):
            paid[mine] += amount / GRAMS * duals[number]
            number += 1
    return paid


def few_arcs(world: World, item: Item, sent: Ints) -> Item:
    """The arcs a flow uses and two thirds as many as it began with; pricing brings back what is missed."""
    few = replace(world, params=replace(world.params, nearest=max(2, world.params.nearest * 2 // 3)))
    view, used = item.view, sent > 0
    keys = item.arcs.j[used] * len(view.lots) + item.arcs.o[used]
    return replace(item, arcs=joined(world, view, nearest_arcs(few, view), keys))
