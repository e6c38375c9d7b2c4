"""Figures and road notices that travel as CAP ``<parameter>`` pairs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from dispatch.alerts.model import LossCounts, RoadNotice
from dispatch.errors import InvalidInput

MAX_COUNT = 30_000_000


@dataclass(frozen=True, slots=True)
class Parameters:
    """Loss figures, road notices and temperature read from one message."""

    counts: LossCounts = field(default_factory=LossCounts)
    roads: tuple[RoadNotice, ...] = ()
    temperature_c: int | None = None


def read_parameters(pairs: Iterable[tuple[str, str]]) -> Parameters:
    """Known names: ``loss.NAME`` (a count), ``road`` (ref;closed|slow F;adcodes;until),
    ``temperature_c``.  Unknown names are other people's and are left alone."""
    counts: dict[str, int] = {}
    roads: list[RoadNotice] = []
    temperature: int | None = None
    for name, value in pairs:
        if name.startswith("loss."):
            counts[_count_name(name)] = _count(name, value)
        elif name == "road":
            roads.append(_road(value))
        elif name == "temperature_c":
            temperature = _temperature(value)
    return Parameters(LossCounts(**counts), tuple(roads), temperature)


def _wrong(name: str, value: str, rule: str, rule_zh: str) -> InvalidInput:
    return InvalidInput(
        f"The parameter {name} is {value!r}.",
        remedy=rule,
        zh=f"参数 {name} 的值是 {value!r}。",
        remedy_zh=rule_zh,
    )


def _count_name(name: str) -> str:
    short = name.removeprefix("loss.")
    if short not in LossCounts.__slots__:
        known = ", ".join("loss." + slot for slot in LossCounts.__slots__)
        raise _wrong(name, "", f"Use one of {known}.", f"应为 {known} 之一。")
    return short


def _count(name: str, value: str) -> int:
    if not (value.isascii() and value.isdigit()) or int(value) > MAX_COUNT:
        raise _wrong(name, value, f"Give a whole number from 0 to {MAX_COUNT:,}.",
                     f"请填写 0 到 {MAX_COUNT:,} 的整数。")
    return int(value)


def _temperature(value: str) -> int:
    try:
        celsius = int(value)
    except ValueError:
        celsius = -1000
    if not -70 <= celsius <= 60:
        raise _wrong("temperature_c", value, "Give whole degrees from -70 to 60.",
                     "请填写 -70 到 60 的整数摄氏度。")
    return celsius


def _road(value: str) -> RoadNotice:
    parts = [part.strip() for part in value.split(";")]
    try:
        ref, state, counties, until = (parts + [""])[:4]
        factor = 0.0 if state == "closed" else float(state.removeprefix("slow "))
        end = datetime.fromisoformat(until) if until else None
        if not ref or not 0 <= factor < 1 or (end is not None and end.tzinfo is None):
            raise ValueError(value)
        codes = tuple(code.strip() for code in counties.split(",") if code.strip())
        if not codes:
            raise ValueError(value)
        return RoadNotice(ref, codes, factor, end.astimezone(UTC) if end else None)
    except (ValueError, IndexError, OverflowError) as error:
        raise _wrong(
            "road", value,
            "Write REF;closed;adcode,adcode;until or REF;slow 0.5;adcode;until; REF * means every road.",
            "格式为 路号;closed;区划代码,区划代码;截止时间，或 路号;slow 0.5;区划代码;截止时间；路号写 * 表示所有道路。",
        ) from error
