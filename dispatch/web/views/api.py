"""The API: warnings in, proposals out."""

from __future__ import annotations

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from dispatch.db import reading
from dispatch.flow.model import Way
from dispatch.flow.respond import ingest
from dispatch.proposals.queries import get_proposal
from dispatch.web.auth import api_actor
from dispatch.web.state import state

blueprint = Blueprint("api", __name__, url_prefix="/api")
WRITERS = ("planner", "approver", "administrator")
READERS = ("viewer", "storekeeper", *WRITERS)


@blueprint.post("/alerts")
def alerts() -> ResponseReturnValue:
    """One CAP document as the body; 400 with the reason when it is quarantined."""
    way = Way(api_actor(WRITERS), state().clock, state().settings)
    answers = ingest(state().engine, [("api", request.get_data())], way)
    status = 400 if answers[0]["status"] == "quarantined" else 200
    return jsonify({"alerts": answers}), status


@blueprint.get("/proposals/<code>")
def proposal(code: str) -> ResponseReturnValue:
    """One proposal as JSON."""
    api_actor(READERS)
    with reading(state().engine) as session:
        return jsonify(get_proposal(session, code))
