"""The loads of a plan by warehouse and truck, and where each may be moved to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from dispatch.flow.load_wishes import load_key, trucks_for_loads
from dispatch.routing.rates import load_routing
from dispatch.routing.store import list_classes, list_vehicles
from dispatch.waybills.queries import list_away

MOVE = "move:"


def load_board(session: Session, body: Mapping[str, Any], at: datetime) -> list[dict[str, Any]]:
    """Warehouses with their trucks, trucks with their loads; plans kept before loads had names have none."""
    if not all("load" in line for line in body["lines"]):
        return []
    away = {truck.vehicle for truck in list_away(session, at)}
    ready = [v for v in list_vehicles(session) if v.code not in away]
    choices = trucks_for_loads(body, (ready, list_classes(session)), load_routing())
    pinned = {
        f"{p['warehouse_code']}:{p['county']}:{p['number']}": p["vehicle_code"]
        for p in body["wishes"]["pins"]["trucks"] if p["number"] is not None
    }
    lines = defaultdict(list)
    for line in body["lines"]:
        lines[load_key(line["load"])].append(line)
    depots: dict[str, dict[str, Any]] = {}
    for route in body["routes"]:
        depot = depots.setdefault(route["depot"], {"code": route["depot"], "zh": route["depot_zh"], "en": route["depot_en"], "trucks": []})
        loads = [key for key, of in lines.items() if of[0]["vehicle"] == route["vehicle"]]
        depot["trucks"].append({
            "code": route["vehicle"], "class_zh": route["class_zh"], "class_en": route["class_en"], "load_kg": route["load_kg"],
            "loads": [_load(key, lines[key], choices.get(key, []), pinned) for key in loads],
        })
    return sorted(depots.values(), key=lambda d: (-len(d["trucks"]), d["code"]))


def _load(key: str, lines: list[dict[str, Any]], choices: list[Any], pinned: Mapping[str, str]) -> dict[str, Any]:
    first = lines[0]
    totals: dict[str, dict[str, Any]] = {}
    for line in lines:
        totals.setdefault(line["item"], {**line, "quantity": 0})["quantity"] += line["quantity"]
    return {
        "key": key, "field": MOVE + key, "to_zh": first["to_zh"], "to_en": first["to_en"],
        "kg": -(-sum(line["weight_g"] for line in lines) // 1000), "goods": list(totals.values()),
        "choices": choices, "is_pinned": pinned.get(key) == first["vehicle"],
    }
