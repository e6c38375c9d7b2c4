"""Logging in and out; who is asking."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Flask,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from dispatch.accounts import sessions
from dispatch.accounts.attempts import (
    Caller,
    check_free,
    close_attempt,
    forget_attempts,
    open_attempt,
)
from dispatch.accounts.keys import find_key, note_use
from dispatch.accounts.people import use_code
from dispatch.accounts.rules import login_rule
from dispatch.accounts.store import (
    DEMO_PASSWORD,
    check_again,
    check_login,
    list_demo_accounts,
)
from dispatch.audit.store import Act, record
from dispatch.db import reading, run_in_transaction
from dispatch.errors import Refused, TooMany, Unavailable
from dispatch.web.live import asks_anew
from dispatch.web.state import language, local_path, state

blueprint = Blueprint("auth", __name__)
HALF_WAY = "half_way"
"""Where the browser's signed cookie keeps who gave a right password and owes the code."""


class Person(UserMixin):  # type: ignore[misc]
    """The person logged in; their browser carries the token of a session, not their name."""

    def __init__(self, account: dict[str, Any], token: str) -> None:
        self.id = account["name"]
        self.account = account
        self.token = token

    def get_id(self) -> str:
        """What the browser's cookie holds."""
        return self.token


def register_auth(app: Flask) -> None:
    """The login manager and its pages."""
    manager = LoginManager(app)
    manager.unauthorized_handler(ask_to_log_in)

    @manager.user_loader
    def load(token: str) -> Person | None:
        try:
            with reading(state().engine) as database:
                account = sessions.find(database, token, login_rule(), state().wall.now())
        except Unavailable as error:
            # the error page itself asks who is there; a page for people only tells it instead of a log-in
            g.no_database = error
            return None
        return Person(account, token) if account else None

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


def caller() -> Caller:
    """From where this request comes, and when."""
    return Caller((request.remote_addr or "-")[:64], request.user_agent.string, state().wall.now(), state().clock.now())


def api_actor(roles: tuple[str, ...]) -> str:
    """The person behind a key or HTTP basic credentials; ``Refused`` without a fitting role."""
    account = api_account()
    if account is None or account["role"] not in roles:
        raise Refused(
            "The API needs a key, or the name and password, of a " + " or ".join(roles) + ".",
            remedy="Send the key as a Bearer token, or HTTP basic credentials.",
            zh="接口需要具备相应角色的密钥，或账号和密码。",
            remedy_zh="请以 Bearer 方式发送密钥，或使用 HTTP Basic 认证。",
        )
    return str(account["name"])


def api_account() -> dict[str, Any] | None:
    """The account behind the credentials of this request, looked up once; None where they do not fit."""
    if "api_account" not in g:
        g.api_account = _find_api_account()
    found: dict[str, Any] | None = g.api_account
    return found


def _find_api_account() -> dict[str, Any] | None:
    given, who = request.authorization, caller()
    if given is None:
        return None
    if given.type == "bearer":
        with reading(state().engine) as database:
            account = find_key(database, given.token or "", who.at)
        if account and not account["key"]["is_noted"]:
            code = account["key"]["code"]
            run_in_transaction(state().engine, lambda s: note_use(s, code, who.at))
        return account
    name, password, rule = given.username or "", given.password or "", login_rule()
    with reading(state().engine) as database:
        check_free(database, name, who, rule)
        account = check_again(database, name, password)
    if account is None:
        run_in_transaction(state().engine, lambda s: open_attempt(s, name, who, rule))
    elif _is_shut(account):
        return None
    elif account["must_change"]:
        raise Refused(
            "The password of this account was set by somebody else.", remedy="Log in once and change it.",
            zh="该账号的密码由他人设定。", remedy_zh="请先登录修改密码。",
        )
    elif account["has_factor"] or (account["role"] in rule.second_factor_roles and not account["is_demo"]):
        raise Refused(
            "This account has a second factor; a password alone does not open the API.", remedy="Make a key on your account page and send it as a Bearer token.",
            zh="该账号须使用第二因素，接口不接受仅凭密码。", remedy_zh="请在账号页面生成密钥，以 Bearer 方式发送。",
        )
    return account


def _is_shut(account: dict[str, Any]) -> bool:
    """Demo people, whose password everybody knows, stay outside where the system is in real use."""
    return bool(account["is_demo"]) and state().settings.production


