"""The gate before every page: each address has a row, and the table of rights says who passes.

An address without a row is refused to everybody.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from dispatch.accounts import sessions
from dispatch.accounts.authority import loans_of
from dispatch.accounts.people import needs_factor
from dispatch.accounts.rights import LINK, PUBLIC, find_lack
from dispatch.accounts.rules import login_rule
from dispatch.db import reading, run_in_transaction
from dispatch.errors import InvalidInput, NoRight, Refused, Unavailable
from dispatch.web.again import told
from dispatch.web.auth import api_account, ask_to_log_in
from dispatch.web.kept import asks_itself
from dispatch.web.live import asks_anew
from dispatch.web.routes import ACT_OF, API, PREVIEWS
from dispatch.web.state import state

LENT = ("proposal.approve",)
"""Acts that may also be done under authority lent or taken."""
SCOPES = {"read": ("desk.read",), "gps": ("waybill.work",), "notices": ("own",)}
"""What a key of a narrow scope opens; ``all`` opens what its owner may do."""
WHILE_UNSETTLED = ("account.index", "account.password", "account.factor", "account.keep_factor", "auth.logout", "shell.keep_theme")


def register_gate(app: Flask) -> None:
    """Stands behind the checks of form tokens, before every view."""
    app.before_request(_pass)


def _pass() -> ResponseReturnValue | None:
    _refuse_zeros()
    if request.endpoint is None:
        return None
    act = _act(request.endpoint)
    if act is None:
        raise NoRight(f"{request.endpoint} has no row in the table of rights.", remedy="It is open to nobody until it has one.",
                      zh="该地址未列入权限表，不对任何人开放。", remedy_zh="请联系系统管理员。")
    if act in (PUBLIC, LINK):
        return None
    if request.endpoint in API:
        _pass_api(act)
        return None
    if not current_user.is_authenticated:
        return None if asks_itself(current_app.view_functions[request.endpoint]) else ask_to_log_in()
    account = current_user.account
    # an open page that asks by itself shows nobody in front of it
    if not asks_anew() and request.blueprint != "live":
        _note_use(account["session"])
    unsettled = _unsettled(account)
    if unsettled is not None:
        return unsettled
    lack = find_lack(account["role"], account["place"], act)
    if lack is None or (act in LENT and _holds_authority(account["name"])):
        return None
    if asks_itself(current_app.view_functions[request.endpoint]):
        # a form of the proposal's page is answered on that page
        flash(told(lack), "fault")
        return redirect(url_for("proposals.show", **(request.view_args or {}) | {"mode": None}), 303)
    raise lack


def _act(endpoint: str) -> str | None:
    field, value, otherwise = PREVIEWS.get(endpoint, ("", "", ""))
    return otherwise if field and request.form.get(field) == value else ACT_OF.get(endpoint)


def _refuse_zeros() -> None:
    """A zero character stands in no word, and PostgreSQL takes none: refused before anything is asked with it."""
    given = request.authorization
    # the pages of members tell of a spoilt link in their own words
    path = "" if request.blueprint == "my" else request.path
    texts = [path, *request.args.keys(), *request.args.values(), (given and (given.username or given.token)) or ""]
    if request.endpoint in API:
        # the body is left to the view; as JSON it can hold one in disguise
        texts.append("\0" if rb"\u0000" in request.get_data() else "")
    else:
        texts += [text for pair in request.form.items(multi=True) for text in pair]
    if any("\0" in text for text in texts):
        raise InvalidInput("There is a zero character in what was sent.", remedy="Type it again.",
                           zh="提交的内容中有非法字符。", remedy_zh="请重新输入。")


def _pass_api(act: str) -> None:
    account = api_account()
    if account is None:
        raise Refused(
            "The API needs a key or a name and password.", remedy="Send a key as a Bearer token, or HTTP basic credentials.",
            zh="接口需要密钥，或账号和密码。", remedy_zh="请以 Bearer 方式发送密钥，或使用 HTTP Basic 认证。",
        )
    lack = find_lack(account["role"], account["place"], act)
    if lack is not None:
        raise lack
    scope = account.get("key", {}).get("scope", "all")
    if scope != "all" and act not in SCOPES[scope]:
        raise NoRight(f"A key of the scope {scope} does not open this.", remedy="Use a key made for it.",
                      zh=f"用途范围为 {scope} 的密钥不能用于此接口。", remedy_zh="请使用相应用途的密钥。")


def _note_use(kept: dict[str, Any]) -> None:
    """Write down that a session is in use, once in a while."""
    now = state().wall.now()
    if now - kept["seen_at"] < timedelta(seconds=login_rule().seen_every_s):
        return
    try:
        run_in_transaction(state().engine, lambda session: sessions.touch(session, kept["hash"], now))
    except Unavailable:
        # a page that can be read is shown, even where nothing can be written
        return


def _unsettled(account: dict[str, Any]) -> ResponseReturnValue | None:
    """The way to what a person has to do before anything else: an own password, a second factor."""
    if request.endpoint in WHILE_UNSETTLED:
        return None
    if account["must_change"]:
        return redirect(url_for("account.index") + "#password")
    return redirect(url_for("account.factor")) if needs_factor(account, login_rule()) else None


def _holds_authority(name: str) -> bool:
    with reading(state().engine) as session:
        return bool(loans_of(session, name, state().clock.now()))
