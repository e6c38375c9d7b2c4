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
from dispatch.allocation.problem import Offer, Rule
from dispatch.allocation.travel import TravelGrid, grid_of
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

    def lifted(self, rule: Rule) -> Lifted | None:
        """The item without a rule, or None where the rule holds nothing back."""
        if not self._applies(rule):
            return None
        world = self.world
        grid, day, days = world.grid, world.day, world.days
        if rule is Rule.ROAD:
            grid = opened(world)
            day, days = arrival_days(world.problem, grid)
        rows = _ints(grid.row[o.warehouse_code] for o in self.lots)
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
        """Units a lifted rule brings to a need and the lot that brings most; None for nothing."""
        if not lifted.hopeful[j]:
            return None
        left = lifted.left.copy()
        brought = np.zeros_like(left)
        rows = np.flatnonzero(lifted.may[:, j] & (left > 0))
        for r in rows[np.argsort(lifted.seconds[rows, j], kind="stable")].tolist():
            units = min(int(left[r]), missing - int(brought.sum()), self._loadable(lifted, r, j))
            left[r] -= units
            brought[r] += units
        if lifted.rule is Rule.TRUCKS or not self.world.problem.fleet:
            flow = Rerouting(lifted.may, left, (self.row, self.need, self.taken))
            while brought.sum() < missing and (step := flow.augment(j, missing - int(brought.sum()))):
                brought[step[0]] += step[1]
        total = int(brought.sum())
        if not total:
            return None
        most = int(brought.argmax())
        return Freed(lifted.rule, total, self.lots[most], int(lifted.seconds[most, j]))

    def _loadable(self, lifted: Lifted, r: int, j: int) -> int:
        """Units of a lot that its warehouse's trucks can still take to a need."""
        if lifted.rule is Rule.TRUCKS:
            return int(lifted.left[r])
        lot = self.lots[r]
        units = self.headroom.units(self.view.item_code, lot.warehouse_code, int(lifted.seconds[r, j]))
        return int(lifted.left[r]) if units is None else units


class Rerouting:
    """Augmenting paths: a lot with units left serves another need, whose lot then serves this one."""

    def __init__(self, may: Bools, left: Ints, taken: tuple[Ints, Ints, Ints]) -> None:
        self.may, self.left = may, left
        self.row, self.need, self.units = (part.copy() for part in taken)

    def augment(self, j: int, most: int) -> tuple[int, int] | None:
        """(lot the units come from, units) along one shortest path, or None."""
        by_need: dict[int, int] = {j: -1}
        by_row: dict[int, int] = {}
        is_new = np.ones(len(self.left), dtype=bool)
        queue = [j]
        for need in queue:
            rows = self.may[:, need] & is_new
            is_new &= ~rows
            by_row.update(dict.fromkeys(np.flatnonzero(rows).tolist(), need))
            ready = np.flatnonzero(rows & (self.left > 0))
            if len(ready):
                return self._shift(int(ready[0]), (by_need, by_row), most)
            for entry in np.flatnonzero(rows[self.row] & (self.units > 0)).tolist():
                onward = int(self.need[entry])
                if onward not in by_need:
                    by_need[onward] = entry
                    queue.append(onward)
        return None

    def _shift(
        self, start: int, parents: tuple[dict[int, int], dict[int, int]], most: int
    ) -> tuple[int, int]:
        by_need, by_row = parents
        given, released = [(start, by_row[start])], []
        while (entry := by_need[given[-1][1]]) >= 0:
            released.append(entry)
            row = int(self.row[entry])
            given.append((row, by_row[row]))
        units = min([most, int(self.left[start]), *(int(self.units[e]) for e in released)])
        self.left[start] -= units
        self.units[released] -= units
        self.row = np.append(self.row, [row for row, _ in given])
        self.need = np.append(self.need, [need for _, need in given])
        self.units = np.append(self.units, [units] * len(given))
        return start, units


def _freed_of(offer: Offer, rule: Rule) -> Offer:
    """The lot without what a rule asks of it."""
    if rule is Rule.DONOR and (offer.restriction or offer.area):
        return replace(offer, restriction=None, area=None)
    if rule is Rule.EXPIRY and offer.expires_on:
        return replace(offer, expires_on=None)
    return offer


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, dtype=np.int64)


def opened(world: World) -> TravelGrid:
    """Travel with closed roads open; where that is not known, as if every place were reached the same day."""
    grid, closed = world.grid, world.problem.closed_travel_s
    if closed is None:
        other = np.zeros_like(grid.seconds)
    else:
        other = grid_of(closed, grid.warehouses, grid.counties).seconds
    seconds = np.where(grid.seconds >= 0, grid.seconds, other)
    return TravelGrid(grid.warehouses, grid.counties, seconds)


def why_gaps(book: Book, missing: Ints) -> list[Gap]:
    """One gap per short need with the rule that binds it: the easiest one that fills it, else
    the one that brings most."""
    lifted = [found for rule in Rule if (found := book.lifted(rule)) is not None]
    gaps = []
    for j in np.flatnonzero(missing).tolist():
        need, units = book.view.needs[j], int(missing[j])
        best: Freed | None = None
        for one in lifted:
            freed = book.freed(one, j, units)
            if freed and (best is None or freed.units > best.units):
                best = freed
            if best and best.units == units:
                break
        cause, remedy = gap_words(book.world.problem, need, units, best, bool(book.lots))
        gaps.append(Gap(need.county, need.item_code, units, cause, remedy, best.units if best else 0))
    return gaps
