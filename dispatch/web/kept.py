"""A posted form that came when its session was over: the person logs in again and goes on, nothing typed twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import CSRFError

from dispatch.errors import InvalidInput
from dispatch.web.errors import answer_http

LONGEST = 200_000
View = Callable[..., ResponseReturnValue]
# fields of forms that are no part of what was asked for
OWN = ("csrf_token",)


def keeps_form(view: View) -> View:
    """For a view that takes a form: who is not logged in any more gets their form back with a login."""
    @wraps(view)
    def kept(*arguments: Any, **more: Any) -> ResponseReturnValue:
        if not current_user.is_authenticated:
            return give_back(more["code"], request.path.rsplit("/", 1)[-1], _fields())
        return view(*arguments, **more)

    kept.asks_itself = True  # type: ignore[attr-defined]
    return kept


def asks_itself(view: Any) -> bool:
    """Whether a view gives the form back to who is not logged in any more, instead of sending them to log in."""
    return bool(getattr(view, "asks_itself", False))


def register_kept(blueprint: Blueprint, acts: tuple[str, ...]) -> None:
    """Forms of these acts (last part of their address) whose token ran out are given back too."""
    @blueprint.errorhandler(CSRFError)
    def expired(error: CSRFError) -> ResponseReturnValue:
        act, code = request.path.rsplit("/", 1)[-1], (request.view_args or {}).get("code", "")
        # a form that never had a token is no page of ours that grew old
        if act not in acts or not code or not request.form.get("csrf_token"):
            return answer_http(error)
        return give_back(code, act, _fields())


def _fields() -> dict[str, str]:
    return {name: value for name, value in request.form.items() if name not in OWN}


def give_back(code: str, act: str, fields: dict[str, str], fault: str = "") -> ResponseReturnValue:
    """The page that holds a form until its person has logged in again."""
    status = 200 if current_user.is_authenticated else 401
    return render_template("kept.html", code=code, act=act, kept=json.dumps(fields, ensure_ascii=False), fault=fault), status


def read_kept(text: str) -> dict[str, str]:
    """The fields that ``give_back`` wrote; ``InvalidInput`` when they cannot be read."""
    try:
        found = json.loads(text) if len(text) <= LONGEST else None
    except ValueError:
        found = None
    if not isinstance(found, dict) or not all(isinstance(v, str) for v in found.values()):
        raise InvalidInput(
            "The kept form cannot be read.", remedy="Open the proposal and make the edit again.",
            zh="保留的表单无法读取。", remedy_zh="请打开方案重新修改。",
        )
    return found


def wrong_password() -> str:
    """What is told on the page when the login failed."""
    return str(_("账号或密码不正确。"))
