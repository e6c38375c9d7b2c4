"""What a simulated season rests on: dated data, read and checked whole."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from dispatch.errors import InvalidInput

FILE = Path(__file__).resolve().parent.parent / "reference" / "data" / "season.toml"
PLACES = ("any", "pastoral", "epicentre")
COLOURS = 4
MONTHS = 12


@dataclass(frozen=True, slots=True)
class Group:
    """A kind of disaster: the recorded events it is drawn from and the years they were counted in.

    ``places`` says where one may strike elsewhere: any county, pastoral ones, or around a
    recorded epicentre.  ``looks`` names how fast figures come in.
    """

    name: str
    zh: str
    en: str
    since: int
    until: int
    events: tuple[str, ...]
    places: str
    looks: str
    note: str

    @property
    def rate(self) -> float:
        """Events a year."""
        return len(self.events) / (self.until - self.since + 1)


@dataclass(frozen=True, slots=True)
class Spread:
    """How a drawn disaster differs from the recorded one; ratios are P90 : P50, shares percent."""

    days: int
    people: float
    counties: float
    elsewhere_percent: int
    most_percent: int
    outer_percent: int


@dataclass(frozen=True, slots=True)
class QuakeRule:
    """Magnitudes by Gutenberg and Richter between ``complete_from`` and ``most``; ``felt`` is the
    fewest people in need for a county to count as hit."""

    complete_from: float
    bin: float
    most: float
    wander_km: int
    felt: int


@dataclass(frozen=True, slots=True)
class Look:
    """So many hours after the start somebody decides, knowing this share of the final figures."""

    after_h: int
    percent: int


@dataclass(frozen=True, slots=True)
class Closure:
    """Chance in percent, by colour from blue to red, that a county's roads are shut for ``hours``."""

    groups: tuple[str, ...]
    percent: tuple[int, ...]
    hours: int


@dataclass(frozen=True)
class SeasonRules:
    """All of it; ``replenish`` maps an item to days, the empty name to those of all others."""

    version: str
    source: str
    is_assumption: bool
    starts_month: int
    most_years: int
    groups: tuple[Group, ...]
    spread: Spread
    quake: QuakeRule
    looks: Mapping[str, tuple[Look, ...]]
    closure: Closure
    replenish: Mapping[str, int]
    temperature_c: tuple[int, ...]

    def replenish_days(self, item: str) -> int:
        """Days from sending an item until as much is there again."""
        return self.replenish.get(item, self.replenish[""])


@cache
def load_season(path: Path = FILE) -> SeasonRules:
    """The rules in force.

    Raises ``InvalidInput`` naming every fault.
    """
    try:
        rules = _read(tomllib.loads(path.read_text("utf-8")))
        faults = list(_faults(rules))
    except (OSError, tomllib.TOMLDecodeError, LookupError, TypeError, ValueError) as error:
        faults = [f"{error!r}"]
    if faults:
        raise InvalidInput(
            f"{path.name} is refused: " + "; ".join(faults) + ".",
            remedy="Mend the places named.",
            zh=f"{path.name} 被拒绝：" + "；".join(faults) + "。", remedy_zh="请修改所列各处。",
            facts={"faults": faults},
        )
    return rules


def _read(fields: dict[str, Any]) -> SeasonRules:
    if not isinstance(fields["from"], date):
        raise ValueError("from is not a date")
    closure, replenish = fields["closure"], fields["replenish"]
    return SeasonRules(
        version=fields["version"], source=fields["source"], is_assumption=fields["is_assumption"],
        starts_month=fields["starts_month"], most_years=fields["most_years"],
        groups=tuple(Group(**{**g, "events": tuple(g["events"])}) for g in fields["group"]),
        spread=Spread(**fields["spread"]),
        quake=QuakeRule(**fields["quake"]),
        looks={
            name: tuple(Look(h, p) for h, p in zip(row["after_h"], row["percent"], strict=True))
            for name, row in fields["looks"].items()
        },
        closure=Closure(tuple(closure["groups"]), tuple(closure["percent"]), closure["hours"]),
        replenish={"": replenish["days"], **replenish["items"]},
        temperature_c=tuple(fields["temperature"]["c"]),
    )


def _faults(rules: SeasonRules) -> Iterator[str]:
    names = [group.name for group in rules.groups]
    if len(set(names)) < len(names) or not names:
        yield "groups are named once each, and there is one at least"
    for group in rules.groups:
        if group.until < group.since:
            yield f"group {group.name}: until {group.until} is before since {group.since}"
        if not group.events:
            yield f"group {group.name}: no events"
        if group.places not in PLACES:
            yield f"group {group.name}: places is one of {', '.join(PLACES)}"
        if group.looks not in rules.looks:
            yield f"group {group.name}: looks {group.looks!r} is not described"
        if not group.note:
            yield f"group {group.name}: note does not say how it was counted"
    for name, looks in rules.looks.items():
        hours, shares = [one.after_h for one in looks], [one.percent for one in looks]
        if not looks or hours != sorted(set(hours)) or shares != sorted(shares) or shares[-1] != 100:
            yield f"looks.{name}: hours rise, percent do not fall and end at 100"
    yield from _figure_faults(rules)


def _figure_faults(rules: SeasonRules) -> Iterator[str]:
    checks = (
        ("starts_month is 1 to 12", 1 <= rules.starts_month <= MONTHS),
        ("most_years is 1 or more", rules.most_years >= 1),
        ("spread.people and spread.counties are 1 or more", min(rules.spread.people, rules.spread.counties) >= 1),
        ("shares of spread are 0 to 100", all(
            0 <= n <= 100
            for n in (rules.spread.elsewhere_percent, rules.spread.most_percent, rules.spread.outer_percent)
        )),
        ("quake.most is above quake.complete_from", rules.quake.most > rules.quake.complete_from),
        ("closure.percent has four shares of 0 to 100",
         len(rules.closure.percent) == COLOURS and all(0 <= n <= 100 for n in rules.closure.percent)),
        ("replenish days are 1 or more", all(days >= 1 for days in rules.replenish.values())),
        ("temperature.c has twelve values", len(rules.temperature_c) == MONTHS),
    )
    yield from (text for text, is_right in checks if not is_right)
