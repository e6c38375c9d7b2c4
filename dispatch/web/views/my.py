"""A member's own page on the telephone: come or not, check in, report.

The key in the address is the right to it; ``me`` stands for the account logged in.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask import (
    Blueprint,
    Response,
    flash,
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

from dispatch.clock import as_utc
from dispatch.db import reading, run_in_transaction
from dispatch.errors import InvalidInput, NotFound
from dispatch.flow.send import move_team
from dispatch.geo import LonLat
from dispatch.teams.deployment import STATE_NAMES
from dispatch.teams.deployment_views import get_own_page
from dispatch.teams.logbook import MOST_TEXT
from dispatch.teams.members import (
    Answer,
    Caller,
    CheckIn,
    answer,
    check_in,
    find_by_account,
    find_by_key,
    report,
)
from dispatch.teams.operations import fresh_key
from dispatch.web.auth import actor
from dispatch.web.state import state
from dispatch.web.views.deployments import read_answer, read_move

blueprint = Blueprint("my", __name__, url_prefix="/my")
ME = "me"
MOST_KEY = 64


@blueprint.after_request
def keep_nothing(response: Response) -> Response:
    """The page of a key stays in no cache and in no list of searches."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@blueprint.get("/")
@login_required
def mine() -> ResponseReturnValue:
    """The deployment of the person logged in, or a word that there is none."""
    try:
        with reading(state().engine) as session:
            find_by_account(session, actor())
    except NotFound:
        return render_template("my_none.html")
    return redirect(url_for("my.show", key=ME))


def _caller(session: Session, key: str) -> Caller:
    if key != ME:
        return find_by_key(session, key[:MOST_KEY])
    if not current_user.is_authenticated:
        raise NotFound("Nobody is logged in.", remedy="Open the link of your message, or log in.",
                       zh="尚未登录。", remedy_zh="请点开短信中的链接，或先登录。")
    return find_by_account(session, actor())


@blueprint.get("/<key>")
def show(key: str) -> ResponseReturnValue:
    """The task and the large buttons."""
    with reading(state().engine) as session:
        page = get_own_page(session, _caller(session, key), state().clock.now())
    return make_response(render_template("my.html", p=page, key=key, form_key=fresh_key(), states=STATE_NAMES, most=MOST_TEXT))


def _do(key: str, work: Callable[[Session, Caller, datetime], object], said: str) -> ResponseReturnValue:
    now = state().clock.now()
    run_in_transaction(state().engine, lambda session: work(session, _caller(session, key), now))
    flash(said)
    return redirect(url_for("my.show", key=key))


@blueprint.post("/<key>/answer")
def say(key: str) -> ResponseReturnValue:
    """Coming, not coming, there, back; a leader also for another."""
    said, other = read_answer(request.form.get("answer", "")), request.form.get("member", "")
    return _do(key, lambda session, c, now: answer(session, c.deployment, Answer(other or c.member, said), c.who, now), _("已收到。"))


@blueprint.post("/<key>/check-in")
def sign_of_life(key: str) -> ResponseReturnValue:
    """All is well, at the time the telephone says, where it says."""
    form = request.form

    def work(session: Session, caller: Caller, now: datetime) -> None:
        given = CheckIn(_moment(form.get("at", "")) or now, form.get("form_key", ""), _position(),
                        is_for_all=form.get("all") == "1", text=form.get("text", ""))
        check_in(session, caller.deployment, given, caller.who, now)

    return _do(key, work, _("已收到，请注意安全。"))


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        return as_utc(datetime.fromisoformat(text))
    except ValueError as error:
        raise InvalidInput(f"The time {text[:40]!r} cannot be read.", remedy="Reload the page and send it again.",
                           zh="无法识别发送时间。", remedy_zh="请刷新页面后重新发送。") from error


def _position() -> LonLat | None:
    lon, lat = request.form.get("lon", ""), request.form.get("lat", "")
    if not lon and not lat:
        return None
    try:
        return LonLat(float(lon), float(lat))
    except ValueError as error:
        raise InvalidInput("The position cannot be read.", remedy="Send it without a position.",
                           zh="无法识别位置。", remedy_zh="请不带位置重新发送。") from error


@blueprint.post("/<key>/report")
def tell(key: str) -> ResponseReturnValue:
    """A short word from the field."""
    text, form_key = request.form.get("text", ""), request.form.get("form_key", "")
    return _do(key, lambda session, c, now: report(session, c, text, form_key, now), _("已收到报告。"))


@blueprint.post("/<key>/move")
def go_on(key: str) -> ResponseReturnValue:
    """A leader moves the team on."""
    form = request.form
    asked = read_move(form.get("target", ""), form.get("version"), form.get("note", ""))
    return _do(key, lambda session, c, now: move_team(session, c.deployment, asked, c.who, now), _("已更新状态。"))
