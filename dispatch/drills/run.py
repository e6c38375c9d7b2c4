"""Running a scenario: ours and practice on a database each, scored on the same needs and clock."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from dispatch.clock import SystemClock, to_local
from dispatch.db import make_engine, reading
from dispatch.drills.assumptions import Case, assumptions_of
from dispatch.drills.comings import Coming
from dispatch.drills.ground import Stage, make_template, open_ground, settings_for
from dispatch.drills.history import history_goods, history_levels
from dispatch.drills.injects import check_time, throw_in
from dispatch.drills.model import Figures, Scenario, Score
from dispatch.drills.practice import practise
from dispatch.drills.readings import Left, read_left
from dispatch.drills.render import Rendered, render
from dispatch.drills.replay import Log, Replay, Setting
from dispatch.drills.rule import DrillRule, load_drill_rule
from dispatch.drills.score import figures
from dispatch.drills.shift import moved, moved_scenario
from dispatch.errors import InvalidInput
from dispatch.flow.decide import decide
from dispatch.flow.draft import Solve
from dispatch.flow.model import Decision, Inputs
from dispatch.geography.store import list_names
from dispatch.needs.exposure_table import load_exposure
from dispatch.needs.standards import load_standards
from dispatch.plans.policy import shipped_policies
from dispatch.routing.problem import RoutingParams

# counted steps end a search; a clock that cut one short on a busy machine would change the score
NEVER_CUT_S = 3600.0


class Rules(StrEnum):
    """Under whose rules: those in force on the day it happened, or those of today."""

    THEN = "then"
    NOW = "now"


@dataclass(frozen=True, slots=True)
class Options:
    """How to run: the seed of searches and stock, whose rules, how full the stores are (percent)."""

    seed: int = 1
    policy: Rules = Rules.THEN
    stock_percent: int = 100


class DrillRoom:
    """A folder with the template of drill databases; every run makes its own from it.

    Use it as a context: the folder and all databases of its drills are gone afterwards.
    """

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="drill-")
        self.path = Path(self._folder.name)
        self._runs = 0

    def __enter__(self) -> DrillRoom:
        self.template = make_template(self.path)
        engine = make_engine(settings_for(self.template).database_url)
        with reading(engine) as session:
            self.names: Mapping[str, tuple[str, str]] = list_names(session)
        engine.dispose()
        return self

    def __exit__(self, *_error: object) -> None:
        self._folder.cleanup()

    def new_file(self) -> Path:
        """Where the next drill's database goes."""
        self._runs += 1
        return self.path / f"{self._runs}.sqlite"


@dataclass(frozen=True)
class Played:
    """One replay: what happened, what it left, its figures."""

    log: Log
    left: Left
    figures: Figures


def run(scenario: Scenario, room: DrillRoom, options: Options | None = None, rule: DrillRule | None = None) -> Score:
    """Replay a scenario by our plan and by practice, and score both.

    Raises ``InvalidInput`` when nothing of it can come in, or an inject lies before its start.
    """
    options, rule, began = options or Options(), rule or load_drill_rule(), time.perf_counter()
    years = years_to_today(scenario) if options.policy is Rules.NOW else 0
    played = moved_scenario(scenario, years)
    rendered = render(played, room.names, rule)
    comings = all_comings(played, rendered)
    ours = play(played, (comings, room, rule), options, partial(by_plan, options.seed, rule))
    return scored(ours, (played, rendered, comings, years), (room, rule, options), began)


