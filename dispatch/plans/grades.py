"""Hazard grades held against what is measured: pure, every rule tried is told.

A grade is reached when every measure of its row is at or above the row's edge, so more of a
measure can only lead to the same or a more severe level.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dispatch.alerts.model import Observations
from dispatch.plans.grade_table import MEASURES, GradeTable, Row, Rule
from dispatch.plans.model import ROMAN, Criterion
from dispatch.words import Words

Seen = Mapping[str, int | float | None]


def hazard_criteria(
    hazard: str,
    observations: Observations,
    table: GradeTable,
    density: Mapping[str, float | None] | None = None,
) -> tuple[Criterion, ...]:
    """One criterion for each grade rule of a hazard: the level reached, or the first to reach.

    ``density`` is people per km² by adcode of each county affected; the densest decides
    whether the rules for dense areas apply, and None leaves them open.  A measure not known
    gives ``observed`` None and ``met`` False, never a guess.
    """
    rules = [rule for rule in table.rules if hazard in rule.hazards]
    criteria = []
    for rule in rules:
        seen = {measure: _value(observations, measure) for measure in rule.measures}
        if rule.while_unknown and not _stands_in(rule, seen, observations, rules):
            continue
        if rule.dense_from_people_per_km2 is not None:
            dense = _is_dense(density, rule.dense_from_people_per_km2)
            if dense is None:
                criteria.append(_open_for_density(rule))
            if not dense:
                continue
        criteria.append(_criterion(rule, seen))
    return tuple(criteria)


def _value(observations: Observations, measure: str) -> int | float | None:
    value: int | float | None = getattr(observations, measure)
    return value


def _stands_in(rule: Rule, seen: Seen, observations: Observations, rules: Sequence[Rule]) -> bool:
    """Whether the rule's own first measure is known, the standard's are not all, and none of
    those known rules a disaster out."""
    known = {m: _value(observations, m) for m in rule.while_unknown}
    if seen[rule.measures[0]] is None or None not in known.values():
        return False
    for measure, value in known.items():
        edges = [r.rows[0].at_least[measure] for r in rules if measure in r.measures]
        if value is not None and edges and value < min(edges):
            return False
    return True


def _is_dense(density: Mapping[str, float | None] | None, limit: float) -> bool | None:
    values = list((density or {}).values())
    if any(value is not None and value >= limit for value in values):
        return True
    return None if not values or None in values else False


def _open_for_density(rule: Rule) -> Criterion:
    row = rule.rows[0]
    words = Words(
        rule.name,
        f"{rule.zh}：受影响旗县的人口密度尚无数据，未判定（人口密度达到 {rule.dense_from_people_per_km2} 人/平方公里时适用）",
        f"{rule.en}: the density of people in the counties affected is not known yet, so not judged "
        f"(applies from {rule.dense_from_people_per_km2} people per km2)",
    )
    return Criterion(rule.name, rule.tier, row.level, None, _threshold(row), False, row.source, words)


def _criterion(rule: Rule, seen: Seen) -> Criterion:
    reached = [row for row in rule.rows if _reaches(row, seen)]
    row = reached[-1] if reached else rule.rows[0]
    return Criterion(
        name=rule.name,
        tier=rule.tier,
        level=row.level,
        observed=_observed(seen),
        threshold=_threshold(row),
        met=bool(reached),
        source=row.source,
        words=_words(rule, row, seen, bool(reached)),
    )


def _reaches(row: Row, seen: Seen) -> bool:
    values = [(seen[measure], edge) for measure, edge in row.at_least.items()]
    return all(value is not None and value >= edge for value, edge in values)


def _observed(seen: Seen) -> int | float | str | None:
    values = list(seen.values())
    if None in values:
        return None
    return values[0] if len(values) == 1 else ", ".join(f"{m}={v}" for m, v in seen.items())


def _threshold(row: Row) -> int | float | str:
    edges = row.at_least
    if len(edges) == 1:
        return next(iter(edges.values()))
    return ", ".join(f"{m}>={edge}" for m, edge in edges.items())


def _words(rule: Rule, row: Row, seen: Seen, met: bool) -> Words:
    missing = [m for m, value in seen.items() if value is None]
    short = [m for m, value in seen.items() if value is not None and value < row.at_least[m]]
    asked_zh = "、".join(f"{MEASURES[m][0]}≥{edge}{MEASURES[m][2]}" for m, edge in row.at_least.items())
    asked_en = ", ".join(f"{MEASURES[m][1]} >= {edge}{MEASURES[m][3]}" for m, edge in row.at_least.items())
    seen_zh = "、".join(f"{MEASURES[m][0]} {v}{MEASURES[m][2]}" for m, v in seen.items() if v is not None)
    seen_en = ", ".join(f"{MEASURES[m][1]} {v}{MEASURES[m][3]}" for m, v in seen.items() if v is not None)
    grade_zh, grade_en = f"{row.grade_zh}（{ROMAN[row.level]}级）", f"{row.grade_en} (level {ROMAN[row.level]})"
    if met:
        zh, en = f"达到{grade_zh}标准", f"reaches {grade_en}"
    elif short:
        zh, en = f"未达到{grade_zh}标准", f"does not reach {grade_en}"
    else:
        zh, en = f"不能判定是否达到{grade_zh}", f"cannot be judged for {grade_en}"
    if missing and not met:
        zh += "，尚无报告：" + "、".join(MEASURES[m][0] for m in missing)
        en += ", not known yet: " + ", ".join(MEASURES[m][1] for m in missing)
    notes = _notes(rule, row, seen)
    return Words(
        rule.name,
        f"{rule.zh}：" + (f"{seen_zh}，" if seen_zh else "") + f"{zh}（{asked_zh}）"
        + "".join(f"；{note[0]}" for note in notes),
        f"{rule.en}: " + (f"{seen_en}; " if seen_en else "") + f"{en} ({asked_en})"
        + "".join(f"; {note[1]}" for note in notes),
    )


def _notes(rule: Rule, row: Row, seen: Seen) -> list[tuple[str, str]]:
    notes = [(row.note_zh, row.note_en)] if row.note_zh else []
    first = seen[rule.measures[0]]
    if row is rule.rows[-1] and row.below is not None and first is not None and first >= row.below:
        notes.append(("超出来源所列范围，按不低于此级", "beyond the grades the source lists: at least this one"))
    if row.is_assumption and not row.note_zh:
        notes.append(("数值为假设", "the figures are an assumption"))
    if rule.level_is_assumption:
        notes.append(("等级与响应级别的对应为假设", "which level the grade means is an assumption"))
    return notes
