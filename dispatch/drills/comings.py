"""What comes in during a replay, and when: warnings, closures, observations, reports.  Pure values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dispatch.alerts.author import Exercise, Issuer, Reference
from dispatch.alerts.model import Colour, LossCounts
from dispatch.alerts.parameters import Parameters
from dispatch.clock import to_local
from dispatch.drills.entries import is_replayed
from dispatch.drills.model import Event, Moment, Precision
from dispatch.drills.rule import DrillRule

SENDER = "drill@dispatch.invalid"
AGENCY = "000"


@dataclass(frozen=True, slots=True)
class Coming:
    """Something that comes in at a moment, known to ``spread`` either way.

    ``event`` is the number of the fact it tells, 0 for what a leader threw in.
    """

    at: datetime
    event: int
    spread: timedelta


@dataclass(frozen=True, slots=True)
class Warn(Coming):
    """A message; ``roads`` names what it closes: (road, counties)."""

    hazard: str
    colour: Colour | None
    headline: str
    counties: tuple[str, ...]
    carried: Parameters
    expires: datetime | None
    closes: str = ""


@dataclass(frozen=True, slots=True)
class Reopen(Coming):
    """Closures that end: those of these roads (``*`` = of all) told for some of these counties."""

    roads: tuple[str, ...]
    counties: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tell(Coming):
    """A report of losses from a place by somebody."""

    place: str
    reporter: str
    counts: LossCounts


@dataclass(frozen=True, slots=True)
class Break(Coming):
    """The next truck to arrive breaks down."""


def arrival_of(moment: Moment, began: datetime, rule: DrillRule) -> datetime | None:
    """When a fact comes in by the rule; None for a moment nobody knows.

    A day's fact comes at the hour its file gives, else at the rule's hour; a month's on the
    rule's day; nothing comes before the event began unless its day or hour says so.
    """
    if not is_replayed(moment) or moment.at is None:
        return None
    if moment.precision not in (Precision.DAY, Precision.MONTH):
        return moment.at
    local = to_local(moment.at)
    if (local.hour, local.minute) == (0, 0):
        local = local.replace(hour=rule.day_hour)
    if moment.precision is Precision.MONTH:
        local = local.replace(day=rule.month_day)
    began_local = to_local(began)
    same = local.date() == began_local.date() or (
        moment.precision is Precision.MONTH and (local.year, local.month) == (began_local.year, began_local.month)
    )
    return max(local.astimezone(began.tzinfo), began) if same else local.astimezone(began.tzinfo)


def spread_of(event: Event, rule: DrillRule) -> timedelta:
    """How far off the moment of a fact may be, either way."""
    return rule.spread[event.moment.precision]


class Identifiers:
    """National identifiers for the messages of one replay, no two the same."""

    def __init__(self) -> None:
        self._used: set[tuple[str, datetime, int]] = set()

    def message(self, warn: Warn, area_names: tuple[str, str]) -> Exercise:
        """The exercise message of a warning; moved by seconds where ten share one."""
        place, at = warn.counties[0][:4] + "00", warn.at.replace(microsecond=0)
        number = 0
        while (place, at, number % 10) in self._used:
            number += 1
            at += timedelta(seconds=number % 10 == 0)
        self._used.add((place, at, number % 10))
        return Exercise(
            issuer=Issuer(place, AGENCY, SENDER), sent=at, hazard=warn.hazard, colour=warn.colour,
            headline=warn.headline, counties=warn.counties, serial=number % 10, effective=at,
            expires=warn.expires, area_names=area_names, carried=warn.carried,
        )

    def cancel(self, of: Exercise, at: datetime) -> Exercise:
        """The message that ends one of before."""
        warn = Warn(at, 0, timedelta(0), of.hazard, None, of.headline, of.counties, Parameters(), None)
        return replace(
            self.message(warn, of.area_names), msg_type="Cancel",
            references=(Reference(of.issuer.sender, of.identifier, of.sent),),
        )