def scored(
    ours: Played, what: tuple[Scenario, Rendered, tuple[Coming, ...], int], where: tuple[DrillRoom, DrillRule, Options], began: float
) -> Score:
    """The score of a replay, beside practice played on the same; ``began`` by the performance counter."""
    (played, rendered, comings, years), (room, rule, options) = what, where
    greedy = play(played, (comings, room, rule), options, practise)
    score = Score(
        scenario=played.code, policy=options.policy.value, seed=options.seed, stock_percent=options.stock_percent,
        first_alert_at=ours.log.began, first_alert_spread_s=int(ours.log.began_spread.total_seconds()),
        alerts=len(ours.log.alerts), levels=ours.left.levels,
        history_levels=history_levels(played, rule), history_goods=history_goods(played, rule),
        clocks=ours.left.clocks, ours=ours.figures, greedy=greedy.figures,
        assumptions=assumptions_of(Case(played, rendered, rule, options.stock_percent, years, ours.log, greedy.log, ours.left)),
        sources=tuple(played.sources.values()), runtime_s=0.0,
    )
    return replace(moved_back(score, years), runtime_s=round(time.perf_counter() - began, 2))


def years_to_today(scenario: Scenario) -> int:
    """By how many years a scenario must move to meet the newest of all dated rules."""
    assert scenario.started.at is not None
    newest = max(
        *(policy.valid_from for policy in shipped_policies()),
        load_standards(datetime.max.date()).valid_from, load_exposure(datetime.max.date()).valid_from,
    )
    years = 0
    while to_local(moved(scenario.started.at, years)).date() < newest:
        years += 1
    return years


def all_comings(scenario: Scenario, rendered: Rendered) -> tuple[Coming, ...]:
    """What comes in with the scenario's injects worked in; ``InvalidInput`` as told at ``run``."""
    if not rendered.comings:
        raise InvalidInput(
            f"Nothing of {scenario.code} can come in: no warning, count or closure has both a time and a place.",
            remedy="Give at least one alert or report its time and its place.",
            zh=f"情景 {scenario.code} 没有可重放的内容：没有任何预警、数字或封路同时具有时间和地点。",
            remedy_zh="请至少为一条预警或报告填写时间和地点。",
        )
    for inject in scenario.injects:
        check_time(inject, rendered.comings[0].at)
    return throw_in(rendered.comings, scenario.injects, scenario)


def play(
    scenario: Scenario, where: tuple[tuple[Coming, ...], DrillRoom, DrillRule], options: Options, solve: Solve
) -> Played:
    """One replay with one way of deciding, on a database of its own."""
    comings, room, rule = where
    path, first = room.new_file(), comings[0]
    stage = Stage(scenario.code, first.at, options.seed, options.stock_percent)
    engine = open_ground(path, room.template, stage, SystemClock().now())
    until = max(first.at + rule.least, comings[-1].at + rule.after_last)
    replay = Replay(Setting(engine, settings_for(path), scenario.hazard, solve, room.names, rule, until), first)
    try:
        log = replay.run(comings)
        left = read_left(engine, until)
    finally:
        engine.dispose()
    return Played(log, left, figures(log, left, (scenario, rule)))


def by_plan(seed: int, rule: DrillRule, inputs: Inputs, params: RoutingParams) -> Decision:
    """Our way of deciding, with the searches of drills."""
    counted = replace(
        params, seed=seed, iterations=rule.iterations, slices=rule.slices, time_limit_s=NEVER_CUT_S
    )
    return decide(inputs, counted)


def moved_back(score: Score, years: int) -> Score:
    """A score of a moved scenario told in the days of the real one."""
    if not years:
        return score

    def back(at: datetime | None) -> datetime | None:
        return None if at is None else moved(at, -years)

    def of(figures: Figures) -> Figures:
        return replace(figures, first_goods=tuple(
            replace(f, ours_at=back(f.ours_at), history_at=back(f.history_at), history_from=back(f.history_from),
                    history_to=back(f.history_to))
            for f in figures.first_goods
        ))

    return replace(
        score, first_alert_at=moved(score.first_alert_at, -years), ours=of(score.ours), greedy=of(score.greedy),
        levels=tuple(replace(s, at=moved(s.at, -years)) for s in score.levels),
        history_levels=tuple(replace(h, at=moved(h.at, -years)) for h in score.history_levels),
        history_goods=tuple(replace(g, after=back(g.after), by=back(g.by)) for g in score.history_goods),
        clocks=tuple(replace(c, due_at=moved(c.due_at, -years), met_at=back(c.met_at)) for c in score.clocks),
    )
