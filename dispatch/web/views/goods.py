"""Waybills: the list, one on screen and paper, and the door for a scanned code."""

from __future__ import annotations

import io

import segno
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required
from markupsafe import Markup

from dispatch.clock import to_local
from dispatch.db import reading
from dispatch.errors import InvalidInput
from dispatch.flow import deliver
from dispatch.flow.papers import packing_list_of_waybill, waybill_paper
from dispatch.inventory.cards import places_of
from dispatch.operations.model import PREFIX
from dispatch.paper.render import code_text, render_pdf
from dispatch.waybills.queries import get_waybill, list_waybills
from dispatch.web.auth import actor
from dispatch.web.live import live
from dispatch.web.state import state
from dispatch.web.views.documents import pdf

blueprint = Blueprint("goods", __name__)


@blueprint.get("/waybills")
@login_required
@live("waybills")
def waybills() -> ResponseReturnValue:
    """All waybills."""
    with reading(state().engine) as session:
        rows = list_waybills(session)
    return render_template("waybills.html", waybills=rows)


@blueprint.get("/waybills/<code>")
@login_required
@live("waybills")
def waybill(code: str) -> ResponseReturnValue:
    """One waybill: on the screen and, printed, on A4."""
    with reading(state().engine) as session:
        found = get_waybill(session, code)
    picture = io.BytesIO()
    text = code_text(state().settings.base_url, code, found["content_hash"])
    segno.make(text, error="m").save(picture, kind="svg", xmldecl=False, svgns=True, scale=3)
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
    before = deliver.receive(state().engine, code, actor(), received, state().clock)
    if before is None:
        flash(_("已签收。"))
    else:
        flash(_("此运单已于 %(at)s 签收，没有重复记账。", at=f"{to_local(before):%Y-%m-%d %H:%M}"))
    return redirect(url_for("goods.waybill", code=code))


@blueprint.get("/waybills/<code>/waybill.pdf")
@login_required
def paper(code: str) -> ResponseReturnValue:
    """The waybill in four copies."""
    with reading(state().engine) as session:
        return pdf(render_pdf(waybill_paper(session, code), state().settings.base_url), code)


@blueprint.get("/waybills/<code>/packing-list.pdf")
@login_required
def packing_list(code: str) -> ResponseReturnValue:
    """What is on the truck."""
    with reading(state().engine) as session:
        return pdf(render_pdf(packing_list_of_waybill(session, code), state().settings.base_url), f"{code}-packing")


@blueprint.get("/w")
@login_required
def look_up() -> ResponseReturnValue:
    """A code typed or scanned by a hand scanner (its text is the code and part of the hash)."""
    text = request.args.get("code", "").strip().rpartition("/w/")[2]
    return redirect(url_for("goods.scanned", code=text.split()[0].partition("?")[0] if text else "-"))


@blueprint.get("/w/<code>")
@login_required
def scanned(code: str) -> ResponseReturnValue:
    """Where a scanned paper leads: its waybill, stock document, gift or lot."""
    if code.startswith("WB-"):
        return redirect(url_for("goods.waybill", code=code))
    if code.startswith(("JZ-", "JW-")):
        return redirect(url_for("money.follow", code=code))
    prefixes = tuple(f"{prefix}-" for prefix in PREFIX.values())
    if code.startswith(prefixes) and code.count("-") == 2:
        return redirect(url_for("documents.show", code=code))
    with reading(state().engine) as session:
        is_lot = bool(places_of(session, code))
    if is_lot:
        return redirect(url_for("ledger.lot", code=code))
    return redirect(url_for("ledger.moves", document=code))
