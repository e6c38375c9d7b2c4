"""Rosters of the relief teams: the board, a team, a member, what lapses, what waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required
from sqlalchemy.orm import Session

from dispatch.audit.store import Act, record
from dispatch.clock import to_local
from dispatch.db import reading, run_in_transaction
from dispatch.errors import NotFound, Refused
from dispatch.exchange.roster_rows import roster_columns, roster_rows
from dispatch.geography.store import list_counties, list_names
from dispatch.teams.access import viewer_of
from dispatch.teams.board import kit_lines, lapses, newest, standing, validity_of
from dispatch.teams.fields import KINDS, LANGUAGES
from dispatch.teams.history import by_league, past_days
from dispatch.teams.model import Member, MemberStatus, Roster
from dispatch.teams.people import is_self_paused
from dispatch.teams.privacy import PLANNERS, shown_to
from dispatch.teams.queries import (
    certificate_numbers,
    get_roster,
    kit_checks,
    list_drills,
    list_waiting,
)
from dispatch.teams.readiness import FULL, readiness
from dispatch.teams.rules import load_team_rule
from dispatch.teams.store import list_rosters
from dispatch.web.auth import actor
from dispatch.web.state import state
from dispatch.web.views.ledger import download

blueprint = Blueprint("teams", __name__, url_prefix="/teams")


HISTORY_DAYS = 365


def factor_names() -> dict[str, str]:
    """The factors of readiness in the person's language."""
    return {"people": _("人员"), "certificates": _("证书"), "kit": _("装备"), "vehicles": _("车辆"), "rest": _("休整"), "drill": _("演练")}


