"""The control room of a live drill: clock, injects, players; what happened and what comes."""

from __future__ import annotations

import io
import ipaddress
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import segno
from flask import (
    Blueprint,
    Response,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required
from sqlalchemy.orm import Session

from dispatch.accounts.store import DEMO_PASSWORD
from dispatch.alerts.model import LossCounts
from dispatch.alerts.reports import MEASURE_NAMES
from dispatch.audit.store import Act, record
from dispatch.clock import LOCAL_ZONE, SystemClock
from dispatch.db import transaction
from dispatch.drills import control, room_rows, rooms
from dispatch.drills.control import Hand
from dispatch.drills.library import shipped_names
from dispatch.drills.model import Inject, InjectKind, Kind
from dispatch.errors import InvalidInput, Refused
from dispatch.exercises.model import LEADERS
from dispatch.web.auth import actor
from dispatch.web.live import asks_anew, known_tags, tag_of
from dispatch.web.scenarios import scenario_of
from dispatch.web.state import state

blueprint = Blueprint("rooms", __name__, url_prefix="/drills")
RATES = (1, 10, 100, 1_000, 10_000)
HOUR = timedelta(hours=1)


def may_lead() -> bool:
    """Whether the person may lead drills."""
    return current_user.account["role"] in LEADERS


def _check_leader() -> None:
    if not may_lead():
        raise Refused("Your role may not lead a drill.", remedy="Ask an exercise leader.",
                      zh="您的角色不能导调演练。", remedy_zh="请联系演练导调人员。")


@blueprint.post("/<code>/live")
@login_required
def open_room(code: str) -> ResponseReturnValue:
    """Open a live drill of a scenario."""
    _check_leader()
    scenario = scenario_of(code)
    name = rooms.open_room(state().settings.drills_folder, scenario.code, actor(), SystemClock().now())
    _note("drill.open", name)
    return redirect(url_for("rooms.show", name=name))


@blueprint.get("/rooms/<name>")
@login_required
def show(name: str) -> ResponseReturnValue:
    """The room; followed by open pages."""
    room = rooms.look(state().settings.drills_folder, name, SystemClock().now())
    told = {"row": room.row.version if room.row else 0, "alive": room.is_alive, "fault": room.fault, "count": room.happened_count,
            "ahead": [line.at for line in room.ahead], "people": sorted(room.people), "scored": room.is_scored,
            "desk": room.told.desk_pid, "name": name, "who": current_user.id}
    g.live_tag = tag_of(told)
    is_known = g.live_tag in known_tags()
    answer = make_response("", 304) if is_known else make_response(_page(room))
    if asks_anew():
        answer.set_etag(g.live_tag)
    return answer


def _page(room: rooms.Room) -> str:
    scenario = scenario_of(room.told.code)
    address = _address(room) if rooms.is_of(room.name, room.told.desk_pid) else ""
    leads = may_lead() and (room.row is None or room.row.leader in (None, actor()))
    reports = [(number, e) for number, e in enumerate(scenario.events, 1) if e.kind is Kind.REPORT]
    return render_template(
        "drill_room.html", room=room, s=scenario, leads=leads, may=may_lead(), rates=RATES, names=shipped_names(), kinds=list(InjectKind),
        measures=LossCounts.__slots__, measure_names=MEASURE_NAMES, reports=reports, address=address, roles=room_rows.ROLES, password=DEMO_PASSWORD,
        rate=room.row.rate if room.row and room.row.status == "running" else 0,
    )


def _address(room: rooms.Room) -> str:
    """Where players reach the drill's desk: by the name they reach this page by, where it listens there."""
    host = state().settings.drill_host
    is_here = ipaddress.ip_address(host).is_loopback
    name = host if is_here else urlsplit(request.host_url).hostname
    return f"http://{name}:{room.told.port}/"


@blueprint.get("/rooms/<name>/desk.svg")
@login_required
def code_of_desk(name: str) -> ResponseReturnValue:
    """The players' address as a code to be photographed."""
    room = rooms.look(state().settings.drills_folder, name)
    out = io.BytesIO()
    segno.make(_address(room), error="m").save(out, kind="svg", scale=4, border=2)
    return Response(out.getvalue(), mimetype="image/svg+xml")


@blueprint.post("/rooms/<name>/desk")
@login_required
def open_desk(name: str) -> ResponseReturnValue:
    """Serve the players' desk."""
    _check_leader()
    rooms.open_desk(state().settings.drills_folder, name, state().settings.drill_host)
    _note("drill.desk", name)
    flash(_("演练席位正在启动，几秒后可以打开。"))
    return redirect(url_for("rooms.show", name=name))


@blueprint.post("/rooms/<name>/again")
@login_required
def again(name: str) -> ResponseReturnValue:
    """Take up a drill whose process is gone."""
    _check_leader()
    rooms.take_up(state().settings.drills_folder, name)
    _note("drill.again", name)
    flash(_("演练进程已重新启动，从中断处继续。"))
    return redirect(url_for("rooms.show", name=name))


@blueprint.post("/rooms/<name>/players")
@login_required
def set_players(name: str) -> ResponseReturnValue:
    """Who is played by people."""
    _check_leader()
    _do(name, lambda session, _hand: room_rows.set_people(session, request.form.getlist("people")))
    return redirect(url_for("rooms.show", name=name))


@blueprint.post("/rooms/<name>/inject")
@login_required
def throw(name: str) -> ResponseReturnValue:
    """Throw something in."""
    _check_leader()
    room = rooms.look(state().settings.drills_folder, name, SystemClock().now())
    inject = _inject(room)
    _do(name, lambda session, hand: control.throw(session, hand, inject))
    _note("drill.inject", name, inject.kind.value)
    flash(_("导调已加入，到时发生。"))
    return redirect(url_for("rooms.show", name=name))


@blueprint.post("/rooms/<name>/clock")
@login_required
def lead(name: str) -> ResponseReturnValue:
    """Start, pause, speed, step, jump, end."""
    _check_leader()
    act = ACTS.get(request.form.get("act", ""))
    if act is None:
        raise InvalidInput("There is no such act.", remedy="Press one of the buttons.", zh="没有这个操作。", remedy_zh="请使用页面上的按钮。")
    _do(name, act)
    _note(f"drill.{request.form['act']}", name)
    if request.form["act"] == "end":
        rooms.close(state().settings.drills_folder, name)
    return redirect(url_for("rooms.show", name=name))


def _start(session: Session, hand: Hand) -> None:
    control.start(session, hand, _whole("rate", 1))


def _step(session: Session, hand: Hand) -> None:
    """To the next thing that comes in, or by an hour where nothing does."""
    ahead = room_rows.list_ahead(session)
    if ahead and request.form.get("to") == "next":
        control.jump(session, hand, max(ahead[0].at, control.shown(session, hand)))
    else:
        control.step(session, hand, HOUR)


ACTS: dict[str, Callable[[Session, Hand], None]] = {
    "start": _start, "pause": control.pause, "resume": control.resume,
    "rate": lambda session, hand: control.set_rate(session, hand, _whole("rate", 1)),
    "step": _step, "jump": lambda session, hand: control.jump(session, hand, _moment("at")), "end": control.end,
}


def _do(name: str, act: Callable[[Session, Hand], Any]) -> None:
    with rooms.drill_of(state().settings.drills_folder, name) as engine, transaction(engine) as session:
        act(session, Hand(actor(), SystemClock().now()))


def _note(what: str, name: str, detail: str = "") -> None:
    with transaction(state().engine) as session:
        record(session, Act(actor(), what, name[:80], detail), state().clock.now())


def _inject(room: rooms.Room) -> Inject:
    given = request.form
    kind = next((k for k in InjectKind if k.value == given.get("kind")), None)
    if kind is None:
        raise InvalidInput("There is no such inject.", remedy="Choose one from the list.", zh="没有这种导调。", remedy_zh="请从列表中选择。")
    names = shipped_names()
    places = tuple(code for code in given.getlist("places") if code in names)
    scenario = scenario_of(room.told.code)
    event = _whole("event", 0) or None
    measure, hours = given.get("measure", ""), _whole("hours", 0)
    needed = {
        InjectKind.CLOSE_ROAD: bool(places), InjectKind.BREAK_TRUCK: True, InjectKind.PHONES_DOWN: bool(places and hours),
        InjectKind.DOUBLE_FIGURE: event is not None and event <= len(scenario.events),
        InjectKind.LATE_REPORT: event is not None and event <= len(scenario.events) and hours > 0,
        InjectKind.WRONG_REPORT: bool(places) and measure in LossCounts.__slots__ and given.get("figure", "") != "",
    }
    if not needed[kind]:
        raise InvalidInput(
            f"The inject {kind.value} is not complete.", remedy="Close road: counties. Telephones down: counties and hours. Double: the report. "
            "Late: the report and hours. Wrong report: county, measure and figure.",
            zh="导调内容不完整。", remedy_zh="封路：旗县；通信中断：旗县、小时数；数字翻倍：报告；迟报：报告、小时数；误报：旗县、指标、数字。",
        )
    return Inject(0, 0, _moment("at"), kind, places, given.get("road", "").strip()[:40] or "*", event, measure, _whole("figure", 0), hours)


def _whole(name: str, usual: int) -> int:
    text = request.form.get(name, "").strip()
    if not text:
        return usual
    if text.isascii() and text.isdigit() and len(text) <= 9:
        return int(text)
    raise InvalidInput(f"“{text[:40]}” is not a whole number.", remedy="Write digits only.", zh=f"“{text[:40]}”不是整数。", remedy_zh="请只填数字。")


def _moment(name: str) -> datetime:
    text = request.form.get(name, "")
    try:
        at = datetime.fromisoformat(text[:40])
    except ValueError as error:
        raise InvalidInput(f"“{text[:40]}” is not a time.", remedy="Write for example 2015-04-15T18:30.",
                           zh=f"“{text[:40]}”不是可识别的时间。", remedy_zh="请按 2015-04-15T18:30 的格式填写。") from error
    return at if at.tzinfo else at.replace(tzinfo=LOCAL_ZONE)
