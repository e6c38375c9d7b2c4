"""Waybills: the list, one on screen and paper, its departure, and the door for a scanned code."""

from __future__ import annotations

import io

import segno
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required
from markupsafe import Markup

from dispatch.db import reading
from dispatch.flow import deliver
from dispatch.flow.papers import packing_list_of_waybill, waybill_paper
from dispatch.flow.tracking import list_tracks, position_lines
from dispatch.geography.store import list_counties
from dispatch.inventory.cards import places_of
from dispatch.inventory.store import list_warehouses
from dispatch.operations.model import PREFIX
from dispatch.paper.render import code_text, render_pdf
from dispatch.teams.operations import fresh_key
from dispatch.waybills.claims import list_claims
from dispatch.waybills.keys import truck_key
from dispatch.waybills.model import ON_ROAD
from dispatch.waybills.queries import get_waybill, list_waybills
from dispatch.waybills.receipts import list_receipts
from dispatch.web.auth import actor
from dispatch.web.live import live
from dispatch.web.state import state
from dispatch.web.views.documents import pdf

blueprint = Blueprint("goods", __name__)
SHOWN_POSITIONS = 20


@blueprint.get("/waybills")
@login_required
@live("waybills")
def waybills() -> ResponseReturnValue:
    """Trucks on the road, those that need a call first, and all waybills."""
    with reading(state().engine) as session:
        rows = list_waybills(session)
        tracks = list_tracks(session, state().clock.now())
    return render_template("waybills.html", waybills=rows, tracks=tracks)


@blueprint.get("/waybills/<code>")
@login_required
@live("waybills")
def waybill(code: str) -> ResponseReturnValue:
    """One waybill: on the screen and, printed, on A4; its truck, receipts and claims."""
    now = state().clock.now()
    with reading(state().engine) as session:
        found = get_waybill(session, code)
        track = next((t for t in list_tracks(session, now) if t["code"] == code), None)
        told = {
            "track": track, "positions": position_lines(session, code, SHOWN_POSITIONS, now),
            "receipts": {r.county: r for r in list_receipts(session, code)}, "claims": list_claims(session, code),
            "counties": list_counties(session), "warehouses": list_warehouses(session),
        }
    picture = io.BytesIO()
    text = code_text(state().settings.base_url, code, found["content_hash"])
    segno.make(text, error="m").save(picture, kind="svg", xmldecl=False, svgns=True, scale=3)
    key = truck_key(state().settings.secret_key, code, found["content_hash"])
    return render_template("waybill.html", w=found, qr=Markup(picture.getvalue().decode()), form_key=fresh_key(),
                           truck_page=url_for("trucks.show", code=code, key=key), on_road=found["status"] in ON_ROAD, **told)


@blueprint.post("/waybills/<code>/depart")
@login_required
def depart(code: str) -> ResponseReturnValue:
    """The truck leaves."""
    deliver.depart(state().engine, code, actor(), state().clock)
    flash(_("已发车：物资转为在途。"))
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
    """Where a scanned paper leads: its waybill (to be received while on the road), document, gift or lot."""
    if code.startswith("WB-"):
        return redirect(url_for(_page_of(code), code=code))
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


def _page_of(code: str) -> str:
    with reading(state().engine) as session:
        on_road = any(w["code"] == code and w["status"] in ON_ROAD for w in list_waybills(session))
    return "receipts.form" if on_road else "goods.waybill"
