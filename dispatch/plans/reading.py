"""Checking a plan policy's text: every fault with the line it stands on.  Pure."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from typing import Any

from dispatch.errors import InvalidInput

HEADER = re.compile(r"^\[+([\w.]+)\]+")
TIERS = ("region", "league", "county")
BANDED = ("dead_missing", "relocated", "rooms", "households", "need_aid", "need_aid_percent")
LEVELS = ("1", "2", "3", "4")
COLOURS = ("blue", "yellow", "orange", "red")
MAX_COUNT = 30_000_000
TEXTS = ("version", "title_zh", "title_en", "source")
LEVEL_TEXTS = (
    "duty_zh", "duty_en", "proposed_by_zh", "proposed_by_en", "approved_by_zh", "approved_by_en",
    "approver_role", "money_zh", "money_en",
)
LEVEL_HOURS = (
    "first_report_h", "follow_up_h", "working_group_h", "first_goods_on_road_h",
    "first_goods_there_h", "muster_h",
)
WHOLE = (
    ("drought", "farming_herding_percent", 1, 100), ("lowered", "percent", 1, 100),
    ("linked", "percent", 1, 100), ("step_down", "hold_h", 0, 720),
)
RULES = {
    "drought": ("hazards", "farming_herding_percent"), "lowered": ("percent", "codes"),
    "linked": ("percent", "measures"), "forecast": ("counts",), "government": ("mirror",),
    "step_down": ("hold_h",),
}
LISTS = (("drought", "hazards"), ("lowered", "codes"), ("linked", "measures"))
UNREAD = "is not known; nothing would read it"
ROW_FIELDS = {"hazard", "tier", "article", "is_assumption", *BANDED}
LEVEL_FIELDS = {
    *LEVEL_TEXTS, *LEVEL_HOURS, "lead_tier", "stock_share_percent", "opens_safety_stock",
    "source_tiers", "teams_to_send",
}


class FileFaults(Exception):
    """The faults of one policy text, each a sentence with its place."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults

    def as_input(self, name: str) -> InvalidInput:
        """The error people see."""
        return InvalidInput(
            f"The plan policy {name} is refused: " + "; ".join(self.faults),
            remedy="Mend the lines named; the policy in force stays as it was.",
            zh=f"预案文件 {name} 被拒绝：" + "；".join(self.faults),
            remedy_zh="请修改所列各行；现行预案保持不变。",
            facts={"faults": self.faults},
        )


class _Checker:
    """Collects faults and finds the line a dotted name stands on."""

    def __init__(self, text: str) -> None:
        self.lines = text.splitlines()
        self.faults: list[str] = []

    def line_of(self, table: str, key: str = "", nth: int = 0) -> int:
        """The line of ``key`` in ``table`` (its ``nth`` occurrence), else of the table, else 1."""
        current, seen, at_table = "", -1, 0
        for number, line in enumerate(self.lines, 1):
            header = HEADER.match(line.strip())
            if header:
                current = header.group(1)
                if current == table:
                    seen += 1
                    at_table = number if seen == nth else at_table
            elif current == table and seen in (nth, -1) and re.match(rf"\s*{re.escape(key)}\s*=", line) and key:
                return number
        return at_table or 1

    def fault(self, table: str, key: str, words: str, nth: int = 0) -> None:
        """Note a fault at its line."""
        name = ".".join(part for part in (table, key) if part)
        self.faults.append(f"line {self.line_of(table, key, nth)}: {name} {words}")


def read_fields(text: str) -> dict[str, Any]:
    """The fields of a policy text; ``FileFaults`` when anything is missing, overlaps or is of a wrong kind."""
    try:
        fields = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        where = "" if "line" in str(error) else f"line {len(text.splitlines())}: "
        raise FileFaults([f"{where}cannot be read: {error}"]) from error
    check = _Checker(text)
    _check_head(check, fields)
    for tier in TIERS:
        _check_bands(check, fields, tier)
    _check_rows(check, fields)
    _check_rules(check, fields)
    for level in LEVELS:
        _check_level(check, fields, level)
    if check.faults:
        raise FileFaults(check.faults)
    fields.setdefault("hazard_row", [])
    return fields


