"""The audit record for those who audit: looking acts up, proving the chain, taking it along."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required

from dispatch.audit.queries import export, list_acts, verify
from dispatch.audit.store import Act, record
from dispatch.db import reading, snapshot_of, transaction
from dispatch.errors import Refused
from dispatch.web.auth import actor
from dispatch.web.state import state

blueprint = Blueprint("audit", __name__, url_prefix="/audit")
MAY = ("auditor", "administrator")
PAGE = 100


@blueprint.before_request
@login_required
def only_auditors() -> None:
    """Nobody else reads who did what."""
    if current_user.account["role"] not in MAY:
        raise Refused(
            "The audit record is read by auditors and administrators.", remedy="Ask an auditor for what you need from it.",
            zh="审计记录仅供审计员和系统管理员查阅。", remedy_zh="如需查阅，请联系审计员。",
        )


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """Acts, newest first, by how actor, action or subject begin."""
    args = request.args
    before = args.get("before", "")
    wanted = {name: args.get(name, "").strip() for name in ("actor", "action", "subject")}
    with reading(state().engine) as session:
        acts = list_acts(session, wanted, int(before) if before.isascii() and before.isdigit() else None, PAGE)
    return render_template("audit.html", acts=acts, args=args, page=PAGE, verdict=None)


@blueprint.post("/verify")
def prove() -> ResponseReturnValue:
    """Walk the whole chain; that it was walked is an act too."""
    with reading(snapshot_of(state().engine)) as session:
        verdict = verify(session)
    found = f"acts={verdict.acts} broken={verdict.broken.number if verdict.broken else '-'}"
    with transaction(state().engine) as session:
        record(session, Act(actor(), "audit.verify", "audit", found), state().clock.now())
    with reading(state().engine) as session:
        acts = list_acts(session, {}, None, PAGE)
    return render_template("audit.html", acts=acts, args={}, page=PAGE, verdict=verdict)


@blueprint.post("/export")
def take_along() -> ResponseReturnValue:
    """The whole record as a file that `dispatch audit verify --file` proves anywhere."""
    now = state().clock.now()
    with transaction(state().engine) as session:
        record(session, Act(actor(), "audit.export", "audit"), now)
    engine = state().engine

    def lines() -> Iterator[str]:
        with reading(snapshot_of(engine)) as session:
            for line in export(session):
                yield line + "\n"

    name = f"audit-{now:%Y%m%d-%H%M}.jsonl"
    return Response(lines(), mimetype="application/x-ndjson", headers={"Content-Disposition": f'attachment; filename="{name}"'})
