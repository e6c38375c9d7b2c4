"""What people judge of a situation: forecasts, government levels, reason codes, measures.  Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from dispatch.alerts.model import LossCounts, Observations
from dispatch.errors import InvalidInput
from dispatch.geo import LonLat

KINDS = ("forecast", "government", "lowered", "observation")
RANGES: dict[str, tuple[float, float]] = {
    "magnitude": (0, 10), "depth_km": (0, 800), "snow_depth_cm": (0, 500), "snow_days": (0, 200),
    "snow_area_percent": (0, 100), "grass_buried_percent": (0, 100),
    "return_period_years": (1, 10_000), "dry_area_percent": (0, 100),
    "short_of_water_percent": (0, 100), "city_supply_short_percent": (0, 100),
    "fire_danger_class": (1, 5),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One judgement: who, when, of what kind, with which values; only ever added."""

    kind: str
    at: datetime
    actor: str
    body: dict[str, Any]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """What the entries amount to; ``government`` has the levels in force, none that ended."""

    forecast: LossCounts | None = None
    government: dict[str, int] = field(default_factory=dict)
    lowered: tuple[str, ...] = ()
    observations: Observations = field(default_factory=Observations)


def fold_entries(entries: Sequence[Entry]) -> Judged:
    """The latest judgement of each kind; government levels place by place, 0 ends one."""
    forecast: LossCounts | None = None
    government: dict[str, int] = {}
    lowered: tuple[str, ...] = ()
    observations = Observations()
    for entry in sorted(entries, key=lambda e: e.at):
        if entry.kind == "forecast":
            counts = LossCounts(**entry.body)
            forecast = None if counts == LossCounts() else counts
        elif entry.kind == "government":
            government[entry.body["place"]] = entry.body["level"]
        elif entry.kind == "lowered":
            lowered = tuple(entry.body["codes"])
        elif entry.kind == "observation":
            observations = observations.later(read_observations(entry.body))
    active = {place: level for place, level in government.items() if level}
    return Judged(forecast, active, lowered, observations)


def read_observations(body: Mapping[str, Any]) -> Observations:
    """Measures from plain values (``epicentre`` as lon, lat)."""
    point = body.get("epicentre")
    rest = {k: v for k, v in body.items() if k != "epicentre"}
    return Observations(**rest, epicentre=LonLat(*point) if point else None)


def check_entry(kind: str, body: Mapping[str, Any], places: Mapping[str, int], codes: Sequence[str]) -> dict[str, Any]:
    """The body of an entry as it is kept, or ``InvalidInput`` naming the field at fault."""
    if kind == "forecast":
        return _counts(body)
    if kind == "government":
        return _government(body, places)
    if kind == "lowered":
        return _codes(body, codes)
    if kind == "observation":
        return _measures(body)
    raise _wrong("kind", kind, "one of " + ", ".join(KINDS))


def _wrong(name: str, value: object, rule: str) -> InvalidInput:
    return InvalidInput(
        f"{name} is {value!r}.", remedy=f"Give {rule}.",
        zh=f"{name} 的值是 {value!r}。", remedy_zh=f"应为 {rule}。", facts={"field": name},
    )


def _counts(body: Mapping[str, Any]) -> dict[str, Any]:
    kept = {}
    for name, value in body.items():
        if name not in LossCounts.__slots__:
            raise _wrong(name, value, "one of " + ", ".join(LossCounts.__slots__))
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 30_000_000:
            raise _wrong(name, value, "0 … 30,000,000")
        kept[name] = value
    return kept


def _government(body: Mapping[str, Any], places: Mapping[str, int]) -> dict[str, Any]:
    place, level = body.get("place"), body.get("level")
    if not isinstance(place, str) or place not in places:
        raise _wrong("place", place, "an adcode of the region, a league or a county")
    if not isinstance(level, int) or isinstance(level, bool) or level not in (0, 1, 2, 3, 4):
        raise _wrong("level", level, "1 … 4, 0 = ended")
    return {"place": place, "level": level}


def _codes(body: Mapping[str, Any], codes: Sequence[str]) -> dict[str, Any]:
    given = body.get("codes")
    if not isinstance(given, list) or any(code not in codes for code in given):
        raise _wrong("codes", given, "some of " + ", ".join(codes))
    return {"codes": sorted(set(given))}


def _measures(body: Mapping[str, Any]) -> dict[str, Any]:
    known = {f.name for f in fields(Observations)}
    kept: dict[str, Any] = {}
    for name, value in body.items():
        if name == "epicentre":
            kept[name] = list(_epicentre(value))
            continue
        if name not in known:
            raise _wrong(name, value, "one of " + ", ".join(sorted(known)))
        least, most = RANGES[name]
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not least <= value <= most or (name != "magnitude" and int(value) != value):
            raise _wrong(name, value, f"{least} … {most}")
        kept[name] = value
    return kept


def _epicentre(value: object) -> tuple[float, float]:
    if isinstance(value, list | tuple) and len(value) == 2 and all(isinstance(v, int | float) for v in value):
        point = LonLat(float(value[0]), float(value[1]))
        return point.lon, point.lat
    raise _wrong("epicentre", value, "[lon, lat]")
