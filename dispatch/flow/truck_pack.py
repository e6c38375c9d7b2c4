"""One press for everything a truck takes along: pick list, load plan, waybill in four copies, a receipt
form for each stop, the driver's card."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.flow.papers import waybill_body
from dispatch.geography.store import list_counties, list_names
from dispatch.inventory.book import warehouse_of
from dispatch.inventory.tables import MovementRow, ReservationRow
from dispatch.paper import forms
from dispatch.paper.model import Paper, Strip
from dispatch.paper.truck_forms import driver_card, load_plan
from dispatch.routing.store import list_classes
from dispatch.waybills.queries import list_waybills
from dispatch.waybills.rules import load_tracking_rule

CONTACTS = Path(__file__).resolve().parent.parent / "reference" / "data" / "contacts.toml"
BLANK = "______"


@cache
def contacts() -> tuple[dict[str, str], ...]:
    """Public numbers for the driver's card."""
    return tuple(tomllib.loads(CONTACTS.read_text("utf-8"))["numbers"])


def truck_pack(session: Session, code: str, link: str) -> list[Paper]:
    """The papers of one truck in the order they are used; ``link`` opens the truck's own page."""
    body = waybill_body(session, code)
    kind = list_classes(session)[body["vehicle_class"]]
    whole = {**body, "payload_kg": kind.payload_kg, "room_cm3": kind.volume_cm3, "link": link,
             "driver_legs": _legs(session, body), "silent_after_h": load_tracking_rule().silent_after // timedelta(hours=1)}
    return [
        _pick_list(session, body), load_plan(whole), forms.waybill(body),
        *(_receipt_form(body, stop) for stop in body["stops"]),
        driver_card(whole, contacts(), _strip(session, body)),
    ]


def _frame(body: dict[str, Any]) -> dict[str, Any]:
    return {"created_at": body["departs_at"], "warehouse_zh": body["from_zh"], "reason": body["basis"],
            "target_zh": "；".join(stop["place_zh"] for stop in body["stops"])}


def _pick_list(session: Session, body: dict[str, Any]) -> Paper:
    lines, places = [], pick_places(session, body)
    for line in body["lines"]:
        for place, units in places[line["id"]]:
            share = {"quantity": units, "place": place.removeprefix("wh:")}
            for name in ("weight_g", "volume_cm3"):
                share[name] = line[name] * units // line["quantity"]
            lines.append({**line, **share})
    return forms.pick_list({**body, **_frame(body), "lines": lines})


def pick_places(session: Session, body: Mapping[str, Any]) -> dict[str, list[tuple[str, int]]]:
    """Line id → (ledger place, units) to take: what was taken once the truck has left, else what is
    promised, each bin given to the trucks of the plan in the order of their papers."""
    code, proposal = body["code"], body["proposal"]
    taken = _taken(session, code)
    if taken:
        return taken
    held = [
        [row.place, row.lot_code, row.quantity] for row in session.scalars(
            select(ReservationRow).where(ReservationRow.owner == proposal, ReservationRow.status == "held")
            .order_by(ReservationRow.place, ReservationRow.lot_code, ReservationRow.id)
        )
    ]
    found = {line["id"]: [(BLANK, line["quantity"])] for line in body["lines"]}
    for paper in (w for w in list_waybills(session, proposal) if w["status"] == "issued" and w["code"] <= code):
        found = {line["id"]: _give(held, paper["from"], line) for line in paper["lines"]}
    return found


def _give(held: list[list[Any]], warehouse: str, line: dict[str, Any]) -> list[tuple[str, int]]:
    left, pieces = line["quantity"], []
    for row in held:
        place, lot, free = row
        if left and free and lot == line["lot"] and warehouse_of(place) == warehouse:
            units = min(left, free)
            row[2] -= units
            left -= units
            pieces.append((place, units))
    return pieces or [(BLANK, line["quantity"])]


def _taken(session: Session, code: str) -> dict[str, list[tuple[str, int]]]:
    rows = session.scalars(
        select(MovementRow).where(MovementRow.document == code, MovementRow.reason == "issue").order_by(MovementRow.id)
    )
    found: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for row in rows:
        found[row.idempotency_key.split(":")[1]].append((row.from_place, row.quantity))
    return found


def _receipt_form(body: dict[str, Any], stop: dict[str, Any]) -> Paper:
    """A blank goods received note for one stop, to be filled in by hand where no telephone works."""
    lines = [line for line in body["lines"] if line["to"] == stop["place"]]
    paper = forms.goods_received_note({**body, **_frame(body), "target_zh": stop["place_zh"], "lines": lines, "party": body["vehicle"]})
    return replace(paper, rows=tuple((*row[:5], "", "", "") for row in paper.rows), totals=(*paper.totals[:5], "", "", ""))


def _legs(session: Session, body: dict[str, Any]) -> list[dict[str, Any]]:
    names = list_names(session)
    return [
        {**leg, "from_zh": names.get(leg["from"], (leg["from"],))[0], "to_zh": names.get(leg["to"], (leg["to"],))[0]}
        for leg in body["legs"]
    ]


def _strip(session: Session, body: dict[str, Any]) -> Strip:
    """The way as a small map: the counties passed, where they lie."""
    counties = {c.adcode: c for c in list_counties(session)}
    passed = [body["legs"][0]["from"], *(leg["to"] for leg in body["legs"])] if body["legs"] else [body["stops"][0]["place"]]
    stops: list[int] = []
    for stop in body["stops"]:
        start = stops[-1] + 1 if stops else 0
        stops.append(passed.index(stop["place"], start) if stop["place"] in passed[start:] else max(start - 1, 0))
    points = tuple((counties[code].name_zh, counties[code].seat.lon, counties[code].seat.lat) for code in passed)
    return Strip(points, tuple(leg["refs"] for leg in body["legs"]), tuple(stops))
