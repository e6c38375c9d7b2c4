"""Logging in and out; who is asking."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Flask, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from dispatch.accounts.store import (
    DEMO_PASSWORD,
    check_again,
    check_login,
    find_account,
    list_demo_accounts,
)
from dispatch.db import reading
from dispatch.errors import Refused, Unavailable
from dispatch.web.live import asks_anew
from dispatch.web.state import local_path, state

blueprint = Blueprint("auth", __name__)


class Person(UserMixin):  # type: ignore[misc]
    """The person logged in."""

    def __init__(self, account: dict[str, Any]) -> None:
        self.id = account["name"]
        self.account = account


def register_auth(app: Flask) -> None:
    """The login manager and its pages."""
    manager = LoginManager(app)
    manager.unauthorized_handler(ask_to_log_in)

    @manager.user_loader
    def load(name: str) -> Person | None:
        try:
            with reading(state().engine) as session:
                account = find_account(session, name)
        except Unavailable as error:
            # the error page itself asks who is there; a page for people only tells it instead of a log-in
            g.no_database = error
            return None
        return Person(account) if account else None

    app.register_blueprint(blueprint)


def ask_to_log_in() -> ResponseReturnValue:
    """The way to the login page and back to where the person was; 401 to a page that follows its data.

    Raises ``Unavailable`` where it is the database that does not know who is there.
    """
    if "no_database" in g:
        raise g.no_database
    if asks_anew():
        return "", 401
    if request.method == "POST":
        flash(_("登录已过期，刚才的内容没有提交。重新登录后会回到原页面，已填写的内容会自动放回。"), "fault")
    return redirect(url_for("auth.login", next=_page_before() if request.method == "POST" else request.full_path.rstrip("?")))


def _page_before() -> str:
    """The page of this host that a form was sent from."""
    came = urlsplit(request.referrer or "")
    if came.netloc != request.host:
        return "/"
    return came.path + (f"?{came.query}" if came.query else "")


def actor() -> str:
    """The name of the person logged in."""
    return str(current_user.id)


def api_actor(roles: tuple[str, ...]) -> str:
    """The person behind HTTP basic credentials; ``Refused`` without a fitting role."""
    given = request.authorization
    with reading(state().engine) as session:
        account = check_again(session, given.username or "", given.password or "") if given else None
    if account is None or account["role"] not in roles:
        raise Refused(
            "The API needs the name and password of a " + " or ".join(roles) + ".",
            remedy="Send HTTP basic credentials.",
            zh="接口需要具备相应角色的账号和密码。",
            remedy_zh="请使用 HTTP Basic 认证。",
        )
    return str(account["name"])


def sign_in(name: str, password: str) -> bool:
    """Log a person in; False when name and password do not fit."""
    with reading(state().engine) as session:
        account = check_login(session, name, password)
    if account:
        login_user(Person(account))
    return account is not None


@blueprint.route("/login", methods=["GET", "POST"])
def login() -> ResponseReturnValue:
    """The login page."""
    with reading(state().engine) as session:
        demo = list_demo_accounts(session)
    if request.method == "POST" and sign_in(request.form.get("name", ""), request.form.get("password", "")):
        return redirect(local_path(request.args.get("next", "")))
    if request.method == "POST":
        flash(_("账号或密码不正确。"))
    return render_template("login.html", demo=demo, demo_password=DEMO_PASSWORD)


@blueprint.post("/logout")
def logout() -> ResponseReturnValue:
    """Log out."""
    logout_user()
    return redirect(url_for("auth.login"))
