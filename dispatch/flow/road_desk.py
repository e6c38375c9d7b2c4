"""Roads as people tell of them: the list, finding a road, and the trucks a closed one holds up."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from dispatch.accounts.rights import roles_of
from dispatch.accounts.store import get_account
from dispatch.audit.store import Act, record
from dispatch.clock import Clock
from dispatch.db import retried, transaction
from dispatch.errors import InvalidInput, Refused
from dispatch.flow.road_words import HOW, road_names, state_words
from dispatch.geo import LonLat, distance_m
from dispatch.geography.store import list_counties, list_names
from dispatch.routing.model import RoadEdge
from dispatch.routing.reports import RoadTold, list_current, list_history, tell_road
from dispatch.routing.road_state import RoadState, load_road_report_rule
from dispatch.routing.store import list_edges
from dispatch.waybills.tables import WaybillRow

REPORTERS = roles_of("road.tell")
NEAREST = 5
OPEN_PAPERS = ("issued", "departed", "stranded")
LEAST_M = 1.0


@retried
def report_road(engine: Engine, told: RoadTold, actor: str, clock: Clock) -> bool:
    """Keep what somebody with an account tells of a road; False when it was kept before."""
    with transaction(engine) as session:
        role = get_account(session, actor)["role"]
        if role not in REPORTERS:
            raise Refused(f"The role {role} may not report roads.", remedy="Ask a storekeeper or the duty desk.",
                          zh=f"角色 {role} 不能报告路况。", remedy_zh="请由库管或值班人员报告。")
        return keep_report(session, told, actor, clock.now())


def keep_report(session: Session, told: RoadTold, actor: str, now: datetime) -> bool:
    """Keep a report in the caller's transaction, with its line in the record."""
    is_new = tell_road(session, told, actor, now)
    if is_new:
        record(session, Act(actor, "road.reported", f"road:{told.edge_id}", f"{told.state} {told.said_by} {told.words}"[:200]), now)
    return is_new


def list_roads(session: Session, at: datetime) -> list[dict[str, Any]]:
    """The newest word on each road that somebody told of: closed first, then slow, then open again."""
    edges, names = {e.id: e for e in list_edges(session)}, list_names(session)
    held: dict[int, list[dict[str, Any]]] = {}
    papers = _papers(session)
    states = list_current(session, at)
    for state in states:
        held[state.edge_id] = held_up(edges[state.edge_id], papers) if state.percent == 0 else []
    lines = [road_line(edges[s.edge_id], s, names, at) | {"held": held[s.edge_id]} for s in states]
    return sorted(lines, key=lambda line: (line["percent"], line["zh"]))


def road_line(edge: RoadEdge, state: RoadState, names: dict[str, tuple[str, str]], at: datetime) -> dict[str, Any]:
    """One report in words, with its age."""
    (zh, en), (state_zh, state_en) = road_names(edge, names), state_words(state)
    return {
        "edge": edge.id, "zh": zh, "en": en, "state": state.state, "percent": state.percent,
        "state_zh": state_zh, "state_en": state_en, "until": state.until.isoformat() if state.until else None,
        "how_zh": HOW[state.kind][0], "how_en": HOW[state.kind][1], "said_by": state.said_by, "actor": state.actor,
        "said_at": state.said_at.isoformat(), "age_min": state.age(at) // timedelta(minutes=1),
        "is_stale": state.is_stale(at, load_road_report_rule()), "words": state.words, "is_over": not state.is_in_force(at),
    }


def road_history(session: Session, edge_id: int, at: datetime) -> list[dict[str, Any]]:
    """Every report of one road, newest first."""
    edges, names = {e.id: e for e in list_edges(session)}, list_names(session)
    return [road_line(edges[edge_id], s, names, at) for s in list_history(session, edge_id)] if edge_id in edges else []


def road_choices(session: Session) -> list[dict[str, Any]]:
    """Every road by number and counties, for a list to pick from."""
    names = list_names(session)
    found = [
        {"edge": e.id, "zh": road_names(e, names)[0], "en": road_names(e, names)[1], "km": e.distance_m // 1000}
        for e in list_edges(session)
    ]
    return sorted(found, key=lambda road: str(road["zh"]))


def find_roads(session: Session, ref: str, counties: Sequence[str], near: LonLat | None) -> list[int]:
    """Roads by number, by one or two of the counties they join, or the nearest to a point (straight
    between the seats); by all that is given."""
    edges = list(list_edges(session))
    if ref:
        wanted = ref.strip().upper()
        edges = [e for e in edges if wanted in (part.strip().upper() for part in e.refs.split("/"))]
    for county in counties:
        edges = [e for e in edges if county in (e.from_adcode, e.to_adcode)]
    if near is None:
        return [e.id for e in edges]
    seats = {c.adcode: c.seat for c in list_counties(session)}
    away = sorted((_away_m(near, seats[e.from_adcode], seats[e.to_adcode]), e.id) for e in edges)
    return [edge_id for _m, edge_id in away[:NEAREST]]


def _away_m(point: LonLat, a: LonLat, b: LonLat) -> float:
    """How much longer the way from a to b is over the point: 0 for a point between them."""
    return distance_m(a, point) + distance_m(point, b) - max(LEAST_M, distance_m(a, b))


def pick_road(session: Session, edge_id: str, ref: str, counties: Sequence[str], near: LonLat | None) -> int:
    """The one road meant; ``InvalidInput`` naming how many fit when it is not one."""
    if edge_id:
        if not edge_id.isascii() or not edge_id.isdigit():
            raise InvalidInput(f"{edge_id!r} is not the number of a road.", remedy="Choose a road from the list.",
                               zh=f"{edge_id!r} 不是路段编号。", remedy_zh="请从列表中选择路段。")
        return int(edge_id)
    asked = bool(ref.strip() or counties or near)
    found = find_roads(session, ref, counties, near) if asked else []
    if near is not None and found:
        return found[0]
    if len(found) != 1:
        raise InvalidInput(
            f"{len(found)} roads fit what was given.", remedy="Choose the road from the list, or give its number and both counties.",
            zh=f"有 {len(found)} 条路段符合所填内容。", remedy_zh="请从列表中选择路段，或填写路号和两端旗县。",
        )
    return found[0]


def _papers(session: Session) -> list[tuple[str, str, str, dict[str, Any]]]:
    rows = session.execute(
        select(WaybillRow.code, WaybillRow.status, WaybillRow.proposal, WaybillRow.body)
        .where(WaybillRow.status.in_(OPEN_PAPERS)).order_by(WaybillRow.code)
    )
    return [(code, status, proposal, json.loads(body)) for code, status, proposal, body in rows]


def held_up(edge: RoadEdge, papers: Iterable[tuple[str, str, str, dict[str, Any]]]) -> list[dict[str, Any]]:
    """Waybills whose way leads over a road; those not loaded yet may be called off and planned again."""
    ends = {edge.from_adcode, edge.to_adcode}
    return [
        {"code": code, "status": status, "proposal": proposal, "vehicle": body["vehicle"]}
        for code, status, proposal, body in papers
        if any({leg["from"], leg["to"]} == ends and leg["refs"] == edge.refs for leg in body["legs"])
    ]
