"""Funds, gifts, the reserve, and a donor's trace."""

from __future__ import annotations

import secrets
from dataclasses import replace

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from dispatch.clock import to_local
from dispatch.db import reading
from dispatch.flow.money import Gift, give, spend_reserve, trace
from dispatch.flow.papers import certificate_paper
from dispatch.money.model import to_fen
from dispatch.money.store import balances, list_movements, load_rule
from dispatch.paper.render import render_pdf
from dispatch.web.auth import actor
from dispatch.web.state import state
from dispatch.web.views.documents import pdf

blueprint = Blueprint("money", __name__)


@blueprint.get("/money")
@login_required
def index() -> ResponseReturnValue:
    """What each fund holds and the newest facts."""
    with reading(state().engine) as session:
        return render_template("money.html", balances=balances(session), rows=list_movements(session, 100),
                               rule=load_rule(), key=secrets.token_hex(12))


@blueprint.post("/money/gifts")
@login_required
def gift() -> ResponseReturnValue:
    """Book a gift of money."""
    form = request.form
    now = state().clock.now()
    wanted = Gift(
        donor=form.get("donor", ""), amount_fen=to_fen(form.get("amount", "")), received_on=to_local(now).date(),
        is_public=form.get("is_public") == "1", designation=form.get("designation", "").strip()[:120] or None,
        agreement=form.get("agreement", "").strip()[:120] or None,
    )
    code = give(state().engine, wanted, f"{actor()}:{form.get('key', '')[:60]}", actor(), state().clock)
    flash(_("已登记捐赠 %(code)s", code=code))
    return redirect(url_for("money.follow", code=code))


@blueprint.post("/money/reserve")
@login_required
def reserve() -> ResponseReturnValue:
    """Spend from the disaster reserve."""
    form = request.form
    spend_reserve(state().engine, to_fen(form.get("amount", "")), form.get("basis", "").strip(),
                  f"{actor()}:{form.get('key', '')[:60]}", actor(), state().clock)
    flash(_("已从救灾储备金支出。"))
    return redirect(url_for("money.index"))


@blueprint.get("/trace")
@login_required
def look_up() -> ResponseReturnValue:
    """From a code typed in to its page."""
    return redirect(url_for("money.follow", code=request.args.get("code", "").strip() or "-"))


@blueprint.get("/trace/<code>")
@login_required
def follow(code: str) -> ResponseReturnValue:
    """Where a gift went."""
    with reading(state().engine) as session:
        return render_template("trace.html", t=trace(session, code))


@blueprint.get("/trace/<code>/certificate.pdf")
@login_required
def certificate(code: str) -> ResponseReturnValue:
    """The donor's certificate."""
    with reading(state().engine) as session:
        paper = certificate_paper(session, code)
    base = state().settings.base_url
    # the code opens the page for everybody
    link = f"{base}{url_for('openness.gift', code=code)}" if base else ""
    return pdf(render_pdf(replace(paper, link=link), base), code)