def _table(fields: dict[str, Any], *names: str) -> dict[str, Any]:
    found: Any = fields
    for name in names:
        found = found.get(name, {}) if isinstance(found, dict) else {}
    return found if isinstance(found, dict) else {}


def _is_count(value: object, least: int = 0, most: int = MAX_COUNT) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _check_head(check: _Checker, fields: dict[str, Any]) -> None:
    for name in TEXTS:
        if not isinstance(fields.get(name), str) or not fields[name].strip():
            check.fault("", name, "is missing: a text is needed")
    if type(fields.get("from")) is not date:
        check.fault("", "from", "is missing: the day the policy takes effect, as 2024-06-12")
    for name in ("is_assumption", "two_orange_lift_one_level"):
        if not isinstance(fields.get(name), bool):
            check.fault("", name, "must be true or false")
    known = {*TEXTS, "from", "is_assumption", "two_orange_lift_one_level", "thresholds", "hazard_row",
             "drought", "lowered", "linked", "forecast", "government", "step_down", "warnings", "tiers", "levels"}
    for name in sorted(set(fields) - known):
        is_table = isinstance(fields[name], dict | list)
        check.fault(name if is_table else "", "" if is_table else name, UNREAD)
    for table, parts in (("thresholds", TIERS), ("tiers", TIERS), ("levels", LEVELS)):
        for part in sorted(set(_table(fields, table)) - set(parts)):
            check.fault(f"{table}.{part}", "", UNREAD)


def _band_faults(bands: object) -> str | None:
    if not isinstance(bands, list) or len(bands) != len(LEVELS):
        return "needs four bands, for levels I to IV"
    if any(not _is_count(b, 1) for b in bands):
        return "has a band that is not a whole number above zero"
    if any(a <= b for a, b in zip(bands, bands[1:], strict=False)):
        return "overlaps: each level must ask more than the next milder one"
    return None


def _check_bands(check: _Checker, fields: dict[str, Any], tier: str) -> None:
    table = f"thresholds.{tier}"
    found = _table(fields, "thresholds", tier)
    for measure in BANDED:
        words = _band_faults(found.get(measure))
        if words:
            check.fault(table, measure, words)
    if not isinstance(found.get("article"), str):
        check.fault(table, "article", "is missing: where the numbers stand")
    for name in sorted(set(found) - {*BANDED, "article"}):
        check.fault(table, name, "is not a measure of the plan")


