"""One's own account: password, second factor, browsers logged in, keys for programs."""

from __future__ import annotations

import io

import segno
from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required
from sqlalchemy.orm import Session

from dispatch.accounts import people, sessions
from dispatch.accounts.attempts import list_attempts
from dispatch.accounts.authority import list_delegations
from dispatch.accounts.keys import Wish, list_keys, make_key, revoke_key
from dispatch.accounts.rules import login_rule
from dispatch.accounts.second_factor import address, new_secret, seal, step_of, unseal
from dispatch.accounts.tables import SCOPES
from dispatch.audit.store import Act, record
from dispatch.db import reading, run_in_transaction
from dispatch.errors import DispatchError, Refused
from dispatch.web.again import check_again_recently, needs_proof, told
from dispatch.web.auth import actor, caller
from dispatch.web.state import local_path, state

blueprint = Blueprint("account", __name__, url_prefix="/account")
PENDING = "factor_pending"
"""Where the browser's cookie keeps a sealed secret that was shown and not confirmed yet."""


@blueprint.get("/")
@login_required
def index() -> ResponseReturnValue:
    """All of it on one page."""
    return _page()


def _page(shown: dict[str, object] | None = None, status: int = 200) -> ResponseReturnValue:
    now, rule = state().wall.now(), login_rule()
    with reading(state().engine) as database:
        kept = sessions.list_sessions(database, actor(), rule, now)
        keys = list_keys(database, actor(), now)
        tries = list_attempts(database, actor())
        lent = [d for d in list_delegations(database, actor(), state().clock.now()) if d["is_open"]]
    return render_template(
        "account.html", sessions=kept, keys=keys, tries=tries, lent=lent, scopes=SCOPES, rule=rule, here_hash=current_user.account["session"]["hash"],
        is_required=current_user.account["role"] in rule.second_factor_roles, shown=shown or {}, ask_again=needs_proof(),
    ), status


@blueprint.post("/password")
@login_required
def password() -> ResponseReturnValue:
    """A new password; every other browser is logged out."""
    form, who, name, here = request.form, caller(), actor(), current_user.account["session"]["hash"]
    if form.get("new", "") != form.get("again", ""):
        flash(_("两次输入的新密码不一致。"), "fault")
        return redirect(url_for("account.index") + "#password")

    def work(database: Session) -> None:
        people.change_password(database, name, (form.get("old", ""), form.get("new", "")), login_rule(), who)
        sessions.end_all(database, name, but=here)

    try:
        run_in_transaction(state().engine, work)
    except DispatchError as error:
        flash(told(error), "fault")
        return redirect(url_for("account.index") + "#password")
    flash(_("密码已修改，其他设备上的登录已全部退出。"))
    return redirect(url_for("account.index"))


@blueprint.get("/factor")
@login_required
def factor() -> ResponseReturnValue:
    """Set up a second factor: the code to scan, and the field for the first code."""
    key = state().settings.secret_key
    secret = unseal(session.get(PENDING, ""), key) or new_secret()
    session[PENDING] = seal(secret, key)
    picture = io.BytesIO()
    segno.make(address(secret, actor()), error="m").save(picture, kind="svg", xmldecl=False, svgns=True, scale=4, border=4, light="white")
    return render_template("account_factor.html", secret=secret, picture=picture.getvalue().decode(), ask_again=needs_proof())


@blueprint.post("/factor")
@login_required
def keep_factor() -> ResponseReturnValue:
    """Keep it once a code was right; the recovery codes are shown this once."""
    who, name, sealed = caller(), actor(), session.get(PENDING, "")
    secret = unseal(sealed, state().settings.secret_key)
    if secret is None or step_of(secret, request.form.get("code", ""), who.at, 0) is None:
        flash(_("验证码不正确，或已使用过。"), "fault")
        return redirect(url_for("account.factor"))
    check_again_recently(request.form)
    session.pop(PENDING)
    codes = run_in_transaction(state().engine, lambda s: people.set_factor(s, name, sealed, login_rule(), who))
    current_user.account["has_factor"] = True
    return _page({"codes": codes})


@blueprint.post("/factor/drop")
@login_required
def drop_factor() -> ResponseReturnValue:
    """Do without it again, where it is not required."""
    who, name = caller(), actor()
    if current_user.account["role"] in login_rule().second_factor_roles and not current_user.account["is_demo"]:
        raise Refused("Your role requires a second factor.", remedy="Set up a new one; it takes the place of the old.",
                      zh="您的角色必须使用第二因素。", remedy_zh="可重新设置以替换原有的。")
    check_again_recently(request.form)
    run_in_transaction(state().engine, lambda s: people.drop_factor(s, name, who))
    flash(_("已停用第二因素。"))
    return redirect(url_for("account.index"))


@blueprint.post("/again")
@login_required
def prove() -> ResponseReturnValue:
    """Show again who one is, and go on."""
    check_again_recently(request.form)
    return redirect(local_path(request.form.get("next", "")))


@blueprint.post("/sessions/end")
@login_required
def end_session() -> ResponseReturnValue:
    """Log one browser out."""
    name, kept, at = actor(), request.form.get("session", ""), state().clock.now()

    def work(database: Session) -> None:
        if sessions.end(database, name, kept):
            record(database, Act(name, "session.ended", f"account:{name}", kept[:8]), at)

    run_in_transaction(state().engine, work)
    return redirect(url_for("account.index") + "#sessions")


@blueprint.post("/sessions/end-others")
@login_required
def end_sessions() -> ResponseReturnValue:
    """Log every other browser out."""
    name, here, at = actor(), current_user.account["session"]["hash"], state().clock.now()

    def work(database: Session) -> None:
        count = sessions.end_all(database, name, but=here)
        record(database, Act(name, "session.ended", f"account:{name}", f"{count} others"), at)

    run_in_transaction(state().engine, work)
    flash(_("其他设备上的登录已全部退出。"))
    return redirect(url_for("account.index") + "#sessions")


@blueprint.post("/keys")
@login_required
def make() -> ResponseReturnValue:
    """A new key for a program, shown this once."""
    form, name, who = request.form, actor(), caller()
    days = form.get("days", "")
    wish = Wish(form.get("label", ""), form.get("scope", ""), int(days) if days.isascii() and days.isdigit() and len(days) < 5 else 0)

    def work(database: Session) -> str:
        token = make_key(database, name, wish, login_rule(), who.at)
        record(database, Act(name, "key.made", f"key:{token.split('_')[1]}", f"{wish.scope} {wish.days} d"), who.told_at)
        return token

    check_again_recently(form)
    return _page({"key": run_in_transaction(state().engine, work)})


@blueprint.post("/keys/revoke")
@login_required
def revoke() -> ResponseReturnValue:
    """End a key at once."""
    name, who, code = actor(), caller(), request.form.get("code", "")

    def work(database: Session) -> None:
        revoke_key(database, name, code, who.at)
        record(database, Act(name, "key.revoked", f"key:{code}"), who.told_at)

    run_in_transaction(state().engine, work)
    flash(_("密钥已吊销。"))
    return redirect(url_for("account.index") + "#keys")
