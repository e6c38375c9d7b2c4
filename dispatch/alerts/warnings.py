"""Dated warning table: hazards, and what each colour means for them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from dispatch.alerts.model import Colour
from dispatch.alerts.warning_faults import MARKS, faults_of, thresholds_of
from dispatch.errors import InvalidInput
from dispatch.words import Words

WARNINGS = Path(__file__).resolve().parent.parent / "reference" / "data" / "warnings"


@dataclass(frozen=True, slots=True)
class ColourMeaning:
    """``level`` 4 general … 1 extremely serious; CAP 1.2 words; ``pre_alert`` 0 = watch."""

    zh: str
    level: int
    urgency: str
    severity: str
    certainty: str
    pre_alert: int


@dataclass(frozen=True, slots=True)
class Signal:
    """What one colour of a hazard means.

    ``thresholds`` are by field name with its unit (``window_h``, ``snow_mm``, …); ``zh`` and
    ``en`` say the same as a sentence; ``mark`` is official, quoted or assumption.
    """

    thresholds: dict[str, int | float]
    zh: str
    en: str
    source_key: str
    source_zh: str
    source_en: str
    mark: str


@dataclass(frozen=True, slots=True)
class Hazard:
    """``code`` is the type number of the public client, "" where it has none; ``group`` the
    hazards whose warnings are joined with this one's, leading hazard first."""

    name: str
    zh: str
    en: str
    code: str
    group: tuple[str, ...]
    signals: dict[Colour, Signal]


@dataclass(frozen=True, slots=True)
class WarningTable:
    """One version of the table."""

    version: str
    valid_from: date
    title_zh: str
    title_en: str
    colours: dict[Colour, ColourMeaning]
    hazards: dict[str, Hazard]

    def names(self) -> dict[str, tuple[str, str]]:
        """Chinese and English name of every hazard, by its code."""
        return {name: (hazard.zh, hazard.en) for name, hazard in self.hazards.items()}

    def group_of(self, hazard: str) -> tuple[str, ...]:
        """Hazards joined into one event with this one, leading hazard first."""
        known = self.hazards.get(hazard)
        return known.group if known else (hazard,)

    def triple_of(self, colour: Colour) -> tuple[str, str, str]:
        """CAP urgency, severity and certainty of a colour."""
        meaning = self.colours[colour]
        return meaning.urgency, meaning.severity, meaning.certainty

    def colour_of(self, severity: str) -> Colour | None:
        """The colour of a CAP severity; None for Unknown or anything else."""
        return next((c for c, m in self.colours.items() if m.severity == severity), None)

    def explain(self, hazard: str, colour: Colour) -> Words:
        """The official criterion of a colour as a sentence, with its source and mark."""
        known = self.hazards.get(hazard, self.hazards["other"])
        signal = known.signals.get(colour)
        code = f"warning.criterion.{hazard}.{colour.value}"
        colour_zh = self.colours[colour].zh
        if signal is None:
            return Words(
                code,
                f"{known.zh}没有{colour_zh}预警标准（{self.title_zh}）。",
                f"There is no {colour.value} criterion for {known.en} in: {self.title_en}.",
            )
        mark_zh, mark_en = MARKS[signal.mark]
        return Words(
            code,
            f"{known.zh}{colour_zh}预警：{signal.zh}（来源：{signal.source_zh}；{mark_zh}）",
            f"{known.en}, {colour.value}: {signal.en} (Source: {signal.source_en}; {mark_en})",
        )


def load_warning_table(at: date, folder: Path = WARNINGS) -> WarningTable:
    """The table in force on a date (the earliest one for older dates)."""
    tables = sorted((read_warning_table(p) for p in folder.glob("*.toml")), key=lambda t: t.valid_from)
    if not tables:
        raise InvalidInput(
            f"There is no warning table in {folder}.", remedy="Put the TOML file back.",
            zh=f"{folder} 中没有预警信号表。", remedy_zh="请放回 TOML 文件。",
        )
    current = [table for table in tables if table.valid_from <= at]
    return current[-1] if current else tables[0]


def hazard_names(at: date = date.max) -> dict[str, tuple[str, str]]:
    """Chinese and English name of every hazard of the table of a date (the newest if not said)."""
    return load_warning_table(at).names()


def triple_of(colour: Colour, at: date = date.max) -> tuple[str, str, str]:
    """CAP urgency, severity and certainty of a colour."""
    return load_warning_table(at).triple_of(colour)


def colour_of(severity: str, at: date = date.max) -> Colour | None:
    """The colour of a CAP severity; None for Unknown or anything else."""
    return load_warning_table(at).colour_of(severity)


def explain(hazard: str, colour: Colour, at: date) -> Words:
    """The criterion of a colour on a date as a sentence, with its source and mark."""
    return load_warning_table(at).explain(hazard, colour)


def read_warning_table(path: Path) -> WarningTable:
    """One file, whole or refused with every fault named by hazard, field and line."""
    try:
        return _read(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise _refusal(path, [f"cannot be read: {error}"]) from error


# pages ask for every warning shown; the time of change keeps an edited file from going unseen
@lru_cache(maxsize=32)
def _read(path: Path, _changed_ns: int) -> WarningTable:
    try:
        text = path.read_text("utf-8")
        fields = tomllib.loads(text)
        faults = faults_of(fields, text)
        table = None if faults else _table(fields)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _refusal(path, [f"cannot be read: {error}"]) from error
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        raise _refusal(path, [f"has a field missing or of the wrong kind: {error!r}"]) from error
    if table is None:
        raise _refusal(path, faults)
    return table


def _refusal(path: Path, faults: list[str]) -> InvalidInput:
    return InvalidInput(
        f"The warning table {path.name} is refused: " + "; ".join(faults),
        remedy="Mend the fields named; until then the file is not used.",
        zh=f"预警信号表 {path.name} 被拒绝：" + "；".join(faults),
        remedy_zh="请修改所列字段；修改前该文件不会生效。",
        facts={"faults": faults},
    )


def _table(fields: dict[str, Any]) -> WarningTable:
    groups = [tuple(group) for group in fields["groups"]]
    return WarningTable(
        version=fields["version"],
        valid_from=fields["from"],
        title_zh=fields["title_zh"],
        title_en=fields["title_en"],
        colours={colour: ColourMeaning(**fields["colours"][colour]) for colour in Colour},
        hazards={
            name: Hazard(
                name=name, zh=hazard["zh"], en=hazard["en"], code=hazard.get("code", ""),
                group=next((group for group in groups if name in group), (name,)),
                signals={c: _signal(fields, hazard, hazard[c]) for c in Colour if c in hazard},
            )
            for name, hazard in fields["hazards"].items()
        },
    )


def _signal(fields: dict[str, Any], hazard: dict[str, Any], row: dict[str, Any]) -> Signal:
    whole = {**hazard, **row}
    thresholds = thresholds_of(row)
    said = {"zh": dict(thresholds), "en": dict(thresholds)}
    for key, value in thresholds.items():
        for language in said:
            if scale := fields["fields"][key].get(f"scale_{language}"):
                said[language][key] = scale[value - 1]
    source = fields["sources"][whole["source"]]
    return Signal(
        thresholds=thresholds,
        zh=whole["criterion_zh"].format(**said["zh"]),
        en=whole["criterion_en"].format(**said["en"]),
        source_key=whole["source"], source_zh=source["zh"], source_en=source["en"],
        mark=whole["mark"],
    )
