"""Everything a truck takes along, as one file to print."""

from __future__ import annotations

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_required

from dispatch.db import reading
from dispatch.flow.truck_pack import truck_pack as papers_of
from dispatch.paper.render import render_pack
from dispatch.waybills.keys import truck_key
from dispatch.waybills.store import get_row
from dispatch.web.state import state
from dispatch.web.views.documents import pdf

blueprint = Blueprint("packs", __name__)


@blueprint.get("/waybills/<code>/pack.pdf")
@login_required
def truck_pack(code: str) -> ResponseReturnValue:
    """Pick list, load plan, waybill in four copies, a receipt form for each stop, the driver's card."""
    settings = state().settings
    with reading(state().engine) as session:
        key = truck_key(settings.secret_key, code, get_row(session, code).content_hash)
        path = url_for("trucks.show", code=code, key=key)
        papers = papers_of(session, code, f"{settings.base_url}{path}" if settings.base_url else "")
    return pdf(render_pack(papers, settings.base_url), f"{code}-pack")
