"""The telephone: what to do first, the queue of what waits for a signal, and the worker that keeps the pages."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, render_template, send_from_directory
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required
from flask_wtf.csrf import generate_csrf

from dispatch.config import PROJECT_ROOT
from dispatch.db import reading
from dispatch.errors import NotFound
from dispatch.flow.road_desk import list_roads
from dispatch.flow.tracking import list_tracks
from dispatch.proposals.queries import list_proposals
from dispatch.teams.members import find_by_account
from dispatch.waybills.claims import list_claims
from dispatch.waybills.queries import list_waybills
from dispatch.web.auth import actor
from dispatch.web.state import state

blueprint = Blueprint("phone", __name__)
STATIC = PROJECT_ROOT / "dispatch" / "web" / "static"


@blueprint.get("/phone")
@login_required
def home() -> ResponseReturnValue:
    """Tasks first: trucks to receive, check-in, approvals that wait, roads to report."""
    now = state().clock.now()
    with reading(state().engine) as session:
        tracks = list_tracks(session, now)
        told = {
            "tracks": tracks, "roads": list_roads(session, now),
            "to_load": [w for w in list_waybills(session) if w["status"] == "issued"],
            "to_approve": [p for p in list_proposals(session) if p["status"] == "submitted"],
            "claims": [c for c in list_claims(session) if c["state"] == "open"],
        }
        try:
            find_by_account(session, actor())
            is_member = True
        except NotFound:
            is_member = False
    return render_template("phone.html", is_member=is_member, **told)


@blueprint.get("/phone/queue")
@login_required
def queue() -> ResponseReturnValue:
    """What is kept on this telephone and not yet taken; it can be saved as a file."""
    return render_template("queue.html")


@blueprint.get("/phone/token")
def token() -> ResponseReturnValue:
    """A fresh form token for the queue and who is logged in; 401 when nobody is."""
    if not current_user.is_authenticated:
        return jsonify({"refused": _("请先登录，再发送保存的记录。")}), 401
    answer = jsonify({"csrf_token": generate_csrf(), "who": actor()})
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/sw.js")
def worker() -> Response:
    """The service worker, from the root so that it may keep every page of the telephone."""
    answer = send_from_directory(STATIC, "sw.js", mimetype="text/javascript", max_age=0)
    answer.headers["Cache-Control"] = "no-cache"
    return answer
