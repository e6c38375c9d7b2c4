"""Dated hazard grades: read, checked whole, the version in force chosen per subject."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from math import isfinite
from pathlib import Path
from typing import Any

from dispatch.errors import InvalidInput
from dispatch.plans.model import ROMAN
from dispatch.plans.policy import LEVELS, TIERS

GRADES = Path(__file__).resolve().parent.parent / "reference" / "data" / "grades"
# the fields of Observations a grade can rest on: names and unit in both languages
MEASURES = {
    "magnitude": ("震级", "magnitude", "", ""),
    "snow_depth_cm": ("积雪深度", "snow depth", "厘米", " cm"),
    "snow_days": ("积雪天数", "days of snow cover", "天", " days"),
    "snow_area_percent": ("积雪面积占比", "area under snow", "%", " %"),
    "grass_buried_percent": ("草被掩埋比例", "grass buried", "%", " %"),
    "return_period_years": ("洪水重现期", "return period", "年", " years"),
    "dry_area_percent": ("受旱面积占比", "sown area dry", "%", " %"),
    "short_of_water_percent": ("饮水困难人口占比", "people short of water", "%", " %"),
    "city_supply_short_percent": ("城市供水缺口", "city supply short", "%", " %"),
    "fire_danger_class": ("火险等级", "fire danger class", "级", ""),
}
RULE_KEYS = {"name", "zh", "en", "hazards", "tier", "measures", "levels", "level_is_assumption", "row"}
RULE_EXTRAS = {"dense_from_people_per_km2", "while_unknown"}
ROW_KEYS = {"level", "grade_zh", "grade_en", "from", "source", "is_assumption"}
ROW_EXTRAS = {"to", "with", "note_zh", "note_en"}


@dataclass(frozen=True, slots=True)
class Row:
    """One grade: reached when every measure is at or above its edge in ``at_least``.

    ``below`` is where the grade of the first measure ends (None = open); ``is_assumption`` is
    about the figures, not about the level they are taken to mean.
    """

    level: int
    grade_zh: str
    grade_en: str
    at_least: dict[str, int | float]
    below: int | float | None
    source: str
    is_assumption: bool
    note_zh: str
    note_en: str


@dataclass(frozen=True, slots=True)
class Rule:
    """Grades by one measure, or by several needed together; ``rows`` from mild to severe.

    ``dense_from_people_per_km2`` limits the rule to densely peopled areas; a rule with
    ``while_unknown`` only stands in while one of these measures is not known.
    """

    name: str
    zh: str
    en: str
    hazards: tuple[str, ...]
    tier: str
    measures: tuple[str, ...]
    level_is_assumption: bool
    rows: tuple[Row, ...]
    dense_from_people_per_km2: int | float | None = None
    while_unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GradeFile:
    """One version of one subject's grades."""

    subject: str
    version: str
    valid_from: date
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class GradeTable:
    """All subjects' grades in force on a date."""

    versions: tuple[str, ...]
    rules: tuple[Rule, ...]


def load_grades(at: date, folder: Path = GRADES) -> GradeTable:
    """The grades in force on a date (each subject's earliest for older dates)."""
    files = sorted((read_grades(p) for p in sorted(folder.glob("*.toml"))),
                   key=lambda f: (f.subject, f.valid_from))
    if not files:
        raise InvalidInput(
            f"There are no hazard grades in {folder}.", remedy="Put the TOML files back.",
            zh=f"{folder} 中没有灾害等级表。", remedy_zh="请放回 TOML 文件。",
        )
    for one, other in pairwise(files):
        if (one.subject, one.valid_from) == (other.subject, other.valid_from):
            raise InvalidInput(
                f"{one.version} and {other.version} both grade {one.subject} from {one.valid_from}.",
                remedy="Keep one of the two files, or give the newer one its own date.",
                zh=f"{one.version} 与 {other.version} 自 {one.valid_from} 起同时规定 {one.subject} 等级。",
                remedy_zh="请只保留其一，或为新版填写自己的日期。",
            )
    chosen: dict[str, GradeFile] = {}
    for file in files:
        if file.subject not in chosen or file.valid_from <= at:
            chosen[file.subject] = file
    return GradeTable(
        versions=tuple(file.version for file in chosen.values()),
        rules=tuple(rule for file in chosen.values() for rule in file.rules),
    )


def read_grades(path: Path) -> GradeFile:
    """One file, whole or refused with every fault named by rule and row."""
    try:
        fields = tomllib.loads(path.read_text("utf-8"))
        faults = list(_faults(fields))
        file = None if faults else _file(fields)
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _refusal(path, [f"cannot be read: {error}"]) from error
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        raise _refusal(path, [f"has a field missing or of the wrong kind: {error!r}"]) from error
    if file is None:
        raise _refusal(path, faults)
    return file


def _refusal(path: Path, faults: list[str]) -> InvalidInput:
    return InvalidInput(
        f"The hazard grades {path.name} are refused: " + "; ".join(faults),
        remedy="Mend the rows named; until then the file is not used.",
        zh=f"灾害等级表 {path.name} 被拒绝：" + "；".join(faults),
        remedy_zh="请修改所列各行；修改前该文件不会生效。",
        facts={"faults": faults},
    )


