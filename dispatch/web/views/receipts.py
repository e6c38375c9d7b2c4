"""Receiving at a stop: count, enter only what differs, sign; the claims that follow from differences."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required
from sqlalchemy.orm import Session

from dispatch.audit.store import Act, record
from dispatch.clock import to_local
from dispatch.db import reading, run_in_transaction
from dispatch.errors import InvalidInput, NotFound
from dispatch.flow.receive import sign
from dispatch.teams.operations import fresh_key
from dispatch.waybills.claims import ClaimState, ClaimStep, get_claim, list_claims, move_claim
from dispatch.waybills.model import ON_ROAD
from dispatch.waybills.queries import get_waybill
from dispatch.waybills.receipts import Counted, Signed, find_photo, list_receipts
from dispatch.waybills.rules import load_tracking_rule
from dispatch.web.auth import actor
from dispatch.web.queued import answers_queue, done, form_key, said_at
from dispatch.web.state import state

blueprint = Blueprint("receipts", __name__)


@blueprint.get("/waybills/<code>/receive")
@login_required
def form(code: str) -> ResponseReturnValue:
    """The stop's lines, to be counted on the telephone."""
    with reading(state().engine) as session:
        found = get_waybill(session, code)
        receipts = {r.county: r for r in list_receipts(session, code)}
    stops = [s for s in found["stops"] if s["place"] not in receipts]
    if not stops or found["status"] not in ON_ROAD:
        return redirect(url_for("goods.waybill", code=code))
    asked = request.args.get("stop", "")
    stop = next((s for s in stops if s["place"] == asked), stops[0])
    lines = [line for line in found["lines"] if line["to"] == stop["place"]]
    return render_template("receive.html", w=found, stop=stop, others=[s for s in stops if s is not stop], lines=lines,
                           form_key=fresh_key(), rule=load_tracking_rule(), me=current_user.account["display_zh"])


@blueprint.post("/waybills/<code>/receive")
@login_required
@answers_queue
def receive(code: str) -> ResponseReturnValue:
    """The consignee counted and signed."""
    given = request.form
    photos = [photo.read() for photo in request.files.getlist("photo") if photo.filename]
    signed = Signed(
        given.get("county", "")[:6] or None, given.get("signed_by", ""), said_at(), form_key(), _differences(),
        given.get("words", ""), photos,
    )
    outcome = sign(state().engine, code, signed, actor(), state().clock)
    if not outcome.is_new:
        at = f"{to_local(outcome.receipts[0].said_at):%Y-%m-%d %H:%M}"
        return done(_("此运单已于 %(at)s 签收，没有重复记账。", at=at), url_for("goods.waybill", code=code))
    if outcome.claims:
        said = _("已签收，%(n)s 行有差异，已开差异单。", n=len(outcome.claims))
        return done(said, url_for("goods.waybill", code=code))
    return done(_("已签收。"), url_for("goods.waybill", code=code))


def _differences() -> dict[str, Counted]:
    """Lines with a field filled in: good units (empty = all but the damaged), damaged units, and why."""
    found = {}
    names = {name.partition("-")[2] for name in request.form if name.startswith(("good-", "damaged-"))}
    for line in sorted(names):
        good, damaged = _units(f"good-{line}"), _units(f"damaged-{line}")
        sent = _units(f"sent-{line}")
        if good is None and not damaged:
            continue
        if good is None:
            good = (sent or 0) - (damaged or 0)
        found[line] = Counted(good, damaged or 0, request.form.get(f"why-{line}", ""))
    return found


def _units(name: str) -> int | None:
    text = request.form.get(name, "").strip()
    if not text:
        return None
    if not text.isascii() or not text.isdigit():
        raise InvalidInput(
            f"{text!r} is not a whole number of units.", remedy="Write digits only.",
            zh=f"{text!r} 不是整数数量。", remedy_zh="请只填写数字。",
        )
    return int(text)


@blueprint.get("/waybills/<code>/photos/<int:receipt>/<int:number>")
@login_required
def photo(code: str, receipt: int, number: int) -> ResponseReturnValue:
    """A photo taken at a receipt."""
    with reading(state().engine) as session:
        is_its = any(r.id == receipt for r in list_receipts(session, code))
        found = find_photo(session, receipt, number) if is_its else None
    if found is None:
        raise NotFound("There is no such photo.", remedy="Open it from the waybill.", zh="没有这张照片。", remedy_zh="请从运单页打开。")
    return Response(found[1], mimetype=found[0], headers={"Cache-Control": "private, max-age=86400"})


@blueprint.get("/claims")
@login_required
def claims() -> ResponseReturnValue:
    """Every difference, those that wait for somebody first."""
    with reading(state().engine) as session:
        rows = list_claims(session)
    wanted = request.args.get("state", "")
    shown = [row for row in rows if not wanted or row["state"] == wanted]
    counts = {s.value: sum(row["state"] == s for row in rows) for s in ClaimState}
    return render_template("claims.html", claims=shown, counts=counts, wanted=wanted)


@blueprint.get("/claims/<code>")
@login_required
def claim(code: str) -> ResponseReturnValue:
    """One difference, what was said of it, and the next step."""
    with reading(state().engine) as session:
        found = get_claim(session, code)
    return render_template("claim.html", c=found, form_key=fresh_key())


@blueprint.post("/claims/<code>")
@login_required
def move(code: str) -> ResponseReturnValue:
    """The next step of a claim."""
    try:
        target = ClaimState(request.form.get("target", ""))
    except ValueError as error:
        raise InvalidInput("There is no such step.", remedy="Use the buttons of the page.",
                           zh="没有这个步骤。", remedy_zh="请使用页面上的按钮。") from error
    step, who, now = ClaimStep(target, request.form.get("words", ""), form_key()), actor(), state().clock.now()

    def work(session: Session) -> None:
        if move_claim(session, code, step, who, now):
            record(session, Act(who, f"claim.{target}", code, step.words[:200]), now)

    run_in_transaction(state().engine, work)
    return done(_("已办理。"), url_for("receipts.claim", code=code))
