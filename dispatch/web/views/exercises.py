"""The calendar of drills and the list of lessons."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required

from dispatch.db import reading
from dispatch.drills.report_findings import findings
from dispatch.drills.report_rules import load_report_rules
from dispatch.errors import InvalidInput, NotFound
from dispatch.exercises import calendar, lessons
from dispatch.exercises.model import LEADERS, Came, NewLesson, Plan, Standing
from dispatch.geography.store import list_names
from dispatch.places import REGION_ADCODE
from dispatch.teams.access import viewer_of
from dispatch.teams.privacy import shown_to
from dispatch.teams.queries import get_roster
from dispatch.teams.store import list_teams
from dispatch.web.auth import actor
from dispatch.web.scenarios import scenario_of, scenarios, score_of
from dispatch.web.state import language, state, today

blueprint = Blueprint("exercises", __name__, url_prefix="/drills")
USUAL_DAYS = 30


def _may() -> bool:
    return current_user.account["role"] in LEADERS


@blueprint.get("/calendar")
@login_required
def index() -> ResponseReturnValue:
    """What is planned, what is over, and a form for the next."""
    with reading(state().engine) as session:
        planned, teams, names = calendar.list_planned(session), list_teams(session), list_names(session)
    return render_template("drill_calendar.html", planned=planned, teams=teams, names=names, scenarios=scenarios(), may=_may(),
                           today=today(), usual=today() + timedelta(days=USUAL_DAYS), region=REGION_ADCODE,
                           leagues=[code for code in names if code.endswith("00") and code != REGION_ADCODE])


@blueprint.post("/calendar")
@login_required
def plan() -> ResponseReturnValue:
    """Put one in."""
    given = request.form
    scenario = given.get("scenario", "")
    code = calendar.plan_drill(state().engine, Plan(
        given.get("title", ""), _day("on"), given.get("place", REGION_ADCODE)[:6], given.get("leader", "").strip() or actor(),
        scenario_of(scenario).code if scenario else None, tuple(given.getlist("teams")), given.get("words", ""),
        tuple(given.get("people", "").splitlines()),
    ), actor(), state().clock)
    flash(_("已列入演练计划：%(code)s。", code=code))
    return redirect(url_for("exercises.show", code=code))


@blueprint.get("/calendar/<code>")
@login_required
def show(code: str) -> ResponseReturnValue:
    """One drill of the calendar, with the attendance of each team."""
    with reading(state().engine) as session:
        found = calendar.get_planned(session, code)
        teams = {team.code: team for team in list_teams(session)}
        names = list_names(session)
        viewer = viewer_of(session, actor())
        waiting = [get_roster(session, a.team) for a in found.asked if found.status == "held" and a.team_drill is None]
        # names as the viewer may see them
        members = {r.team.code: [shown_to(viewer, r.team, m) for m in r.members if m.status.value == "active"] for r in waiting if viewer.keeps(r.team)}
    return render_template("drill_planned.html", p=found, teams=teams, names=names, members=members, may=_may(), today=today(),
                           scenarios=scenarios())


@blueprint.post("/calendar/<code>/held")
@login_required
def held(code: str) -> ResponseReturnValue:
    """It was held."""
    calendar.hold(state().engine, code, _day("on"), actor(), state().clock)
    flash(_("已登记举行，请登记各队参加人员。"))
    return redirect(url_for("exercises.show", code=code))


@blueprint.post("/calendar/<code>/cancel")
@login_required
def cancel(code: str) -> ResponseReturnValue:
    """It is called off."""
    calendar.call_off(state().engine, code, request.form.get("why", ""), actor(), state().clock)
    flash(_("已取消。"))
    return redirect(url_for("exercises.show", code=code))


@blueprint.post("/calendar/<code>/attendance")
@login_required
def attendance(code: str) -> ResponseReturnValue:
    """Who of a team was there, who was excused; everybody else was absent."""
    told = {name.removeprefix("member-"): value for name, value in request.form.items() if name.startswith("member-")}
    came = Came(request.form.get("team", ""), *(
        tuple(sorted(member for member, value in told.items() if value == standing)) for standing in (Standing.PRESENT, Standing.EXCUSED)))
    calendar.attend(state().engine, code, came, actor(), state().clock)
    flash(_("已登记参加人员，计入该队战备度。"))
    return redirect(url_for("exercises.show", code=code))


@blueprint.post("/calendar/<code>/missed")
@login_required
def missed(code: str) -> ResponseReturnValue:
    """A team did not come."""
    calendar.miss(state().engine, code, (request.form.get("team", ""), request.form.get("standing", "")), actor(), state().clock)
    flash(_("已登记，不计入该队战备度。"))
    return redirect(url_for("exercises.show", code=code))


@blueprint.post("/calendar/<code>/people")
@login_required
def people(code: str) -> ResponseReturnValue:
    """Whether somebody asked beside the teams was there."""
    calendar.mark_person(state().engine, code, (request.form.get("name", ""), request.form.get("standing", "")), actor(), state().clock)
    flash(_("已登记。"))
    return redirect(url_for("exercises.show", code=code))


@blueprint.get("/lessons")
@login_required
def list_lessons() -> ResponseReturnValue:
    """Lessons, open ones first."""
    with reading(state().engine) as session:
        rows = lessons.list_lessons(session)
    return render_template("drill_lessons.html", rows=rows, may=_may(), today=today(), usual=today() + timedelta(days=USUAL_DAYS))


@blueprint.post("/lessons")
@login_required
def keep() -> ResponseReturnValue:
    """One lesson written by hand."""
    given = request.form
    words = given.get("words", "")
    lessons.keep_lessons(state().engine, [NewLesson(given.get("source", "").strip()[:120] or "—", (words, words), given.get("owner", ""), _day("due"))],
                         actor(), state().clock)
    flash(_("已列入整改。"))
    return redirect(url_for("exercises.list_lessons"))


@blueprint.post("/lessons/from/<code>")
@login_required
def keep_findings(code: str) -> ResponseReturnValue:
    """All findings of a score as lessons; those that are there stay as they are."""
    told = score_of(code)
    if told is None:
        raise NotFound(f"There is no score of {code[:80]}.", remedy="Play it first.", zh=f"{code[:80]} 没有评分。", remedy_zh="请先回放。")
    found = [NewLesson(code, f.words, f.owner[language() == "en"], f.due) for f in findings(told, load_report_rules())]
    count = lessons.keep_lessons(state().engine, found, actor(), state().clock)
    flash(_("已列入整改 %(n)s 项（原有的不重复）。", n=count))
    return redirect(url_for("exercises.list_lessons"))


@blueprint.post("/lessons/<int:number>/close")
@login_required
def close(number: int) -> ResponseReturnValue:
    """Close one with evidence."""
    lessons.close_lesson(state().engine, number, request.form.get("evidence", ""), actor(), state().clock)
    flash(_("已关闭。"))
    return redirect(url_for("exercises.list_lessons"))


def _day(name: str) -> date:
    text = request.form.get(name, "")
    try:
        return date.fromisoformat(text[:20])
    except ValueError as error:
        raise InvalidInput(f"“{text[:20]}” is not a day.", remedy="Write for example 2027-03-15.",
                           zh=f"“{text[:20]}”不是日期。", remedy_zh="请按 2027-03-15 的格式填写。") from error
