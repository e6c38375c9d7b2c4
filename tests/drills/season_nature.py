"""What seasons are simulated with in tests: the demo's stock, fleet, rosters, the real record."""

from __future__ import annotations

from dataclasses import replace

from dispatch.db import make_engine, reading
from dispatch.demo_time import clock_of
from dispatch.drills.season_draw import Nature
from dispatch.drills.season_ground import read_base
from dispatch.drills.season_record import load_record
from dispatch.drills.season_rules import SeasonRules, load_season
from tests.conftest import Databases


def make_nature(databases: Databases) -> Nature:
    engine = make_engine(databases.filled("sqlite", demo=True))
    rules = load_season()
    with reading(engine) as session:
        base = read_base(session, clock_of(engine).now(), rules.starts_month)
    engine.dispose()
    return Nature(base, rules, load_record(rules))


def only(nature: Nature, group: str, **changed: object) -> Nature:
    """The same with disasters of one group alone; ``changed`` are fields of the group."""
    rules: SeasonRules = nature.rules
    (kept,) = (g for g in rules.groups if g.name == group)
    return replace(nature, rules=replace(rules, groups=(replace(kept, **changed),)))  # type: ignore[arg-type]
