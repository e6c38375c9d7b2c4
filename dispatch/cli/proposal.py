"""``dispatch proposal list|show|submit|approve|return|edit|undo|alternatives``."""

from __future__ import annotations

from typing import Any

import click

from dispatch.allocation.problem import LinePin
from dispatch.cli.output import print_json
from dispatch.config import Settings
from dispatch.db import make_engine, reading
from dispatch.demo_time import clock_of
from dispatch.errors import InvalidInput
from dispatch.flow import alternatives as others
from dispatch.flow import approve as flow
from dispatch.flow import team_wishes, wanted
from dispatch.flow.edit import edit as edit_plan
from dispatch.flow.edit import look, redo, undo
from dispatch.flow.load_wishes import moving_load, yard_of
from dispatch.flow.model import Way
from dispatch.flow.road_wishes import with_road
from dispatch.flow.wishes import Wishes
from dispatch.proposals import queries
from dispatch.routing.pins import OrderPin, TruckPin
from dispatch.routing.store import list_vehicles


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


@proposal.command("return")
@click.argument("code")
@click.option("--as", "actor", required=True, help="account that returns it (not the submitter)")
@click.option("--comment", required=True, help="what is to be changed")
@click.option("--json", "as_json", is_flag=True)
def send_back(code: str, actor: str, comment: str, as_json: bool) -> None:
    """Return a submitted proposal with a word why."""
    engine = make_engine(Settings.from_env().database_url)
    flow.send_back(engine, code, actor, comment, clock_of(engine))
    if as_json:
        print_json({"code": code, "status": "returned"})
        return
    click.echo(f"{code}: returned")


@proposal.command("undo")
@click.argument("code")
@click.option("--as", "actor", required=True, help="account that undoes (planner or approver)")
@click.option("--again", is_flag=True, help="do again what was undone last")
@click.option("--json", "as_json", is_flag=True)
def undo_last(code: str, actor: str, again: bool, as_json: bool) -> None:
    """Go back to the state before the last edit, or forth again."""
    settings = Settings.from_env()
    engine = make_engine(settings.database_url)
    new = (redo if again else undo)(engine, code, Way(actor, clock_of(engine), settings))
    if as_json:
        print_json({"code": new})
        return
    click.echo(f"{code} → {new}")


@proposal.command()
@click.argument("code")
@click.option("--json", "as_json", is_flag=True)
def alternatives(code: str, as_json: bool) -> None:
    """Balanced, fast, fair and frugal side by side; what is missing is worked out first."""
    settings = Settings.from_env()
    engine = make_engine(settings.database_url)
    with reading(engine) as session:
        missing = others.modes_missing(session, code)
    for mode in missing:
        others.make_alternative(engine, code, mode, Way("cli", clock_of(engine), settings))
    with reading(engine) as session:
        rows = others.table(session, code)
    if as_json:
        print_json({"code": code, "alternatives": rows})
        return
    for row in rows:
        words = row["error"]["zh"] if row["error"] else "；".join(d["zh"] for d in row["differences"])
        figures = row["figures"] or {}
        click.echo(f"{row['zh']} {row['mode']:<9} {'*' if row['is_current'] else ' '} "
                   f"¥{figures.get('cost_fen', 0) // 100:,}  {figures.get('trucks', 0)} 车  {words}")


