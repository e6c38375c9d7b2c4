"""Deployments of relief teams: the board, one deployment, the relief rota."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required
from sqlalchemy.orm import Session

from dispatch.clock import SystemClock
from dispatch.db import reading, run_in_transaction
from dispatch.errors import InvalidInput
from dispatch.flow.rota import draw_rota
from dispatch.flow.send import move_team
from dispatch.geography.store import list_counties, list_names
from dispatch.notices.channels import channels_out
from dispatch.notices.model import Channel
from dispatch.operations.forms import whole
from dispatch.teams.calls import Call, Summons, call_members, note_sent, send_summons
from dispatch.teams.deployment import STATE_NAMES, Hand
from dispatch.teams.deployment_store import deployment_of, get_row
from dispatch.teams.deployment_views import get_page, list_board
from dispatch.teams.members import Answer, CheckIn, answer, check_in
from dispatch.teams.model import DeploymentState, Muster
from dispatch.teams.operations import (
    Asked,
    Order,
    Remark,
    Who,
    add_note,
    check_desk,
    fresh_key,
    get_team,
    is_ready,
    may_lead,
    open_deployment,
)
from dispatch.teams.rota import load_rota_figures
from dispatch.teams.store import list_teams
from dispatch.web.auth import actor
from dispatch.web.live import live
from dispatch.web.state import state

blueprint = Blueprint("deployments", __name__, url_prefix="/deployments")
MOST_HOURS = 240
MOST_DAYS = 180


@blueprint.get("/")
@login_required
@live("deployments")
def index() -> ResponseReturnValue:
    """All that are out, the late ones first, and the form to send another."""
    now = state().clock.now()
    with reading(state().engine) as session:
        board = list_board(session, now)
        ready = _ready(session)
        counties = list_counties(session)
    return render_template("deployments.html", board=board, ready=ready, counties=counties, states=STATE_NAMES, key=fresh_key())


def _ready(session: Session) -> list[Any]:
    now = state().clock.now()
    return [
        t for t in list_teams(session)
        if is_ready(t.status, t.rested_at, now) and may_lead(current_user.account, t.tier, t.league_adcode)
    ]


@blueprint.post("/")
@login_required
def create() -> ResponseReturnValue:
    """Send a team."""
    form, now = request.form, state().clock.now()
    muster_h = _hours("muster_h", _("集结时限（小时）"))
    travel_h = _hours("travel_h", "", is_required=False)
    by = now + timedelta(hours=muster_h or 0)
    order = Order(
        form.get("team", ""), form.get("county", ""), by, f"desk:{form.get('key', '')[:60]}",
        by + timedelta(hours=travel_h) if travel_h is not None else None,
    )

    def work(session: Session) -> str:
        check_desk(session, actor(), get_team(session, order.team))
        return open_deployment(session, order, actor(), now)

    code = run_in_transaction(state().engine, work)
    flash(_("已派出 %(code)s，请召集队员。", code=code))
    return redirect(url_for("deployments.show", code=code))


def _hours(name: str, label: str, *, is_required: bool = True) -> int | None:
    text = request.form.get(name, "").strip()
    if not text and not is_required:
        return None
    hours = whole(text)
    if hours is None or not 0 <= hours <= MOST_HOURS:
        raise InvalidInput(
            f"{text!r} is not a whole number of hours from 0 to {MOST_HOURS}.", remedy="Write digits only.",
            zh=f"{label}{text!r} 不是 0 至 {MOST_HOURS} 的整数。", remedy_zh="请只填写数字。",
        )
    return hours


@blueprint.get("/rota")
@login_required
def rota() -> ResponseReturnValue:
    """Who relieves whom in a long operation."""
    days = whole(request.args.get("days")) or load_rota_figures()["horizon_days"]
    with reading(state().engine) as session:
        drawn = draw_rota(session, state().clock.now(), min(days, MOST_DAYS))
        names, teams = list_names(session), {t.code: t for t in list_teams(session)}
    return render_template("rota.html", rota=drawn, days=min(days, MOST_DAYS), names=names, teams=teams, figures=load_rota_figures())


@blueprint.get("/<code>")
@login_required
@live("deployments")
def show(code: str) -> ResponseReturnValue:
    """One deployment: its clocks, its people, its book, what is next."""
    with reading(state().engine) as session:
        page = get_page(session, code, actor(), state().clock.now())
        ready = _ready(session)
    return render_template("deployment.html", p=page, leads=page["leads"], ready=ready, states=STATE_NAMES, key=fresh_key(),
                           days=(page["d"].tour_ends_at - page["d"].on_site_at).days if page["d"].tour_ends_at else None)


def _do(code: str, work: Callable[[Session], object], said: str) -> ResponseReturnValue:
    run_in_transaction(state().engine, work)
    flash(said)
    return redirect(url_for("deployments.show", code=code))


def _desk() -> Who:
    return Who(actor(), Hand.DESK)


@blueprint.post("/<code>/move")
@login_required
def go_on(code: str) -> ResponseReturnValue:
    """Move the deployment on, as seen at a version."""
    form, now, who = request.form, state().clock.now(), _desk()
    asked = read_move(form.get("target", ""), form.get("version"), form.get("note", ""))
    return _do(code, lambda session: move_team(session, code, asked, who, now), _("已更新状态。"))


def read_move(target: str, version: str | None, note: str) -> Asked:
    """A state asked for from the fields of a form."""
    seen = whole(version)
    if target not in set(DeploymentState) or seen is None:
        raise InvalidInput(f"{target!r} is not a state.", remedy="Reload the page and use its buttons.",
                           zh=f"没有 {target!r} 这种状态。", remedy_zh="请刷新页面，用页面上的按钮操作。")
    return Asked(DeploymentState(target), seen, note)


@blueprint.post("/<code>/call")
@login_required
def call(code: str) -> ResponseReturnValue:
    """Call members; their links are shown this once, for those whom no message reaches."""
    asked = Call(code, request.form.get("key", ""), tuple(request.form.getlist("member")))
    now, name = state().clock.now(), actor()
    summons = run_in_transaction(state().engine, lambda session: call_members(session, asked, name, now))
    if not summons:
        flash(_("这次召集此前已办理。"))
        return redirect(url_for("deployments.show", code=code))
    sent, trouble = send_summons(_ways(), summons, state().settings.base_url, now)
    run_in_transaction(state().engine, lambda session: note_sent(session, code, sent, summons, now))
    page = render_template("deployment_links.html", code=code, links=_links(summons), sent=sent, trouble=trouble)
    return page, {"Cache-Control": "no-store"}


def _ways() -> tuple[Channel, ...]:
    """The ways out; a demo and a drill send nothing outside."""
    return channels_out(state().engine, state().settings, SystemClock())


def _links(summons: tuple[Summons, ...]) -> list[dict[str, str | None]]:
    base = state().settings.base_url or request.host_url.rstrip("/")
    return [{"member": s.member, "phone": s.phone, "link": f"{base}/my/{s.key}"} for s in summons]


@blueprint.post("/<code>/answers")
@login_required
def note_answer(code: str) -> ResponseReturnValue:
    """Write what a member said by voice, or that they are there or back."""
    given = Answer(request.form.get("member", ""), read_answer(request.form.get("answer", "")))
    now, who = state().clock.now(), _desk()
    return _do(code, lambda session: answer(session, code, given, who, now), _("已登记 %(member)s。", member=given.member))


def read_answer(text: str) -> Muster:
    """An answer from the field of a form."""
    if text not in set(Muster):
        raise InvalidInput(f"{text!r} is not an answer.", remedy="Use the buttons of the page.",
                           zh=f"没有 {text!r} 这种答复。", remedy_zh="请用页面上的按钮操作。")
    return Muster(text)


@blueprint.post("/<code>/check-ins")
@login_required
def note_check_in(code: str) -> ResponseReturnValue:
    """Write that the desk has heard of the whole team."""
    form, now, who = request.form, state().clock.now(), _desk()
    given = CheckIn(now, form.get("key", ""), None, is_for_all=True, text=form.get("text", ""))
    return _do(code, lambda session: check_in(session, code, given, who, now), _("已登记报平安。"))


@blueprint.post("/<code>/notes")
@login_required
def note(code: str) -> ResponseReturnValue:
    """Write a line into the book, or one that corrects another."""
    form, now, name = request.form, state().clock.now(), actor()
    remark = Remark(form.get("text", ""), form.get("key", ""), whole(form.get("corrects")))
    return _do(code, lambda session: add_note(session, code, remark, name, now), _("已记入日志。"))


@blueprint.post("/<code>/relief")
@login_required
def relieve(code: str) -> ResponseReturnValue:
    """Send a team that takes over."""
    form, now, name = request.form, state().clock.now(), actor()
    by = now + timedelta(hours=_hours("muster_h", _("集结时限（小时）")) or 0)

    def work(session: Session) -> str:
        former = deployment_of(get_row(session, code))
        team = form.get("team", "")
        check_desk(session, name, get_team(session, team))
        order = Order(team, former.county, by, f"desk:{form.get('key', '')[:60]}", relieves=code)
        return open_deployment(session, order, name, now)

    made = run_in_transaction(state().engine, work)
    flash(_("已派出 %(code)s，请召集队员。", code=made))
    return redirect(url_for("deployments.show", code=made))
