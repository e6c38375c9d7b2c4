"""Accounts, for those who administer them."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required
from sqlalchemy.orm import Session

from dispatch.accounts import people
from dispatch.accounts.people import Desk, NewAccount
from dispatch.accounts.rights import ROLES
from dispatch.accounts.rules import login_rule
from dispatch.db import reading, run_in_transaction
from dispatch.errors import NotFound
from dispatch.geography.store import list_names
from dispatch.places import is_within
from dispatch.web.again import check_again_recently, needs_proof
from dispatch.web.auth import caller
from dispatch.web.state import state

blueprint = Blueprint("people", __name__, url_prefix="/people")


@blueprint.get("/")
@login_required
def index() -> ResponseReturnValue:
    """The accounts of one's place."""
    return _page()


def _page(shown: dict[str, str] | None = None) -> ResponseReturnValue:
    area = current_user.account["place"]
    with reading(state().engine) as session:
        found = people.list_people(session, area)
        names = list_names(session)
    places = [(code, *words) for code, words in sorted(names.items()) if is_within(code, area)]
    return render_template("people.html", people=found, names=names, places=places, role_names=ROLES, rule=login_rule(),
                           ask_again=needs_proof(), shown=shown or {})


@blueprint.post("/")
@login_required
def add() -> ResponseReturnValue:
    """Make an account; its first password is shown this once."""
    form, desk = request.form, Desk(current_user.account, caller())
    check_again_recently(form)
    wish = NewAccount(form.get("name", "").strip(), form.get("display_zh", ""), form.get("role", ""), form.get("place", ""))
    password = run_in_transaction(state().engine, lambda session: people.add_account(session, desk, wish))
    return _page({"name": wish.name, "password": password})


@blueprint.post("/<name>/<change>")
@login_required
def change(name: str, change: str) -> ResponseReturnValue:
    """Do something to an account."""
    form, desk = request.form, Desk(current_user.account, caller())
    acts: dict[str, Callable[[Session], str | None]] = {
        "post": lambda session: people.change_post(session, desk, name, form.get("role", ""), form.get("place", "")),
        "disable": lambda session: people.disable(session, desk, name),
        "enable": lambda session: people.disable(session, desk, name, back=True),
        "password": lambda session: people.reset_password(session, desk, name),
        "factor": lambda session: people.reset_factor(session, desk, name),
    }
    if change not in acts:
        raise NotFound(f"There is no act {change[:20]!r}.", remedy="Choose one on the page.", zh="没有这个操作。", remedy_zh="请在页面上选择。")
    check_again_recently(form)
    password = run_in_transaction(state().engine, acts[change])
    if password is not None:
        return _page({"name": name, "password": password})
    flash(_("已保存。"))
    return redirect(url_for("people.index"))
