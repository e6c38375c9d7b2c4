"""Stock and waybills."""

from __future__ import annotations

import io

import segno
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required
from markupsafe import Markup

from dispatch.db import reading
from dispatch.errors import InvalidInput
from dispatch.flow import deliver
from dispatch.inventory.queries import stock_rows
from dispatch.inventory.store import list_items, list_warehouses
from dispatch.waybills.queries import get_waybill, list_waybills
from dispatch.web.auth import actor
from dispatch.web.state import state

blueprint = Blueprint("goods", __name__)


@blueprint.get("/stock")
@login_required
def stock() -> ResponseReturnValue:
    """Stock by warehouse and item; filters live in the address."""
    warehouse = request.args.get("warehouse") or None
    item = request.args.get("item") or None
    with reading(state().engine) as session:
        warehouses, items = list_warehouses(session), list_items(session)
        chosen = warehouse or (None if item else warehouses[0].code if warehouses else None)
        rows = stock_rows(session, chosen, item)
    return render_template("stock.html", rows=rows, warehouses=warehouses, items=items,
                           chosen=chosen, item=item)


@blueprint.get("/waybills")
@login_required
def waybills() -> ResponseReturnValue:
    """All waybills."""
    with reading(state().engine) as session:
        rows = list_waybills(session)
    return render_template("waybills.html", waybills=rows)


@blueprint.get("/waybills/<code>")
@login_required
def waybill(code: str) -> ResponseReturnValue:
    """One waybill: on the screen and, printed, on A4."""
    with reading(state().engine) as session:
        found = get_waybill(session, code)
    picture = io.BytesIO()
    segno.make(f"{code} {found['content_hash'][:16]}", error="m").save(
        picture, kind="svg", xmldecl=False, svgns=True, scale=3
    )
    return render_template("waybill.html", w=found, qr=Markup(picture.getvalue().decode()))


@blueprint.post("/waybills/<code>/depart")
@login_required
def depart(code: str) -> ResponseReturnValue:
    """The truck leaves."""
    deliver.depart(state().engine, code, actor(), state().clock)
    flash(_("已发车：物资转为在途。"))
    return redirect(url_for("goods.waybill", code=code))


@blueprint.post("/waybills/<code>/receive")
@login_required
def receive(code: str) -> ResponseReturnValue:
    """The consignee counts and signs."""
    received = {}
    for name, text in request.form.items():
        if name.startswith("line-") and text.strip():
            if not (text.isascii() and text.strip().isdigit()):
                raise InvalidInput(
                    f"{text!r} is not a whole number of units.", remedy="Write digits only.",
                    zh=f"{text!r} 不是整数数量。", remedy_zh="请只填写数字。",
                )
            received[name.removeprefix("line-")] = int(text)
    deliver.receive(state().engine, code, actor(), received, state().clock)
    flash(_("已签收。"))
    return redirect(url_for("goods.waybill", code=code))
