"""Finding by name, pinyin or code: the page, and the suggestions beside the box."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_login import login_required

from dispatch.db import reading
from dispatch.flow.find import KINDS, Hit, find, single
from dispatch.web.state import language, state

blueprint = Blueprint("search", __name__)
MOST_SUGGESTED = 8
KIND_NAMES = {
    "county": _l("旗县与盟市"), "situation": _l("情况"), "proposal": _l("方案"), "waybill": _l("运单"),
    "warehouse": _l("仓库"), "item": _l("物资"), "team": _l("救援队"), "deployment": _l("出队"),
}
PAGES = {
    "situation": "situations.show", "proposal": "proposals.show", "waybill": "goods.waybill",
    "warehouse": "warehouses.show", "team": "teams.show", "deployment": "deployments.show",
}


def path_of(hit: Hit) -> str:
    """The page of what was found; a county is a place on the map, a league its lines in the map's list, an item its lines in the stock."""
    if hit.kind == "county":
        is_league = hit.code.endswith("00")
        return url_for("board.table", q=hit.zh if language() == "zh" else hit.en) if is_league else url_for("board.board", focus=f"county:{hit.code}")
    if hit.kind == "item":
        return url_for("ledger.stock", item=hit.code)
    return url_for(PAGES[hit.kind], code=hit.code)


def _row(hit: Hit) -> dict[str, Any]:
    name = hit.zh if language() == "zh" else hit.en
    return {"kind": str(KIND_NAMES[hit.kind]), "name": name, "code": "" if hit.code == name else hit.code, "path": path_of(hit)}


@blueprint.get("/search")
@login_required
def page() -> ResponseReturnValue:
    """What fits, by kind; the one thing that was named exactly opens at once (unless ``all`` is asked for)."""
    text = request.args.get("q", "").strip()
    with reading(state().engine) as session:
        hits = find(session, text)
    exact = single(hits, text)
    if exact and "all" not in request.args:
        return redirect(path_of(exact))
    groups = [(KIND_NAMES[kind], [_row(hit) for hit in hits if hit.kind == kind]) for kind in KINDS]
    return render_template("search.html", q=text, groups=[g for g in groups if g[1]], total=len(hits))


@blueprint.get("/search.json")
@login_required
def suggest() -> ResponseReturnValue:
    """The best few, for the list under the box."""
    with reading(state().engine) as session:
        hits = find(session, request.args.get("q", ""))
    return jsonify({"hits": [_row(hit) for hit in hits[:MOST_SUGGESTED]]})
