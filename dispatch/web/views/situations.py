"""The alert inbox, the situation page, and what people file there."""

from __future__ import annotations

import json
import uuid
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required
from sqlalchemy.orm import Session

from dispatch.alerts.reports import MEASURE_NAMES
from dispatch.alerts.store import get_raw, list_documents
from dispatch.alerts.timeline import HAZARD_NAMES
from dispatch.clock import to_local
from dispatch.db import reading
from dispatch.errors import DispatchError, InvalidInput
from dispatch.flow import judge, views
from dispatch.flow.follow import follow_up
from dispatch.flow.model import Way
from dispatch.geography.store import list_names
from dispatch.plans.losses import LOWERED_NAMES
from dispatch.scenes import situation_scene
from dispatch.web.auth import actor
from dispatch.web.drawn import drawn
from dispatch.web.live import asks_anew, live, tag_of
from dispatch.web.reporting import read_count, read_entry, read_report
from dispatch.web.state import language, state
from maps.render import MapPieces

blueprint = Blueprint("situations", __name__)
KEPT = ("place", "township", "kind", "hazard", "as_of", "reporter", "unit", "phone", "certainty", "note", *MEASURE_NAMES)


def _way() -> Way:
    return Way(actor(), state().clock, state().settings, waits=False)


@blueprint.get("/alerts")
@login_required
@live("situations", "proposals")
def inbox() -> ResponseReturnValue:
    """One line per situation; what arrived and could not be read is counted beside it."""
    shown = request.args.get("show", "open")
    with reading(state().engine) as session:
        now = state().clock.now()
        lines = views.quiet(session, now) if shown == "quiet" else views.inbox(session, now, ended=shown == "ended")
        documents = list_documents(session)
    bad = sum(d["status"] == "quarantined" for d in documents)
    return render_template("inbox.html", lines=lines, shown=shown, bad=bad, documents=len(documents),
                           measures=MEASURE_NAMES, hazards=HAZARD_NAMES)


@blueprint.get("/alerts/documents")
@login_required
@live("situations")
def documents() -> ResponseReturnValue:
    """Every document that came in, the quarantined ones with their reason."""
    with reading(state().engine) as session:
        found = list_documents(session)
    return render_template("alerts.html", documents=found)


@blueprint.get("/alerts/documents/<int:number>.xml")
@login_required
def raw(number: int) -> ResponseReturnValue:
    """A document word for word, as a download."""
    with reading(state().engine) as session:
        content = get_raw(session, number)
    if content is None:
        abort(404)
    return Response(content, mimetype="application/octet-stream",
                    headers={"Content-Disposition": f"attachment; filename=alert-{number}.xml"})


@blueprint.get("/situations/<code>")
@login_required
@live("situations", "waybills")
def show(code: str) -> ResponseReturnValue:
    """One situation: level with reasons, countdowns, figures with age, timeline, what to decide."""
    return _page(code)


def _map(session: Session, found: dict[str, Any]) -> MapPieces:
    colours = json.dumps([[county["adcode"], county["colour"]] for county in found["counties"]])
    return drawn(session, f"situation:{found['code']}", colours, lambda: situation_scene(session, found["counties"], language()))


def _page(code: str, error: DispatchError | None = None, given: dict[str, Any] | None = None) -> ResponseReturnValue:
    with reading(state().engine) as session:
        found = views.situation_view(session, code, state().clock.now())
        pieces = None if asks_anew() else _map(session, found)
        names = list_names(session)
    if found["code"] != code and request.method == "GET":
        return redirect(url_for("situations.show", code=found["code"]))
    page = render_template(
        "situation.html", s=found, map=pieces, names=names, measures=MEASURE_NAMES, lowered=LOWERED_NAMES,
        hazards=HAZARD_NAMES, error=error, given=given or {}, key=uuid.uuid4().hex,
        now=f"{to_local(state().clock.now()):%Y-%m-%dT%H:%M}",
        tag=tag_of({"s": {name: found[name] for name in ("code", "proposals", "jobs")}}),
    )
    return (page, 400) if error else page


