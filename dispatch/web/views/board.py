"""The situation board and its map."""

from __future__ import annotations

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue
from flask_login import login_required

from dispatch.db import reading
from dispatch.proposals.queries import get_proposal, list_proposals
from dispatch.scenes import proposal_scene
from dispatch.teams.store import list_teams
from dispatch.waybills.queries import list_waybills
from dispatch.web.live import asks_anew, live
from dispatch.web.state import language, state, today
from maps.render import render

blueprint = Blueprint("board", __name__)


@blueprint.get("/")
@login_required
@live("situations", "proposals", "waybills", "deployments", "roads")
def board() -> ResponseReturnValue:
    """Map and list of what is open."""
    with reading(state().engine) as session:
        rows = list_proposals(session)
        live = [row for row in rows if row["status"] != "superseded"]
        body = get_proposal(session, live[0]["code"]) if live else None
        pieces = None if asks_anew() else render(proposal_scene(session, body, language(), today()), g.nonce)
        trucks = list_waybills(session)
        teams = list_teams(session)
    return render_template(
        "board.html", map=pieces, proposals=rows, body=body, trucks=trucks, teams=teams
    )
