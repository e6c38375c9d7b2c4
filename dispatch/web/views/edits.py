"""Editing a plan on its page, undoing it, and the alternatives beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required

from dispatch.db import reading
from dispatch.errors import DispatchError, Refused
from dispatch.flow import alternatives
from dispatch.flow import approve as approving
from dispatch.flow.edit import EDITORS, edit, look, redo, undo
from dispatch.flow.model import Way
from dispatch.geography.store import list_counties, list_names
from dispatch.proposals.queries import newest_of
from dispatch.routing.store import list_edges, list_vehicles
from dispatch.web.auth import actor, sign_in
from dispatch.web.kept import give_back, keeps_form, read_kept, register_kept, wrong_password
from dispatch.web.plan_edits import read_edit
from dispatch.web.state import language, state

blueprint = Blueprint("edits", __name__, url_prefix="/proposals")
register_kept(blueprint, ("edit", "undo", "redo"))


def _way() -> Way:
    return Way(actor(), state().clock, state().settings)


def back(code: str, anchor: str = "") -> ResponseReturnValue:
    """To the page of a proposal, by GET."""
    return redirect(url_for("proposals.show", code=code) + (f"#{anchor}" if anchor else ""), 303)


def tell(error: DispatchError) -> None:
    """The person stays on the page of the plan and reads there what was wrong."""
    zh = language() == "zh"
    parts = (error.message_zh, error.remedy_zh) if zh else (error.message, error.remedy)
    flash(" → ".join(part for part in parts if part), "fault")


def _solve(code: str, make: Callable[[], str]) -> ResponseReturnValue:
    """The new proposal of an edit, or the newest one with the sentence why not."""
    try:
        new = make()
    except DispatchError as error:
        tell(error)
        with reading(state().engine) as session:
            return back(newest_of(session, code), "edit")
    flash(_("已按要求重新计算，新方案 %(code)s 取代 %(old)s。", code=new, old=code))
    return back(new, "edited")


def _change(code: str, given: Mapping[str, str]) -> ResponseReturnValue:
    with reading(state().engine) as session:
        seen = look(session, code)
        yards = {v.code: v.warehouse_code for v in list_vehicles(session)}
    return _solve(code, lambda: edit(state().engine, code, read_edit(given, seen, yards), _way()))


@blueprint.post("/<code>/edit")
@keeps_form
def change(code: str) -> ResponseReturnValue:
    """Solve again under other wishes; the page of the new proposal."""
    return _change(code, request.form)


@blueprint.post("/<code>/undo")
@keeps_form
def undo_last(code: str) -> ResponseReturnValue:
    """Back to the state before the last edit."""
    return _solve(code, lambda: undo(state().engine, code, _way()))


@blueprint.post("/<code>/redo")
@keeps_form
def redo_last(code: str) -> ResponseReturnValue:
    """Do again what was undone last."""
    return _solve(code, lambda: redo(state().engine, code, _way()))


@blueprint.post("/<code>/resume")
def resume(code: str) -> ResponseReturnValue:
    """Log in again and go on with the form that was kept."""
    act, kept = request.form.get("act", ""), read_kept(request.form.get("kept", ""))
    if not current_user.is_authenticated and not sign_in(request.form.get("name", ""), request.form.get("password", ""), request.form.get("code", "")):
        return give_back(code, act, kept, wrong_password())
    acts: dict[str, Callable[[], ResponseReturnValue]] = {
        "edit": lambda: _change(code, kept),
        "undo": lambda: _solve(code, lambda: undo(state().engine, code, _way())),
        "redo": lambda: _solve(code, lambda: redo(state().engine, code, _way())),
        "return": lambda: return_it(code, kept.get("comment", "")),
    }
    return acts[act]() if act in acts else back(code)


def return_it(code: str, comment: str) -> ResponseReturnValue:
    """Return a proposal with a word why; told on its page."""
    try:
        approving.send_back(state().engine, code, actor(), comment[:1000], state().clock)
        flash(_("已退回。"))
    except DispatchError as error:
        tell(error)
    return back(code)


@blueprint.get("/roads.json")
@login_required
def roads() -> ResponseReturnValue:
    """Every road as a line between two county seats, for choosing one on the map."""
    with reading(state().engine) as session:
        names, edges = list_names(session), list_edges(session)
        seat = {c.adcode: [c.seat.lat, c.seat.lon] for c in list_counties(session)}
    number = 0 if language() == "zh" else 1
    answer = jsonify([
        {"id": e.id, "name": f"{e.refs} {names[e.from_adcode][number]}—{names[e.to_adcode][number]}".strip(),
         "line": [seat[e.from_adcode], seat[e.to_adcode]]}
        for e in edges
    ])
    answer.headers["Cache-Control"] = "private, max-age=300"
    return answer


@blueprint.post("/<code>/alternatives/<mode>")
@login_required
def work_out(code: str, mode: str) -> ResponseReturnValue:
    """One alternative now, where the worker has not come to it yet."""
    if current_user.account["role"] not in EDITORS:
        raise Refused(
            "Only planners and approvers work alternatives out.", remedy="Ask a planner.",
            zh="仅值班和审批人员可计算备选方案。", remedy_zh="请由值班人员操作。",
        )
    alternatives.make_alternative(state().engine, code, mode, _way())
    return back(code, "alternatives")


@blueprint.post("/<code>/alternatives/<mode>/choose")
@login_required
def choose(code: str, mode: str) -> ResponseReturnValue:
    """Take an alternative: an edit with its weighing."""
    try:
        new = alternatives.choose(state().engine, code, mode, _way())
    except DispatchError as error:
        tell(error)
        return back(code, "alternatives")
    flash(_("已按要求重新计算，新方案 %(code)s 取代 %(old)s。", code=new, old=code))
    return back(new, "edited")
