"""``dispatch account add|list|disable|enable|reset-password|reset-factor|rights``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click
from sqlalchemy.orm import Session

from dispatch.accounts import people
from dispatch.accounts.attempts import Caller
from dispatch.accounts.people import Desk, NewAccount
from dispatch.accounts.rights import RIGHTS, ROLES
from dispatch.accounts.rights_table import as_markdown
from dispatch.cli.output import print_json
from dispatch.clock import SystemClock
from dispatch.config import Settings
from dispatch.db import make_engine, reading, run_in_transaction
from dispatch.demo_time import clock_of
from dispatch.places import REGION_ADCODE
from dispatch.web.routes import ADDRESSES

T = TypeVar("T")


@click.group()
def account() -> None:
    """People who may log in, as the operator of this server."""


def _do(work: Callable[[Session, Desk], T]) -> T:
    engine = make_engine(Settings.from_env().database_url)
    desk = Desk(None, Caller("command line", "", SystemClock().now(), clock_of(engine).now()))
    return run_in_transaction(engine, lambda session: work(session, desk))


@account.command()
@click.argument("name")
@click.option("--display", "display_zh", required=True, help="the person's name")
@click.option("--role", required=True, type=click.Choice(ROLES))
@click.option("--place", default=REGION_ADCODE, show_default=True, help="adcode of the region, a league or a county")
def add(name: str, display_zh: str, role: str, place: str) -> None:
    """Make an account and print its one-time password."""
    _password(name, _do(lambda session, desk: people.add_account(session, desk, NewAccount(name, display_zh, role, place))))


@account.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_accounts(as_json: bool) -> None:
    """Every account with its role and place."""
    with reading(make_engine(Settings.from_env().database_url)) as session:
        found = people.list_people(session, REGION_ADCODE)
    if as_json:
        print_json(found)
        return
    for person in found:
        marks = [word for word, is_so in (("停用 disabled", person["is_disabled"]), ("演示 demo", person["is_demo"]),
                                          ("第二因素 second factor", person["has_factor"])) if is_so]
        click.echo(f"{person['name']:<20} {person['role']:<16} {person['place']}  {person['display_zh']}  {' · '.join(marks)}")


@account.command()
@click.argument("name")
def disable(name: str) -> None:
    """Shut an account out at once."""
    _do(lambda session, desk: people.disable(session, desk, name))


@account.command()
@click.argument("name")
def enable(name: str) -> None:
    """Let an account in again."""
    _do(lambda session, desk: people.disable(session, desk, name, back=True))


@account.command("reset-password")
@click.argument("name")
def reset_password(name: str) -> None:
    """Print a new one-time password; whoever is logged in under the name is logged out."""
    _password(name, _do(lambda session, desk: people.reset_password(session, desk, name)))


@account.command("reset-factor")
@click.argument("name")
def reset_factor(name: str) -> None:
    """Forget a second factor that was lost."""
    _do(lambda session, desk: people.reset_factor(session, desk, name))


@account.command()
@click.option("--markdown", is_flag=True, help="the whole table, as in docs/rights.md")
def rights(markdown: bool) -> None:
    """Who may do what, where."""
    if markdown:
        click.echo(as_markdown(ADDRESSES), nl=False)
        return
    for right in RIGHTS:
        click.echo(f"{right.act:<18} {right.zh}：{'、'.join(right.levels)}")


def _password(name: str, password: str) -> None:
    click.echo(f"{name}  一次性密码 one-time password: {password}")
