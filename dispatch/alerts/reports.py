"""Situation reports as facts: initial, follow-up, verified and nil; checked before they are kept.  Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from dispatch.alerts.model import LossCounts
from dispatch.alerts.rules import situation_rules
from dispatch.errors import InvalidInput

KINDS = ("initial", "follow_up", "verified", "nil")
CERTAINTIES = ("estimated", "reported", "verified")
KIND_NAMES = {
    "initial": ("初报", "initial"), "follow_up": ("续报", "follow-up"),
    "verified": ("核报", "verified"), "nil": ("零报告", "nil report"),
}
MEASURE_NAMES = {
    "dead_missing": ("死亡和失踪", "dead and missing"),
    "relocated": ("紧急转移安置", "relocated"),
    "rooms": ("倒损房屋（间）", "rooms collapsed or damaged"),
    "households": ("倒损房屋（户）", "households with damaged housing"),
    "need_aid": ("需救助", "needing aid"),
    "affected": ("受灾人口", "affected"),
    "livestock_dead": ("死亡牲畜", "livestock dead"),
}
PEOPLE = ("dead_missing", "relocated", "need_aid", "affected")
TEXT_LIMITS = {"reporter": 80, "unit": 120, "phone": 40, "township": 60, "note": 1000}


@dataclass(frozen=True, slots=True)
class Report:
    """Figures for one place as somebody reported them; corrections are new reports.

    ``place`` is the adcode of a county, league or the region, ``township`` a name below a
    county.  ``as_of`` is when the figures held, ``received_at`` when they came in.
    ``certainty`` is estimated, reported or verified; a nil report carries no counts and
    says that nothing changed.
    """

    code: str
    kind: str
    hazard: str
    place: str
    as_of: datetime
    received_at: datetime
    reporter: str
    counts: LossCounts = field(default_factory=LossCounts)
    township: str = ""
    unit: str = ""
    phone: str = ""
    certainty: str = "reported"
    is_correction: bool = False
    note: str = ""

    def said(self) -> dict[str, int]:
        """The measures this report states, with their figures."""
        pairs = {name: getattr(self.counts, name) for name in LossCounts.__slots__}
        return {name: value for name, value in pairs.items() if value is not None}


def check(report: Report, earlier: Sequence[Report], population: Mapping[str, int]) -> None:
    """Refuse a report that cannot be right; ``InvalidInput`` lists every fault with its remedy."""
    faults = [
        *_form_faults(report, population),
        *_count_faults(report, population),
        *([] if report.is_correction else _falls(report, earlier)),
    ]
    if faults:
        raise InvalidInput(
            "The report is refused: " + " ".join(en for en, _ in faults),
            remedy="Mend what is named and send it again; earlier reports stay as they are.",
            zh="报告被退回：" + "".join(zh for _, zh in faults),
            remedy_zh="请更正所列内容后重新提交；此前的报告保持不变。",
            facts={"faults": [{"en": en, "zh": zh} for en, zh in faults]},
        )


def _form_faults(report: Report, population: Mapping[str, int]) -> list[tuple[str, str]]:
    faults = []
    if report.kind not in KINDS:
        faults.append((f"The kind {report.kind!r} is not one of {', '.join(KINDS)}.", f"报告类型 {report.kind!r} 无效。"))
    if report.certainty not in CERTAINTIES:
        faults.append((f"The certainty {report.certainty!r} is not one of {', '.join(CERTAINTIES)}.", f"可信程度 {report.certainty!r} 无效。"))
    if report.place not in population:
        faults.append((f"There is no place {report.place!r}.", f"没有区划代码 {report.place!r}。"))
    if report.township and report.place.endswith("00"):
        faults.append(("A township needs the county it lies in.", "填写苏木乡镇时，地点必须是旗县。"))
    if report.as_of > report.received_at + situation_rules().clock_tolerance:
        faults.append((f"The figures are of {report.as_of:%Y-%m-%d %H:%M} UTC, which is still to come.", "数据截止时间晚于现在。"))
    if not report.reporter.strip():
        faults.append(("The reporter is missing.", "缺少报告人。"))
    for name, limit in TEXT_LIMITS.items():
        if len(getattr(report, name)) > limit:
            faults.append((f"{name} has more than {limit} characters.", f"{name} 超过 {limit} 个字符。"))
    if report.kind == "nil" and report.said():
        faults.append(("A nil report carries no figures.", "零报告不应包含数字。"))
    if report.kind != "nil" and report.kind in KINDS and not report.said():
        faults.append(("No figure is given; send a nil report when nothing changed.", "没有填写任何数字；无变化请用零报告。"))
    return faults


def _count_faults(report: Report, population: Mapping[str, int]) -> list[tuple[str, str]]:
    people = population.get(report.place)
    faults = []
    for name, value in report.said().items():
        zh, en = MEASURE_NAMES[name]
        if value < 0:
            faults.append((f"{en}: {value} is below zero.", f"{zh}：{value} 小于零。"))
        elif people is not None and name in PEOPLE and value > people:
            faults.append((f"{en}: {value:,} is more than the {people:,} people living there.",
                           f"{zh}：{value:,} 超过当地人口 {people:,}。"))
    return faults


def _falls(report: Report, earlier: Sequence[Report]) -> list[tuple[str, str]]:
    """Figures below what the same reporter said of the same place before, without the flag."""
    faults = []
    before: dict[str, int] = {}
    for old in sorted(earlier, key=order):
        same = (old.place, old.township, old.reporter) == (report.place, report.township, report.reporter)
        if same and order(old) < order(report):
            before.update(old.said())
    for name, value in report.said().items():
        if value < before.get(name, value):
            zh, en = MEASURE_NAMES[name]
            faults.append((f"{en} goes down from {before[name]:,} to {value:,}: mark it as a correction.",
                           f"{zh}由 {before[name]:,} 降为 {value:,}：请标记为更正。"))
    return faults


def order(report: Report) -> tuple[datetime, datetime, str]:
    """Reports in the order in which their figures held."""
    return (report.as_of, report.received_at, report.code)
