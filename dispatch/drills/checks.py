"""Facts that cannot all be true: times out of order, counts that contradict each other.  Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from dispatch.drills.faults import Faults
from dispatch.drills.fields import Fields
from dispatch.drills.model import Event, Moment

LONGEST = timedelta(days=400)
# what counts people once each, and so cannot be more than all that are affected
PARTS = ("deaths", "missing", "relocated", "needing_aid", "need_urgent_relief", "people_short_of_food", "homeless")
PAIRS = (("injured_serious", "injured"), *((part, "affected") for part in PARTS))
COUNTS = frozenset({
    *PARTS, "affected", "injured", "injured_serious", "injured_light", "houses_collapsed", "houses_damaged",
    "households_house_collapsed", "affected_households", "livestock_dead", "rescued",
})
MOST = 30_000_000


def check_times(root: Fields, started: Moment | None, ended: Moment | None, events: Iterable[Event]) -> None:
    """An end before the start, a start that is not known, facts more than 400 days off."""
    if started is None or started.at is None:
        if started is not None:
            root.fault(root.at("started_at"), "The start is not known.", "开始时间不明。", "Give the day at least.", "请至少填写日期。")
        return
    if ended is not None and ended.at is not None and ended.at < started.at:
        root.fault(root.at("ended_at"), "The scenario ends before it starts.", "结束时间早于开始时间。",
                   "Mend started_at or ended_at.", "请更正 started_at 或 ended_at。")
    for event in events:
        if event.moment.at is not None and abs(event.moment.at - started.at) > LONGEST:
            root.faults.add(event.line, (f"Entry {event.number} lies more than {LONGEST.days} days from the start.",
                                         f"第 {event.number} 条与开始时间相差超过 {LONGEST.days} 天。"),
                            ("Mend its time, or make it a scenario of its own.", "请更正时间，或另立情景。"))


def check_counts(faults: Faults, events: Iterable[Event]) -> None:
    """Counts below zero or not whole, and parts larger than their whole."""
    for event in events:
        facts = event.facts
        for name in sorted(COUNTS & set(facts)):
            _check_count(faults, event, name)
        for part, whole in PAIRS:
            small, large = _count(facts, part), _count(facts, whole)
            if small is not None and large is not None and small > large:
                faults.add(event.line, (f"Entry {event.number} has {part} {small:,} of {whole} {large:,}: both cannot be right.",
                                        f"第 {event.number} 条的 {part} 为 {small:,}，而 {whole} 只有 {large:,}，互相矛盾。"),
                           ("Mend one, or set the doubtful one to null.", "请更正其一，或把存疑的写为 null。"))


def _check_count(faults: Faults, event: Event, name: str) -> None:
    value = event.facts[name]
    if value is None or isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST:
        return
    faults.add(event.line, (f"Entry {event.number} has {name} {str(value)[:40]!r}, which is not a count.",
                            f"第 {event.number} 条的 {name} 为 {str(value)[:40]!r}，不是计数。"),
               (f"Give a whole number from 0 to {MOST:,}, or null when it is not known.",
                f"请填写 0 到 {MOST:,} 的整数；不清楚时写 null。"))


def _count(facts: Mapping[str, object], name: str) -> int | None:
    value = facts.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