def points(history: list[tuple[date, int | None, dict[str, int]]], today: date) -> list[tuple[int, int]]:
    """Days and readiness as points of a line 300 wide and 60 high, the last day at its right end."""
    known = [(day, value) for day, value, _factors in history if value is not None]
    span = max(1, (today - known[0][0]).days) if known else 1
    return [(300 - 300 * (today - day).days // span, 58 - 56 * value // FULL) for day, value in known]


def _words() -> dict[str, Any]:
    """What every page of teams names things by."""
    return {"rule": load_team_rule(), "today": to_local(state().clock.now()).date(), "kind_names": KINDS, "language_names": LANGUAGES}


def _chosen(session: Session) -> tuple[Roster, ...]:
    """The rosters the filters of the address leave."""
    league, speciality = request.args.get("league"), request.args.get("speciality")
    team = request.args.get("team")
    return tuple(
        r for r in list_rosters(session)
        if (not league or r.team.league_adcode == league) and (not speciality or r.team.speciality == speciality)
        and (not team or r.team.code == team)
    )


@blueprint.get("/")
@login_required
def index() -> ResponseReturnValue:
    """All teams with their people, certificates, kit, vehicles and last drill."""
    words = _words()
    with reading(state().engine) as session:
        viewer, names = viewer_of(session, actor()), list_names(session)
        rosters = _chosen(session)
        rows = [standing(roster, words["rule"], words["today"]) for roster in rosters]
        waiting = sum(row.waiting for row in rows if viewer.manages(row.team))
    ready = {r.team.code: readiness(r, words["rule"], words["today"]) for r in rosters}
    leagues = {code: name for code, name in names.items() if code.endswith("00") and code != "150000"}
    return render_template("teams.html", rows=rows, names=names, leagues=leagues, waiting=waiting,
                           ready=ready, by_league=by_league([(r.team, ready[r.team.code]) for r in rosters], words["rule"]),
                           viewer=viewer, may_take_in=viewer.role in PLANNERS, args=request.args, **words)


@blueprint.get("/export")
@login_required
def export() -> ResponseReturnValue:
    """The rosters as a sheet that reads back in; masked where the viewer may not see the people.

    What leaves the house on a sheet goes into the record.
    """
    name, now = actor(), state().clock.now()

    def work(session: Session) -> list[dict[str, Any]]:
        # a sheet is for planners; comrades see each other on the page alone
        viewer = replace(viewer_of(session, name), team=None)

        def show(roster: Roster, member: Member) -> Member:
            return shown_to(viewer, roster.team, member)

        chosen = _chosen(session)
        record(session, Act(name, "team.export", request.args.get("team", "")[:80], f"{len(chosen)} teams"), now)
        return roster_rows(chosen, load_team_rule(), show)

    rows = run_in_transaction(state().engine, work)
    return download(request.args.get("download", "xlsx"), roster_columns(), rows, "roster")


@blueprint.get("/calendar")
@login_required
def calendar() -> ResponseReturnValue:
    """Certificates by the month they end in."""
    words = _words()
    with reading(state().engine) as session:
        viewer = viewer_of(session, actor())
        rosters = _chosen(session)
        teams = [r.team for r in list_rosters(session)]
    months = {
        month: [(x, shown_to(viewer, x.team, x.member)) for x in found]
        for month, found in lapses(rosters, words["rule"], words["today"]).items()
    }
    return render_template("team_calendar.html", months=months, viewer=viewer, teams=teams, args=request.args, **words)


@blueprint.get("/waiting")
@login_required
def waiting() -> ResponseReturnValue:
    """Applications that wait for a review in the viewer's place."""
    with reading(state().engine) as session:
        viewer = viewer_of(session, actor())
        if viewer.role not in PLANNERS:
            raise Refused(f"The role {viewer.role} may not review applications.", remedy="Log in as a planner.",
                          zh=f"角色 {viewer.role} 不能审核入队申请。", remedy_zh="请用计划员、审批人或管理员账号登录。")
        asked = {w.code: w for w in list_waiting(session)}
        rows = [
            (roster.team, member, asked[member.code])
            for roster in list_rosters(session) if viewer.manages(roster.team)
            for member in roster.members if member.code in asked
        ]
    rows.sort(key=lambda row: (row[2].applied_at, row[1].code))
    return render_template("team_waiting.html", rows=rows, viewer=viewer, **_words())


@blueprint.get("/new")
@login_required
def new() -> ResponseReturnValue:
    """The form for a county's or an outside team."""
    return new_form({}, None)


def new_form(given: dict[str, str], error: Exception | None) -> ResponseReturnValue:
    """The form with what was typed and, after a fault, the fault."""
    with reading(state().engine) as session:
        counties = list_counties(session)
    page = render_template("team_new.html", given=given, error=error, counties=counties, **_words())
    return (page, 400) if error else page


@blueprint.get("/<code>/apply")
@login_required
def ask(code: str) -> ResponseReturnValue:
    """The form for joining a team."""
    return ask_form(code, {}, None)


def ask_form(code: str, given: dict[str, Any], error: Exception | None) -> ResponseReturnValue:
    """The form with what was typed and, after a fault, the fault."""
    with reading(state().engine) as session:
        team, viewer = get_roster(session, code).team, viewer_of(session, actor())
    page = render_template("team_apply.html", team=team, viewer=viewer, given=given, error=error, **_words())
    return (page, 400) if error else page


@blueprint.get("/<code>")
@login_required
def show(code: str) -> ResponseReturnValue:
    """One team: its people as the viewer may see them, kit, vehicles, drills."""
    words = _words()
    rule, today = words["rule"], words["today"]
    with reading(state().engine) as session:
        viewer, roster = viewer_of(session, actor()), get_roster(session, code)
        drills, checks, names = list_drills(session, code), kit_checks(session, code), list_names(session)
        history = past_days(session, code, today - timedelta(days=HISTORY_DAYS))
    people = [
        (shown_to(viewer, roster.team, m), [(c, validity_of(c, m, rule, today)) for c in newest(m).values()])
        for m in roster.members
    ]
    return render_template("team.html", team=roster.team, roster=roster, row=standing(roster, rule, today), people=people,
                           kit=kit_lines(roster, rule), checks=checks, drills=drills, viewer=viewer, names=names, ready=readiness(roster, rule, today),
                           history=history, history_points=points(history, today), factor_names=factor_names(), **words)


@blueprint.get("/members/<code>")
@login_required
def member(code: str) -> ResponseReturnValue:
    """One member with certificates and what can be done."""
    return member_page(code)


def member_page(code: str, kin: Any = None) -> ResponseReturnValue:
    """The member's page; ``kin`` (a tuple of one, or of none found) only right after it was read."""
    words = _words()
    with reading(state().engine) as session:
        viewer = viewer_of(session, actor())
        found = next(((r, m) for r in list_rosters(session) for m in r.members if m.code == code), None)
        if found is None:
            raise NotFound(f"There is no member {code}.", remedy="Choose one from the team's page.",
                           zh=f"没有编号为 {code} 的队员。", remedy_zh="请从队伍页面选择。")
        roster, person = found
        numbers = certificate_numbers(session, roster.team.code)
        is_self = person.account == viewer.name
        may_resume = is_self_paused(session, code, viewer.name) if is_self else viewer.manages(roster.team)
        others = [r.team for r in list_rosters(session) if r.team.code != roster.team.code and viewer.manages(r.team)]
    shown = shown_to(viewer, roster.team, person)
    proofs = [
        (as_shown, validity_of(c, person, words["rule"], words["today"]), numbers.get((code, c.skill, c.issued_on)))
        for c, as_shown in zip(person.certificates, shown.certificates, strict=True)
    ]
    return render_template("member.html", team=roster.team, person=shown, proofs=proofs, viewer=viewer, kin=kin,
                           others=others, is_self=is_self, may_resume=may_resume, statuses=MemberStatus, **words)
