"""Authority lent and taken: delegations, emergency authority and its review."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required

from dispatch.accounts import authority
from dispatch.accounts.authority import Lending, Taking
from dispatch.accounts.rights import may
from dispatch.accounts.rules import login_rule
from dispatch.clock import LOCAL_ZONE, as_utc
from dispatch.db import reading, run_in_transaction
from dispatch.errors import InvalidInput
from dispatch.flow.emergency import take_authority
from dispatch.web.again import check_again_recently, needs_proof
from dispatch.web.auth import actor
from dispatch.web.state import state

blueprint = Blueprint("authority", __name__, url_prefix="/authority")


@blueprint.get("/")
@login_required
def index() -> ResponseReturnValue:
    """What one lent and was lent, and every emergency authority of one's place."""
    account, now = current_user.account, state().clock.now()
    with reading(state().engine) as session:
        told = {
            "delegations": authority.list_delegations(session, account["name"], now),
            "receivers": authority.list_receivers(session, account),
            "glass": authority.list_glass(session, account["place"], now),
        }
    rights = {act: may(account["role"], account["place"], act) for act in ("delegation.give", "glass.take", "glass.review")}
    return render_template("authority.html", may=rights, rule=login_rule(), ask_again=needs_proof(), **told)


@blueprint.post("/delegations")
@login_required
def lend() -> ResponseReturnValue:
    """Lend one's authority until an end."""
    form, name, now = request.form, actor(), state().clock.now()
    check_again_recently(form)
    wish = Lending(form.get("receiver", ""), form.get("reason", ""), _moment(form.get("ends_at", "")))
    run_in_transaction(state().engine, lambda session: authority.lend(session, name, wish, login_rule(), now))
    flash(_("已委托。"))
    return _back()


@blueprint.post("/delegations/<int:number>/end")
@login_required
def take_back(number: int) -> ResponseReturnValue:
    """End a delegation."""
    name, now = actor(), state().clock.now()
    run_in_transaction(state().engine, lambda session: authority.take_back(session, name, number, now))
    flash(_("委托已收回。"))
    return _back()


@blueprint.post("/emergency")
@login_required
def break_glass() -> ResponseReturnValue:
    """Take authority where nobody can be reached."""
    form = request.form
    check_again_recently(form)
    hours = form.get("hours", "")
    wish = Taking(form.get("reason", ""), int(hours) if hours.isascii() and hours.isdigit() and len(hours) < 4 else 0)
    take_authority(state().engine, actor(), wish, state().clock)
    flash(_("已取得紧急授权，已通知本地区及上级所有人员。"), "fault")
    return _back()


@blueprint.post("/emergency/<int:number>/close")
@login_required
def close_glass(number: int) -> ResponseReturnValue:
    """Give it back before its end."""
    name, now = actor(), state().clock.now()
    run_in_transaction(state().engine, lambda session: authority.close_glass(session, name, number, now))
    flash(_("紧急授权已交还。"))
    return _back()


@blueprint.post("/emergency/<int:number>/review")
@login_required
def review(number: int) -> ResponseReturnValue:
    """Say as a second person what came of it."""
    name, now, finding = actor(), state().clock.now(), request.form.get("finding", "")
    run_in_transaction(state().engine, lambda session: authority.review_glass(session, name, number, finding, now))
    flash(_("复核已记录。"))
    return _back()


def _back() -> ResponseReturnValue:
    return redirect(url_for("authority.index"))


def _moment(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise InvalidInput(f"{text[:40]!r} is not a date and hour.", remedy="Write for example 2021-11-09 18:00.",
                           zh=f"{text[:40]!r} 不是日期和时间。", remedy_zh="例如 2021-11-09 18:00。") from error
    return as_utc(at if at.tzinfo else at.replace(tzinfo=LOCAL_ZONE))
