"""``dispatch proposal list|show|submit|approve``."""

from __future__ import annotations

import click

from dispatch.cli.output import print_json
from dispatch.config import Settings
from dispatch.db import make_engine, reading
from dispatch.demo_time import clock_of
from dispatch.flow import approve as flow
from dispatch.proposals import queries


@click.group()
def proposal() -> None:
    """Dispatch proposals."""


@proposal.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_all(as_json: bool) -> None:
    """All proposals, newest first."""
    with reading(make_engine(Settings.from_env().database_url)) as session:
        rows = queries.list_proposals(session)
    if as_json:
        print_json({"proposals": rows})
        return
    for row in rows:
        click.echo(f"{row['code']}  {row['status']:<10}  {row['headline']['zh']}")


@proposal.command()
@click.argument("code")
@click.option("--json", "as_json", is_flag=True)
def show(code: str, as_json: bool) -> None:
    """One proposal with its lines, gaps and reasons."""
    with reading(make_engine(Settings.from_env().database_url)) as session:
        body = queries.get_proposal(session, code)
    if as_json:
        print_json(body)
        return
    click.echo(f"{body['code']}  {body['status']}\n{body['headline']['zh']}\n{body['headline']['en']}")
    for reason in body["activation"]["reasons"]:
        click.echo(f"  {reason['zh']}")
    for line in body["lines"]:
        click.echo(f"  {line['id']} {line['item_zh']} {line['quantity']:,}{line['unit_zh']}  "
                   f"{line['from_zh']} → {line['to_zh']}  {line['arrives_at']}  {line['reason']['zh']}")
    for gap in body["gaps"]:
        click.echo(f"  缺 {gap['county_zh']} {gap['item_zh']} {gap['quantity']:,}：{gap['cause']['zh']}"
                   f" → {gap['remedy']['zh']}")


@proposal.command()
@click.argument("code")
@click.option("--as", "actor", required=True, help="account that submits")
@click.option("--json", "as_json", is_flag=True)
def submit(code: str, actor: str, as_json: bool) -> None:
    """Hand a draft to the approvers."""
    engine = make_engine(Settings.from_env().database_url)
    flow.submit(engine, code, actor, clock_of(engine))
    if as_json:
        print_json({"code": code, "status": "submitted"})
        return
    click.echo(f"{code}: submitted")


@proposal.command()
@click.argument("code")
@click.option("--as", "actor", required=True, help="account that approves (not the submitter)")
@click.option("--json", "as_json", is_flag=True)
def approve(code: str, actor: str, as_json: bool) -> None:
    """Approve as a second person: stock is reserved, waybills are issued."""
    engine = make_engine(Settings.from_env().database_url)
    with reading(engine) as session:
        seen = queries.get_proposal(session, code)["body_hash"]
    waybills = flow.approve(engine, code, actor, seen, clock_of(engine))
    if as_json:
        print_json({"code": code, "status": "approved", "waybills": waybills})
        return
    click.echo(f"{code}: approved; " + ", ".join(waybills))
