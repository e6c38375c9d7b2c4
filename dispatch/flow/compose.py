"""From a decision to the frozen body a person reads, signs and prints.  Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

from dispatch.flow.compose_cover import people_part, reserve_part, stock_part
from dispatch.flow.compose_teams import team_part
from dispatch.flow.headline import headline
from dispatch.flow.model import Decision, Inputs
from dispatch.flow.road_words import road_assumptions, told_of_roads
from dispatch.needs.model import NeedLine
from dispatch.needs.sites import check_sites
from dispatch.plans.model import ROMAN
from dispatch.routing.model import Route
from dispatch.words import Words


def compose(code: str, inputs: Inputs, decision: Decision, created_by: str) -> dict[str, Any]:
    """The proposal body; ISO times, integers, every place and item with its names."""
    lines = list(_lines(inputs, decision))
    gaps = _gaps(inputs, decision)
    activation = decision.activation
    people, stock = people_part(inputs, decision, lines), stock_part(inputs, lines)
    return {
        "code": code,
        "level": activation.level,
        "stage": activation.stage,
        "kind": activation.kind,
        "special": activation.special,
        "verified": True,
        "created_by": created_by,
        "headline": {**headline(inputs, decision, lines, gaps), **reserve_part(inputs, stock),
                     "people": sum(p["people"] for p in people), "people_covered": sum(p["covered"] for p in people)},
        "people": people,
        "stock_after": stock,
        "situation": _situation(inputs),
        "activation": _activation(inputs, decision),
        "needs": _needs(inputs, decision.needs),
        "forecast": [] if activation.kind == "dispatch" else _needs(inputs, decision.forecast_needs),
        "sites": _sites(inputs, decision),
        "lines": lines,
        "gaps": gaps,
        "routes": [_route(inputs, route) for route in decision.routing.routes],
        **team_part(inputs, decision),
        "roads": [
            {"ref": n.ref, "counties": list(n.counties), "speed_factor": n.speed_factor,
             "until": n.until.isoformat() if n.until else None}
            for n in inputs.situation.roads
        ],
        "road_reports": told_of_roads(inputs.situation, inputs.edges, inputs.names),
        "closed_edges": [
            {"from": e.from_adcode, "to": e.to_adcode, "refs": e.refs, "edge": e.id}
            for e in inputs.edges if decision.road_percent.get(e.id) == 0
        ],
        "assumptions": _assumptions(inputs),
        "solver": _solver(decision),
        "wishes": decision.wishes.to_json(),
        "plan": _plan(decision),
    }


def _place(inputs: Inputs, key: str, adcode: str) -> dict[str, str]:
    zh, en = inputs.names[adcode]
    return {key: adcode, f"{key}_zh": zh, f"{key}_en": en}


def _item(inputs: Inputs, code: str) -> dict[str, Any]:
    item = inputs.items[code]
    return {
        "item": code, "item_zh": item.name_zh, "item_en": item.name_en,
        "unit_zh": item.unit_zh, "unit_en": item.unit_en, "item_verified": item.verified,
    }


def _situation(inputs: Inputs) -> dict[str, Any]:
    situation = inputs.situation
    counts = situation.counts
    return {
        "code": situation.code,
        "hazard": situation.hazard,
        "title_zh": situation.title_zh,
        "title_en": situation.title_en,
        "colour": situation.colour.value if situation.colour else None,
        "counties": [
            {"adcode": code, "name_zh": inputs.names[code][0], "name_en": inputs.names[code][1],
             "colour": colour.value}
            for code, colour in situation.counties.items()
        ],
        "started_at": situation.started_at.isoformat(),
        "as_of": situation.as_of.isoformat(),
        "counts": {name: getattr(counts, name) for name in counts.__slots__},
        "counts_at": situation.counts_at.isoformat() if situation.counts_at else None,
        "temperature_c": situation.temperature_c,
        "alerts": list(situation.alert_identifiers),
    }


def _activation(inputs: Inputs, decision: Decision) -> dict[str, Any]:
    activation = decision.activation
    return {
        "level": activation.level,
        "level_roman": ROMAN.get(activation.level or 0),
        "stage": activation.stage,
        "lead_tier": activation.lead_tier,
        "approver_role": activation.approver_role,
        "policy_version": activation.policy_version,
        "is_assumption": activation.is_assumption,
        "stock_share_percent": activation.stock_share_percent,
        "opens_safety_stock": activation.opens_safety_stock,
        "first_goods_there_h": activation.first_goods_there_h,
        "kind": activation.kind,
        "approved_by": activation.approved_by.as_dict(),
        "places": [
            {**_place(inputs, "place", p.place), "tier": p.tier, "level": p.level}
            for p in activation.places
        ],
        "criteria": [
            {"name": c.name, "tier": c.tier, "place": c.place, "basis": c.basis, "level": c.level,
             "observed": c.observed, "threshold": c.threshold, "met": c.met, "source": c.source,
             "is_assumption": c.is_assumption, "zh": c.words.zh, "en": c.words.en}
            for c in activation.criteria
        ],
        "next_up": [{"name": s.name, "place": s.place, "missing": s.missing, "zh": s.words.zh,
                     "en": s.words.en} for s in activation.next_up],
        "reasons": [words.as_dict() for words in activation.reasons],
    }


def _needs(inputs: Inputs, needs: Iterable[NeedLine]) -> list[dict[str, Any]]:
    return [
        {**_place(inputs, "county", n.county), **_item(inputs, n.item_code),
         "quantity": n.quantity, "gross": n.gross, "dispatched": n.dispatched, "local": n.local,
         "due_at": n.due_at.isoformat(), "priority": n.priority, "basis": n.basis.as_dict(),
         "kit_version": n.kit_version, "to_warehouse": n.to_warehouse}
        for n in needs
    ]


def _sites(inputs: Inputs, decision: Decision) -> list[dict[str, Any]]:
    """What the sites in the area hold against the forecast, for a stand-by or pre-positioning."""
    if decision.activation.kind == "dispatch":
        return []
    return [
        {"warehouse": c.warehouse_code, "warehouse_zh": inputs.warehouses[c.warehouse_code].name_zh,
         "warehouse_en": inputs.warehouses[c.warehouse_code].name_en, **_item(inputs, c.item_code),
         "needed": c.needed, "on_hand": c.on_hand, "short": c.short}
        for c in check_sites(decision.forecast_needs, inputs.warehouses, inputs.stock)
    ]


def _lines(inputs: Inputs, decision: Decision) -> Iterable[dict[str, Any]]:
    """One line per lot on a truck for a county, in the order of the routes."""
    reasons = {
        (s.warehouse_code, s.county, s.lot_code): s.reason for s in decision.allocation.lines
    }
    sites = {(n.county, n.item_code): n.to_warehouse for n in decision.needs}
    shipments = decision.routing_problem.by_id
    number = 0
    for route in decision.routing.routes:
        depot = inputs.warehouses[route.warehouse_code]
        for stop in route.stops:
            for shipment in (shipments[i] for i in stop.shipment_ids):
                for item, lot, quantity in shipment.items:
                    number += 1
                    yield {
                        "id": f"L{number:04d}",
                        "load": list(decision.lanes[shipment.id]),
                        **_item(inputs, item),
                        "quantity": quantity,
                        "weight_g": quantity * inputs.items[item].weight_g,
                        "lot": lot,
                        "from": depot.code,
                        "from_zh": depot.name_zh,
                        "from_en": depot.name_en,
                        **_place(inputs, "to", stop.county),
                        "to_warehouse": sites[stop.county, item],
                        "arrives_at": stop.arrives_at.isoformat(),
                        "vehicle": route.vehicle_code,
                        "reason": reasons[depot.code, stop.county, lot].as_dict(),
                    }


def _gaps(inputs: Inputs, decision: Decision) -> list[dict[str, Any]]:
    """What stays missing: one entry for each place, item and cause, however many loads it was."""
    shipments = decision.routing_problem.by_id
    missing = Counter[tuple[str, str, Words, Words]]()
    for g in decision.allocation.gaps:
        missing[g.county, g.item_code, g.cause, g.remedy] += g.quantity
    for u in decision.routing.unserved:
        for item, _lot, quantity in shipments[u.shipment_id].items:
            missing[shipments[u.shipment_id].county, item, u.cause, u.remedy] += quantity
    return [
        {**_place(inputs, "county", county), **_item(inputs, item), "quantity": quantity,
         "cause": cause.as_dict(), "remedy": remedy.as_dict()}
        for (county, item, cause, remedy), quantity in missing.items()
    ]


def _route(inputs: Inputs, route: Route) -> dict[str, Any]:
    kind = inputs.classes[route.vehicle_class]
    depot = inputs.warehouses[route.warehouse_code]
    return {
        "vehicle": route.vehicle_code,
        "vehicle_class": kind.code,
        "class_zh": kind.name_zh,
        "class_en": kind.name_en,
        "depot": depot.code,
        "depot_zh": depot.name_zh,
        "depot_en": depot.name_en,
        "depot_county": depot.county_adcode,
        "departs_at": route.departs_at.isoformat(),
        "stops": [
            {**_place(inputs, "place", s.county), "arrives_at": s.arrives_at.isoformat(), "wait_s": s.wait_s}
            for s in route.stops
        ],
        "legs": [
            {"edge": leg.edge_id, "from": leg.from_adcode, "to": leg.to_adcode, "distance_m": leg.distance_m,
             "duration_s": leg.duration_s, "refs": leg.refs, "wait_s": leg.wait_s}
            for leg in route.legs
        ],
        "distance_m": route.distance_m,
        "duration_s": route.duration_s,
        "load_kg": -(-route.load_g // 1000),
        "load_cm3": route.load_cm3,
        "cost_fen": route.cost_fen,
        "is_hired": route.is_hired,
        "reason": route.reason.as_dict(),
    }


def _plan(decision: Decision) -> list[dict[str, Any]]:
    """Tours by lane, so that a later plan can change little of this one."""
    return [
        {"vehicle": t.vehicle_code, "class": t.class_code, "is_hired": t.is_hired, "depot": t.warehouse_code,
         "loads": [list(decision.lanes[i]) for i in t.shipment_ids]}
        for t in decision.plan.tours
    ]


def _assumptions(inputs: Inputs) -> list[dict[str, str]]:
    return [
        {"zh": f"预案启动标准为校准假设（版本 {inputs.policy.version}）",
         "en": f"plan thresholds are a calibrated assumption (version {inputs.policy.version})",
         "source": inputs.policy.source},
        {"zh": f"需求标准和暴露比例含假设（版本 {inputs.standards.version}）",
         "en": f"needs standards and exposure shares hold assumptions (version {inputs.standards.version})",
         "source": inputs.standards.source},
        {"zh": "道路车速、天气折减、车辆载重和车队为假设；317 条路段中 116 条凭经验录入",
         "en": "speeds, weather factors, payloads and fleets are assumptions; 116 of 317 road "
               "edges are typed from knowledge",
         "source": inputs.speeds.source},
        {"zh": "假定批准后立即装车；救援队名称、驻地、人数为假设",
         "en": "loading is assumed to start at once on approval; team names, homes and sizes are assumptions",
         "source": "assumption"},
        *road_assumptions(inputs.situation, inputs.edges, inputs.names),
    ]


def _solver(decision: Decision) -> dict[str, Any]:
    routing, params = decision.routing, decision.params
    gap = (routing.objective - routing.bound) / routing.objective if routing.objective else 0.0
    return {
        "status": routing.status,
        "allocation_status": decision.allocation.status.value,
        "allocation_engine": decision.allocation.engine,
        "objective_fen": routing.objective,
        "cost_fen": sum(route.cost_fen for route in routing.routes),
        "bound": routing.bound,
        "gap": round(gap, 4),
        "runtime_s": round(sum(decision.stage_seconds.values()), 3),
        "stages_s": decision.stage_seconds,
        "seed": params.seed,
        "engine": params.engine,
        "iterations": params.iterations,
        "time_limit_s": params.time_limit_s,
        "slices": decision.plan.slices,
        "input_hash": decision.input_hash,
        "versions": {name: version(name) for name in ("ortools", "numba", "numpy")},
    }
