"""From an approved proposal's frozen body to one waybill per vehicle."""

from __future__ import annotations

from typing import Any


def make_bodies(proposal: dict[str, Any]) -> list[dict[str, Any]]:
    """One self-contained waybill body per route of the proposal.

    Codes are ``WB`` + the proposal's number + the route's place in it, so that
    issuing twice gives the same papers.
    """
    items = {need["item"]: need for need in proposal["needs"]}
    bodies = []
    for number, route in enumerate(proposal["routes"], 1):
        lines = [line for line in proposal["lines"] if line["vehicle"] == route["vehicle"]]
        bodies.append(
            {
                "code": f"WB{proposal['code'].removeprefix('P')}-{number:03d}",
                "proposal": proposal["code"],
                "vehicle": route["vehicle"],
                "vehicle_class": route["vehicle_class"],
                "class_zh": route["class_zh"],
                "class_en": route["class_en"],
                "from": route["depot"],
                "from_zh": route["depot_zh"],
                "from_en": route["depot_en"],
                "departs_at": route["departs_at"],
                "stops": route["stops"],
                "legs": route["legs"],
                "distance_m": route["distance_m"],
                "situation_zh": proposal["situation"]["title_zh"],
                "situation_en": proposal["situation"]["title_en"],
                "lines": [
                    {
                        "id": line["id"],
                        "item": line["item"],
                        "item_zh": line["item_zh"],
                        "item_en": line["item_en"],
                        "unit_zh": items[line["item"]]["unit_zh"],
                        "unit_en": items[line["item"]]["unit_en"],
                        "lot": line["lot"],
                        "quantity": line["quantity"],
                        "to": line["to"],
                        "to_zh": line["to_zh"],
                        "to_en": line["to_en"],
                        "to_warehouse": line.get("to_warehouse", ""),
                        "weight_g": line["weight_g"],
                    }
                    for line in lines
                ],
            }
        )
    return bodies
