"""The one table from errors to HTTP."""

from __future__ import annotations

from flask import Flask, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from dispatch.errors import (
    Conflict,
    DispatchError,
    InvalidInput,
    NotFound,
    Refused,
    TooMany,
    Unavailable,
)
from dispatch.web.auth import ask_to_log_in

STATUS = (
    (InvalidInput, 400), (NotFound, 404), (Conflict, 409), (TooMany, 429), (Refused, 403), (Unavailable, 503),
)


def status_of(error: DispatchError) -> int:
    """HTTP status of an expected error."""
    return next((status for kind, status in STATUS if isinstance(error, kind)), 500)


def register_errors(app: Flask) -> None:
    """Expected errors become a page (or JSON under /api/) with sentence and remedy."""

    @app.errorhandler(DispatchError)
    def expected(error: DispatchError) -> ResponseReturnValue:
        return _answer(error, status_of(error))

    @app.errorhandler(CSRFError)
    def no_token(error: CSRFError) -> ResponseReturnValue:
        # the token ends with the session: without a person it is the login that is missing (the pages of
        # members on their telephones have no login)
        is_there = current_user.is_authenticated or request.blueprint in ("my", "auth")
        return http(error) if is_there else ask_to_log_in()

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> ResponseReturnValue:
        return answer_http(error)


def answer_http(error: HTTPException) -> ResponseReturnValue:
    """The page for what the framework itself refuses."""
    words = {
        400: ("页面的安全标记已失效，没有提交。", "请返回上一页重新载入后再提交。") if isinstance(error, CSRFError) else ("请求未能处理。", "请返回重试。"),
        404: ("没有这个页面。", "请检查网址。"),
        429: ("请求过于频繁。", "请稍候再试。"),
        413: ("文件过大，上限 32 MiB。", "请只发送 CAP 文件本身。"),
    }
    zh, remedy_zh = words.get(error.code or 0, ("请求未能处理。", "请返回重试。"))
    shown = DispatchError(error.description or "", zh=zh, remedy_zh=remedy_zh, remedy="Go back and try again.")
    return _answer(shown, error.code or 500)


def _answer(error: DispatchError, status: int) -> ResponseReturnValue:
    head = {"Retry-After": str(error.facts["retry_after_s"])} if isinstance(error, TooMany) else {}
    if request.path.startswith("/api/"):
        return jsonify({"error": error.as_dict()}), status, head
    return render_template("error.html", error=error), status, head
