"""A truck on the road: positions from the desk, from devices and from the driver's own page; breakdowns."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import (
    Blueprint,
    Response,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required
from sqlalchemy.orm import Session

from dispatch.clock import as_utc
from dispatch.db import reading, run_in_transaction
from dispatch.errors import InvalidInput
from dispatch.flow import halt
from dispatch.flow.deliver import HANDS
from dispatch.flow.model import Way
from dispatch.flow.road_desk import keep_report, pick_road
from dispatch.geo import LonLat
from dispatch.routing.reports import RoadTold
from dispatch.teams.operations import fresh_key
from dispatch.waybills.keys import check_key, truck_key
from dispatch.waybills.model import ON_ROAD
from dispatch.waybills.positions import PositionKind, PositionTold, tell_position
from dispatch.waybills.queries import get_waybill
from dispatch.waybills.store import get_row
from dispatch.web.auth import actor, api_actor
from dispatch.web.queued import answers_queue, done, form_key, position, said_at
from dispatch.web.state import state
from dispatch.web.views.roads import read_state, read_until

blueprint = Blueprint("trucks", __name__)
devices = Blueprint("devices", __name__, url_prefix="/api")
DRIVER = "driver"
SECONDS_DIGITS = 11


def _tell(told: PositionTold, who: str) -> bool:
    now = state().clock.now()
    return run_in_transaction(state().engine, lambda session: tell_position(session, told, who, now))


@blueprint.post("/waybills/<code>/position")
@login_required
@answers_queue
def from_desk(code: str) -> ResponseReturnValue:
    """Somebody called: the desk writes down where the truck is; or a person beside it taps."""
    given = request.form
    kind = PositionKind.PHONE if given.get("kind") == "phone" else PositionKind.CALL
    told = PositionTold(code, kind, said_at(), f"{actor()}:{form_key()}", position(), given.get("county", "") or None, given.get("words", ""))
    _tell(told, actor())
    return done(_("已记录位置。"), url_for("goods.waybill", code=code))


@blueprint.post("/waybills/<code>/<any('broken', 'call-off', 'go-on', 'take-back'):step>")
@login_required
def stop(code: str, step: str) -> ResponseReturnValue:
    """The truck does not get there, or does again; with ``replan`` a new draft is asked for at once."""
    way = Way(actor(), state().clock, state().settings, waits=False)
    engine, why = state().engine, request.form.get("why", "")
    if step == "broken":
        halt.break_down(engine, code, why, way)
    elif step == "call-off":
        halt.call_off(engine, code, why, way)
    elif step == "go-on":
        halt.go_on(engine, code, why, way)
    else:
        halt.take_back(engine, code, request.form.get("warehouse", ""), why, way)
    if request.form.get("replan") != "1":
        return done(_("已登记。"), url_for("goods.waybill", code=code))
    with reading(engine) as session:
        situation = halt.situation_of(session, code)
    return plan_again(situation, way)


def plan_again(situation: str, way: Way) -> ResponseReturnValue:
    """Ask for a new draft and go to the situation, where it shows itself."""
    followed = halt.replan(state().engine, situation, way)
    said = _("已登记，正在生成新方案：已装车和在途的车辆保持不变。") if followed.asks_draft else _("已登记。目前响应级别不需要生成方案。")
    return done(said, url_for("situations.show", code=followed.situation))


def _check(session: Session, code: str, key: str) -> None:
    row = get_row(session, code)
    check_key(key, truck_key(state().settings.secret_key, code, row.content_hash))


@blueprint.get("/t/<code>/<key>")
def show(code: str, key: str) -> ResponseReturnValue:
    """The driver's page: where to, what to tap.  The key on the paper is the right to it."""
    with reading(state().engine) as session:
        _check(session, code, key)
        found = get_waybill(session, code)
    page = make_response(render_template("truck.html", w=found, key=key, form_key=fresh_key(), on_road=found["status"] in ON_ROAD))
    page.headers["Cache-Control"], page.headers["X-Robots-Tag"] = "no-store", "noindex"
    return page


