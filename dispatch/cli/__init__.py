"""The console script ``dispatch``.

Exit codes: 0 done, 2 bad input, 3 refused by a rule, 4 not found, 5 unavailable.
"""

from __future__ import annotations

import sys

import click

from dispatch.cli.account import account
from dispatch.cli.alert import alert
from dispatch.cli.archive import backup, db, restore
from dispatch.cli.audit import audit
from dispatch.cli.draft import draft
from dispatch.cli.drill import drill
from dispatch.cli.plan import plan
from dispatch.cli.proposal import proposal
from dispatch.cli.roads import roads
from dispatch.cli.stock import stock
from dispatch.cli.system import init, serve
from dispatch.cli.team import team
from dispatch.cli.work import work
from dispatch.errors import DispatchError, NotFound, Refused, Unavailable

EXIT_CODES = ((NotFound, 4), (Refused, 3), (Unavailable, 5))


@click.group()
def cli() -> None:
    """内蒙古红十字会救灾物资调度 · Relief dispatch of the Inner Mongolia Red Cross."""


for command in (init, serve, work, alert, plan, draft, proposal, roads, stock, team, drill, account, audit, backup, restore, db):
    cli.add_command(command)


def main() -> None:
    """Run the command; an expected error prints its sentence and remedy."""
    try:
        cli()
    except DispatchError as error:
        click.echo(f"{error.message_zh}\n{error.message}", err=True)
        if error.remedy:
            click.echo(f"→ {error.remedy_zh}\n→ {error.remedy}", err=True)
        sys.exit(next((code for kind, code in EXIT_CODES if isinstance(error, kind)), 2))
