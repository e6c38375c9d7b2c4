"""Units rounding took from a floor come back from those above theirs at the same warehouse.  Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dispatch.allocation.trucks import Headroom, Item
from dispatch.allocation.view import Ints, World


class Repair:
    """Whole units being moved: ``sent`` per item and arc is changed in place."""

    def __init__(
        self, world: World, items: Sequence[Item], sent: list[Ints], floors: Sequence[Ints],
        headroom: Headroom,
    ) -> None:
        self.world, self.items, self.sent, self.floors = world, items, sent, floors
        self.headroom = headroom
        self.left = [
            i.view.units - np.bincount(i.arcs.o, weights=s, minlength=len(i.view.lots)).astype(np.int64)
            for i, s in zip(items, sent, strict=True)
        ]
        self.spare = [
            np.bincount(i.arcs.j, weights=s, minlength=len(i.view.needs)).astype(np.int64) - floor
            for i, s, floor in zip(items, sent, floors, strict=True)
        ]

    def run(self) -> None:
        """Lift every need to its floor where a unit elsewhere can make way."""
        for number, spare in enumerate(self.spare):
            for need in np.flatnonzero(spare < 0).tolist():
                while spare[need] < 0 and self._lift(number, need):
                    pass

    def _lift(self, number: int, need: int) -> bool:
        """One unit more for a need, by the cheapest arc that can be freed."""
        item = self.items[number]
        arcs = np.flatnonzero(item.arcs.j == need)
        return any(
            self._free(number, arc) for arc in arcs[np.argsort(item.arcs.cost[arcs], kind="stable")].tolist()
        )

    def _free(self, number: int, arc: int) -> bool:
        """Send one unit on an arc, taking others off the same warehouse while it does not fit."""
        item = self.items[number]
        row = int(item.view.place[item.arcs.o[arc]])
        undone: list[tuple[int, int]] = []
        while not self._fits(number, arc, row):
            donor = self._donor(number, arc, row)
            if donor is None:
                for other, one in undone:
                    self._move(other, one, 1)
                return False
            self._move(*donor, -1)
            undone.append(donor)
        self._move(number, arc, 1)
        return True

    def _fits(self, number: int, arc: int, row: int) -> bool:
        item = self.items[number]
        seconds = int(self.world.grid.seconds[row, item.view.column[item.arcs.j[arc]]])
        room = self.headroom.units(item.view.item_code, self.world.grid.warehouses[row], seconds)
        return bool(self.left[number][item.arcs.o[arc]] > 0) and (room is None or room > 0)

    def _donor(self, number: int, arc: int, row: int) -> tuple[int, int] | None:
        """The least urgent unit from the same warehouse (the same lots, if they are all gone)."""
        best: tuple[int, int, int, int] | None = None
        is_gone = not self.left[number][self.items[number].arcs.o[arc]]
        for other, item in enumerate(self.items):
            if is_gone and other != number:
                continue
            o, j = item.arcs.o, item.arcs.j
            able = (item.view.place[o] == row) & (self.sent[other] > 0) & (self.spare[other][j] > 0)
            if is_gone:
                able &= o == o[arc]
            found = np.flatnonzero(able)
            if len(found):
                one = int(found[np.argmin(item.view.weight[j[found]])])
                rank = (int(item.view.weight[j[one]]), -int(self.sent[other][one]), other, one)
                best = rank if best is None else min(best, rank)
        return None if best is None else best[2:]

    def _move(self, number: int, arc: int, units: int) -> None:
        item = self.items[number]
        self.sent[number][arc] += units
        self.left[number][item.arcs.o[arc]] -= units
        self.spare[number][item.arcs.j[arc]] += units
        self.headroom.book(item, arc, units)
