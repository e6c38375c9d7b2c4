"""One item's needs and lot classes as arrays, and which class may serve which need.

Lots of a warehouse that may serve the same places on the same days are one class:
inside it first expired goes out first, so the solver need not tell them apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from dispatch.allocation.params import AllocationParams
from dispatch.allocation.problem import AllocationProblem, Offer, Rule
from dispatch.allocation.travel import TravelGrid, grid_of
from dispatch.clock import to_local
from dispatch.inventory.fefo import Use, in_area, order, why_not
from dispatch.needs.model import NeedLine

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
DAY_S = 86_400
COST_PER_MINUTE = 100
LAST_RANK = 90


@dataclass(frozen=True)
class World:
    """What all items share: ``day`` is the arrival's day after departure (local dates
    in ``days``), ``nearest`` the warehouses of each county, nearest first, ``farthest_s``
    the travel of the last one with a road."""

    problem: AllocationProblem
    params: AllocationParams
    grid: TravelGrid
    day: Ints
    days: tuple[date, ...]
    nearest: NDArray[np.int32]
    farthest_s: Ints

    @cached_property
    def opened(self) -> TravelGrid:
        """Travel with closed roads open; where that is not known, as if every place were reached
        the same day."""
        grid, closed = self.grid, self.problem.closed_travel_s
        if closed is None:
            other = np.zeros_like(grid.seconds)
        else:
            other = grid_of(closed, grid.warehouses, grid.counties).seconds
        seconds = np.where(grid.seconds >= 0, grid.seconds, other)
        return TravelGrid(grid.warehouses, grid.counties, seconds)


@dataclass(frozen=True)
class ItemView:
    """``needs[j]`` and classes ``lots[o]`` of one item.

    Per class: ``place`` (row of the grid), ``units``, ``rank`` in its warehouse,
    ``good`` by arrival day, ``area``.  Per need: ``column``, ``wanted``, ``weight``,
    ``due_s`` after departure.
    """

    item_code: str
    needs: tuple[NeedLine, ...]
    lots: tuple[tuple[Offer, ...], ...]
    place: Ints
    units: Ints
    rank: Ints
    good: Bools
    area: tuple[str | None, ...]
    column: Ints
    wanted: Ints
    weight: Ints
    due_s: Ints


def make_world(problem: AllocationProblem, params: AllocationParams) -> World:
    """Grids over the warehouses that hold anything and the counties that need anything."""
    warehouses = sorted({o.warehouse_code for o in (*problem.offers, *problem.withheld)})
    counties = sorted({n.county for n in problem.needs})
    grid = grid_of(problem.travel_s, warehouses, counties)
    day, days = arrival_days(problem, grid)
    far = np.where(grid.seconds < 0, np.iinfo(np.int32).max, grid.seconds).astype(np.int32)
    nearest = np.argsort(far, axis=0, kind="stable").astype(np.int32)
    farthest = grid.seconds.max(axis=0, initial=0)
    return World(problem, params, grid, day, days, nearest, farthest)


def arrival_days(problem: AllocationProblem, grid: TravelGrid) -> tuple[Ints, tuple[date, ...]]:
    """Local calendar day of each arrival as a number, and the dates of the numbers."""
    start = to_local(problem.departs_at)
    since_midnight = start.hour * 3600 + start.minute * 60 + start.second
    day = (np.maximum(grid.seconds, 0) + since_midnight) // DAY_S
    last = int(day.max(initial=0))
    return day, tuple(start.date() + timedelta(days=d) for d in range(last + 1))


def split_safety(problem: AllocationProblem) -> tuple[list[Offer], list[Offer]]:
    """(offers, withheld) after the safety stock: what lies above it goes first-expiring first."""
    if problem.is_safety_stock_open or not problem.safety_stock:
        return list(problem.offers), list(problem.withheld)
    room: dict[tuple[str, str], int] = defaultdict(int)
    for offer in (*problem.offers, *problem.withheld):
        room[offer.warehouse_code, offer.item_code] += offer.quantity
    for key, units in problem.safety_stock.items():
        room[key] = max(0, room[key] - units)
    offers, withheld = [], list(problem.withheld)
    for offer in sorted(problem.offers, key=order):
        key = (offer.warehouse_code, offer.item_code)
        units = min(room[key], offer.quantity)
        room[key] -= units
        offers.append(offer if units == offer.quantity else replace(offer, quantity=units))
        if units < offer.quantity:
            withheld.append(replace(offer, quantity=offer.quantity - units, held_by=Rule.SAFETY_STOCK))
    return offers, withheld


def item_views(world: World, offers: Iterable[Offer]) -> list[ItemView]:
    """One view per item that is needed, by item code."""
    needs: dict[str, list[NeedLine]] = defaultdict(list)
    for need in world.problem.needs:
        if need.quantity:
            needs[need.item_code].append(need)
    lots: dict[str, list[Offer]] = defaultdict(list)
    for offer in offers:
        if offer.quantity and offer.item_code in needs:
            lots[offer.item_code].append(offer)
    fitness: dict[tuple[date | None, str | None], tuple[bool, ...]] = {}
    return [_view(world, needs[code], lots.get(code, []), fitness) for code in sorted(needs)]


def _view(
    world: World,
    needs: Sequence[NeedLine],
    offers: Sequence[Offer],
    fitness: dict[tuple[date | None, str | None], tuple[bool, ...]],
) -> ItemView:
    classes: dict[tuple[str, bool, str | None, tuple[bool, ...]], list[Offer]] = {}
    for offer in sorted(offers, key=lambda o: (o.warehouse_code, order(o))):
        terms = (offer.expires_on, offer.restriction)
        if terms not in fitness:
            fitness[terms] = good_days(world.problem.hazard, world.days, offer)
        good = fitness[terms]
        if any(good):
            key = (offer.warehouse_code, order(offer)[0], offer.area, good)
            classes.setdefault(key, []).append(offer)
    rank: dict[str, int] = defaultdict(int)
    ranks = []
    for warehouse, *_ in classes:
        ranks.append(min(rank[warehouse], LAST_RANK))
        rank[warehouse] += 1
    problem = world.problem
    return ItemView(
        item_code=needs[0].item_code,
        needs=tuple(needs),
        lots=tuple(tuple(lots) for lots in classes.values()),
        place=_ints(world.grid.row[key[0]] for key in classes),
        units=_ints(sum(o.quantity for o in lots) for lots in classes.values()),
        rank=_ints(ranks),
        good=np.array([key[3] for key in classes], dtype=bool).reshape(len(classes), len(world.days)),
        area=tuple(key[2] for key in classes),
        column=_ints(world.grid.column[n.county] for n in needs),
        wanted=_ints(n.quantity for n in needs),
        weight=_ints(world.params.weight(n.priority) for n in needs),
        due_s=_ints(int((n.due_at - problem.departs_at).total_seconds()) for n in needs),
    )


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, dtype=np.int64)


@dataclass(frozen=True)
class _Terms:
    """What limits the use of a lot anywhere."""

    expires_on: date | None
    restriction: str | None
    lot_code: str = ""
    area: str | None = None


@lru_cache(maxsize=4096)
def _good_days(hazard: str, days: tuple[date, ...], terms: _Terms) -> tuple[bool, ...]:
    return tuple(why_not(terms, Use(hazard, "", day)) is None for day in days)


def good_days(hazard: str, days: tuple[date, ...], offer: Offer) -> tuple[bool, ...]:
    """On which arrival days the lot may be used, its area left aside."""
    return _good_days(hazard, days, _Terms(offer.expires_on, offer.restriction))


def usable(world: World, view: ItemView, o: Ints, j: Ints) -> Bools:
    """Whether class ``o`` may serve need ``j``, elementwise (arrays broadcast)."""
    rows, columns = view.place[o], view.column[j]
    allowed: Bools = (world.grid.seconds[rows, columns] >= 0) & view.good[o, world.day[rows, columns]]
    for number, area in enumerate(view.area):
        if area is not None:
            inside = np.array([in_area(need.county, area) for need in view.needs])
            allowed &= (o != number) | inside[j]
    for row, column in closed_pairs(world, view.item_code):
        allowed &= (rows != row) | (columns != column)
    return allowed


def closed_pairs(world: World, item_code: str) -> list[tuple[int, int]]:
    """Row and column of the warehouses and counties between which a pin fixes the quantity."""
    row, column = world.grid.row, world.grid.column
    return [
        (row[pin.warehouse_code], column[pin.county]) for pin in world.problem.line_pins
        if pin.item_code == item_code and pin.warehouse_code in row and pin.county in column
    ]


def late_s(params: AllocationParams, late: Ints) -> Ints:
    """Convex weight of lateness in seconds of driving."""
    total = np.zeros_like(late)
    before = 0
    for start, factor in params.late_pieces:
        total += (factor - before) * np.maximum(0, late - start)
        before = factor
    return total


def arc_cost(world: World, view: ItemView, o: Ints, j: Ints) -> Ints:
    """Weighted delay of a unit, then the order of lots; whole numbers, rising with time."""
    seconds = world.grid.seconds[view.place[o], view.column[j]]
    return delay_cost(world, view, seconds, j) + view.rank[o]


def delay_cost(world: World, view: ItemView, seconds: Ints, j: Ints) -> Ints:
    """Weighted delay of a unit that travels so many seconds to need ``j``."""
    late = late_s(world.params, np.maximum(0, seconds - view.due_s[j]))
    return COST_PER_MINUTE * (view.weight[j] * (seconds + late) // 60)
