"""The checklist, the grade and the room of a warehouse.  Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from dispatch.inventory.model import Item, StockLine


@dataclass(frozen=True, slots=True)
class Criterion:
    """One line of the checklist; ``must`` = no grade above D without it."""

    code: str
    zh: str
    en: str
    weight: int
    must: bool
    source: str


@dataclass(frozen=True)
class Standard:
    """The checklist with its figures (areas in m², heights in m, loads in kg)."""

    version: str
    criteria: tuple[Criterion, ...]
    least_area_m2: Mapping[str, int]
    grades: Mapping[str, int]
    fresh_days: int
    stack_height_m: int
    floor_used_percent: int
    floor_load_kg_per_m2: int


@dataclass(frozen=True, slots=True)
class Check:
    """What was found of one criterion, when, and the evidence."""

    criterion: str
    is_met: bool
    evidence: str
    checked_on: date
    checked_by: str


@dataclass(frozen=True, slots=True)
class Facility:
    """Room of a warehouse: floor, volume for goods, load for goods, and its two keepers."""

    warehouse_code: str
    area_m2: int
    volume_cm3: int
    load_kg: int
    storekeeper: str
    bookkeeper: str
    is_assumption: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """One criterion judged: met, unmet, stale (evidence too old) or unknown."""

    criterion: Criterion
    state: str
    check: Check | None


@dataclass(frozen=True, slots=True)
class Grade:
    """A to D, or ``?`` when nobody has looked; percent of weight met; what it rests on."""

    letter: str
    percent: int
    findings: tuple[Finding, ...]


def grade(
    standard: Standard, facility: Facility | None, tier: str, checks: Iterable[Check], today: date
) -> Grade:
    """Hold a warehouse to the checklist on a day."""
    known = {check.criterion: check for check in checks}
    findings = tuple(_judge(standard, facility, tier, (c, known.get(c.code)), today) for c in standard.criteria)
    whole = sum(c.weight for c in standard.criteria)
    percent = 100 * sum(f.criterion.weight for f in findings if f.state == "met") // whole
    if not known:
        return Grade("?", 0, findings)
    musts = all(f.state == "met" for f in findings if f.criterion.must)
    letter = next((name for name, least in standard.grades.items() if musts and percent >= least), "D")
    return Grade(letter, percent, findings)


def _judge(
    standard: Standard, facility: Facility | None, tier: str,
    pair: tuple[Criterion, Check | None], today: date,
) -> Finding:
    criterion, check = pair
    if criterion.code == "area" and facility is not None:
        enough = facility.area_m2 >= standard.least_area_m2[tier]
        return Finding(criterion, "met" if enough else "unmet", check)
    if criterion.code == "two_people" and facility is not None and facility.storekeeper:
        apart = facility.storekeeper != facility.bookkeeper
        return Finding(criterion, "met" if apart else "unmet", check)
    if check is None:
        return Finding(criterion, "unknown", None)
    if check.checked_on < today - timedelta(days=standard.fresh_days):
        return Finding(criterion, "stale", check)
    return Finding(criterion, "met" if check.is_met else "unmet", check)


@dataclass(frozen=True, slots=True)
class Room:
    """Volume and weight used and free; free is below zero when overfull."""

    used_cm3: int
    free_cm3: int
    used_kg: int
    free_kg: int


def room(facility: Facility, lines: Sequence[StockLine], items: Mapping[str, Item]) -> Room:
    """What the goods of a warehouse take of its room."""
    used_cm3 = sum(line.on_hand * items[line.lot.item_code].volume_cm3 for line in lines)
    used_g = sum(line.on_hand * items[line.lot.item_code].weight_g for line in lines)
    used_kg = -(-used_g // 1000)
    return Room(used_cm3, facility.volume_cm3 - used_cm3, used_kg, facility.load_kg - used_kg)
