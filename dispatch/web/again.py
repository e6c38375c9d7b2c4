"""Showing again who one is, before something that weighs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from flask_login import current_user

from dispatch.accounts import sessions
from dispatch.accounts.rules import login_rule
from dispatch.db import run_in_transaction
from dispatch.errors import DispatchError, InvalidInput
from dispatch.web.auth import actor, prove_code, prove_password
from dispatch.web.state import language, state


def told(error: DispatchError) -> str:
    """An error in the language of the page, with its remedy."""
    parts = (error.message_zh, error.remedy_zh) if language() == "zh" else (error.message, error.remedy)
    return " → ".join(part for part in parts if part)


def needs_proof() -> bool:
    """Whether the last password or code of this session is too old; demo people are not asked."""
    account = current_user.account
    young = timedelta(seconds=login_rule().again_s)
    return not account["is_demo"] and not timedelta(0) <= state().wall.now() - account["session"]["proved_at"] < young


def check_again_recently(given: Mapping[str, str]) -> None:
    """Pass with a young proof or with ``proof`` (password or code) in the form; else ``InvalidInput``."""
    if not needs_proof():
        return
    proof, account, now = given.get("proof", ""), current_user.account, state().wall.now()
    is_right = bool(proof) and (prove_code(actor(), proof) if account["has_factor"] and len(proof.strip()) <= 7 else prove_password(actor(), proof) is not None)
    if not is_right:
        raise InvalidInput(
            "Show again who you are: your password or a code.", remedy="Fill in the field above the button and send again.",
            zh="请再次验证身份：输入密码或验证码。", remedy_zh="请在按钮上方填写后重新提交。",
        )
    kept = account["session"]
    run_in_transaction(state().engine, lambda session: sessions.prove(session, kept["hash"], now))
    kept["proved_at"] = now
