"""What a person changed about a plan on its page, read back as wishes; what the page needs to ask it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from dispatch.allocation.problem import LinePin
from dispatch.errors import InvalidInput
from dispatch.flow import team_wishes, wanted
from dispatch.flow.alternatives import modes_missing, table, weighed_as
from dispatch.flow.compare import totals
from dispatch.flow.edit import EDITORS, Seen, names_of
from dispatch.flow.load_wishes import moving_load, yard_of
from dispatch.flow.road_wishes import road_key, road_names, with_road
from dispatch.flow.trail import future_of, past_of
from dispatch.flow.wishes import Wishes, wishes_from_json
from dispatch.geography.store import list_names
from dispatch.proposals.model import EDITABLE
from dispatch.routing.pins import OrderPin, TruckPin
from dispatch.routing.rates import load_routing
from dispatch.routing.store import list_edges
from dispatch.web.load_board import MOVE, load_board

QUANTITY = "q:"


def edit_view(session: Session, body: Mapping[str, Any], role: str, at: datetime) -> dict[str, Any]:
    """Chips of the wishes that stand, alternatives, and the choices of the forms."""
    if "wishes" not in body:
        return {"may": False, "chips": [], "rows": [], "missing": [], "board": [], "kept": set(), "totals": {}}
    wishes = wishes_from_json(body["wishes"])
    names = names_of(session)
    first: dict[tuple[str, str, str], str] = {}
    for line in body["lines"]:
        first.setdefault((line["from"], line["to"], line["item"]), line["id"])
    pinned = {(p.warehouse_code, p.county, p.item_code) for p in wishes.lines}
    may = role in EDITORS and body["status"] in EDITABLE
    return {
        "may": may,
        "undo": bool(past_of(body["code"], body)), "redo": bool(future_of(body)),
        "board": load_board(session, body, at) if may else [],
        "roads": _roads(session, body) if may else {},
        "chips": wanted.chips(wishes, names),
        "rows": table(session, body["code"]), "missing": modes_missing(session, body["code"]),
        "modes": list(load_routing().modes.values()), "mode": wishes.mode, "alpha": wanted.effective_alpha(wishes),
        "depots": sorted({(r["depot"], r["depot_zh"], r["depot_en"]) for r in body["routes"]}),
        "warehouses": sorted((c, *n) for c, n in names.items() if c.startswith("WH-")),
        "counties": sorted({(n["county"], n["county_zh"], n["county_en"]) for n in body["needs"]}),
        "team_counties": sorted((c["adcode"], c["name_zh"], c["name_en"]) for c in body["situation"]["counties"]),
        "goods": sorted({(n["item"], n["item_zh"], n["item_en"]) for n in body["needs"]}),
        "totals": {first[key]: (QUANTITY + ":".join(key), line["quantity"]) for key, line in totals(body).items()},
        "pinned": {first[key] for key in pinned if key in first},
        "kept": {p.vehicle_code for p in wishes.pins.trucks},
    }


def read_edit(given: Mapping[str, str], seen: Seen, yards: Mapping[str, str]) -> Wishes:
    """The wishes of a plan with what one posted form asks for; ``yards``: own truck → warehouse.

    ``InvalidInput`` names a field that cannot be read.
    """
    wishes = seen.wishes
    if given.get("drop"):
        wishes = wanted.dropped(wishes, given["drop"])
    if given.get("keep"):
        wishes = wanted.keeping_truck(wishes, seen.body, given["keep"])
    if given.get("leave"):
        wishes = wanted.without_truck(wishes, given["leave"])
    if given.get("first"):
        wishes = _reach_first(wishes, seen.body, given["first"])
    if given.get("truck"):
        truck = given["truck"].strip()
        wishes = wanted.with_truck(wishes, TruckPin(truck, yard_of(truck, yards), given.get("truck_county", "")))
    if given.get("team_stays"):
        wishes = team_wishes.without_team(wishes, given["team_stays"])
    if given.get("team"):
        wishes = team_wishes.with_team(wishes, given["team"], given.get("team_county", ""))
    if given.get("warehouse"):
        wishes = wanted.without_warehouse(wishes, given["warehouse"])
    if given.get("road"):
        wishes = with_road(wishes, given["road"], _units("road_percent", given.get("road_percent", "0")))
    wishes = _moves(wishes, given, seen.body, yards)
    if given.get("pin_units", "").strip():
        units = _units("pin_units", given["pin_units"])
        pin = LinePin(given.get("pin_from", ""), given.get("pin_county", ""), given.get("pin_item", ""), units)
        wishes = wanted.with_line(wishes, pin)
    if given.get("mode"):
        wishes = _weighed(wishes, given["mode"], given.get("alpha", ""))
    return _quantities(wishes, given, seen.body)


def _roads(session: Session, body: Mapping[str, Any]) -> dict[str, list[tuple[int, str, str]]]:
    """(number, names) of the roads the plan drives, and of all others."""
    edges, driven = list_edges(session), {leg.get("edge") for r in body["routes"] for leg in r["legs"]}
    names = road_names(edges, list_names(session))
    rows = sorted(((e.id, *names[road_key(e.id)]) for e in edges), key=lambda row: row[1])
    return {"driven": [r for r in rows if r[0] in driven], "other": [r for r in rows if r[0] not in driven]}


def _moves(
    wishes: Wishes, given: Mapping[str, str], body: Mapping[str, Any], yards: Mapping[str, str]
) -> Wishes:
    """Loads whose truck was chosen anew."""
    for name, truck in sorted(given.items()):
        if name.startswith(MOVE) and truck.strip():
            vehicle = truck.strip()
            wishes = moving_load(wishes, body, name.removeprefix(MOVE), (vehicle, yard_of(vehicle, yards)))
    return wishes


def _reach_first(wishes: Wishes, body: Mapping[str, Any], given: str) -> Wishes:
    """``TRUCK:COUNTY``: this county before all others of the truck, which keeps its load."""
    truck, _, county = given.partition(":")
    wishes = wanted.keeping_truck(wishes, body, truck)
    stops = [s["place"] for r in body["routes"] if r["vehicle"] == truck for s in r["stops"]]
    order = (county, *(place for place in stops if place != county))
    return wanted.with_order(wishes, OrderPin(truck, order))


def _weighed(wishes: Wishes, mode: str, alpha: str) -> Wishes:
    """A mode that sets the fair floor itself does so unless the person moved the slider."""
    text = alpha.strip().replace(",", ".").replace("，", ".")
    try:
        share = float(text) if text else None
    except ValueError as error:
        raise _unreadable("alpha", alpha) from error
    if share is None or share == wanted.effective_alpha(wishes):
        return weighed_as(wishes, mode)
    return wanted.weighed(wishes, mode, share)


def _quantities(wishes: Wishes, given: Mapping[str, str], body: Mapping[str, Any]) -> Wishes:
    """Quantities of the table of lines that differ from the plan become pins."""
    had = totals(body)
    for name, text in sorted(given.items()):
        parts = tuple(name.removeprefix(QUANTITY).split(":"))
        if not name.startswith(QUANTITY) or len(parts) != 3 or not text.strip():
            continue
        units = _units(name, text)
        if (parts in had and had[parts]["quantity"] != units) or (parts not in had and units):
            wishes = wanted.with_line(wishes, LinePin(*parts, units))
    return wishes


def _units(name: str, text: str) -> int:
    digits = text.strip().replace(",", "").replace("，", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
        raise _unreadable(name, text)
    return int(digits)


def _unreadable(field: str, text: str) -> InvalidInput:
    return InvalidInput(
        f"{text[:20]!r} is not a number that can be used here.", remedy="Give a number without a unit.",
        zh=f"“{text[:20]}”不是可用的数字。", remedy_zh="请只填写数字，不带单位。", facts={"fields": [field]},
    )
