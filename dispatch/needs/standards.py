"""Dated needs standards: read, checked, chosen by date."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from dispatch.errors import InvalidInput

STANDARDS = Path(__file__).resolve().parent.parent / "reference" / "data" / "standards"
PER = ("person", "shelterless", "household", "herder_household")
WINTER_MONTHS = (10, 11, 12, 1, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class Rule:
    """``units`` of an item for every ``of`` of whom ``per`` names, under ``hazards`` (none named = all)."""

    item: str
    per: str
    units: int
    of: int
    season: str
    priority: int
    source: str
    source_zh: str
    double_below_c: int | None = None
    hazards: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Standards:
    """The rules with the shares they rest on."""

    version: str
    valid_from: date
    is_assumption: bool
    source: str
    household_tenths: int
    shelterless_percent: int
    affected_share_percent: int
    local_lead_h: int
    rules: tuple[Rule, ...]


def load_standards(at: date, folder: Path = STANDARDS) -> Standards:
    """The standards in force on a date (the earliest for older dates)."""
    known = sorted((read_standards(p) for p in folder.glob("*.toml")), key=lambda s: s.valid_from)
    if not known:
        raise InvalidInput(f"There are no needs standards in {folder}.", remedy="Put the file back.")
    current = [standards for standards in known if standards.valid_from <= at]
    return current[-1] if current else known[0]


def read_standards(path: Path) -> Standards:
    """One file; a rule that cannot be counted with is refused with its place."""
    fields = tomllib.loads(path.read_text("utf-8"))
    sets = fields.pop("hazard_sets", {})
    rules = tuple(
        Rule(**{**rule, "hazards": tuple(h for name in rule.get("hazards", ()) for h in sets.get(name, [name]))})
        for rule in fields.pop("rule")
    )
    for number, rule in enumerate(rules, 1):
        if rule.units < 1 or rule.of < 1 or rule.per not in PER:
            raise InvalidInput(
                f"{path.name}: rule {number} ({rule.item}) cannot be counted with.",
                remedy="units and of must be 1 or more; per is " + ", ".join(PER) + ".",
                zh=f"{path.name}：第 {number} 条标准（{rule.item}）无法计算。",
                remedy_zh="units 与 of 应不小于 1；per 为 " + "、".join(PER) + "。",
            )
    return Standards(rules=rules, valid_from=fields.pop("from"), **fields)
