"""Drills: past disasters to replay, their scores with curves and map, several side by side."""

from __future__ import annotations

from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    redirect,
    render_template,
    request,
    send_from_directory,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required

from dispatch.alerts.timeline import HAZARD_NAMES
from dispatch.audit.store import Act, record
from dispatch.db import transaction
from dispatch.drills import rooms, shelf
from dispatch.drills.library import shipped_names
from dispatch.drills.report_blocks import Heading, Picture, Table, Text, document
from dispatch.drills.report_findings import findings
from dispatch.drills.report_input import Told
from dispatch.drills.report_plots import PICTURES, draw
from dispatch.drills.report_rules import load_report_rules
from dispatch.errors import Refused
from dispatch.exercises.model import LEADERS
from dispatch.web.auth import actor
from dispatch.web.scenarios import scenario_of, scenarios, score_of
from dispatch.web.state import language, state

blueprint = Blueprint("drills", __name__, url_prefix="/drills")
FORMS = ("html", "pdf")
MOST_BESIDE = 6


def _may_lead() -> bool:
    return current_user.account["role"] in LEADERS


@blueprint.get("/")
@login_required
def index() -> ResponseReturnValue:
    """The scenarios, newest first, each with what its last replay came to."""
    folder = state().settings.drills_folder
    rows = [{"s": s, "standing": shelf.standing(folder, code)} for code, s in sorted(scenarios().items(), reverse=True)]
    return render_template("drills.html", rows=rows, hazards=HAZARD_NAMES, may=_may_lead(),
                           rooms=rooms.list_rooms(folder), scenarios=scenarios())


@blueprint.get("/<code>")
@login_required
def show(code: str) -> ResponseReturnValue:
    """One scenario: its facts with their sources, and its score."""
    scenario, lang = scenario_of(code), language()
    found = shelf.standing(state().settings.drills_folder, code)
    blocks = _blocks(found.told, lang) if found.told else ()
    return render_template("drill.html", s=scenario, standing=found, blocks=blocks, hazards=HAZARD_NAMES, names=shipped_names(), may=_may_lead())


def _blocks(told: Told, lang: str) -> tuple[tuple[str, Any], ...]:
    """The report's blocks without its head, for a page."""
    kinds = {Heading: "heading", Text: "text", Table: "table", Picture: "picture"}
    shown = document(told, findings(told, load_report_rules()), (), lang)
    return tuple((kinds[type(block)], block) for block in shown.blocks)


@blueprint.post("/<code>/play")
@login_required
def play(code: str) -> ResponseReturnValue:
    """Start a replay on a database of its own; one at a time for each scenario."""
    scenario = scenario_of(code)
    if not _may_lead():
        raise Refused("Your role may not start a drill.", remedy="Ask an exercise leader.",
                      zh="您的角色不能启动演练。", remedy_zh="请联系演练导调人员。")
    shelf.begin(state().settings.drills_folder, scenario.code, actor(), state().clock.now())
    with transaction(state().engine) as session:
        record(session, Act(actor(), "drill.play", scenario.code), state().clock.now())
    flash(_("回放已开始，评分完成后显示在本页。"))
    return redirect(url_for("drills.show", code=code))


@blueprint.get("/<code>/<name>.svg")
@login_required
def picture(code: str, name: str) -> ResponseReturnValue:
    """One picture of a score: curves, first goods, time line, map."""
    told = score_of(code)
    if told is None or name not in PICTURES:
        abort(404)
    answer = Response(draw(name, told, language(), "svg"), mimetype="image/svg+xml")
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.add_etag()
    return answer.make_conditional(request)


@blueprint.get("/<code>/report.<form>")
@login_required
def report(code: str, form: str) -> ResponseReturnValue:
    """The after-action report as a file, in the person's language."""
    if form not in FORMS:
        abort(404)
    return send_from_directory(state().settings.drills_folder.absolute(), f"{scenario_of(code).code}.{language()}.{form}", as_attachment=True)


@blueprint.get("/compare")
@login_required
def compare() -> ResponseReturnValue:
    """Scores side by side, the one asked for first."""
    folder = state().settings.drills_folder
    found, faults = shelf.read_all(folder)
    found |= rooms.scores(folder)
    asked = [code for code in request.args.getlist("code") if code in found][:MOST_BESIDE]
    shown = {code: found[code] for code in asked or sorted(found, reverse=True)[:MOST_BESIDE]}
    return render_template("drill_compare.html", shown=shown, every=found, asked=asked, faults=faults, most=MOST_BESIDE)
