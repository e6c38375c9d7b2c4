"""Reading, submitting, approving and returning proposals."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required

from dispatch.db import reading
from dispatch.flow import approve as flow
from dispatch.flow.basis import figures_behind
from dispatch.proposals.queries import get_proposal, list_proposals
from dispatch.routing.store import list_vehicles
from dispatch.scenes import proposal_scene
from dispatch.waybills.queries import list_waybills
from dispatch.web.auth import actor
from dispatch.web.live import asks_anew, live
from dispatch.web.plan_edits import edit_view
from dispatch.web.state import language, state, today
from maps.render import render

blueprint = Blueprint("proposals", __name__, url_prefix="/proposals")


@blueprint.get("/")
@login_required
@live("proposals")
def index() -> ResponseReturnValue:
    """All proposals."""
    with reading(state().engine) as session:
        rows = list_proposals(session)
    return render_template("proposals.html", proposals=rows)


@blueprint.get("/<code>")
@login_required
@live("proposals", "waybills", "situations", "roads")
def show(code: str) -> ResponseReturnValue:
    """One proposal beside its map."""
    with reading(state().engine) as session:
        body = get_proposal(session, code)
        pieces = None if asks_anew() else render(proposal_scene(session, body, language(), today()), g.nonce)
        waybills = list_waybills(session, code)
        figures = figures_behind(session, body, state().clock.now())
        edits = edit_view(session, body, current_user.account["role"])
        trucks = [v.code for v in list_vehicles(session)] if edits["may"] else []
    return render_template(
        "proposal.html", body=body, map=pieces, waybills=waybills, figures=figures, edits=edits, trucks=trucks
    )


@blueprint.post("/<code>/submit")
@login_required
def submit(code: str) -> ResponseReturnValue:
    """Hand it to the approvers."""
    flow.submit(state().engine, code, actor(), state().clock)
    flash(_("已提交审批。"))
    return redirect(url_for("proposals.show", code=code))


@blueprint.post("/<code>/approve")
@login_required
def approve(code: str) -> ResponseReturnValue:
    """Approve what was on the screen."""
    seen = request.form.get("seen_hash", "")
    waybills = flow.approve(state().engine, code, actor(), seen, state().clock)
    flash(_("已批准：库存已预留，签发运单 %(n)s 张。", n=len(waybills)))
    return redirect(url_for("proposals.show", code=code))


@blueprint.post("/<code>/return")
@login_required
def send_back(code: str) -> ResponseReturnValue:
    """Return it with a comment."""
    comment = request.form.get("comment", "")[:1000]
    flow.send_back(state().engine, code, actor(), comment, state().clock)
    flash(_("已退回。"))
    return redirect(url_for("proposals.show", code=code))
