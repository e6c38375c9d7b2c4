"""Whether what is planned is enough: share of need covered, first truck, what is missing, what is left.  Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from dispatch.flow.desk_model import DeskFacts, Missing, counting_plans
from dispatch.words import Words


@dataclass(frozen=True, slots=True)
class Cover:
    """How far the plans of open situations go together; None where nothing is planned."""

    percent: int | None
    units_needed: int
    units_sent: int
    first_arrival: datetime | None
    missing: tuple[Missing, ...]
    is_approved: bool


def cover(facts: DeskFacts) -> Cover:
    """The plans of every open situation together; the share is of units, what is missing by item.

    What approved plans before the newest one send counts as needed and as sent.
    """
    opened = {event.code for event in facts.events}
    counting = [plans for code, plans in counting_plans(facts.plans).items() if code in opened]
    newest = [plans[-1] for plans in counting]
    before = sum(plan.units_sent for plans in counting for plan in plans[:-1])
    needed, sent = before + sum(p.units_needed for p in newest), before + sum(p.units_sent for p in newest)
    missing: Counter[tuple[Words, Words]] = Counter()
    for plan in newest:
        for one in plan.missing:
            missing[one.item, one.unit] += one.quantity
    worst = [Missing(item, unit, quantity) for (item, unit), quantity in missing.most_common()]
    return Cover(
        (100 * sent // needed if needed else 100) if newest else None, needed, sent,
        min((p.first_arrival for plans in counting for p in plans if p.first_arrival), default=None), tuple(worst),
        bool(newest) and all(p.status == "approved" for p in newest),
    )


@dataclass(frozen=True, slots=True)
class Reserve:
    """What the region keeps of an item once the plans have left: units, of these promised minimum."""

    item: Words
    unit: Words
    left: int
    minimum: int

    @property
    def percent(self) -> int:
        """Share of the minimum that is left; above 100 there is more."""
        return 100 * self.left // self.minimum


def reserve(free: Mapping[str, int], minimum: Mapping[str, int], taken: Mapping[str, int], names: Mapping[str, tuple[Words, Words]]) -> tuple[Reserve, ...]:
    """Items that a plan takes from, the tightest first: free units less what plans not yet approved take."""
    found = [Reserve(*names[item], free.get(item, 0) - taken[item], minimum[item]) for item in taken if minimum.get(item)]
    return tuple(sorted(found, key=lambda r: (r.percent, r.item.zh)))
