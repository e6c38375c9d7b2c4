"""Forms of the rosters: people, certificates, kit, vehicles, drills, new teams."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from dispatch.errors import Conflict, InvalidInput, NotFound
from dispatch.operations.forms import whole
from dispatch.teams.fields import wrong
from dispatch.teams.gear import (
    Drill,
    KitCount,
    record_drill,
    remove_vehicle,
    save_kit,
    save_vehicle,
)
from dispatch.teams.intake import NewTeam, take_in
from dispatch.teams.model import Certificate, TeamVehicle
from dispatch.teams.people import (
    Decision,
    Person,
    apply,
    correct,
    leave,
    move,
    pause,
    resume,
    review,
)
from dispatch.teams.proofs import Kin, add_certificate, read_kin, remove_certificate, save_kin
from dispatch.teams.rules import load_team_rule
from dispatch.web.auth import actor
from dispatch.web.state import state
from dispatch.web.views.teams import ask_form, member_page, new_form

blueprint = Blueprint("team_acts", __name__, url_prefix="/teams")
CHANGES = {"pause": pause, "resume": resume, "leave": leave}


def _text(name: str) -> str:
    return request.form.get(name, "").strip()


def _day(name: str, what: tuple[str, str]) -> date:
    found = _day_or_none(name, what)
    if found is None:
        raise wrong(what, "", ("日期，如 2026-11-24", "a date like 2026-11-24"))
    return found


def _day_or_none(name: str, what: tuple[str, str]) -> date | None:
    if not _text(name):
        return None
    try:
        return date.fromisoformat(_text(name))
    except ValueError as error:
        raise wrong(what, _text(name)[:20], ("日期，如 2026-11-24", "a date like 2026-11-24")) from error


def _count(name: str, what: tuple[str, str]) -> int:
    units = whole(_text(name))
    if units is None:
        raise wrong(what, _text(name)[:20], ("不小于零的整数", "a whole number of zero or more"))
    return units


def _person() -> Person:
    form = request.form
    return Person(_text("name"), _text("kind"), _text("phone"), tuple(form.getlist("roles")), tuple(form.getlist("languages")))


def _to_team(code: str) -> ResponseReturnValue:
    return redirect(url_for("teams.show", code=code))


def _to_member(code: str) -> ResponseReturnValue:
    return redirect(url_for("teams.member", code=code))


@blueprint.post("/new")
@login_required
def create() -> ResponseReturnValue:
    """Take a county's or an outside team in."""
    people = (("专职人数", "staff"), ("志愿者人数", "volunteers"))
    try:
        staff, volunteers = (_count(what[1], what) for what in people)
        code = take_in(state().engine, NewTeam(
            _text("code"), _text("name_zh"), _text("name_en"), _text("organisation"), _text("speciality"),
            _text("home_county"), staff, volunteers), actor(), state().clock)
    except (InvalidInput, Conflict) as error:
        return new_form(request.form.to_dict(), error)
    flash(_("已登记队伍。"))
    return _to_team(code)


@blueprint.post("/<code>/apply")
@login_required
def join(code: str) -> ResponseReturnValue:
    """Ask for a person to join."""
    account = actor() if request.form.get("is_self") else None
    try:
        made = apply(state().engine, (code, _person(), account), actor(), state().clock)
    except (InvalidInput, Conflict) as error:
        given: dict[str, Any] = {**request.form.to_dict(), "roles": request.form.getlist("roles"),
                                 "languages": request.form.getlist("languages")}
        return ask_form(code, given, error)
    flash(_("已提交申请 %(code)s，待另一人审核。", code=made))
    return _to_team(code)


@blueprint.post("/members/<code>/review")
@login_required
def decide(code: str) -> ResponseReturnValue:
    """Take an applicant in or refuse them."""
    is_accepted = _text("answer") == "accept"
    if not is_accepted and _text("answer") != "refuse":
        raise wrong(("审核结果", "answer"), _text("answer")[:20], ("接受或拒绝", "accept or refuse"))
    review(state().engine, Decision(code, is_accepted, _text("note")), actor(), state().clock)
    flash(_("已审核。"))
    return redirect(url_for("teams.waiting"))


