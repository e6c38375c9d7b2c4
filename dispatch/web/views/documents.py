"""Stock documents: the list, the forms, a document and its next steps, its papers."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from dispatch.alerts.timeline import HAZARD_NAMES
from dispatch.db import reading
from dispatch.errors import DispatchError, NotFound
from dispatch.flow.papers import FORMS_OF, document_paper
from dispatch.geography.store import list_counties
from dispatch.inventory.queries import stock_rows
from dispatch.inventory.store import list_items, list_kits, list_warehouses
from dispatch.operations import desk
from dispatch.operations.goods import SOURCES
from dispatch.operations.model import Kind, Request, Status
from dispatch.operations.queries import get_document, list_documents
from dispatch.paper.render import render_pdf
from dispatch.web.auth import actor
from dispatch.web.errors import status_of
from dispatch.web.forms import FORMS, MOST_ROWS, ROWS, SOURCE_NAMES, read_form
from dispatch.web.state import language, state

blueprint = Blueprint("documents", __name__, url_prefix="/documents")


@blueprint.get("/")
@login_required
def index() -> ResponseReturnValue:
    """All documents; filters live in the address."""
    kind, warehouse = request.args.get("kind") or None, request.args.get("warehouse") or None
    with reading(state().engine) as session:
        rows = list_documents(session, kind, warehouse)
        warehouses = list_warehouses(session)
    return render_template("documents.html", rows=rows, kinds=FORMS, kind=kind, warehouse=warehouse, warehouses=warehouses)


def _kind(name: str) -> Kind:
    try:
        return Kind(name)
    except ValueError as error:
        raise NotFound(f"There is no document kind {name!r}.", remedy="Choose one from the list.",
                       zh=f"没有 {name!r} 这种单据。", remedy_zh="请从列表中选择。") from error


def _choices(warehouse: str) -> dict[str, list[tuple[str, str]]]:
    zh = language() == "zh"
    with reading(state().engine) as session:
        lots = stock_rows(session, warehouse) if warehouse else []
        return {
            "items": [(i.code, f"{i.code} {i.name_zh if zh else i.name_en}") for i in list_items(session)],
            "warehouses": [(w.code, w.name_zh if zh else w.name_en) for w in list_warehouses(session)],
            "counties": [(c.adcode, c.name_zh if zh else c.name_en) for c in list_counties(session)],
            "kits": [(f"{k.item_code}/{k.version}", k.note_zh if zh else k.note_en) for k in list_kits(session)],
            "lots": [(r["lot"], f"{r['item_zh' if zh else 'item_en']} {r['bin']} {r['on_hand']}") for r in lots],
            "sources": [(name, str(SOURCE_NAMES[name])) for name in SOURCES],
            "purposes": [(code, names[0 if zh else 1]) for code, names in HAZARD_NAMES.items()],
        }


def _show_form(kind: Kind, given: dict[str, str], error: DispatchError | None = None) -> str:
    warehouse = given.get("warehouse", "")
    rows = min(MOST_ROWS, int(given["rows"]) if given.get("rows", "").isdigit() else ROWS)
    return render_template(
        "document_form.html", kind=kind, form=FORMS[kind], given=given, rows=rows, error=error,
        choices=_choices(warehouse), key=given.get("key") or secrets.token_hex(12),
    )


@blueprint.get("/new/<name>")
@login_required
def form(name: str) -> ResponseReturnValue:
    """An empty form."""
    return _show_form(_kind(name), request.args.to_dict())


@blueprint.post("/new/<name>")
@login_required
def create(name: str) -> ResponseReturnValue:
    """Make the document; what was typed stays on the page when something is wrong."""
    kind, given = _kind(name), request.form.to_dict()
    wanted = Request(kind, given.get("warehouse", ""), read_form(kind, given), f"{actor()}:{given.get('key', '')[:60]}")
    try:
        code = desk.start(state().engine, wanted, actor(), state().clock)
    except DispatchError as error:
        return _show_form(kind, given, error), status_of(error)
    flash(_("已记账：%(code)s", code=code))
    return redirect(url_for("documents.show", code=code))


@blueprint.get("/<code>")
@login_required
def show(code: str) -> ResponseReturnValue:
    """One document."""
    with reading(state().engine) as session:
        found = get_document(session, code)
    return render_template("document.html", d=found, papers=FORMS_OF.get(found["kind"], ()), kinds=FORMS)


@blueprint.post("/<code>/<target>")
@login_required
def advance(code: str, target: str) -> ResponseReturnValue:
    """The next step, or one counter's figures."""
    given: dict[str, Any] = {"note": request.form.get("note", "")[:500]}
    if target == "count":
        figures = {n.removeprefix("count-"): v.strip() for n, v in request.form.items() if n.startswith("count-")}
        desk.count(state().engine, code, figures, actor(), state().clock)
        flash(_("盘点数已录入。"))
        return redirect(url_for("documents.show", code=code))
    if target == Status.RECEIVED:
        received: dict[str, dict[str, str]] = {}
        for name, value in request.form.items():
            part, _sep, lot = name.partition("-")
            if part in ("good", "damaged"):
                received.setdefault(lot, {})[part] = value.strip()
        given["received"] = received
    try:
        status = Status(target)
    except ValueError as error:
        raise NotFound(f"There is no step {target!r}.", remedy="Use the buttons of the page.",
                       zh=f"没有 {target!r} 这个步骤。", remedy_zh="请使用页面上的按钮。") from error
    desk.advance(state().engine, code, status, actor(), state().clock, given)
    flash(_("已办理。"))
    return redirect(url_for("documents.show", code=code))


@blueprint.get("/<code>/<name>.pdf")
@login_required
def paper(code: str, name: str) -> ResponseReturnValue:
    """One of the papers of a document."""
    with reading(state().engine) as session:
        return pdf(render_pdf(document_paper(session, code, name)), f"{code}-{name}")


def pdf(content: bytes, name: str) -> Response:
    """A PDF shown in the browser under a name it can be saved by."""
    return Response(content, mimetype="application/pdf",
                    headers={"Content-Disposition": f'inline; filename="{name}.pdf"'})
