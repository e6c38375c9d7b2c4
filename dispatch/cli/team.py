"""``dispatch team forget|readiness``."""

from __future__ import annotations

import click

from dispatch.cli.output import print_json
from dispatch.cli.readiness import readiness
from dispatch.config import Settings
from dispatch.db import make_engine, run_in_transaction
from dispatch.demo_time import clock_of
from dispatch.exchange.rosters import forget_uploads
from dispatch.teams.retention import erase_overdue


@click.group()
def team() -> None:
    """Relief teams and their rosters."""


@team.command()
@click.option("--json", "as_json", is_flag=True)
def forget(as_json: bool) -> None:
    """Erase personal data kept longer than the team rule allows; counts stay."""
    engine = make_engine(Settings.from_env().database_url)
    now = clock_of(engine).now()
    members, uploads = run_in_transaction(engine, lambda s: (erase_overdue(s, now), forget_uploads(s, now)))
    if as_json:
        print_json({"members": members, "uploads": uploads})
    else:
        click.echo(f"已清除 erased: {len(members)} 名队员 members, {len(uploads)} 份名册 roster sheets")


team.add_command(readiness)
