"""A scenario moved by whole years, so that it meets the rules of today in its own season.  Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from dispatch.clock import LOCAL_ZONE, to_local
from dispatch.drills.model import Moment, Scenario


def moved(at: datetime, years: int) -> datetime:
    """The same local day and hour some years on; the last of February for a 29th."""
    local = to_local(at)
    day = min(local.day, 28) if local.month == 2 else local.day
    return local.replace(year=local.year + years, day=day, tzinfo=LOCAL_ZONE).astimezone(at.tzinfo) if years else at


def moved_scenario(scenario: Scenario, years: int) -> Scenario:
    """Every moment of a scenario some years on."""
    if not years:
        return scenario
    return replace(
        scenario,
        started=_moment(scenario.started, years),
        ended=None if scenario.ended is None else _moment(scenario.ended, years),
        events=tuple(replace(e, moment=_moment(e.moment, years)) for e in scenario.events),
        injects=tuple(replace(i, at=moved(i.at, years)) for i in scenario.injects),
    )


def _moment(moment: Moment, years: int) -> Moment:
    return moment if moment.at is None else replace(moment, at=moved(moment.at, years))
