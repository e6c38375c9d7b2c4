"""Deadlines of a level and how they stand."""

from datetime import timedelta

import pytest

from dispatch.plans.clocks import deadlines, state, tier_above
from tests.builders import AT, POLICY


def test_a_response_owes_every_deadline_a_pre_alert_only_reports_and_muster() -> None:
    due = {d.name: (d.due_at - AT) / timedelta(hours=1) for d in deadlines(POLICY.levels[2], "response", "region", AT)}
    assert due == {"first_report": 2, "follow_up": 6, "working_group": 6, "muster": 2, "goods_on_road": 4, "goods_there": 12}
    early = deadlines(POLICY.levels[2], "pre_alert", "region", AT)
    assert [d.name for d in early] == ["first_report", "follow_up", "muster"]
    assert all(d.tier == "region" and d.words.zh and d.words.en for d in early)


@pytest.mark.parametrize("level", [2, 3, 4])
def test_a_graver_level_is_never_slower(level: int) -> None:
    def hours(n: int) -> dict[str, timedelta]:
        return {d.name: d.due_at - AT for d in deadlines(POLICY.levels[n], "response", "league", AT)}
    assert all(hours(level - 1)[name] <= due for name, due in hours(level).items())


@pytest.mark.parametrize("met,now,expected", [
    (None, -16, "running"), (None, -15, "soon"), (None, -1, "soon"), (None, 0, "missed"), (None, 90, "missed"),
    (0, 90, "met"), (-30, -20, "met"), (1, 90, "met_late"),
])
def test_states(met: int | None, now: int, expected: str) -> None:
    met_at = None if met is None else AT + timedelta(minutes=met)
    assert state(AT, met_at, AT + timedelta(minutes=now)) == expected


def test_what_is_missed_goes_up() -> None:
    assert [tier_above(t) for t in ("county", "league", "region")] == ["league", "region", "head_office"]
