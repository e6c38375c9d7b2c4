"""What an exercise leader throws in, worked into what comes in.  Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from dispatch.alerts.model import LossCounts, RoadNotice
from dispatch.alerts.parameters import Parameters
from dispatch.clock import to_local
from dispatch.drills.areas import counties_in
from dispatch.drills.comings import Break, Coming, Tell, Warn
from dispatch.drills.model import Inject, InjectKind, Scenario
from dispatch.errors import InvalidInput

EXACT = timedelta(0)
WRONG = "导调 / exercise leader"


def check_time(inject: Inject, now: datetime) -> None:
    """``InvalidInput`` for a moment that the drill's clock has passed."""
    if inject.at < now:
        raise InvalidInput(
            f"Inject {inject.number} is for {to_local(inject.at):%Y-%m-%d %H:%M}, but the drill's clock "
            f"shows {to_local(now):%Y-%m-%d %H:%M} already.",
            remedy="Give a moment that is still to come.",
            zh=f"导调 {inject.number} 的时间 {to_local(inject.at):%Y-%m-%d %H:%M} 早于演练时钟 {to_local(now):%Y-%m-%d %H:%M}。",
            remedy_zh="请填写尚未到来的时间。",
        )


def throw_in(comings: Sequence[Coming], injects: Sequence[Inject], scenario: Scenario) -> tuple[Coming, ...]:
    """What comes in once all injects are worked in, in order of time.

    Figures are changed first, then roads and trucks added, then delays: a wrong report sent while
    the telephones are down is late as well.
    """
    found = list(comings)
    for inject in sorted(injects, key=lambda i: (STAGES[i.kind], i.at, i.number)):
        found = APPLY[inject.kind](found, inject, scenario)
    return tuple(sorted(found, key=lambda c: c.at))


def _double(comings: list[Coming], inject: Inject, _scenario: Scenario) -> list[Coming]:
    return [
        replace(c, counts=_twice(c.counts)) if isinstance(c, Tell) and _concerns(c, inject) else c
        for c in comings
    ]


def _late(comings: list[Coming], inject: Inject, _scenario: Scenario) -> list[Coming]:
    wait = timedelta(hours=inject.hours)
    return [replace(c, at=c.at + wait) if isinstance(c, Tell) and _concerns(c, inject) else c for c in comings]


def _wrong(comings: list[Coming], inject: Inject, _scenario: Scenario) -> list[Coming]:
    counts = LossCounts(**{inject.measure: inject.figure})
    told = [Tell(inject.at, 0, EXACT, place, WRONG, counts) for place in inject.places]
    return [*comings, *told]


def _phones(comings: list[Coming], inject: Inject, _scenario: Scenario) -> list[Coming]:
    until = inject.at + timedelta(hours=inject.hours)
    return [
        replace(c, at=until) if isinstance(c, Tell) and inject.at <= c.at < until and c.place in inject.places else c
        for c in comings
    ]


def _close(comings: list[Coming], inject: Inject, scenario: Scenario) -> list[Coming]:
    until = inject.at + timedelta(hours=inject.hours) if inject.hours else None
    named = [place for place in inject.places if not place.endswith("00")]
    counties = counties_in(inject.places, tuple(dict.fromkeys((*scenario.counties, *named))))
    carried = Parameters(roads=(RoadNotice(inject.road, counties, 0.0, until),))
    warn = Warn(inject.at, 0, EXACT, scenario.hazard, None, scenario.title_zh, counties, carried, until, inject.road)
    return [*comings, warn]


def _break(comings: list[Coming], inject: Inject, _scenario: Scenario) -> list[Coming]:
    return [*comings, Break(inject.at, 0, EXACT)]


def _concerns(coming: Coming, inject: Inject) -> bool:
    return coming.event == inject.event


def _twice(counts: LossCounts) -> LossCounts:
    pairs = {name: getattr(counts, name) for name in counts.__slots__}
    return LossCounts(**{name: None if value is None else 2 * value for name, value in pairs.items()})


APPLY = {
    InjectKind.DOUBLE_FIGURE: _double, InjectKind.WRONG_REPORT: _wrong, InjectKind.CLOSE_ROAD: _close,
    InjectKind.BREAK_TRUCK: _break, InjectKind.LATE_REPORT: _late, InjectKind.PHONES_DOWN: _phones,
}
STAGES: Mapping[InjectKind, int] = {kind: number for number, kind in enumerate(APPLY)}
