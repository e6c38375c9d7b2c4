"""Roads: what people tell of them, telling it, and planning again around a closed one."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from dispatch.clock import LOCAL_ZONE, as_utc
from dispatch.db import reading
from dispatch.errors import InvalidInput, NotFound
from dispatch.flow import halt
from dispatch.flow.model import Way
from dispatch.flow.road_desk import (
    find_roads,
    list_roads,
    pick_road,
    report_road,
    road_choices,
    road_history,
)
from dispatch.geography.store import list_counties
from dispatch.routing.reports import RoadTold
from dispatch.routing.road_state import RoadStateKind, load_road_report_rule
from dispatch.teams.operations import fresh_key
from dispatch.web.auth import actor
from dispatch.web.queued import answers_queue, done, form_key, position, said_at
from dispatch.web.state import state

blueprint = Blueprint("roads", __name__, url_prefix="/roads")


@blueprint.get("")
@login_required
def index() -> ResponseReturnValue:
    """The roads somebody told of, with the trucks a closed one holds up."""
    with reading(state().engine) as session:
        rows = list_roads(session, state().clock.now())
    return render_template("roads.html", roads=rows, rule=load_road_report_rule())


@blueprint.get("/new")
@login_required
def form() -> ResponseReturnValue:
    """Tell of a road; the list is narrowed by number, counties or position in the address."""
    given = request.args
    counties = [c for c in (given.get("a", ""), given.get("b", "")) if c]
    with reading(state().engine) as session:
        choices = road_choices(session)
        asked = bool(given.get("ref") or counties or given.get("lon"))
        fits = find_roads(session, given.get("ref", ""), counties, position()) if asked else []
        places = list_counties(session)
    of = {road["edge"]: road for road in choices}
    shown = [of[i] for i in fits] if asked else choices
    return render_template("road_new.html", roads=shown, asked=asked, counties=places, given=given, form_key=fresh_key(),
                           rule=load_road_report_rule())


@blueprint.post("/new")
@login_required
@answers_queue
def tell() -> ResponseReturnValue:
    """One report, from the desk or the telephone."""
    given, where = request.form, position()
    counties = [c for c in (given.get("a", ""), given.get("b", "")) if c]
    with reading(state().engine) as session:
        edge = pick_road(session, given.get("edge", ""), given.get("ref", ""), counties, where)
    kind = "phone" if given.get("kind") == "phone" else "call"
    told = RoadTold(
        edge, read_state(given.get("state", "")), said_at(), kind, given.get("said_by", "") or actor(), f"{actor()}:{form_key()}",
        _percent(given.get("percent", "")), read_until(given.get("until", "")), given.get("words", ""), where,
    )
    report_road(state().engine, told, actor(), state().clock)
    return done(_("已收到路况报告。"), url_for("roads.index"))


@blueprint.get("/<int:edge>")
@login_required
def history(edge: int) -> ResponseReturnValue:
    """Every word on one road."""
    with reading(state().engine) as session:
        rows = road_history(session, edge, state().clock.now())
    if not rows:
        raise NotFound(f"Nobody has told of road {edge}.", remedy="Open one from the list.",
                       zh=f"还没有人报告过路段 {edge}。", remedy_zh="请从列表中打开。")
    return render_template("road.html", rows=rows)


@blueprint.post("/replan")
@login_required
def plan_again() -> ResponseReturnValue:
    """Call off the ticked trucks that have not left, and ask for a new draft of their situations."""
    way = Way(actor(), state().clock, state().settings, waits=False)
    codes, why = request.form.getlist("waybill"), request.form.get("why", "")
    for code in request.form.getlist("call_off"):
        halt.call_off(state().engine, code, why, way)
    with reading(state().engine) as session:
        situations = sorted({halt.situation_of(session, code) for code in codes})
    followed = [halt.replan(state().engine, situation, way) for situation in situations]
    asked = [one.situation for one in followed if one.asks_draft]
    if not asked:
        return done(_("没有需要重新规划的情况。"), url_for("roads.index"))
    return done(_("正在生成新方案：已装车和在途的车辆保持不变。"), url_for("situations.show", code=asked[0]))


def read_state(text: str) -> RoadStateKind:
    """The state a form names."""
    try:
        return RoadStateKind(text)
    except ValueError as error:
        raise InvalidInput("The state of the road is missing.", remedy="Choose open, slow or closed.",
                           zh="未选择路况。", remedy_zh="请选择畅通、缓行或封闭。") from error


def read_until(text: str) -> datetime | None:
    """A local date and hour of a form, as a moment."""
    if not text.strip():
        return None
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise InvalidInput(f"{text[:40]!r} is not a date and hour.", remedy="Write for example 2021-11-09 18:00.",
                           zh=f"{text[:40]!r} 不是日期和时间。", remedy_zh="例如 2021-11-09 18:00。") from error
    return as_utc(at if at.tzinfo else at.replace(tzinfo=LOCAL_ZONE))


def _percent(text: str) -> int | None:
    if not text.strip():
        return None
    if not text.isascii() or not text.isdigit():
        raise InvalidInput(f"{text[:20]!r} is not a whole percent.", remedy="Write 1 to 99, or leave it empty.",
                           zh=f"{text[:20]!r} 不是整数百分比。", remedy_zh="请填 1 至 99，或留空。")
    return int(text)
