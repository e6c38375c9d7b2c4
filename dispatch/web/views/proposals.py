"""Reading, submitting, approving and returning proposals."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required
from sqlalchemy.orm import Session

from dispatch.accounts.authority import loans_of
from dispatch.accounts.rights import may
from dispatch.db import reading
from dispatch.errors import Conflict, InvalidInput
from dispatch.flow import approve as flow
from dispatch.flow.basis import figures_behind
from dispatch.flow.pulse import pulse
from dispatch.flow.stale import stale_lines, stale_trucks
from dispatch.proposals.authority import who_may
from dispatch.proposals.queries import get_proposal, history, list_proposals, newest_of
from dispatch.routing.store import list_vehicles
from dispatch.waybills.queries import list_waybills
from dispatch.web.again import check_again_recently, needs_proof
from dispatch.web.auth import actor
from dispatch.web.drawn import drawn_plan, parts_once
from dispatch.web.kept import keeps_form, register_kept
from dispatch.web.live import asks_anew, live
from dispatch.web.plan_edits import edit_view
from dispatch.web.state import state
from dispatch.web.timeline import timeline_of
from dispatch.web.views.edits import back, return_it, tell

blueprint = Blueprint("proposals", __name__, url_prefix="/proposals")
register_kept(blueprint, ("return",))
UNDECIDED = ("draft", "returned", "submitted")


@blueprint.after_request
def ask_again(response: Response) -> Response:
    """A page that a browser goes back to is asked for again: it shows where the proposal stands now."""
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/")
@login_required
@live("proposals")
def index() -> ResponseReturnValue:
    """Proposals that somebody has to act on first, then the others; ``all`` shows superseded ones too."""
    with reading(state().engine) as session:
        rows = list_proposals(session)
    shown = [r for r in rows if request.args.get("all") or r["status"] != "superseded"]
    return render_template("proposals.html", open=[r for r in shown if r["status"] in UNDECIDED],
                           closed=[r for r in shown if r["status"] not in UNDECIDED], hidden=len(rows) - len(shown))


@blueprint.get("/<code>")
@login_required
@live("proposals", "waybills", "situations", "roads")
def show(code: str) -> ResponseReturnValue:
    """One proposal beside its map."""
    with reading(state().engine) as session:
        body = get_proposal(session, code)
        pieces = None if asks_anew() else drawn_plan(session, f"proposal:{code}", body["body_hash"], body)
        told = {
            "waybills": list_waybills(session, code),
            "figures": figures_behind(session, body, state().clock.now()),
            "edits": edit_view(session, body, current_user.account["role"], state().clock.now()),
            **_standing(session, body),
        }
        trucks = [v.code for v in list_vehicles(session)] if told["edits"]["may"] else []
        whose = f"{code}:{current_user.account['role']} {body['body_hash']} {body['status']} {g.pulse} {pulse(session, ['stock'])}"
        parts = parts_once(session, "_plan_parts.html", whose, {"body": body, "timeline": timeline_of(body), **told})
    return render_template("proposal.html", body=body, map=pieces, trucks=trucks, parts=parts, **told)


def _standing(session: Session, body: dict[str, Any]) -> dict[str, Any]:
    """Who decided, what moved on since, what keeps this person from approving, and which is newest."""
    is_open = body["status"] in UNDECIDED
    at = state().clock.now()
    may_decide = may(current_user.account["role"], current_user.account["place"], "proposal.approve") or bool(loans_of(session, actor(), at))
    is_asked = body["status"] == "submitted" and may_decide
    return {
        "history": history(session, body),
        "stale": stale_lines(session, body, at) if is_open else [],
        "stale_trucks": stale_trucks(session, body, at) if is_open else [],
        "authority": who_may(flow.reach_of(session, body)) if body["status"] == "submitted" else None,
        "refusal": flow.refusal_for(session, body["code"], actor(), at) if is_asked else None,
        "may_decide": may_decide,
        "ask_again": is_asked and needs_proof(),
        "newest": newest_of(session, body["code"]) if body["status"] == "superseded" else None,
    }


@blueprint.post("/<code>/submit")
@login_required
def submit(code: str) -> ResponseReturnValue:
    """Hand it to the approvers."""
    try:
        flow.submit(state().engine, code, actor(), state().clock)
    except Conflict as error:
        tell(error)
        return back(code)
    flash(_("已提交审批。"))
    return redirect(url_for("proposals.show", code=code))


@blueprint.post("/<code>/approve")
@login_required
def approve(code: str) -> ResponseReturnValue:
    """Approve what was on the screen; a second click finds it done."""
    seen = request.form.get("seen_hash", "")
    try:
        check_again_recently(request.form)
        waybills = flow.approve(state().engine, code, actor(), seen, state().clock)
    except (Conflict, InvalidInput) as error:
        tell(error)
        return back(code)
    flash(_("已批准：库存已预留，签发运单 %(n)s 张。", n=len(waybills)))
    return back(code)


@blueprint.post("/<code>/return")
@keeps_form
def send_back(code: str) -> ResponseReturnValue:
    """Return it with a comment."""
    return return_it(code, request.form.get("comment", ""))
