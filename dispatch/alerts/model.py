"""Warnings as values, already translated out of CAP."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from dispatch.geo import LonLat
from dispatch.routing.road_state import RoadState


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

    def at_least(self, other: LossCounts) -> LossCounts:
        """The higher figure of each measure; a known one where the other is not known."""
        pairs = {name: (getattr(self, name), getattr(other, name)) for name in self.__slots__}
        return LossCounts(**{
            name: max((n for n in pair if n is not None), default=None) for name, pair in pairs.items()
        })


@dataclass(frozen=True, slots=True)
class Observations:
    """Measures of the hazard itself, in the units named; None = not known.

    ``magnitude`` is Ms; ``return_period_years`` grades a flood; ``dry_area_percent`` is the
    sown area dry and ``short_of_water_percent`` the people short of water in a drought;
    ``grass_buried_percent``, ``snow_days`` and ``snow_area_percent`` grade a pastoral snow
    disaster; ``fire_danger_class`` is 1 (hard to burn) to 5.
    """

    magnitude: float | None = None
    epicentre: LonLat | None = None
    depth_km: int | None = None
    snow_depth_cm: int | None = None
    snow_days: int | None = None
    snow_area_percent: int | None = None
    grass_buried_percent: int | None = None
    return_period_years: int | None = None
    dry_area_percent: int | None = None
    short_of_water_percent: int | None = None
    city_supply_short_percent: int | None = None
    fire_danger_class: int | None = None

    def later(self, newer: Observations) -> Observations:
        """The newer measures, keeping older ones where the newer say nothing."""
        pairs = {
            name: getattr(newer, name) if getattr(newer, name) is not None else getattr(self, name)
            for name in self.__slots__
        }
        return Observations(**pairs)


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
    """One warning of a CAP message after translation.

    A message with several warnings (another hazard, another area) becomes one ``Alert``
    each, told apart by ``part`` (0, 1, …).  ``counties`` are the adcodes the areas resolve to; ``references`` are the
    identifiers of earlier messages; times are aware UTC; ``hazard`` is one of
    ours (blizzard, cold_wave, road_ice, rainstorm, flood, …).  ``urgency``, ``severity`` and
    ``certainty`` are CAP's words; ``external_code`` is the issuer's event code;
    ``government`` pairs an adcode with the response level (1 to 4) its government has in
    force; ``report_kind`` is initial, follow_up, verified, nil or empty, and a correction
    may lower figures reported before.
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
    part: int = 0
    instruction: str = ""
    observations: Observations = field(default_factory=Observations)
    headline_en: str = ""
    urgency: str = ""
    severity: str = ""
    certainty: str = ""
    onset: datetime | None = None
    external_code: str | None = None
    government: tuple[tuple[str, int], ...] = ()
    report_kind: str = ""
    is_correction: bool = False


@dataclass(frozen=True, slots=True)
class Situation:
    """What is going on, folded from messages up to a moment.

    ``hazards`` maps each active hazard to its highest colour;
    ``counties`` maps each affected adcode to its highest active colour.  ``places`` holds
    the figures reported for single counties and leagues (adcodes), ``counts`` those of the
    whole.  ``forecast`` are counts judged likely in a consultation; ``government`` maps a
    place to the response level its government has in force; ``lowered`` holds the reason
    codes under which lower thresholds apply.  ``county_hazards`` is the colour of each hazard
    in each county; ``heard`` when a place last reported; ``is_cancelled`` that no warning
    is in force any more.  ``road_reports`` are the newest words of people on single roads,
    which belong to no message; ``halted`` names the waybills of its plans that were stopped and
    where they stand, so that a stopped truck makes another state.
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
    observations: Observations = field(default_factory=Observations)
    places: dict[str, LossCounts] = field(default_factory=dict)
    forecast: LossCounts | None = None
    government: dict[str, int] = field(default_factory=dict)
    lowered: tuple[str, ...] = ()
    county_hazards: dict[str, dict[str, Colour]] = field(default_factory=dict)
    heard: dict[str, datetime] = field(default_factory=dict)
    is_cancelled: bool = False
    road_reports: tuple[RoadState, ...] = ()
    halted: tuple[str, ...] = ()
