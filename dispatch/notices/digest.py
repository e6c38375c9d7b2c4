"""Which waiting deliveries go out now, and together with which.  Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatch.notices.model import Urgency

MOST_IN_ONE = 50
"""Notices in one message; more become a second message."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A delivery that waits: ``queued_at`` since when, ``attempts`` made so far."""

    id: int
    channel: str
    address: str
    urgency: Urgency
    queued_at: datetime
    attempts: int = 0
    is_exercise: bool = False

    def is_ripe(self, now: datetime, window: timedelta) -> bool:
        """Urgent and tried ones at once, others when they have waited the window."""
        return self.urgency is Urgency.NOW or self.attempts > 0 or self.queued_at + window <= now


@dataclass(frozen=True, slots=True)
class Batch:
    """Deliveries that make one message to one address, the most urgent first."""

    channel: str
    address: str
    rows: tuple[Waiting, ...]

    @property
    def ids(self) -> tuple[int, ...]:
        """The deliveries' numbers, in the order of the message."""
        return tuple(row.id for row in self.rows)


def make_batches(rows: Iterable[Waiting], now: datetime, window: timedelta) -> tuple[Batch, ...]:
    """Group by channel and address; the most urgent message first, then the longest waiting.

    One ripe row takes along whatever else waits for the same address, so that a person gets
    one message instead of several; an address without a ripe row waits on.  Exercises never
    share a message with real work.
    """
    by_address: dict[tuple[str, str, bool], list[Waiting]] = defaultdict(list)
    for row in rows:
        by_address[row.channel, row.address, row.is_exercise].append(row)
    batches = [
        Batch(channel, address, part)
        for (channel, address, _), waiting in by_address.items()
        if any(row.is_ripe(now, window) for row in waiting)
        for part in _parts(sorted(waiting, key=_order))
    ]
    return tuple(sorted(batches, key=lambda b: (_order(b.rows[0]), b.channel, b.address)))


def _order(row: Waiting) -> tuple[int, datetime, int]:
    return (row.urgency.rank, row.queued_at, row.id)


def _parts(rows: Sequence[Waiting]) -> list[tuple[Waiting, ...]]:
    return [tuple(rows[at : at + MOST_IN_ONE]) for at in range(0, len(rows), MOST_IN_ONE)]