def _faults(fields: dict[str, Any]) -> Iterator[str]:
    if not isinstance(fields["from"], date) or isinstance(fields["from"], datetime):
        yield "from is not a date: write it plain, as 2012-08-28"
    names = [rule["name"] for rule in fields["rule"]]
    for rule in fields["rule"]:
        if names.count(rule["name"]) > 1:
            yield f"{rule['name']} is there twice"
        # without its fields nothing more can be said of a rule
        faults = list(_shape_faults(rule))
        faults = faults or [*_rule_faults(rule), *_level_faults(rule), *_row_faults(rule)]
        yield from (f"{rule['name']} {fault}" for fault in faults)


def _shape_faults(rule: dict[str, Any]) -> Iterator[str]:
    yield from _key_faults(rule, RULE_KEYS, RULE_EXTRAS)
    for number, row in enumerate(rule.get("row", ()), 1):
        for fault in _key_faults(row, ROW_KEYS, ROW_EXTRAS):
            level = row.get("level")
            yield f"row {number} (level {ROMAN.get(level, level)}) {fault}"


def _rule_faults(rule: dict[str, Any]) -> Iterator[str]:
    if not isinstance(rule["level_is_assumption"], bool):
        yield "has a level_is_assumption that is not true or false"
    if rule["tier"] not in TIERS:
        yield f"has the tier {rule['tier']!r}: write region, league or county"
    unknown = [m for m in (*rule["measures"], *rule.get("while_unknown", ())) if m not in MEASURES]
    if unknown or not rule["measures"]:
        yield f"has no measure, or one that is not reported: {unknown}"
    limit = rule.get("dense_from_people_per_km2", 1)
    if not _is_number(limit) or limit <= 0:
        yield "has a dense_from_people_per_km2 that is not a number above zero"


def _level_faults(rule: dict[str, Any]) -> Iterator[str]:
    asked, given = rule["levels"], [row["level"] for row in rule["row"]]
    if not asked or asked != sorted(set(asked) & set(LEVELS), reverse=True):
        yield "needs levels from mild to severe, such as [4, 3, 2, 1]"
    for level in asked:
        if level not in given:
            yield f"has no row for level {ROMAN.get(level, level)}"
    for number, (milder, level) in enumerate(pairwise(given), 2):
        if level >= milder:
            yield f"row {number} is in the wrong order: level {ROMAN.get(level, level)} after {ROMAN.get(milder, milder)}"
    for number, level in enumerate(given, 1):
        if level not in asked:
            yield f"row {number} has the level {level}, which levels does not list"


def _row_faults(rule: dict[str, Any]) -> Iterator[str]:
    rows = list(enumerate(rule["row"], 1))
    for number, row in rows:
        where = f"row {number} (level {ROMAN.get(row['level'], row['level'])})"
        numbers = [row["from"], row.get("to", row["from"]), *row.get("with", {}).values()]
        if not all(_is_number(n) and n >= 0 for n in numbers):
            yield f"{where} has a figure that is not a number of zero or more"
            return
        if "to" in row and row["to"] <= row["from"]:
            yield f"{where} ends at {row['to']}, not above where it begins"
        if not row["source"] or not isinstance(row["is_assumption"], bool):
            yield f"{where} needs a source, and is_assumption true or false"
        if list(row.get("with", {})) != rule["measures"][1:]:
            yield f"{where} needs exactly these in with: {', '.join(rule['measures'][1:]) or 'nothing'}"
            return
    for (_, milder), (number, row) in pairwise(rows):
        for fault in _step_faults(milder, row):
            yield f"row {number} (level {ROMAN.get(row['level'], row['level'])}) {fault}"


def _step_faults(milder: dict[str, Any], row: dict[str, Any]) -> Iterator[str]:
    end = milder.get("to")
    if end is None or row["from"] < end:
        yield f"overlaps the row before, which ends at {'no figure' if end is None else end}"
    elif row["from"] > end:
        yield f"leaves a gap: the row before ends at {end}, this one begins at {row['from']}"
    for measure, edge in row.get("with", {}).items():
        if edge < milder["with"][measure]:
            yield f"asks less {measure} than the milder row before it"


def _key_faults(fields: dict[str, Any], needed: set[str], extras: set[str]) -> Iterator[str]:
    if missing := sorted(needed - fields.keys()):
        yield "lacks " + ", ".join(missing)
    if unknown := sorted(fields.keys() - needed - extras):
        yield "has unknown fields: " + ", ".join(unknown)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _file(fields: dict[str, Any]) -> GradeFile:
    return GradeFile(
        subject=fields["subject"], version=fields["version"], valid_from=fields["from"],
        rules=tuple(_rule(rule) for rule in fields["rule"]),
    )


def _rule(fields: dict[str, Any]) -> Rule:
    return Rule(
        name=fields["name"], zh=fields["zh"], en=fields["en"], hazards=tuple(fields["hazards"]),
        tier=fields["tier"], measures=tuple(fields["measures"]),
        level_is_assumption=fields["level_is_assumption"],
        rows=_rows(fields["measures"][0], fields["row"]),
        dense_from_people_per_km2=fields.get("dense_from_people_per_km2"),
        while_unknown=tuple(fields.get("while_unknown", ())),
    )


def _rows(first: str, rows: Sequence[dict[str, Any]]) -> tuple[Row, ...]:
    return tuple(
        Row(
            level=row["level"], grade_zh=row["grade_zh"], grade_en=row["grade_en"],
            at_least={first: row["from"], **row.get("with", {})}, below=row.get("to"),
            source=row["source"], is_assumption=row["is_assumption"],
            note_zh=row.get("note_zh", ""), note_en=row.get("note_en", ""),
        )
        for row in rows
    )
