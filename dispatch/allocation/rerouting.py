"""More units for one need while all others keep theirs: augmenting paths over lots and trucks.  Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from dispatch.allocation.view import Bools, Ints

MOST_BESIDE = 2


class Rerouting:
    """Augmenting paths: a lot with units left serves another need, whose lot then serves this one.

    ``stores``: units left of each lot, units that the trucks of each place still take, and the
    place of each lot.  Where trucks are full a lot leaves in the stead of another of its place.
    """

    def __init__(self, may: Bools, stores: tuple[Ints, Ints, Ints], taken: tuple[Ints, Ints, Ints]) -> None:
        self.may = may
        self.left, self.room, self.place = stores
        self.row, self.need, self.units = (part.copy() for part in taken)

    def augment(self, j: int, most: int) -> tuple[int, int] | None:
        """(lot the units come from, units) along one shortest path, or None."""
        can_leave = (self.left > 0) & (self.room[self.place] > 0)
        if not can_leave.any():
            return None
        # need -> (entry it loses, lot that serves the need before it instead, that need)
        loses: dict[int, tuple[int, int, int]] = {j: (-1, -1, -1)}
        is_new = np.ones(len(self.left), dtype=bool)
        met = np.zeros(self.may.shape[1], dtype=bool)
        met[j] = True
        queue = [j]
        for need in queue:
            rows = self.may[:, need] & is_new
            is_new &= ~rows
            ready = rows & can_leave
            if ready.any():
                return self._shift(int(ready.argmax()), need, loses, most)
            for entry, lot in self._onward(rows, met):
                onward = int(self.need[entry])
                if not met[onward]:
                    met[onward] = True
                    loses[onward] = (entry, lot, need)
                    queue.append(onward)
        return None

    def _onward(self, rows: Bools, met: Bools) -> Iterator[tuple[int, int]]:
        """(entry that may be taken from its need, lot that leaves instead of it), of needs not
        met so far."""
        is_open = (self.units > 0) & ~met[self.need]
        if not is_open.any():
            return
        for entry in np.flatnonzero(rows[self.row] & is_open).tolist():
            yield entry, int(self.row[entry])
        place_of = self.place[self.row]
        tried: Counter[int] = Counter()
        for lot in np.flatnonzero(rows & (self.left > 0)).tolist():
            place = int(self.place[lot])
            tried[place] += 1
            # the second lot of a place stands in for the first; a third could bring nothing new
            if tried[place] <= MOST_BESIDE:
                beside = (place_of == place) & (self.row != lot) & is_open
                for entry in np.flatnonzero(beside).tolist():
                    yield entry, lot

    def _shift(
        self, start: int, last: int, loses: dict[int, tuple[int, int, int]], most: int
    ) -> tuple[int, int]:
        given, released = [(start, last)], []
        while (step := loses[given[-1][1]])[0] >= 0:
            released.append(step[0])
            given.append(step[1:])
        bounds = [most, int(self.left[start]), int(self.room[self.place[start]])]
        bounds += [int(self.units[e]) for e in released]
        bounds += [
            int(self.left[lot]) for e, (lot, _) in zip(released, given[1:], strict=True) if self.row[e] != lot
        ]
        units = min(bounds)
        self.left[start] -= units
        self.room[self.place[start]] -= units
        for entry, (lot, _) in zip(released, given[1:], strict=True):
            if self.row[entry] != lot:
                self.left[self.row[entry]] += units
                self.left[lot] -= units
        self.units[released] -= units
        self.row = np.append(self.row, [row for row, _ in given])
        self.need = np.append(self.need, [need for _, need in given])
        self.units = np.append(self.units, [units] * len(given))
        return start, units