def _check_rows(check: _Checker, fields: dict[str, Any]) -> None:
    rows = fields.get("hazard_row", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        check.fault("", "hazard_row", "must be written as [[hazard_row]] tables")
        return
    seen: set[tuple[str, str, str]] = set()
    for nth, row in enumerate(rows):
        for name in sorted(set(row) - ROW_FIELDS):
            check.fault("hazard_row", name, UNREAD, nth)
        if not isinstance(row.get("is_assumption", True), bool):
            check.fault("hazard_row", "is_assumption", "must be true or false", nth)
        for name in ("hazard", "article"):
            if not isinstance(row.get(name), str):
                check.fault("hazard_row", name, "is missing", nth)
        if row.get("tier") not in TIERS:
            check.fault("hazard_row", "tier", "is not region, league or county", nth)
        measures = [m for m in BANDED if m in row]
        if not measures:
            check.fault("hazard_row", "", "names no measure", nth)
        for measure in measures:
            words = _band_faults(row[measure])
            if words:
                check.fault("hazard_row", measure, words, nth)
            key = (str(row.get("hazard")), str(row.get("tier")), measure)
            if key in seen:
                check.fault("hazard_row", measure, "is given twice for this hazard and tier", nth)
            seen.add(key)


def _check_rules(check: _Checker, fields: dict[str, Any]) -> None:
    for table, key, least, most in WHOLE:
        if not _is_count(_table(fields, table).get(key), least, most):
            check.fault(table, key, f"must be a whole number from {least} to {most}")
    for table, key in LISTS:
        value = _table(fields, table).get(key)
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            check.fault(table, key, "must be a list of names")
        elif key == "measures" and set(value) - set(BANDED):
            check.fault(table, key, f"names {sorted(set(value) - set(BANDED))[0]}, which is no measure of the plan")
    for table, key in (("forecast", "counts"), ("government", "mirror")):
        if not isinstance(_table(fields, table).get(key), bool):
            check.fault(table, key, "must be true or false")
    for table, names in RULES.items():
        found = _table(fields, table)
        if not isinstance(found.get("source"), str):
            check.fault(table, "source", "is missing")
        for name in sorted(set(found) - {*names, "source", "is_assumption"}):
            check.fault(table, name, UNREAD)
    _check_warnings(check, _table(fields, "warnings"))
    _check_reach(check, fields)


def _check_reach(check: _Checker, fields: dict[str, Any]) -> None:
    for table, known in (("tiers", TIERS), ("thresholds", TIERS), ("levels", LEVELS)):
        for name in sorted(set(_table(fields, table)) - set(known)):
            check.fault(f"{table}.{name}", "", "is not known; nothing would read it")
    for tier in TIERS:
        reach = _table(fields, "tiers", tier)
        if not _are_tiers(reach.get("source_tiers")):
            check.fault(f"tiers.{tier}", "source_tiers", "must list region, league, county")
        if not _is_count(reach.get("teams_max"), 0, 1000):
            check.fault(f"tiers.{tier}", "teams_max", "must be a whole number")


def _check_warnings(check: _Checker, warnings: dict[str, Any]) -> None:
    for colour in COLOURS:
        if not _is_count(warnings.get(colour), 0, 4):
            check.fault("warnings", colour, "is not a level 0 to 4")
    for name in sorted(set(warnings) - set(COLOURS)):
        check.fault("warnings", name, "is not a colour of the warnings")
    levels = [warnings.get(c) or 5 for c in COLOURS]
    if all(_is_count(n, 1, 5) for n in levels) and sorted(levels, reverse=True) != levels:
        check.fault("warnings", "", "gives a stronger colour a milder level")


def _are_tiers(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(v in TIERS for v in value)


def _check_level(check: _Checker, fields: dict[str, Any], level: str) -> None:
    table, actions = f"levels.{level}", _table(fields, "levels", level)
    if not actions:
        check.fault(table, "", "is missing: a level without a plan")
        return
    for name in LEVEL_TEXTS:
        if not isinstance(actions.get(name), str) or not actions[name].strip():
            check.fault(table, name, "is missing: a text is needed")
    for name in LEVEL_HOURS:
        if not _is_count(actions.get(name), 1, 720):
            check.fault(table, name, "must be 1 to 720 hours")
    if actions.get("lead_tier") not in TIERS:
        check.fault(table, "lead_tier", "is not region, league or county")
    if not _is_count(actions.get("stock_share_percent"), 0, 100):
        check.fault(table, "stock_share_percent", "is not 0 to 100")
    if not isinstance(actions.get("opens_safety_stock"), bool):
        check.fault(table, "opens_safety_stock", "must be true or false")
    if not _are_tiers(actions.get("source_tiers")):
        check.fault(table, "source_tiers", "must list region, league, county")
    if not _is_count(actions.get("teams_to_send"), 0, 1000):
        check.fault(table, "teams_to_send", "must be a whole number")
    for name in sorted(set(actions) - LEVEL_FIELDS):
        check.fault(table, name, "is not an action of the plan")
