"""The API: warnings in, proposals out."""

from __future__ import annotations

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from dispatch.db import reading
from dispatch.errors import InvalidInput
from dispatch.flow.judge import Filing, file_report
from dispatch.flow.model import Way
from dispatch.flow.respond import ingest
from dispatch.flow.views import inbox, situation_view
from dispatch.proposals.queries import get_proposal
from dispatch.web.auth import api_actor
from dispatch.web.reporting import read_report
from dispatch.web.state import state

blueprint = Blueprint("api", __name__, url_prefix="/api")
WRITERS = ("planner", "approver", "administrator")
REPORTERS = ("storekeeper", *WRITERS)
READERS = ("viewer", "storekeeper", *WRITERS)


@blueprint.post("/alerts")
def alerts() -> ResponseReturnValue:
    """One CAP document as the body; 400 with the reason when it is quarantined.

    The level is in the answer; the draft it asks for is made in the background.
    """
    way = Way(api_actor(WRITERS), state().clock, state().settings, waits=False)
    answers = ingest(state().engine, [("api", request.get_data())], way)
    status = 400 if answers[0]["status"] == "quarantined" else 200
    return jsonify({"alerts": answers}), status


@blueprint.get("/proposals/<code>")
def proposal(code: str) -> ResponseReturnValue:
    """One proposal as JSON."""
    api_actor(READERS)
    with reading(state().engine) as session:
        return jsonify(get_proposal(session, code))


@blueprint.post("/reports")
def reports() -> ResponseReturnValue:
    """One situation report as JSON; 400 lists every fault and nothing is kept.

    An ``Idempotency-Key`` header makes sending it twice harmless.
    """
    way = Way(api_actor(REPORTERS), state().clock, state().settings, waits=False)
    given = request.get_json(silent=True)
    if not isinstance(given, dict):
        raise InvalidInput("The body is not a JSON object.", remedy="Send one report as a JSON object.",
                           zh="请求内容不是 JSON 对象。", remedy_zh="请以 JSON 对象提交一份报告。")
    situation = given.get("situation")
    filing = Filing(read_report(given, way.clock.now()), str(situation) if situation else None,
                    request.headers.get("Idempotency-Key"))
    code, followed = file_report(state().engine, filing, way)
    return jsonify({"report": code, "situation": followed.situation, "level": followed.level})


@blueprint.get("/situations")
def situations() -> ResponseReturnValue:
    """The inbox as JSON."""
    api_actor(READERS)
    with reading(state().engine) as session:
        return jsonify({"situations": inbox(session, state().clock.now())})


@blueprint.get("/situations/<code>")
def situation(code: str) -> ResponseReturnValue:
    """One situation as JSON."""
    api_actor(READERS)
    with reading(state().engine) as session:
        return jsonify(situation_view(session, code, state().clock.now()))
