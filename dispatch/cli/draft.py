"""``dispatch draft list|take|stop|again``."""

from __future__ import annotations

from collections.abc import Callable

import click

from dispatch.cli.output import print_json
from dispatch.config import Settings
from dispatch.db import make_engine, reading
from dispatch.demo_time import clock_of
from dispatch.flow import take as flow
from dispatch.flow.take import Person
from dispatch.proposals.drafts import list_drafts


@click.group()
def draft() -> None:
    """Drafts under way and what came of them."""


@draft.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_all(as_json: bool) -> None:
    """The newest drafts first: how far each has come."""
    engine = make_engine(Settings.from_env().database_url)
    with reading(engine) as session:
        rows = list_drafts(session, (), clock_of(engine).now())
    if as_json:
        print_json({"drafts": rows})
        return
    for row in rows:
        note = row["note"]["zh"] if row["note"] else row["error"] or ""
        click.echo(f"{row['id']:>5}  {row['status']:<9} {row['progress']}/{row['slices']}  "
                   f"{row['situation']}  {row['proposal'] or ''} {note}".rstrip())


@draft.command()
@click.argument("number", type=int)
@click.option("--as", "actor", required=True, help="account that decides")
@click.option("--json", "as_json", is_flag=True)
def take(number: int, actor: str, as_json: bool) -> None:
    """Stop improving; the plan in hand becomes the proposal."""
    engine = make_engine(Settings.from_env().database_url)
    code = flow.take(engine, number, Person(actor, clock_of(engine)))
    if as_json:
        print_json({"id": number, "proposal": code})
        return
    click.echo(f"方案 drafted: {code}")


@draft.command()
@click.argument("number", type=int)
@click.option("--as", "actor", required=True, help="account that decides")
@click.option("--json", "as_json", is_flag=True)
def stop(number: int, actor: str, as_json: bool) -> None:
    """End a draft without a proposal."""
    _decide(flow.stop, number, actor, ("stopped", as_json))


@draft.command()
@click.argument("number", type=int)
@click.option("--as", "actor", required=True, help="account that decides")
@click.option("--json", "as_json", is_flag=True)
def again(number: int, actor: str, as_json: bool) -> None:
    """Ask again for a draft that failed or was stopped."""
    _decide(flow.again, number, actor, ("queued", as_json))


def _decide(act: Callable[..., None], number: int, actor: str, shown: tuple[str, bool]) -> None:
    engine = make_engine(Settings.from_env().database_url)
    act(engine, number, Person(actor, clock_of(engine)))
    status, as_json = shown
    if as_json:
        print_json({"id": number, "status": status})
        return
    click.echo(f"{number}: {status}")
