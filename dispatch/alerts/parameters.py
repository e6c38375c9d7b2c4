"""Figures, measures, road notices and report marks that travel as CAP ``<parameter>`` pairs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from dispatch.alerts.faults import at, bad
from dispatch.alerts.model import LossCounts, Observations, RoadNotice
from dispatch.errors import InvalidInput
from dispatch.geo import LonLat

MAX_COUNT = 30_000_000
MAX_LEVEL = 4
DEGREES = r"-?\d{1,3}(?:\.\d{1,15})?"
EPICENTRE = re.compile(rf"({DEGREES}),({DEGREES})", re.ASCII)
MAGNITUDE = re.compile(r"\d{1,2}(?:\.\d{1,2})?", re.ASCII)
WHOLE = re.compile(r"\d{1,9}", re.ASCII)
FACTOR = re.compile(r"0(?:\.\d{1,4})?", re.ASCII)
LEVEL = re.compile(r"(\d{6}) *; *([1-4])", re.ASCII)
REPORT_KINDS = ("initial", "follow_up", "verified", "nil")
# measures in whole units: the least and the most that can be meant
RANGES = {
    "depth_km": (0, 700),
    "snow_depth_cm": (0, 1000),
    "snow_days": (0, 300),
    "snow_area_percent": (0, 100),
    "grass_buried_percent": (0, 100),
    "return_period_years": (1, 10_000),
    "dry_area_percent": (0, 100),
    "short_of_water_percent": (0, 100),
    "city_supply_short_percent": (0, 100),
    "fire_danger_class": (1, 5),
}
ONCE = ("temperature_c", "report.kind", "report.correction")


@dataclass(frozen=True, slots=True)
class Parameters:
    """What one warning carries in figures; see ``Alert`` for the meaning of each."""

    counts: LossCounts = field(default_factory=LossCounts)
    roads: tuple[RoadNotice, ...] = ()
    temperature_c: int | None = None
    observations: Observations = field(default_factory=Observations)
    government: tuple[tuple[str, int], ...] = ()
    report_kind: str = ""
    is_correction: bool = False


def read_parameters(pairs: Iterable[tuple[str, str]], place: str = "info") -> Parameters:
    """Known names: ``loss.NAME`` (a count), ``hazard.NAME`` (a measure),
    ``road`` (ref;closed|slow F;adcodes;until), ``temperature_c``, ``government.level``
    (adcode;1-4), ``report.kind``, ``report.correction``.

    Unknown names are other people's and are left alone, except under the four prefixes
    of ours, where a misspelt name would lose a figure.  A name may come again with the
    same value only (``road`` and ``government.level`` may come often).
    """
    found: dict[str, Any] = {}
    roads: list[RoadNotice] = []
    levels: dict[str, int] = {}
    for number, (name, value) in enumerate(pairs, 1):
        with at(f"{place}/parameter[{number}]"):
            if name == "road":
                roads.append(_road(value))
            elif name == "government.level":
                adcode, level = _level(value)
                _set_once(levels, adcode, level, name)
            elif name in ONCE or name.startswith(("loss.", "hazard.", "report.", "government.")):
                _set_once(found, name, _value(name, value), name)
    return Parameters(
        counts=LossCounts(**_under("loss.", found)),
        roads=tuple(roads),
        temperature_c=found.get("temperature_c"),
        observations=Observations(**_under("hazard.", found)),
        government=tuple(sorted(levels.items())),
        report_kind=found.get("report.kind", ""),
        is_correction=found.get("report.correction", False),
    )


def _under(prefix: str, found: dict[str, Any]) -> dict[str, Any]:
    return {name.removeprefix(prefix): v for name, v in found.items() if name.startswith(prefix)}


def _set_once(found: dict[str, Any], key: str, value: object, name: str) -> None:
    if found.setdefault(key, value) != value:
        raise bad(
            f"The parameter {name} is given twice with different values.", "Keep the one that holds.",
            f"参数 {name} 出现两次且值不同。", "请保留有效的一个。",
        )


def _value(name: str, value: str) -> object:
    if name.startswith("loss."):
        return _whole(_known(name, "loss.", LossCounts.__slots__), value, 0, MAX_COUNT)
    if name.startswith("hazard."):
        return _measure(_known(name, "hazard.", Observations.__slots__), value)
    if name == "temperature_c":
        return _temperature(value)
    if name == "report.kind":
        return _choice(name, value, REPORT_KINDS)
    if name == "report.correction":
        return _choice(name, value, ("true", "false")) == "true"
    known = "government.level, report.kind, report.correction"
    raise _wrong(name, value, f"Use one of {known}.", f"应为 {known} 之一。")


def _wrong(name: str, value: str, rule: str, rule_zh: str) -> InvalidInput:
    short = value[:120]
    return bad(f"The parameter {name[:80]} is {short!r}.", rule, f"参数 {name[:80]} 的值是 {short!r}。", rule_zh)


def _known(name: str, prefix: str, slots: Iterable[str]) -> str:
    if name.removeprefix(prefix) not in slots:
        known = ", ".join(prefix + slot for slot in slots)
        raise _wrong(name, "", f"Use one of {known}.", f"应为 {known} 之一。")
    return name


def _choice(name: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise _wrong(name, value, f"Use one of {', '.join(allowed)}.", f"应为 {'、'.join(allowed)} 之一。")
    return value


def _whole(name: str, value: str, least: int, most: int) -> int:
    if not WHOLE.fullmatch(value) or not least <= int(value) <= most:
        raise _wrong(name, value, f"Give a whole number from {least} to {most:,}.",
                     f"请填写 {least} 到 {most:,} 的整数。")
    return int(value)


def _measure(name: str, value: str) -> object:
    short = name.removeprefix("hazard.")
    if short == "epicentre":
        match = EPICENTRE.fullmatch(value)
        if match is None:
            raise _wrong(name, value, "Give longitude,latitude in degrees, for example 122.25,43.62.",
                         "请填写“经度,纬度”，例如 122.25,43.62。")
        return LonLat(float(match[1]), float(match[2]))
    if short == "magnitude":
        if not MAGNITUDE.fullmatch(value) or float(value) > 10:
            raise _wrong(name, value, "Give a magnitude from 0 to 10, for example 5.3.",
                         "请填写 0 到 10 的震级，例如 5.3。")
        return float(value)
    return _whole(name, value, *RANGES[short])


def _temperature(value: str) -> int:
    if not re.fullmatch(r"[-+]?\d{1,3}", value, re.ASCII) or not -70 <= int(value) <= 60:
        raise _wrong("temperature_c", value, "Give whole degrees from -70 to 60.",
                     "请填写 -70 到 60 的整数摄氏度。")
    return int(value)


def _level(value: str) -> tuple[str, int]:
    match = LEVEL.fullmatch(value)
    if match is None:
        raise _wrong("government.level", value, "Write adcode;level, for example 150500;3 (1 to 4).",
                     "格式为 区划代码;级别，例如 150500;3（1 到 4）。")
    return match[1], int(match[2])


def _road(value: str) -> RoadNotice:
    parts = [part.strip() for part in value.split(";")]
    try:
        ref, state, counties, until = (parts + [""])[:4]
        slow = state.removeprefix("slow ")
        if not ref or not (state == "closed" or FACTOR.fullmatch(slow)):
            raise ValueError(value)
        end = datetime.fromisoformat(until) if until else None
        codes = tuple(code.strip() for code in counties.split(",") if code.strip())
        if not codes or (end is not None and end.tzinfo is None):
            raise ValueError(value)
        factor = 0.0 if state == "closed" else float(slow)
        return RoadNotice(ref, codes, factor, end.astimezone(UTC) if end else None)
    except (ValueError, OverflowError) as error:
        raise _wrong(
            "road", value,
            "Write REF;closed;adcode,adcode;until or REF;slow 0.5;adcode;until; REF * means every road.",
            "格式为 路号;closed;区划代码,区划代码;截止时间，或 路号;slow 0.5;区划代码;截止时间；路号写 * 表示所有道路。",
        ) from error
