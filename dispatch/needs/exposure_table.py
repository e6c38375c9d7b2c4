"""Dated tables behind the first estimate: read, checked, chosen by date."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from dispatch.errors import InvalidInput

EXPOSURE = Path(__file__).resolve().parent.parent / "reference" / "data" / "exposure"
LEVELS = 4
WHOLE = 10_000
T = TypeVar("T")
GRADED_BY = (
    "return_period_years", "dry_area_percent", "short_of_water_percent", "fire_danger_class",
)


@dataclass(frozen=True, slots=True)
class Axis:
    """Intensity along one axis: a + b·M − c·log10(R + r0), R and r0 in km."""

    a: float
    b: float
    c: float
    r0_km: float


@dataclass(frozen=True, slots=True)
class Damage:
    """What one intensity does, per ten million people."""

    intensity: float
    displaced: float
    rooms: float
    dead: float


@dataclass(frozen=True, slots=True)
class QuakeTable:
    """Attenuation and damage; ``sigma`` is in degrees of intensity.

    ``need_percent`` is people in need per hundred displaced; ``seat_percent`` the share of
    a county's people living in its seat and ``weaker_by`` the degrees its houses are hit harder
    than the rows of ``damage`` say, both by "district" and "other".
    """

    major: Axis
    minor: Axis
    sigma: float
    damage: tuple[Damage, ...]
    need_percent: int
    seat_percent: dict[str, int]
    weaker_by: dict[str, float]
    source: str


@dataclass(frozen=True, slots=True)
class DepthGrade:
    """Snow of this depth lying this long has this grade (1 light … 4 extreme)."""

    grade: int
    depth_cm: int
    days: int


@dataclass(frozen=True, slots=True)
class GrassGrade:
    """Grass buried and snow-covered area, both in percent, lying this long: this grade."""

    grade: int
    grass_percent: int
    days: int
    area_percent: int


@dataclass(frozen=True, slots=True)
class SnowTable:
    """Who lives from stock, and what a grade of snow does to them (lists from grade 0 on)."""

    colour_grade: dict[str, tuple[int, ...]]
    depth: tuple[DepthGrade, ...]
    grass: tuple[GrassGrade, ...]
    herder_need: tuple[int, ...]
    other_need: tuple[int, ...]
    herder_hit: tuple[int, ...]
    pastoral: frozenset[str]
    semi_pastoral: frozenset[str]
    herder_percent: dict[str, int]
    herder_percent_by_league: dict[str, int]
    household_tenths: int
    livestock: dict[str, int]
    spread: float
    source: str


@dataclass(frozen=True, slots=True)
class HazardTable:
    """People in need per 10,000 by level (blue … red); ``grades`` are the lower bounds of
    an observation for the four levels; ``spread`` is P90 : P50."""

    per_10000: tuple[int, ...]
    spread: float
    grades: dict[str, tuple[int, ...]]
    source: str
    source_zh: str


@dataclass(frozen=True, slots=True)
class ExposureTable:
    """Everything the first estimate rests on; ``hazards`` always holds "other"."""

    version: str
    valid_from: date
    earthquake: QuakeTable
    snow: SnowTable
    hazards: dict[str, HazardTable]


class _Part:
    """One table of a file, so that a fault can be named by file and field."""

    def __init__(self, fields: Mapping[str, Any], where: str) -> None:
        self.fields = fields
        self.where = where

    def refuse(self, name: str, rule: str, rule_zh: str) -> InvalidInput:
        place = f"{self.where}{name}"
        return InvalidInput(
            f"{place} cannot be estimated with.", remedy=f"It must be {rule}.",
            zh=f"{place} 无法用于估计。", remedy_zh=f"应为{rule_zh}。",
            facts={"field": place},
        )

    def part(self, name: str) -> _Part:
        value = self.fields.get(name)
        if not isinstance(value, dict):
            raise self.refuse(name, "a table", "一张表")
        return _Part(value, f"{self.where}{name}.")

    def parts(self, name: str) -> list[_Part]:
        value = self.fields.get(name)
        if not isinstance(value, list) or not value or not all(isinstance(v, dict) for v in value):
            raise self.refuse(name, "a list of tables with at least one row", "至少一行的列表")
        return [_Part(v, f"{self.where}{name}[{n}].") for n, v in enumerate(value, 1)]

    def text(self, name: str) -> str:
        value = self.fields.get(name)
        if not isinstance(value, str) or not value:
            raise self.refuse(name, "a text that is not empty", "非空文字")
        return value

    def day(self, name: str) -> date:
        value = self.fields.get(name)
        if type(value) is not date:
            raise self.refuse(name, "a date such as 2026-11-25", "日期，如 2026-11-25")
        return value

    def number(self, name: str, low: float = 0, high: float = 1e9) -> float:
        value = self.fields.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise self.refuse(name, f"a number from {low:g} to {high:g}", f"{low:g} 到 {high:g} 之间的数")
        return float(value)

    def whole(self, name: str, low: int = 0, high: int = WHOLE) -> int:
        value = self.fields.get(name)
        if type(value) is not int or not low <= value <= high:
            raise self.refuse(name, f"a whole number from {low} to {high}", f"{low} 到 {high} 之间的整数")
        return value

    def rising(self, name: str, length: int, high: int = WHOLE) -> tuple[int, ...]:
        value = self.fields.get(name)
        if (
            not isinstance(value, list)
            or len(value) != length
            or not all(type(n) is int and 0 <= n <= high for n in value)
            or value != sorted(value)
        ):
            raise self.refuse(
                name, f"{length} whole numbers from 0 to {high}, none smaller than the one before",
                f"{length} 个 0 到 {high} 的整数，后一个不小于前一个",
            )
        return tuple(value)

    def codes(self, name: str) -> frozenset[str]:
        value = self.fields.get(name)
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise self.refuse(name, "a list of adcodes", "行政区划代码列表")
        return frozenset(value)

    def wholes(self, name: str, high: int) -> dict[str, int]:
        part = self.part(name)
        return {key: part.whole(key, 0, high) for key in part.fields}


def load_exposure(at: date, folder: Path = EXPOSURE) -> ExposureTable:
    """The table in force on a date (the earliest for older dates)."""
    known = sorted((read_exposure(p) for p in folder.glob("*.toml")), key=lambda t: t.valid_from)
    if not known:
        raise InvalidInput(
            f"There is no exposure table in {folder}.", remedy="Put the file back.",
            zh=f"{folder} 中没有暴露度表。", remedy_zh="请恢复该文件。",
        )
    current = [table for table in known if table.valid_from <= at]
    return current[-1] if current else known[0]


def read_exposure(path: Path) -> ExposureTable:
    """One file; a field that cannot be counted with is refused by its name."""
    try:
        fields = tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(
            f"{path.name} is not a TOML file: {error}.", remedy="Mend the line named.",
            zh=f"{path.name} 不是有效的 TOML 文件：{error}。", remedy_zh="请修改所指行。",
        ) from error
    whole = _Part(fields, f"{path.name}: ")
    hazards = whole.part("hazards")
    if "other" not in hazards.fields:
        raise hazards.refuse("other", "present, for hazards without a row", "必备，供未列出的灾种使用")
    return ExposureTable(
        version=whole.text("version"),
        valid_from=whole.day("from"),
        earthquake=_quake(whole.part("earthquake")),
        snow=_snow(whole.part("snow")),
        hazards={name: _hazard(hazards.part(name)) for name in hazards.fields},
    )


def _axis(part: _Part) -> Axis:
    return Axis(*(part.number(name, 0.001) for name in ("a", "b", "c", "r0_km")))


def _quake(part: _Part) -> QuakeTable:
    damage = tuple(
        Damage(
            row.number("intensity", 1, 12),
            *(row.number(n, 0.01, 1e7) for n in ("displaced", "rooms", "dead")),
        )
        for row in part.parts("damage")
    )
    for name in Damage.__slots__:
        values = [getattr(row, name) for row in damage]
        if values != sorted(values) or (name == "intensity" and len(set(values)) < len(values)):
            raise part.refuse("damage", f"rising from row to row in {name}", f"{name} 逐行递增")
    seat, weaker = part.part("seat_percent"), part.part("weaker_by")
    kinds = ("district", "other")
    return QuakeTable(
        major=_axis(part.part("major")), minor=_axis(part.part("minor")),
        sigma=part.number("sigma", 0, 3), damage=damage,
        need_percent=part.whole("need_percent", 100, 1000),
        seat_percent={kind: seat.whole(kind, 0, 100) for kind in kinds},
        weaker_by={kind: weaker.number(kind, 0, 3) for kind in kinds},
        source=part.text("source"),
    )


def _snow(part: _Part) -> SnowTable:
    grades, shares = LEVELS + 1, ("herder_need", "other_need", "herder_hit")
    colours, kinds = part.part("colour_grade"), ("pastoral", "semi_pastoral", "other")
    herders, stock = part.part("herder_percent"), part.part("livestock")
    return SnowTable(
        colour_grade={name: colours.rising(name, LEVELS, LEVELS) for name in colours.fields},
        depth=_rows(part, "depth", DepthGrade), grass=_rows(part, "grass", GrassGrade),
        pastoral=part.codes("pastoral"), semi_pastoral=part.codes("semi_pastoral"),
        herder_percent={kind: herders.whole(kind, 0, 100) for kind in kinds},
        herder_percent_by_league=part.wholes("herder_percent_by_league", 100),
        household_tenths=part.whole("household_tenths", 10, 100),
        livestock={kind: stock.whole(kind) for kind in kinds},
        spread=part.number("spread", 1, 100), source=part.text("source"),
        **{name: part.rising(name, grades) for name in shares},
    )


def _rows(part: _Part, name: str, build: Callable[..., T]) -> tuple[T, ...]:
    rows = []
    for row in part.parts(name):
        grade = row.whole("grade", 1, LEVELS)
        rest = {key: row.whole(key, 0, 1000) for key in row.fields if key != "grade"}
        try:
            rows.append(build(grade=grade, **rest))
        except TypeError as error:
            raise part.refuse(name, f"rows with the fields of {build.__name__}", "字段齐全的行") from error
    return tuple(rows)


def _hazard(part: _Part) -> HazardTable:
    grades = part.part("grades") if "grades" in part.fields else _Part({}, "")
    unknown = [name for name in grades.fields if name not in GRADED_BY]
    if unknown:
        raise grades.refuse(unknown[0], "one of " + ", ".join(GRADED_BY), "以下之一：" + "、".join(GRADED_BY))
    return HazardTable(
        per_10000=part.rising("per_10000", LEVELS), spread=part.number("spread", 1, 100),
        grades={name: grades.rising(name, LEVELS) for name in grades.fields},
        source=part.text("source"), source_zh=part.text("source_zh"),
    )
