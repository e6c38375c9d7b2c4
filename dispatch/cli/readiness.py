"""``dispatch team readiness``."""

from __future__ import annotations

import click

from dispatch.cli.output import print_json
from dispatch.clock import to_local
from dispatch.config import Settings
from dispatch.db import make_engine, reading
from dispatch.demo_time import clock_of
from dispatch.teams.history import as_dict, by_league, readiness_now
from dispatch.teams.rules import load_team_rule


@click.command()
@click.option("--team", "only", help="one team, for example RT-150500")
@click.option("--json", "as_json", is_flag=True)
def readiness(only: str | None, as_json: bool) -> None:
    """How ready each team is, why, and what would raise it most."""
    engine, rule = make_engine(Settings.from_env().database_url), load_team_rule()
    now = clock_of(engine).now()
    with reading(engine) as session:
        found = readiness_now(session, rule, to_local(now).date())
    shown = [as_dict(team, one, rule) for team, one in found if only in (None, team.code)]
    if as_json:
        print_json({
            "as_of": now.isoformat(), "source": rule.source, "is_assumption": rule.is_assumption, "teams": shown,
            "leagues": {
                code: {"teams": one.teams, "ready": one.ready, "best": None if one.best is None else one.best / 10}
                for code, one in by_league(found, rule).items()
            },
        })
        return
    for one in shown:
        mark = "  假设" if one["is_assumption"] else ""
        click.echo(f"{one['team']}  {one['team_zh']}  {one['readiness']:.0f}{mark}")
        for factor in one["factors"]:
            if factor["value"] < 1:
                click.echo(f"    {factor['value']:.2f}  {factor['zh']}")
        for step in one["steps"][:1]:
            click.echo(f"    → {step['zh']}：{step['readiness']:.0f}")
