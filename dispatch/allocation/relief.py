"""Why something stays missing: each rule is lifted alone and the need is solved again.  Pure.

Lifting a rule "frees" the units that could then reach a county while every other
county keeps what it has: a maximum flow over the lots left, found by augmenting paths.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from dispatch.allocation.gap_words import Freed, gap_words
from dispatch.allocation.model import Gap
from dispatch.allocation.problem import ClosedWay, Offer, Rule
from dispatch.allocation.rerouting import Rerouting
from dispatch.allocation.trucks import Headroom
from dispatch.allocation.view import (
    Bools,
    Ints,
    ItemView,
    World,
    arrival_days,
    closed_pairs,
    good_days,
)
from dispatch.inventory.fefo import in_area

MOST_WAYS = 6
FREES = {
    Rule.SAFETY_STOCK: (Rule.SAFETY_STOCK,),
    Rule.TIER: (Rule.TIER,),
    Rule.LEVEL: (Rule.SAFETY_STOCK, Rule.TIER, Rule.LEVEL),
    Rule.LEFT_OUT: (Rule.LEFT_OUT,),
}


@dataclass(frozen=True)
class Pick:
    """``units`` of one lot sent to need ``j`` (place in the view) on a drive so long."""

    j: int
    offer: Offer
    units: int
    seconds: int


@dataclass(frozen=True)
class Lifted:
    """The item without one rule: ``may[r, j]`` whether lot ``r`` may serve need ``j``,
    ``left[r]`` units that could leave, ``seconds[r, j]`` of travel, ``hopeful[j]``
    whether anything at all could be freed for the need."""

    rule: Rule
    may: Bools
    left: Ints
    seconds: Ints
    hopeful: Bools


class Book:
    """One item's lots (offered, then withheld) and what each need took of them."""

    def __init__(
        self, world: World, view: ItemView, stock: Sequence[Offer], picks: Sequence[Pick],
        headroom: Headroom,
    ) -> None:
        self.world, self.view, self.headroom = world, view, headroom
        self.lots = [o for o in stock if o.item_code == view.item_code and o.quantity]
        row = {(o.warehouse_code, o.lot_code): r for r, o in enumerate(self.lots) if o.held_by is None}
        self.row = _ints(row[p.offer.warehouse_code, p.offer.lot_code] for p in picks)
        self.need = _ints(p.j for p in picks)
        self.taken = _ints(p.units for p in picks)
        gone = np.bincount(self.row, weights=self.taken, minlength=len(self.lots)).astype(np.int64)
        self.spare = _ints(o.quantity for o in self.lots) - gone
        self.by_roads: dict[frozenset[int], Lifted] = {}
        self.codes = {o.warehouse_code for o in self.lots}
        self.rooms: Ints | None = None
        self.place = _ints(world.grid.row[o.warehouse_code] for o in self.lots)

    def lifted(self, rule: Rule) -> Lifted | None:
        """The item without a rule, or None where the rule holds nothing back."""
        if not self._applies(rule):
            return None
        world = self.world
        grid, day, days = world.grid, world.day, world.days
        if rule is Rule.ROAD:
            grid = world.opened
            day, days = arrival_days(world.problem, grid)
        rows = self.place
        seconds = grid.seconds[np.ix_(rows, self.view.column)]
        may = seconds >= 0
        arrives = day[np.ix_(rows, self.view.column)]
        fitness: dict[tuple[date | None, str | None], Bools] = {}
        for r, offer in enumerate(self.lots):
            offer = _freed_of(offer, rule)
            terms = (offer.expires_on, offer.restriction)
            if terms not in fitness:
                fitness[terms] = np.array(good_days(world.problem.hazard, days, offer), dtype=bool)
            may[r] &= fitness[terms][arrives[r]]
            if offer.area is not None:
                may[r] &= np.array([in_area(need.county, offer.area) for need in self.view.needs])
        for row, column in closed_pairs(world, self.view.item_code) if rule is not Rule.PINNED else ():
            may &= (rows[:, None] != row) | (self.view.column[None, :] != column)
        free = (None, *FREES.get(rule, ()))
        left = np.where([o.held_by in free for o in self.lots], self.spare, 0)
        return Lifted(rule, may, left, seconds, self._hopeful(may, left))

    def _applies(self, rule: Rule) -> bool:
        if rule in FREES:
            return any(o.held_by in FREES[rule] for o in self.lots)
        if rule is Rule.TRUCKS:
            return bool(self.world.problem.fleet)
        if rule is Rule.PINNED:
            return bool(closed_pairs(self.world, self.view.item_code))
        if rule is Rule.DONOR:
            return any(o.restriction or o.area for o in self.lots)
        return rule is Rule.ROAD or any(o.expires_on for o in self.lots)

    def _hopeful(self, may: Bools, left: Ints) -> Bools:
        """Needs that a lot with units left reaches, directly or by others changing their lot."""
        lots = left > 0
        needs: Bools = np.asarray(may[lots].any(axis=0))
        while True:
            freed = np.zeros(len(lots), dtype=bool)
            freed[self.row[needs[self.need]]] = True
            wider: Bools = np.logical_or(needs, may[freed].any(axis=0))
            if np.array_equal(wider, needs):
                return needs
            needs = wider

    def freed(self, lifted: Lifted, j: int, missing: int) -> Freed | None:
        """Units a lifted rule brings to a need and the lot that brings most; None for nothing.

        The trucks of a warehouse limit what leaves it, unless they are the rule lifted.  Where
        the time of trucks is limited only direct units count: never too much, sometimes too little.
        """
        if not lifted.hopeful[j]:
            return None
        left, room = lifted.left.copy(), self._room(lifted, j)
        brought = np.zeros_like(left)
        rows = np.flatnonzero(lifted.may[:, j] & (left > 0))
        for r in rows[np.argsort(lifted.seconds[rows, j], kind="stable")].tolist():
            units = min(int(left[r]), missing - int(brought.sum()), int(room[self.place[r]]))
            left[r] -= units
            room[self.place[r]] -= units
            brought[r] += units
        if lifted.rule is Rule.TRUCKS or not self._has_hours():
            flow = Rerouting(lifted.may, (left, room, self.place), (self.row, self.need, self.taken))
            while brought.sum() < missing and (step := flow.augment(j, missing - int(brought.sum()))):
                brought[step[0]] += step[1]
        total = int(brought.sum())
        if not total:
            return None
        direct = np.where(lifted.may[:, j], brought, 0)
        most = int(direct.argmax()) if direct.any() else int(brought.argmax())
        seconds = int(lifted.seconds[most, j]) if direct.any() else None
        return Freed(lifted.rule, total, self.lots[most], seconds)

    def freed_by_roads(self, every: Lifted, j: int, missing: int) -> Freed | None:
        """The same for the closed roads on the way from one warehouse instead of ``every`` road; of
        all such ways the one that brings most, then has fewest roads, then is nearest."""
        problem, county = self.world.problem, self.view.needs[j].county
        ways: dict[frozenset[int], tuple[int, int, ClosedWay]] = {}
        for code in sorted(self.codes):
            way = problem.closed_ways.get((code, county))
            if way:
                far = (problem.closed_travel_s or {}).get((code, county), 0)
                rank = (len(way.edge_ids), far, way)
                ways[frozenset(way.edge_ids)] = min(ways.get(frozenset(way.edge_ids), rank), rank, key=lambda r: r[:2])
        best: Freed | None = None
        for ids, (_, _, way) in sorted(ways.items(), key=lambda w: (*w[1][:2], sorted(w[0])))[:MOST_WAYS]:
            if ids not in self.by_roads:
                self.by_roads[ids] = self._only(every, ids)
            freed = self.freed(self.by_roads[ids], j, missing)
            if freed and (best is None or freed.units > best.units):
                best = replace(freed, way=problem.closed_ways.get((freed.source.warehouse_code, county), way))
                best = replace(best, roads=(way.zh, way.en))
        return best

    def _only(self, every: Lifted, roads: frozenset[int]) -> Lifted:
        """The item with only these closed roads open instead of every one."""
        grid, ways = self.world.grid, self.world.problem.closed_ways
        is_open = grid.seconds >= 0
        for (code, county), way in ways.items():
            if code in self.codes and county in grid.column and roads.issuperset(way.edge_ids):
                is_open[grid.row[code], grid.column[county]] = True
        may = every.may & is_open[np.ix_(self.place, self.view.column)]
        return replace(every, may=may, hopeful=self._hopeful(may, every.left))

    def _has_hours(self) -> bool:
        return any(fleet.truck_s is not None for fleet in self.world.problem.fleet.values())

    def _room(self, lifted: Lifted, j: int) -> Ints:
        """Units of the item that the trucks of each warehouse can still take to a need."""
        endless = int(sum(o.quantity for o in self.lots))
        room = np.full(len(self.world.grid.warehouses), endless, dtype=np.int64)
        if lifted.rule is Rule.TRUCKS:
            return room
        if self.rooms is None or self._has_hours():
            for place, r in dict(zip(self.place.tolist(), range(len(self.lots)), strict=True)).items():
                code = self.lots[r].warehouse_code
                units = self.headroom.units(self.view.item_code, code, int(lifted.seconds[r, j]))
                room[place] = endless if units is None else units
            self.rooms = room
        return self.rooms.copy()


def _freed_of(offer: Offer, rule: Rule) -> Offer:
    """The lot without what a rule asks of it."""
    if rule is Rule.DONOR and (offer.restriction or offer.area):
        return replace(offer, restriction=None, area=None)
    if rule is Rule.EXPIRY and offer.expires_on:
        return replace(offer, expires_on=None)
    return offer


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, dtype=np.int64)


def why_gaps(book: Book, missing: Ints) -> list[Gap]:
    """One gap per short need with the rule that binds it: the easiest one that fills it, else
    the one that brings most."""
    lifted = [found for rule in Rule if (found := book.lifted(rule)) is not None]
    gaps = []
    for j in np.flatnonzero(missing).tolist():
        need, units = book.view.needs[j], int(missing[j])
        best: Freed | None = None
        for one in lifted:
            is_known = one.rule is Rule.ROAD and book.world.problem.closed_ways
            freed = book.freed_by_roads(one, j, units) if is_known else book.freed(one, j, units)
            if freed and (best is None or freed.units > best.units):
                best = freed
            if best and best.units == units:
                break
        cause, remedy = gap_words(book.world.problem, need, units, best, bool(book.lots))
        gaps.append(Gap(need.county, need.item_code, units, cause, remedy, best.units if best else 0))
    return gaps
