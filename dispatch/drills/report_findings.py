"""What a score says must change: findings with an owner and a day.  Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from dispatch.drills.report_input import Told
from dispatch.drills.report_rules import ReportRules
from dispatch.plans.clocks import NAMES

Pair = tuple[str, str]
Found = tuple[str, str, str]
ROMAN = ("", "Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ")


@dataclass(frozen=True, slots=True)
class Finding:
    """``kind`` is one of the report rules; words, owner (zh, en) and the day it is to be closed."""

    number: int
    kind: str
    words: Pair
    owner: Pair
    due: date


def findings(told: Told, rules: ReportRules) -> tuple[Finding, ...]:
    """Every finding of a score, gravest kind first, numbered from 1."""
    rows = [
        *_coverage(told, rules), *_clocks(told), *_later(told), *_level(told), *_reserve(told, rules),
        *_fair(told, rules), *_practice(told, rules), *_unknown(told), *_changed(told),
    ]
    return tuple(
        Finding(n, kind, (zh, en), rules.kinds[kind].owner, told.on + timedelta(days=rules.kinds[kind].days))
        for n, (kind, zh, en) in enumerate(rows, 1)
    )


def percent(share: float | None) -> str:
    """A share as whole percent; a dash where nothing is known."""
    return "—" if share is None else f"{100 * share:.0f}%"


def _coverage(told: Told, rules: ReportRules) -> Iterator[Found]:
    hours, rule = rules.compared_h, rules.kinds["coverage"]
    share = told.score["coverage"].get(f"{hours}h")
    if share is not None and share < rule.threshold:
        yield ("coverage", f"{hours} 小时满足 {percent(share)} 的需求，低于目标 {percent(rule.threshold)}",
               f"{percent(share)} of need covered after {hours} h, below the aim of {percent(rule.threshold)}")
    worst, shares = told.score.get("worst_county"), told.score["county_coverage"]
    least = rules.kinds["worst"].threshold
    if worst and shares.get(worst, 1.0) < least:
        behind = [c for c, s in sorted(shares.items(), key=lambda pair: (pair[1], pair[0])) if s < least]
        zh, en = ("、".join(told.name(c, "zh") for c in behind), ", ".join(told.name(c, "en") for c in behind))
        yield ("worst", f"满足率不到 {percent(least)} 的旗县：{zh}（最低 {percent(shares[worst])}）",
               f"counties with less than {percent(least)} covered: {en} (least {percent(shares[worst])})")


def _clocks(told: Told) -> Iterator[Found]:
    for clock in told.score["clocks"]:
        zh, en = NAMES.get(clock["name"], (clock["name"], clock["name"]))
        due, met = datetime.fromisoformat(clock["due_at"]), clock["met_at"]
        if met is None:
            yield ("clock", f"{zh}：时限 {due:%m-%d %H:%M}，演练中始终未完成", f"{en}: due {due:%m-%d %H:%M}, never met in the drill")
        elif (late := datetime.fromisoformat(met) - due) > timedelta(0):
            hours = late.total_seconds() / 3600
            yield "clock", f"{zh}：超时 {hours:.1f} 小时", f"{en}: {hours:.1f} h late"


def _later(told: Told) -> Iterator[Found]:
    late = [f["county"] for f in told.score["first_goods"] if f["verdict"] == "later"]
    if late:
        yield ("later", "首批物资晚于历史的旗县：" + "、".join(told.name(c, "zh") for c in late),
               "first goods later than in history: " + ", ".join(told.name(c, "en") for c in late))


def _level(told: Told) -> Iterator[Found]:
    """The gravest level ours reached beside the gravest really started."""
    ours = min((s["level"] for s in told.score["levels"]), default=None)
    then = min((h["level"] for h in told.score["levels_then"]), default=None)
    if then is not None and ours != then:
        said = ROMAN[ours] if ours else "—"
        yield ("level", f"系统最高级别 {said}，当年实际启动最高 {ROMAN[then]}（含其他部门的响应）",
               f"gravest level here {said}, really started then {ROMAN[then]} (of whatever authority)")


def _reserve(told: Told, rules: ReportRules) -> Iterator[Found]:
    left, least = told.score.get("reserve_left"), rules.kinds["reserve"].threshold
    if left is not None and left < least:
        yield ("reserve", f"结束时安全库存只余 {percent(left)}（应不低于 {percent(least)}）",
               f"only {percent(left)} of the safety stock is left at the end (at least {percent(least)} wanted)")


def _fair(told: Told, rules: ReportRules) -> Iterator[Found]:
    gini, most = told.score.get("gini"), rules.kinds["gini"].threshold
    if gini is not None and gini > most:
        yield ("gini", f"各旗县满足率差距大（基尼系数 {gini:.2f}，应不高于 {most:.2f}）",
               f"counties are served unequally (Gini {gini:.2f}, at most {most:.2f} wanted)")


def _practice(told: Told, rules: ReportRules) -> Iterator[Found]:
    margin, greedy = rules.kinds["practice"].threshold, told.score["greedy"]["coverage"]
    for hours, share in told.score["coverage"].items():
        other = greedy.get(hours)
        if share is not None and other is not None and other > share + margin:
            yield ("practice", f"{hours[:-1]} 小时：就近调拨满足 {percent(other)}，高于系统的 {percent(share)}",
                   f"after {hours[:-1]} h nearest-first covers {percent(other)}, more than our {percent(share)}")


def _unknown(told: Told) -> Iterator[Found]:
    dark = [f["county"] for f in told.score["first_goods"] if f["verdict"] == "unknown"]
    if dark:
        yield ("unknown", f"{len(dark)} 个旗县没有查到当年首批物资的到达时间，无法对照",
               f"for {len(dark)} counties nobody knows when the first goods came then: no comparison")


def _changed(told: Told) -> Iterator[Found]:
    changed = told.score.get("decisions_changed") or 0
    if changed:
        yield ("changed", f"人工修改了 {changed} 项决定：逐项复核原因", f"people changed {changed} decision(s): go through the reasons")
