"""What one more pile of an item at one warehouse would have brought in time.  Pure.

Each pile is looked at alone: as large as the safety stock the site keeps of the item, filled
up again like all stock.  What several piles would bring together is less than their sum.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatch.drills.season_rules import SeasonRules
from dispatch.drills.season_state import Key


@dataclass(frozen=True, slots=True)
class Short:
    """Units of an item a county still lacks after a decision, and by when it needs them."""

    county: str
    item: str
    units: int
    due_at: datetime


class Help:
    """Follows every pile through a year of decisions."""

    def __init__(self, piles: Mapping[Key, int], rules: SeasonRules) -> None:
        self._left = dict(piles)
        self._rules = rules
        self._back: list[tuple[datetime, Key, int]] = []
        self._given: Counter[tuple[int, Key]] = Counter()
        self.units: Counter[Key] = Counter()

    def decision(
        self, disaster: int, at: datetime, shorts: Sequence[Short], travel_s: Mapping[tuple[str, str], int]
    ) -> None:
        """Books what each pile could have sent at a decision so that it is there in time."""
        self._refill(at)
        by_item: dict[str, list[Short]] = defaultdict(list)
        for short in shorts:
            by_item[short.item].append(short)
        for (place, item), left in self._left.items():
            lacking = by_item.get(item)
            if not left or not lacking:
                continue
            reached = sum(
                s.units for s in lacking
                if (way := travel_s.get((place, s.county))) is not None and at + timedelta(seconds=way) <= s.due_at
            )
            key = place, item
            # at a disaster's second decision what the pile sent at the first is no longer lacking
            units = min(left, max(0, reached - self._given[disaster, key]))
            if units:
                self._book(disaster, at, key, units)

    def _book(self, disaster: int, at: datetime, key: Key, units: int) -> None:
        self._left[key] -= units
        self._given[disaster, key] += units
        self.units[key] += units
        self._back.append((at + timedelta(days=self._rules.replenish_days(key[1])), key, units))

    def _refill(self, at: datetime) -> None:
        for back_at, key, units in self._back:
            if back_at <= at:
                self._left[key] += units
        self._back = [row for row in self._back if row[0] > at]