@blueprint.post("/t/<code>/<key>/position")
@answers_queue
def tapped(code: str, key: str) -> ResponseReturnValue:
    """The driver taps: here I am."""
    with reading(state().engine) as session:
        _check(session, code, key)
    where = position()
    if where is None:
        raise InvalidInput("The telephone did not tell its position.", remedy="Allow the position, or call the duty desk.",
                           zh="手机没有提供位置。", remedy_zh="请允许使用位置，或致电值班室。")
    _tell(PositionTold(code, PositionKind.PHONE, said_at(), f"{code}:{form_key()}", where, None, request.form.get("words", "")), DRIVER)
    return done(_("已收到位置。"), url_for("trucks.show", code=code, key=key))


@blueprint.post("/t/<code>/<key>/road")
@answers_queue
def road_ahead(code: str, key: str) -> ResponseReturnValue:
    """The driver tells how one of the roads of the way is."""
    given, now = request.form, state().clock.now()

    def work(session: Session) -> None:
        _check(session, code, key)
        edge = pick_road(session, "", given.get("ref", ""), [c for c in (given.get("from", ""), given.get("to", "")) if c], None)
        told = RoadTold(edge, read_state(given.get("state", "")), said_at(), "phone", f"{DRIVER} {code}", f"{code}:{form_key()}",
                        until=read_until(given.get("until", "")), words=given.get("words", ""), place=position())
        keep_report(session, told, DRIVER, now)

    run_in_transaction(state().engine, work)
    return done(_("已收到路况报告。"), url_for("trucks.show", code=code, key=key))


@blueprint.get("/t/<code>")
@login_required
def own_page(code: str) -> ResponseReturnValue:
    """The driver's page for somebody logged in."""
    with reading(state().engine) as session:
        key = truck_key(state().settings.secret_key, code, get_row(session, code).content_hash)
    return redirect(url_for("trucks.show", code=code, key=key))


@devices.post("/waybills/<code>/positions")
def from_system(code: str) -> Response:
    """A position as JSON (lon, lat, at) from a system with a name and password; told twice it is one."""
    who = api_actor(HANDS)
    given = request.get_json(silent=True)
    if not isinstance(given, dict):
        raise InvalidInput("The body is not a JSON object.", remedy="Send lon, lat and at as a JSON object.",
                           zh="请求内容不是 JSON 对象。", remedy_zh="请以 JSON 对象提交 lon、lat、at。")
    return _from_device(code, who, {name: str(value) for name, value in given.items()})


@devices.route("/trucks/<code>/<key>", methods=["GET", "POST"])
def from_tracker(code: str, key: str) -> Response:
    """A position from a tracking device or app (lat, lon, timestamp), under the key of the waybill."""
    with reading(state().engine) as session:
        _check(session, code, key)
    return _from_device(code, "gps", dict(request.values.items()))


def _from_device(code: str, who: str, given: dict[str, str]) -> Response:
    at = _moment(given.get("at") or given.get("timestamp", ""))
    try:
        lon, lat = float(given.get("lon", "")), float(given.get("lat", ""))
    except ValueError as error:
        raise InvalidInput("lon and lat must be degrees.", remedy="Send lon and lat as numbers.",
                           zh="lon、lat 应为度数。", remedy_zh="请以数字提交经纬度。") from error
    told = PositionTold(code, PositionKind.GPS, at, f"gps:{code}:{at.isoformat()}", LonLat(lon, lat))
    return jsonify({"waybill": code, "at": at.isoformat(), "is_new": _tell(told, who)})


def _moment(text: str) -> datetime:
    """When a device says it was: seconds (or milliseconds) since 1970, or ISO with a zone; now when it does not say."""
    if not text:
        return state().clock.now()
    try:
        if text.isascii() and text.isdigit():
            seconds = int(text) / (1000 if len(text) > SECONDS_DIGITS else 1)
            return datetime.fromtimestamp(seconds, UTC).replace(microsecond=0)
        at = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError) as error:
        raise InvalidInput(f"The time {text[:40]!r} cannot be read.", remedy="Send seconds since 1970, or ISO 8601 with a zone.",
                           zh=f"无法识别时间 {text[:40]!r}。", remedy_zh="请用 1970 年起的秒数，或带时区的 ISO 8601。") from error
    if at.tzinfo is None:
        raise InvalidInput(f"The time {text[:40]!r} has no zone.", remedy="Add +08:00 or Z.",
                           zh=f"时间 {text[:40]!r} 没有时区。", remedy_zh="请加上 +08:00 或 Z。")
    return as_utc(at)
