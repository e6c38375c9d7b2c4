"""Time as a value that is passed in: aware UTC inside, Asia/Shanghai at the door."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

LOCAL_ZONE = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """Anything that can tell the time."""

    def now(self) -> datetime:
        """The current moment as an aware UTC time."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The current moment, whole seconds (audit and prints need no more)."""
        return datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True)
class ShiftedClock:
    """The machine's clock moved by a fixed span; what a demo of a past event runs on."""

    shift: timedelta

    def now(self) -> datetime:
        """The moved moment, whole seconds."""
        return SystemClock().now() + self.shift


@dataclass(frozen=True)
class ReplayClock:
    """A clock that showed ``at`` when the machine's showed ``real_at`` and runs ``rate`` times as
    fast since then; rate 0 = it stands."""

    at: datetime
    real_at: datetime
    rate: int

    def now(self) -> datetime:
        """The replayed moment, whole seconds."""
        return self.at + (SystemClock().now() - self.real_at) * self.rate


@dataclass
class FixedClock:
    """A clock that stands still until moved; for tests and replays."""

    at: datetime

    def now(self) -> datetime:
        """The moment it was set to."""
        return self.at


def to_local(at: datetime) -> datetime:
    """The same moment on the wall clocks of Inner Mongolia."""
    return at.astimezone(LOCAL_ZONE)


def clock_words(at: datetime, beside: datetime) -> str:
    """Local time of day, with the date where it is another day than ``beside``."""
    local = to_local(at)
    return f"{local:%H:%M}" if local.date() == to_local(beside).date() else f"{local:%m-%d %H:%M}"


def as_utc(at: datetime) -> datetime:
    """Aware UTC; a naive time read back from SQLite is UTC already."""
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
