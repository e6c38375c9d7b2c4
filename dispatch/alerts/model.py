"""Warnings as values, already translated out of CAP."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Colour(StrEnum):
    """Warning signal colour; the rank gives severity, red highest."""

    BLUE = "blue"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"

    @property
    def rank(self) -> int:
        """1 for blue … 4 for red."""
        return ("blue", "yellow", "orange", "red").index(self.value) + 1


@dataclass(frozen=True, slots=True)
class LossCounts:
    """Loss figures carried by a report; None = not known (never zero)."""

    dead_missing: int | None = None
    relocated: int | None = None
    rooms: int | None = None
    households: int | None = None
    need_aid: int | None = None
    affected: int | None = None
    livestock_dead: int | None = None

    def later(self, newer: LossCounts) -> LossCounts:
        """The newer figures, keeping older ones where the newer say nothing."""
        pairs = {
            name: getattr(newer, name) if getattr(newer, name) is not None else getattr(self, name)
            for name in self.__slots__
        }
        return LossCounts(**pairs)


@dataclass(frozen=True, slots=True)
class RoadNotice:
    """A road closed or slowed by a message.

    ``ref`` is a road number (G45), or ``*`` for every road, valid inside ``counties`` (adcodes);
    ``speed_factor`` 0 means closed, 0.5 half speed; ``until`` None = open end.
    """

    ref: str
    counties: tuple[str, ...]
    speed_factor: float
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """One CAP message after translation.

    ``counties`` are the adcodes the areas resolve to; ``references`` are the
    identifiers of earlier messages; times are aware UTC; ``hazard`` is one of
    ours (blizzard, cold_wave, road_ice, rainstorm, flood, …).
    """

    identifier: str
    sender: str
    sent: datetime
    status: str
    msg_type: str
    hazard: str
    colour: Colour | None
    headline: str
    description: str
    effective: datetime
    expires: datetime | None
    counties: tuple[str, ...]
    references: tuple[str, ...] = ()
    counts: LossCounts = field(default_factory=LossCounts)
    roads: tuple[RoadNotice, ...] = ()
    temperature_c: int | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """What is going on, folded from messages up to a moment.

    ``hazards`` maps each active hazard to its highest colour;
    ``counties`` maps each affected adcode to its highest active colour.
    """

    code: str
    hazard: str
    title_zh: str
    title_en: str
    started_at: datetime
    as_of: datetime
    colour: Colour | None
    hazards: dict[str, Colour]
    counties: dict[str, Colour]
    counts: LossCounts
    counts_at: datetime | None
    roads: tuple[RoadNotice, ...]
    alert_identifiers: tuple[str, ...]
    temperature_c: int | None = None
