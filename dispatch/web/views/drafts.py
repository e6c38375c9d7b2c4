"""Drafts under way: what stands of them, the plan in hand, and what a person may decide."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from dispatch.db import reading
from dispatch.flow import take as flow
from dispatch.flow.views import to_decide
from dispatch.proposals.drafts import get_draft
from dispatch.web.auth import actor
from dispatch.web.drawn import drawn_plan
from dispatch.web.live import fresh, tag_of
from dispatch.web.state import state

blueprint = Blueprint("drafts", __name__)


@blueprint.get("/situations/<code>/decide")
@login_required
def of_situation(code: str) -> ResponseReturnValue:
    """The live part of a situation page: proposals and the newest draft."""
    with reading(state().engine) as session:
        found = to_decide(session, code, state().clock.now())
    return fresh("_decide.html", {"s": found})


@blueprint.get("/drafts/<int:number>/standing")
@login_required
def standing(number: int) -> ResponseReturnValue:
    """The live part of a draft's page; ``shown`` is the version that the page shows."""
    with reading(state().engine) as session:
        found = get_draft(session, number, state().clock.now())
    shown = request.args.get("shown", "0")
    version = int(shown) if shown.isascii() and shown.isdigit() and len(shown) < 6 else 0
    return fresh("_standing.html", _told(found, version))


@blueprint.get("/drafts/<int:number>")
@login_required
def show(number: int) -> ResponseReturnValue:
    """The plan in hand beside its map; a draft that is done leads to its proposal."""
    with reading(state().engine) as session:
        found = get_draft(session, number, state().clock.now())
        if found["proposal"]:
            return redirect(url_for("proposals.show", code=found["proposal"]))
        pieces = drawn_plan(session, f"draft:{number}", str(found["versions"]), found["body"])
    told = _told(found, found["versions"])
    return render_template("draft.html", **told, body=found["body"], map=pieces, tag=tag_of(told))


@blueprint.post("/drafts/<int:number>/take")
@login_required
def take(number: int) -> ResponseReturnValue:
    """Stop improving: the plan in hand becomes the proposal."""
    code = flow.take(state().engine, number, _person())
    flash(_("已采用目前的方案。"))
    return redirect(url_for("proposals.show", code=code))


@blueprint.post("/drafts/<int:number>/stop")
@login_required
def stop(number: int) -> ResponseReturnValue:
    """End the draft without a proposal."""
    flow.stop(state().engine, number, _person())
    flash(_("已停止生成方案。"))
    return _back(number)


@blueprint.post("/drafts/<int:number>/again")
@login_required
def again(number: int) -> ResponseReturnValue:
    """Ask for it once more."""
    flow.again(state().engine, number, _person())
    flash(_("已重新排队。"))
    return _back(number)


def _told(found: dict[str, Any], shown: int) -> dict[str, Any]:
    return {"d": {**found, "body": None}, "shown": shown}


def _person() -> flow.Person:
    return flow.Person(actor(), state().clock)


def _back(number: int) -> ResponseReturnValue:
    with reading(state().engine) as session:
        found = get_draft(session, number, state().clock.now())
    return redirect(url_for("situations.show", code=found["situation"]))
