"""The page for everybody: no login, nothing personal, kept for a few minutes on the way."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from dispatch.db import reading
from dispatch.errors import NotFound
from dispatch.exchange.export import GIFTS, LEAGUE_STOCK, RESPONSES, Column, to_csv, to_xlsx
from dispatch.flow.openness import openness, public_trace
from dispatch.web.state import language, state

blueprint = Blueprint("openness", __name__, url_prefix="/openness")
KEEP_S = 300
FILES: dict[str, tuple[Column, ...]] = {"gifts": GIFTS, "stock": LEAGUE_STOCK, "responses": RESPONSES}


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """What was given, what there is, how disasters were answered."""
    with reading(state().engine) as session:
        told = openness(session)
    return _kept(render_template("openness.html", told=told))


@blueprint.get("/gifts")
def find() -> ResponseReturnValue:
    """From a code typed in to its page."""
    code = request.args.get("code", "").strip().upper()
    return redirect(url_for("openness.gift", code=code) if code else url_for("openness.index"))


@blueprint.get("/gifts/<code>")
def gift(code: str) -> ResponseReturnValue:
    """Where a gift went."""
    with reading(state().engine) as session:
        return _kept(render_template("openness_gift.html", t=public_trace(session, code)))


@blueprint.get("/<name>.<kind>")
def data(name: str, kind: str) -> ResponseReturnValue:
    """What the page shows as CSV or XLSX with HXL tags."""
    if name not in FILES or kind not in ("csv", "xlsx"):
        raise NotFound(f"There is no file {name}.{kind}.", remedy="Choose gifts, stock or responses as csv or xlsx.",
                       zh=f"没有文件 {name}.{kind}。", remedy_zh="可下载 gifts、stock、responses 的 csv 或 xlsx。")
    with reading(state().engine) as session:
        rows: list[dict[str, Any]] = openness(session)[name]
    mime = "text/csv" if kind == "csv" else "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    body = (to_csv if kind == "csv" else to_xlsx)(FILES[name], rows)
    answer = Response(body, mimetype=mime, headers={"Content-Disposition": f'attachment; filename="{name}.{kind}"'})
    answer.headers["Cache-Control"] = f"public, max-age={KEEP_S}"
    return answer


def _kept(page: str) -> Response:
    """Kept by browsers and servers between; the page of another language is another page."""
    answer = make_response(page)
    answer.set_etag(hashlib.sha256((page + language()).encode()).hexdigest()[:32])
    answer.headers["Cache-Control"] = f"private, max-age={KEEP_S}"
    answer.headers["Vary"] = "Cookie"
    return answer