@blueprint.post("/members/<code>/<change>")
@login_required
def change_status(code: str, change: str) -> ResponseReturnValue:
    """Pause, call again, or go."""
    if change not in CHANGES:
        raise NotFound(f"There is no act {change}.", remedy="Use the member's page.",
                       zh=f"没有 {change} 这种操作。", remedy_zh="请使用队员页面。")
    CHANGES[change](state().engine, code, actor(), state().clock)
    flash(_("已更改状态。"))
    return redirect(url_for("teams.index")) if change == "leave" else _to_member(code)


@blueprint.post("/members/<code>/move")
@login_required
def transfer(code: str) -> ResponseReturnValue:
    """Let a member go over to another team."""
    move(state().engine, code, _text("to"), actor(), state().clock)
    flash(_("已调队。"))
    return _to_member(code)


@blueprint.post("/members/<code>/correct")
@login_required
def rewrite(code: str) -> ResponseReturnValue:
    """Write a member's fields anew."""
    correct(state().engine, code, _person(), actor(), state().clock)
    flash(_("已更正。"))
    return _to_member(code)


@blueprint.post("/members/<code>/certificates")
@login_required
def certify(code: str) -> ResponseReturnValue:
    """Add a certificate."""
    given = Certificate(_text("skill"), _day("issued_on", ("发证日期", "date of issue")),
                        _day_or_none("expires_on", ("有效期至", "expiry")), _text("issuer"), _text("number"))
    add_certificate(state().engine, code, given, actor(), state().clock)
    flash(_("已登记证书。"))
    return _to_member(code)


@blueprint.post("/certificates/<int:number>/remove")
@login_required
def uncertify(number: int) -> ResponseReturnValue:
    """Take a wrong certificate away."""
    code = remove_certificate(state().engine, number, actor(), state().clock)
    flash(_("已删除证书。"))
    return _to_member(code)


@blueprint.post("/members/<code>/kin")
@login_required
def keep_kin(code: str) -> ResponseReturnValue:
    """Write whom to call."""
    save_kin(state().engine, code, Kin(_text("kin_name"), _text("relation"), _text("kin_phone")), actor(), state().clock)
    flash(_("已保存紧急联系人。"))
    return _to_member(code)


@blueprint.post("/members/<code>/kin/read")
@login_required
def show_kin(code: str) -> ResponseReturnValue:
    """Whom to call, shown once; the reading is in the record."""
    return member_page(code, (read_kin(state().engine, code, actor(), state().clock),))


@blueprint.post("/<code>/kit")
@login_required
def count_kit(code: str) -> ResponseReturnValue:
    """Keep a count of the kit; lines left empty stay as they were."""
    rule = load_team_rule()
    have = {item: _count(f"have-{item}", names) for item, names in rule.items.items() if _text(f"have-{item}")}
    save_kit(state().engine, KitCount(code, have, _day("checked_on", ("检查日期", "day of the check"))), actor(), state().clock)
    flash(_("已登记装备。"))
    return _to_team(code)


@blueprint.post("/<code>/vehicles")
@login_required
def keep_vehicle(code: str) -> ResponseReturnValue:
    """Keep a vehicle and whether it is fit; without a number of seats, the kind's."""
    kind = _text("kind")
    seats = _count("seats", ("座位数", "number of seats")) if _text("seats") else load_team_rule().seats.get(kind, 0)
    save_vehicle(state().engine, TeamVehicle(
        _text("plate"), code, kind, seats, bool(request.form.get("is_fit")), _day("checked_on", ("检查日期", "day of the check")),
    ), actor(), state().clock)
    flash(_("已登记车辆。"))
    return _to_team(code)


@blueprint.post("/<code>/vehicles/remove")
@login_required
def drop_vehicle(code: str) -> ResponseReturnValue:
    """Take a vehicle off the list."""
    remove_vehicle(state().engine, code, _text("plate"), actor(), state().clock)
    flash(_("已注销车辆。"))
    return _to_team(code)


@blueprint.post("/<code>/drills")
@login_required
def keep_drill(code: str) -> ResponseReturnValue:
    """Keep a drill and who was there."""
    drill = Drill(code, _day("held_on", ("训练日期", "day of the drill")), _text("title"), tuple(request.form.getlist("members")))
    record_drill(state().engine, drill, actor(), state().clock)
    flash(_("已登记训练。"))
    return _to_team(code)