def sign_in(name: str, password: str, code: str = "") -> bool:
    """Log a person in with everything they need at once; False when it does not fit.  ``TooMany`` while they wait."""
    account = prove_password(name, password)
    if account is None:
        return False
    if account["has_factor"] and not prove_code(name, code):
        return False
    enter(account)
    return True


def prove_password(name: str, password: str) -> dict[str, Any] | None:
    """The account when the password is right; each try is counted first.  ``TooMany`` while the name waits."""
    who, rule = caller(), login_rule()
    number = run_in_transaction(state().engine, lambda s: open_attempt(s, name, who, rule))
    with reading(state().engine) as database:
        account = check_login(database, name, password)
    if account is None or _is_shut(account):
        return None
    # half way in, the wrong codes before still count
    run_in_transaction(state().engine, lambda s: close_attempt(s, number, is_in=not account["has_factor"]))
    return account


def prove_code(name: str, code: str) -> bool:
    """Whether a code of the second factor (or a recovery code) is right; counted like passwords."""
    who, rule = caller(), login_rule()
    number = run_in_transaction(state().engine, lambda s: open_attempt(s, name, who, rule))
    is_right = run_in_transaction(state().engine, lambda s: use_code(s, name, code, state().settings.secret_key, who))
    if is_right:
        run_in_transaction(state().engine, lambda s: close_attempt(s, number, is_in=True))
    return is_right


def enter(account: dict[str, Any]) -> None:
    """Begin a session of a person who proved who they are."""
    name, who, rule = account["name"], caller(), login_rule()

    def begin(database: Any) -> str:
        token = sessions.begin(database, name, who, rule)
        forget_attempts(database, who.at - timedelta(days=rule.attempts_kept_days))
        record(database, Act(name, "login", f"account:{name}", who.remote), who.told_at)
        return token

    token = run_in_transaction(state().engine, begin)
    session.pop(HALF_WAY, None)
    with reading(state().engine) as database:
        found = sessions.find(database, token, rule, who.at)
    if found:
        login_user(Person(found, token))


@blueprint.route("/login", methods=["GET", "POST"])
def login() -> ResponseReturnValue:
    """The login page."""
    if request.method == "GET":
        return _login_page()
    name, goal = request.form.get("name", ""), local_path(request.args.get("next", ""))
    try:
        account = prove_password(name, request.form.get("password", ""))
    except TooMany as error:
        return _wait("login.html", error)
    if account is None:
        flash(_("账号或密码不正确。"))
        return _login_page()
    if account["has_factor"]:
        session[HALF_WAY] = {"name": name, "at": state().wall.now().timestamp(), "next": goal}
        return redirect(url_for("auth.code"))
    enter(account)
    return redirect(goal)


@blueprint.route("/login/code", methods=["GET", "POST"])
def code() -> ResponseReturnValue:
    """The second step: a code of the authenticator, or a recovery code."""
    half = session.get(HALF_WAY) or {}
    if not half or not 0 <= state().wall.now().timestamp() - half["at"] < login_rule().half_way_s:
        session.pop(HALF_WAY, None)
        return redirect(url_for("auth.login"))
    if request.method == "GET":
        return render_template("login_code.html")
    try:
        is_right = prove_code(half["name"], request.form.get("code", ""))
    except TooMany as error:
        return _wait("login_code.html", error)
    if not is_right:
        flash(_("验证码不正确，或已使用过。"))
        return render_template("login_code.html")
    enter({"name": half["name"]})
    return redirect(local_path(half["next"]))


@blueprint.post("/logout")
def logout() -> ResponseReturnValue:
    """Log out: the session ends here, not only in the browser."""
    if current_user.is_authenticated:
        name, kept, at = actor(), current_user.account["session"]["hash"], state().clock.now()

        def leave(database: Any) -> None:
            sessions.end(database, name, kept)
            record(database, Act(name, "logout", f"account:{name}"), at)

        run_in_transaction(state().engine, leave)
    logout_user()
    return redirect(url_for("auth.login"))


def _login_page() -> str:
    with reading(state().engine) as database:
        demo = [] if state().settings.production else list_demo_accounts(database)
    return render_template("login.html", demo=demo, demo_password=DEMO_PASSWORD)


def _wait(template: str, error: TooMany) -> ResponseReturnValue:
    """The same page with how long to wait."""
    flash(error.message_zh if language() == "zh" else error.message, "fault")
    page = _login_page() if template == "login.html" else render_template(template)
    return make_response(page, 429, {"Retry-After": str(error.facts["retry_after_s"])})
