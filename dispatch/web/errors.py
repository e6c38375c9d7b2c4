"""The one table from errors to HTTP."""

from __future__ import annotations

from flask import Flask, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from dispatch.errors import Conflict, DispatchError, InvalidInput, NotFound, Refused, Unavailable

STATUS = (
    (InvalidInput, 400), (NotFound, 404), (Conflict, 409), (Refused, 403), (Unavailable, 503),
)


def status_of(error: DispatchError) -> int:
    """HTTP status of an expected error."""
    return next((status for kind, status in STATUS if isinstance(error, kind)), 500)


def register_errors(app: Flask) -> None:
    """Expected errors become a page (or JSON under /api/) with sentence and remedy."""

    @app.errorhandler(DispatchError)
    def expected(error: DispatchError) -> ResponseReturnValue:
        return _answer(error, status_of(error))

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> ResponseReturnValue:
        return answer_http(error)


def answer_http(error: HTTPException) -> ResponseReturnValue:
    """The page for what the framework itself refuses."""
    words = {
        404: ("没有这个页面。", "请检查网址。"),
        413: ("文件过大，上限 32 MiB。", "请只发送 CAP 文件本身。"),
    }
    zh, remedy_zh = words.get(error.code or 0, ("请求未能处理。", "请返回重试。"))
    shown = DispatchError(error.description or "", zh=zh, remedy_zh=remedy_zh, remedy="Go back and try again.")
    return _answer(shown, error.code or 500)


def _answer(error: DispatchError, status: int) -> ResponseReturnValue:
    if request.path.startswith("/api/"):
        return jsonify({"error": error.as_dict()}), status
    return render_template("error.html", error=error), status
