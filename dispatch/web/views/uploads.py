"""Sheets in: upload, preview with faults, book, undo."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from dispatch.db import reading
from dispatch.errors import InvalidInput
from dispatch.exchange.export import to_xlsx
from dispatch.exchange.uploads import (
    KINDS,
    Upload,
    commit,
    list_uploads,
    preview,
    show_upload,
    undo,
)
from dispatch.web.auth import actor
from dispatch.web.state import state

blueprint = Blueprint("uploads", __name__, url_prefix="/uploads")
SHOWN = 200


@blueprint.get("/")
@login_required
def index() -> ResponseReturnValue:
    """Uploads so far and the form for a new one."""
    with reading(state().engine) as session:
        return render_template("uploads.html", rows=list_uploads(session), kinds=KINDS)


@blueprint.post("/")
@login_required
def create() -> ResponseReturnValue:
    """Keep and read a sheet; nothing is booked yet."""
    given = request.files.get("file")
    if given is None or not given.filename:
        raise InvalidInput("No file was chosen.", remedy="Choose an .xlsx or .csv file.",
                           zh="没有选择文件。", remedy_zh="请选择 .xlsx 或 .csv 文件。")
    upload = Upload(request.form.get("kind", ""), given.filename, given.read())
    return redirect(url_for("uploads.show", code=preview(state().engine, upload, actor(), state().clock)))


@blueprint.get("/<code>")
@login_required
def show(code: str) -> ResponseReturnValue:
    """The preview."""
    with reading(state().engine) as session:
        found = show_upload(session, code, actor())
    return render_template("upload.html", u=found, columns=KINDS[found["kind"]], shown=SHOWN)


@blueprint.get("/template/<kind>.xlsx")
@login_required
def template(kind: str) -> ResponseReturnValue:
    """An empty sheet with the right headings."""
    if kind not in KINDS:
        raise InvalidInput(f"{kind!r} is not a kind of sheet.", remedy="Choose one from the page.",
                           zh=f"没有 {kind!r} 这种导入。", remedy_zh="请从页面选择。")
    columns = tuple((name, names[0], f"#{name}") for name, names in KINDS[kind].items())
    return Response(to_xlsx(columns, []), mimetype="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                    headers={"Content-Disposition": f'attachment; filename="{kind}.xlsx"'})


@blueprint.post("/<code>/commit")
@login_required
def book(code: str) -> ResponseReturnValue:
    """Book the sheet in one transaction."""
    commit(state().engine, code, actor(), state().clock)
    flash(_("已入账。"))
    return redirect(url_for("uploads.show", code=code))


@blueprint.post("/<code>/undo")
@login_required
def reverse(code: str) -> ResponseReturnValue:
    """Reverse what the sheet booked."""
    undo(state().engine, code, actor(), state().clock)
    flash(_("已撤销（冲销记账）。"))
    return redirect(url_for("uploads.show", code=code))
