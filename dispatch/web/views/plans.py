"""The plan: the edition in force, its editions and their decisions, and what if."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from dispatch.alerts.model import Colour
from dispatch.alerts.situations import get_row, list_rows
from dispatch.alerts.timeline import HAZARD_NAMES
from dispatch.alerts.warnings import Signal, WarningTable, load_warning_table
from dispatch.clock import to_local
from dispatch.db import reading
from dispatch.errors import DispatchError, InvalidInput
from dispatch.flow import policies as flow
from dispatch.flow.editions import difference, get_edition, list_editions
from dispatch.flow.gather import grades_on, read_ground, read_situation
from dispatch.flow.questions import (
    COUNTS,
    FIELD_NAMES,
    Question,
    moment_of,
    question_of,
    read_question,
)
from dispatch.flow.whatif import Answer, as_dict, what_if
from dispatch.geography.store import list_counties, list_leagues, list_names
from dispatch.plans.fault_words import excerpt, read_faults
from dispatch.plans.grade_table import MEASURES as GRADE_MEASURES
from dispatch.plans.losses import LOWERED_NAMES, MEASURE_NAMES, TIER_NAMES
from dispatch.plans.model import ROMAN
from dispatch.plans.policy import MEASURES, Policy
from dispatch.plans.store import policy_at
from dispatch.web.auth import actor
from dispatch.web.errors import status_of
from dispatch.web.state import state

blueprint = Blueprint("plans", __name__, url_prefix="/plans")
MANTISSAS = (10, 12, 15, 20, 25, 30, 40, 50, 60, 80)
TOP = 3_000_000
MOST_SITUATIONS = 20
NAMES = {"tiers": TIER_NAMES, "measures": MEASURE_NAMES, "hazards": HAZARD_NAMES, "lowered": LOWERED_NAMES,
         "grade_measures": GRADE_MEASURES, "roman": ROMAN, "colours": [c.value for c in Colour]}


@blueprint.get("/")
@login_required
def index() -> ResponseReturnValue:
    """The plan in force, today or on a day, and the list of editions."""
    today = to_local(state().clock.now()).date()
    at = flow.read_day(request.args.get("at", ""), today)
    with reading(state().engine) as session:
        policy = policy_at(session, at)
        editions = list_editions(session, at)
    warnings = load_warning_table(at)
    return render_template(
        "plans.html", p=policy, at=at, today=today, editions=editions, warnings=warnings,
        grades=grades_on(at), sources=_sources(warnings), order=(*MEASURES, "need_aid_percent"), **NAMES,
    )


def _sources(table: WarningTable) -> dict[str, tuple[int, Signal]]:
    """Source key → number of its footnote and a signal that names it."""
    found: dict[str, tuple[int, Signal]] = {}
    for hazard in table.hazards.values():
        for signal in hazard.signals.values():
            found.setdefault(signal.source_key, (len(found) + 1, signal))
    return found


@blueprint.get("/editions/<path:version>")
@login_required
def edition(version: str) -> ResponseReturnValue:
    """One edition: why, who, what differs from its base, and what it would have changed."""
    now = state().clock.now()
    with reading(state().engine) as session:
        found, base = get_edition(session, version, to_local(now).date())
        wants = found.status == "proposed" or "preview" in request.args
        outcomes = flow.preview(session, found.policy, state().clock) if wants and base and found.policy else None
    return render_template(
        "plan_edition.html", e=found, base=base, outcomes=outcomes, may=(flow.MAY_PROPOSE, flow.MAY_DECIDE),
        diff=difference(base.text, found.text) if base else (), **NAMES,
    )


@blueprint.post("/editions/<path:version>")
@login_required
def decide(version: str) -> ResponseReturnValue:
    """Approve or reject a proposed edition."""
    wish = request.form.get("decision", "")
    if wish not in ("approve", "reject"):
        raise InvalidInput("Neither approval nor rejection was asked for.", remedy="Use the buttons of the page.",
                           zh="没有选择批准或否决。", remedy_zh="请使用页面上的按钮。")
    comment = request.form.get("comment", "")
    flow.decide_policy(state().engine, version, wish == "approve", comment, actor(), state().clock)
    flash(_("已批准，自生效日起执行。") if wish == "approve" else _("已否决。"))
    return redirect(url_for("plans.edition", version=version))


@blueprint.get("/new")
@login_required
def form() -> ResponseReturnValue:
    """A form filled with the text of an edition."""
    today = to_local(state().clock.now()).date()
    with reading(state().engine) as session:
        version = request.args.get("from") or policy_at(session, today).version
        found, _base = get_edition(session, version, today)
    base = found.version if found.counts else found.base_version
    given = {"text": found.text, "base": base, "version": "", "valid_from": "", "reason": ""}
    return _show_form(given)


@blueprint.post("/new")
@login_required
def propose() -> ResponseReturnValue:
    """Preview or propose; what was typed stays on the page when something is wrong."""
    given = {**request.form.to_dict()}
    given["text"] = flow.with_head(given.get("text", ""), given.get("version", "").strip(), given.get("valid_from", "").strip())
    terms = flow.Terms(given.get("base") or None, given.get("may_predate") == "1")
    try:
        if given.get("step") == "propose":
            version = flow.propose_policy(state().engine, given["text"], given.get("reason", ""), actor(), state().clock, terms)
            flash(_("已提交，须由另一人审批。"))
            return redirect(url_for("plans.edition", version=version))
        policy = flow.read_text(given["text"])
        with reading(state().engine) as session:
            flow.check_edition(session, policy, terms)
            outcomes = flow.preview(session, policy, state().clock)
    except DispatchError as error:
        return _show_form(given, error), status_of(error)
    return _show_form(given, None, policy, outcomes)


def _show_form(
    given: dict[str, str], error: DispatchError | None = None, policy: Policy | None = None, outcomes: Any = None
) -> str:
    with reading(state().engine) as session:
        editions = list_editions(session, to_local(state().clock.now()).date())
    base = next((e for e in editions if e.version == given.get("base")), None)
    told = error.facts.get("faults", ()) if error else ()
    faults = read_faults(str(f) for f in told) if isinstance(told, list) else ()
    return render_template(
        "plan_form.html", given=given, error=error, faults=faults, lines=excerpt(given["text"], faults), policy=policy,
        outcomes=outcomes, bases=[e for e in editions if e.counts], may=flow.MAY_PROPOSE,
        diff=difference(base.text, given["text"]) if base and policy else (), **NAMES,
    )


@blueprint.get("/what-if")
@login_required
def what_if_page() -> ResponseReturnValue:
    """The figures and the answer to them; works without a script."""
    error, found, question = None, None, Question()
    try:
        question, found = _ask()
    except InvalidInput as wrong:
        error = wrong
    with reading(state().engine) as session:
        ground = read_ground(session)
        choices = {"leagues": list_leagues(session), "counties": list_counties(session),
                   "situations": [(r.code, read_situation(session, r.code, r.last_at, ground))
                                  for r in list_rows(session, None)[:MOST_SITUATIONS]]}
        policy = policy_at(session, to_local(state().clock.now()).date())
    given = request.args.to_dict() if error else _fields(question)
    page = render_template(
        "whatif.html", given=given, error=error, a=found, q=question, choices=choices, names=ground.names,
        counts=COUNTS, fields=FIELD_NAMES, stops={name: stops(found.policy if found else policy, name) for name in COUNTS}, **NAMES,
    )
    return page, status_of(error) if error else 200


@blueprint.get("/what-if.json")
@login_required
def what_if_json() -> ResponseReturnValue:
    """The answer as JSON; with ``html=1`` also the part of the page that shows it."""
    try:
        question, found = _ask()
    except DispatchError as error:
        return jsonify({"error": error.as_dict()}), status_of(error)
    body = as_dict(found)
    if request.args.get("html") == "1":
        with reading(state().engine) as session:
            names = list_names(session)
        body["html"] = render_template("plan_answer.html", a=found, q=question, names=names, **NAMES)
    return jsonify(body)


def _ask() -> tuple[Question, Answer]:
    now = state().clock.now()
    at = moment_of(request.args.get("on", ""), now)
    with reading(state().engine) as session:
        code = request.args.get("situation", "").strip()
        if code and "place" not in request.args:
            row = get_row(session, code)
            question = replace(question_of(read_situation(session, row.code, at, read_ground(session))), situation=row.code)
        else:
            question = read_question(request.args)
        return question, what_if(session, question, at)


def _fields(question: Question) -> dict[str, Any]:
    counts = {name: n for name, n in asdict(question.counts).items() if n is not None}
    return {
        "place": question.place, "hazard": question.hazard, "colour": question.colour.value if question.colour else "",
        "temperature": question.temperature_c, "situation": question.situation, "on": request.args.get("on", ""), **counts,
    }


def stops(policy: Policy, measure: str) -> list[int]:
    """Where a slider stops: ten steps a decade up to three million, and every threshold of the plan."""
    steps = {m * 10**power // 10 for power in range(7) for m in MANTISSAS if m * 10**power // 10 <= TOP}
    edges = {edge for bands in policy.thresholds.values() if measure in bands for edge in bands[measure].edges}
    edges |= {e for (_h, _t, m), bands in policy.hazard_rows.items() if m == measure for e in bands.edges}
    return sorted({0, TOP, *steps, *edges})
