"""Ours beside history: earlier or later only where no doubt of either side changes that."""

from datetime import UTC, datetime, timedelta

import pytest

from dispatch.drills.history import compared, first_of, history_goods, history_levels
from dispatch.drills.library import load_scenario, shipped_names
from dispatch.drills.model import Scenario, Verdict
from dispatch.drills.rule import load_drill_rule
from tests.drills.files import HEAD, read

RULE = load_drill_rule()
COUNTY = "152921"


def day(number: int, hour: int = 0) -> datetime:
    return datetime(2015, 4, number, hour, tzinfo=UTC) - timedelta(hours=8)


def sent(*entries: str) -> Scenario:
    rows = "".join(
        f"- {{kind: dispatch, source: s1, goods: [{{item: tent, qty: 1}}], {entry}}}\n" for entry in entries
    )
    return read(HEAD + "timeline:\n" + rows)


AT = "at: '2015-04-17T00:00:00+08:00', at_precision: day, arrival: at, county: '152921'"
BY = AT.replace("arrival: at", "arrival: by")
AFTER = AT.replace("arrival: at", "arrival: after")
WIDE = AT.replace("county: '152921'", "places: ['152921', '152922']")
UNDATED = "at: null, at_precision: unknown, county: '152921'"


@pytest.mark.parametrize(("entries", "low", "high"), [
    ((AT,), day(17), day(18)),          # noon, 12 hours either way
    ((BY,), None, day(18)),             # a running total: perhaps long before
    ((AFTER,), day(17), None),
    ((WIDE,), day(17), None),           # some of these places had them then, none before
    ((AT, BY), None, day(18)),
    ((AT, UNDATED), None, day(18)),     # the undated ones may have been the first
    ((AT, AFTER), day(17), day(18)),
    ((), None, None),
])
def test_history_is_an_interval(entries: tuple[str, ...], low: datetime | None, high: datetime | None) -> None:
    other = "at: '2015-04-20T00:00:00+08:00', county: '152922'"
    assert first_of(COUNTY, sent(other, *entries), RULE) == (low, high)


@pytest.mark.parametrize(("ours", "spread_h", "verdict"), [
    (day(16, 20), 0, Verdict.EARLIER),
    (day(16, 20), 5, Verdict.UNDECIDED),   # ours may be as late as 01:00 on the 17th
    (day(17, 12), 0, Verdict.UNDECIDED),
    (day(18, 2), 0, Verdict.LATER),
    (day(18, 2), 3, Verdict.UNDECIDED),
    (None, 0, Verdict.LATER),
])
def test_a_verdict_respects_every_doubt(ours: datetime | None, spread_h: int, verdict: Verdict) -> None:
    found = compared(COUNTY, (ours, spread_h * 3600), sent(AT), RULE)
    assert found.verdict is verdict
    assert found.history_at == day(17, 12)


def test_without_history_there_is_no_verdict() -> None:
    found = compared("152922", (day(16), 0), sent(AT), RULE)
    assert (found.verdict, found.history_at) == (Verdict.UNKNOWN, None)


def test_levels_and_goods_of_the_quake_of_2003_and_the_blizzard_of_2021() -> None:
    names = shipped_names()
    quake = load_scenario("2003-08-16-bairin-left-ar-horqin-earthquake", names)
    tents = [g for g in history_goods(quake, RULE) if g.item == "tent"]
    assert tents[0].units == 500 and tents[0].after is not None
    blizzard = load_scenario("2021-11-tongliao-blizzard", names)
    assert [(h.level, h.places) for h in history_levels(blizzard, RULE)] == [
        (2, ("150500",)), (3, ("150500",)), (4, ("150000",)),
    ]
