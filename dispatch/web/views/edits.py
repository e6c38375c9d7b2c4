"""Editing a plan on its page, and the alternatives beside it."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required

from dispatch.db import reading
from dispatch.errors import DispatchError, Refused
from dispatch.flow import alternatives
from dispatch.flow.edit import EDITORS, edit, look
from dispatch.flow.model import Way
from dispatch.routing.store import list_vehicles
from dispatch.web.auth import actor
from dispatch.web.plan_edits import read_edit
from dispatch.web.state import language, state

blueprint = Blueprint("edits", __name__, url_prefix="/proposals")


def _way() -> Way:
    return Way(actor(), state().clock, state().settings)


def _back(code: str, anchor: str) -> ResponseReturnValue:
    return redirect(url_for("proposals.show", code=code) + f"#{anchor}", 303)


def _tell(error: DispatchError) -> None:
    """The person stays on the page of the plan and reads there what was wrong."""
    zh = language() == "zh"
    parts = (error.message_zh, error.remedy_zh) if zh else (error.message, error.remedy)
    flash(" → ".join(part for part in parts if part), "fault")


@blueprint.post("/<code>/edit")
@login_required
def change(code: str) -> ResponseReturnValue:
    """Solve again under other wishes; the page of the new proposal."""
    with reading(state().engine) as session:
        seen = look(session, code)
        yards = {v.code: v.warehouse_code for v in list_vehicles(session)}
    try:
        new = edit(state().engine, code, read_edit(request.form, seen, yards), _way())
    except DispatchError as error:
        _tell(error)
        return _back(code, "edit")
    flash(_("已按要求重新计算，新方案 %(code)s 取代 %(old)s。", code=new, old=code))
    return _back(new, "edited")


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
    return _back(code, "alternatives")


@blueprint.post("/<code>/alternatives/<mode>/choose")
@login_required
def choose(code: str, mode: str) -> ResponseReturnValue:
    """Take an alternative: an edit with its weighing."""
    try:
        new = alternatives.choose(state().engine, code, mode, _way())
    except DispatchError as error:
        _tell(error)
        return _back(code, "alternatives")
    flash(_("已按要求重新计算，新方案 %(code)s 取代 %(old)s。", code=new, old=code))
    return _back(new, "edited")