@proposal.command()
@click.argument("code")
@click.option("--as", "actor", required=True, help="account that edits (planner or approver)")
@click.option("--pin-truck", "trucks", multiple=True, help="TRUCK=COUNTY: the goods for a county ride in this truck")
@click.option("--keep", "kept", multiple=True, help="TRUCK: keeps the load it has in the plan")
@click.option("--leave", "left", multiple=True, help="TRUCK: is not used")
@click.option("--order", "orders", multiple=True, help="TRUCK=COUNTY,COUNTY: reaches them in this order")
@click.option("--pin-line", "lines", multiple=True, help="WAREHOUSE:COUNTY:ITEM=UNITS: sends exactly so many")
@click.option("--without", "closed", multiple=True, help="WAREHOUSE: sends nothing")
@click.option("--road", "roads", multiple=True, help="ROAD=PERCENT: counts on so much of its speed, 0 = not driven")
@click.option("--move", "moves", multiple=True, help="WAREHOUSE:COUNTY:NUMBER=TRUCK: this load rides in that truck")
@click.option("--team", "teams", multiple=True, help="TEAM=COUNTY: this team goes there")
@click.option("--team-stays", "staying", multiple=True, help="TEAM: is not sent")
@click.option("--drop", "keys", multiple=True, help="take a wish out again, by its key")
@click.option("--mode", help="balanced, fast, fair or frugal")
@click.option("--alpha", type=float, help="share of the fair floor, 0 to 1")
@click.option("--json", "as_json", is_flag=True)
def edit(code: str, actor: str, as_json: bool, **asked: object) -> None:
    """Solve a draft again under other wishes; the new proposal takes its place."""
    settings = Settings.from_env()
    engine = make_engine(settings.database_url)
    with reading(engine) as session:
        seen = look(session, code)
        yards = {v.code: v.warehouse_code for v in list_vehicles(session)}
    wishes = _wishes(seen.wishes, seen.body, yards, asked)
    new = edit_plan(engine, code, wishes, Way(actor, clock_of(engine), settings))
    with reading(engine) as session:
        body = queries.get_proposal(session, new)
    if as_json:
        print_json({"code": new, "edited": body["edited"], "wishes": body["wishes"]})
        return
    click.echo(f"{code} → {new}  {body['headline']['zh']}")
    for change in body["edited"]["changes"] or [{"zh": "没有变化", "en": "nothing changed"}]:
        click.echo(f"  {change['zh']}  {change['en']}")


def _wishes(wishes: Wishes, body: dict[str, Any], yards: dict[str, str], asked: dict[str, Any]) -> Wishes:
    """The wishes of a proposal with what the command line asks for."""
    for key in asked["keys"]:
        wishes = wanted.dropped(wishes, key)
    for code in asked["closed"]:
        wishes = wanted.without_warehouse(wishes, code)
    for code in asked["kept"]:
        wishes = wanted.keeping_truck(wishes, body, code)
    for code in asked["left"]:
        wishes = wanted.without_truck(wishes, code)
    for text in asked["trucks"]:
        truck, county = _two(text, "=")
        wishes = wanted.with_truck(wishes, TruckPin(truck, yard_of(truck, yards), county))
    wishes = _roads_and_loads(wishes, body, yards, asked)
    for text in asked["teams"]:
        wishes = team_wishes.with_team(wishes, *_two(text, "="))
    for code in asked["staying"]:
        wishes = team_wishes.without_team(wishes, code)
    for text in asked["orders"]:
        truck, counties = _two(text, "=")
        wishes = wanted.with_order(wishes, OrderPin(truck, tuple(counties.split(","))))
    for text in asked["lines"]:
        wishes = wanted.with_line(wishes, _line(text))
    if asked["mode"] is not None or asked["alpha"] is not None:
        mode, alpha = asked["mode"] or wishes.mode, asked["alpha"]
        wishes = wanted.weighed(wishes, mode, alpha if alpha is not None else others.weighed_as(wishes, mode).alpha)
    return wishes


def _roads_and_loads(
    wishes: Wishes, body: dict[str, Any], yards: dict[str, str], asked: dict[str, Any]
) -> Wishes:
    for text in asked["roads"]:
        edge, percent = _two(text, "=")
        if not (percent.isascii() and percent.isdigit()):
            raise _unreadable(text)
        wishes = with_road(wishes, edge, int(percent))
    for text in asked["moves"]:
        load, truck = _two(text, "=")
        wishes = moving_load(wishes, body, load, (truck, yard_of(truck, yards)))
    return wishes


def _two(text: str, sign: str) -> tuple[str, str]:
    head, found, tail = text.partition(sign)
    if not (head and found and tail):
        raise _unreadable(text)
    return head, tail


def _line(text: str) -> LinePin:
    lane, units = _two(text, "=")
    parts = lane.split(":")
    if len(parts) != 3 or not (units.isascii() and units.isdigit()):
        raise _unreadable(text)
    return LinePin(parts[0], parts[1], parts[2], int(units))


def _unreadable(text: str) -> InvalidInput:
    return InvalidInput(
        f"{text!r} cannot be read as a pin.", remedy="See `dispatch proposal edit --help` for the forms.",
        zh=f"无法识别 {text!r}。", remedy_zh="格式见 `dispatch proposal edit --help`。",
    )