@blueprint.post("/situations/<code>/reports")
@login_required
def report(code: str) -> ResponseReturnValue:
    """File a situation report; what is wrong is told beside the form, nothing typed is lost."""
    given = {name: request.form.get(name, "") for name in (*KEPT, "is_correction")}
    try:
        filing = judge.Filing(read_report(request.form, state().clock.now()), code, request.form.get("key") or None)
        number, followed = judge.file_report(state().engine, filing, _way())
    except InvalidInput as error:
        return _page(code, error, given)
    flash(_("已收到报告 %(code)s。", code=number))
    return redirect(url_for("situations.show", code=followed.situation) + "#figures")


@blueprint.get("/reports/new")
@login_required
def new_report() -> ResponseReturnValue:
    """A report of something no warning announced."""
    return _new_report_page()


def _new_report_page(error: DispatchError | None = None, given: dict[str, Any] | None = None) -> ResponseReturnValue:
    with reading(state().engine) as session:
        names = list_names(session)
    page = render_template("report_new.html", names=names, measures=MEASURE_NAMES, hazards=HAZARD_NAMES,
                           error=error, given=given or {}, key=uuid.uuid4().hex,
                           now=f"{to_local(state().clock.now()):%Y-%m-%dT%H:%M}")
    return (page, 400) if error else page


@blueprint.post("/reports/new")
@login_required
def file_new_report() -> ResponseReturnValue:
    """File it; it finds the situation it belongs to, or opens one."""
    given = {name: request.form.get(name, "") for name in (*KEPT, "is_correction")}
    try:
        filing = judge.Filing(read_report(request.form, state().clock.now()), None, request.form.get("key") or None)
        number, followed = judge.file_report(state().engine, filing, _way())
    except InvalidInput as error:
        return _new_report_page(error, given)
    flash(_("已收到报告 %(code)s。", code=number))
    return redirect(url_for("situations.show", code=followed.situation) + "#figures")


@blueprint.post("/situations/<code>/entries/<kind>")
@login_required
def entry(code: str, kind: str) -> ResponseReturnValue:
    """A judgement: forecast, government level, lowered thresholds, measures of the hazard."""
    try:
        followed = judge.enter(state().engine, code, kind,
                               (read_entry(kind, request.form), request.form.get("note", "")), _way())
    except InvalidInput as error:
        return _page(code, error, request.form.to_dict())
    flash(_("已记录研判。"))
    return redirect(url_for("situations.show", code=followed.situation))


@blueprint.post("/situations/<code>/step-down")
@login_required
def step_down(code: str) -> ResponseReturnValue:
    """Step down to a level or end the response, by a person, after the hold."""
    wanted = request.form.get("target", "")
    try:
        target = None if wanted == "end" else read_count("target", wanted)
        done = judge.step_down(state().engine, code, target, request.form.get("reason", ""), _way())
    except InvalidInput as error:
        return _page(code, error, request.form.to_dict())
    flash(_("响应已终止。") if target is None else _("已降级。"))
    if done.recall:
        flash(_("有 %(n)s 张运单尚未签收，见召回清单。", n=len(done.recall)))
    return redirect(url_for("situations.show", code=done.situation))


@blueprint.post("/situations/<code>/special")
@login_required
def special(code: str) -> ResponseReturnValue:
    """Start a special response outside the levels."""
    try:
        found = judge.start_special(state().engine, code, request.form.get("reason", ""), _way())
        follow_up(state().engine, found, _way())
    except InvalidInput as error:
        return _page(code, error, request.form.to_dict())
    flash(_("特殊应急响应已启动。"))
    return redirect(url_for("situations.show", code=found))


@blueprint.post("/situations/<code>/deadlines/<name>")
@login_required
def met(code: str, name: str) -> ResponseReturnValue:
    """Tick a deadline of the plan."""
    done = judge.tick_deadline(state().engine, code, name, _way())
    flash(_("已记录。") if done else _("该时限未在计时。"))
    return redirect(url_for("situations.show", code=code) + "#clocks")
