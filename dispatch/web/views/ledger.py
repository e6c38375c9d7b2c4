"""Stock cards, movements, health, downloads."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required

from dispatch.clock import to_local
from dispatch.db import reading
from dispatch.errors import InvalidInput
from dispatch.exchange.export import MOVEMENTS, STOCK, Column, to_csv, to_xlsx
from dispatch.flow.papers import stock_card_paper
from dispatch.inventory.cards import Filter, last_act_of, movements, places_of, stock_card
from dispatch.inventory.health import check_health
from dispatch.inventory.queries import stock_rows
from dispatch.inventory.rules import load_rules
from dispatch.inventory.store import list_items, list_warehouses, snapshot
from dispatch.paper.render import render_pdf
from dispatch.web.state import state
from dispatch.web.views.documents import pdf

blueprint = Blueprint("ledger", __name__)
SHIFT = timedelta(hours=12)


@blueprint.get("/lots/<code>")
@login_required
def lot(code: str) -> ResponseReturnValue:
    """The stock card of a lot, place by place."""
    with reading(state().engine) as session:
        places = places_of(session, code)
        place = request.args.get("place") or (places[0]["place"] if places else "")
        card = stock_card(session, code, place)
    return render_template("lot.html", card=card, places=places, place=place)


@blueprint.get("/lots/<code>/card.pdf")
@login_required
def card(code: str) -> ResponseReturnValue:
    """The stock card on paper."""
    with reading(state().engine) as session:
        return pdf(render_pdf(stock_card_paper(session, code, request.args.get("place", ""))), f"{code}-card")


def _since(text: str) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(f"{text!r} is not a time.", remedy="Write for example 2026-11-24T08:00+08:00.",
                           zh=f"{text!r} 不是时间。", remedy_zh="例如 2026-11-24T08:00+08:00。") from error


@blueprint.get("/movements")
@login_required
def moves() -> ResponseReturnValue:
    """Movements, newest first; ``shift=1`` shows what changed since one's own last entry."""
    args = request.args
    with reading(state().engine) as session:
        since = _since(args.get("since", ""))
        if args.get("shift"):
            since = last_act_of(session, current_user.id) or state().clock.now() - SHIFT
        before = args.get("before", "")
        wanted = Filter(
            args.get("place") or None, args.get("lot") or None, args.get("document") or None,
            args.get("actor") or None, since, int(before) if before.isascii() and before.isdigit() else None,
        )
        rows = movements(session, wanted, 1000 if args.get("download") else 100)
    if args.get("download"):
        return download(args["download"], MOVEMENTS, rows, "movements")
    return render_template("movements.html", rows=rows, args=args, since=since.isoformat() if since else "")


def download(kind: str, columns: tuple[Column, ...], rows: list[dict[str, object]], name: str) -> Response:
    """Exactly the rows shown, as XLSX or CSV with HXL tags."""
    if kind == "csv":
        body, mime = to_csv(columns, rows), "text/csv"
    else:
        kind, mime = "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        body = to_xlsx(columns, rows)
    return Response(body, mimetype=mime, headers={"Content-Disposition": f'attachment; filename="{name}.{kind}"'})


@blueprint.get("/stock")
@login_required
def stock() -> ResponseReturnValue:
    """Stock by warehouse, item and lot; filters live in the address."""
    warehouse, item = request.args.get("warehouse") or None, request.args.get("item") or None
    wanted_lot = request.args.get("lot", "").strip()
    with reading(state().engine) as session:
        warehouses, items = list_warehouses(session), list_items(session)
        chosen = warehouse or (None if item or wanted_lot else warehouses[0].code if warehouses else None)
        rows = stock_rows(session, chosen, item, wanted_lot or None)
    if request.args.get("download"):
        return download(request.args["download"], STOCK, rows, "stock")
    return render_template("stock.html", rows=rows, warehouses=warehouses, items=items, chosen=chosen,
                           item=item, lot=wanted_lot, args=request.args)


@blueprint.get("/health")
@login_required
def health() -> ResponseReturnValue:
    """What is short, over or about to end, with what to do."""
    rule = load_rules()
    now = state().clock.now()
    with reading(state().engine) as session:
        warehouses = {w.code: w for w in list_warehouses(session)}
        items = {i.code: i for i in list_items(session)}
        found = check_health(
            snapshot(session, now), warehouses, rule, to_local(now).date()
        )
    return render_template("health.html", health=found, warehouses=warehouses, items=items, rule=rule)
