"""Reading what the board's map is drawn from, once."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.alerts.situations import codes_of, list_rows, load
from dispatch.alerts.timeline import describe, is_open
from dispatch.clock import to_local
from dispatch.flow.board_rule import load_board_rule
from dispatch.geography.store import list_counties, list_names
from dispatch.inventory.fefo import usable_days
from dispatch.inventory.store import list_items, list_warehouses, snapshot
from dispatch.plans.store import standing_of
from dispatch.proposals.tables import ProposalRow
from dispatch.routing.reports import list_current
from dispatch.routing.road_state import load_road_report_rule
from dispatch.routing.store import list_edges
from dispatch.scenes.facts import Event, MapFacts, Moment, Notice, Stock
from dispatch.teams.deployment_store import list_deployments
from dispatch.teams.history import readiness_now
from dispatch.teams.model import DeploymentState
from dispatch.teams.rules import load_team_rule
from dispatch.waybills.issue import make_bodies
from dispatch.waybills.progress import PLANNED, Trip
from dispatch.waybills.rules import load_tracking_rule
from dispatch.waybills.trips import list_trips

LIVE = ("draft", "submitted", "returned")


def read_facts(session: Session, moment: Moment) -> MapFacts:
    """Everything the layers need, as it was at the moment; what lies ahead rests on what is known now."""
    known = min(moment.at, moment.now)
    names = list_names(session)
    events = tuple(list_events(session, moment, names))
    team_rule = load_team_rule()
    return MapFacts(
        moment=moment, rule=load_board_rule(), names=names, counties={c.adcode: c for c in list_counties(session)},
        events=events, edges=list_edges(session), notices=tuple(_notices(events)),
        reports=list_current(session, known), road_rule=load_road_report_rule(),
        stock=tuple(_stock(session, moment.now)), teams=tuple(readiness_now(session, team_rule, to_local(known).date())),
        team_rule=team_rule, deployments=list_deployments(session, states=set(DeploymentState)),
        trips=(*list_trips(session, known), *_planned(session, moment, {e.situation.code for e in events})), tracking=load_tracking_rule(),
    )


def list_events(session: Session, moment: Moment, names: Mapping[str, tuple[str, str]]) -> Iterable[Event]:
    """Situations with a warning, fresh figures or a response at the moment; a level ends by a person alone."""
    known = min(moment.at, moment.now)
    for row in list_rows(session, None):
        if row.first_at > known:
            continue
        codes = codes_of(session, row.code)
        standing = standing_of(session, codes, known)
        if row.status == "ended" and not standing.is_active:
            continue
        material = load(session, row.code)
        situation = describe(row.code, material, moment.at, names)
        if standing.is_active or is_open(situation):
            yield Event(situation, standing, material.alerts)


def _notices(events: Iterable[Event]) -> Iterable[Notice]:
    for event in events:
        for notice in event.situation.roads:
            sent = max((a.sent for a in event.alerts if notice in a.roads and a.sent <= event.situation.as_of),
                       default=event.situation.started_at)
            yield Notice(notice, sent, event.situation.code)


def _stock(session: Session, now: datetime) -> Iterable[Stock]:
    """Usable and free units of each item that a warehouse must hold."""
    stock, today = snapshot(session, now), to_local(now).date()
    free: dict[tuple[str, str], int] = defaultdict(int)
    for line in stock.lines:
        days = usable_days(line.expires_on, today)
        if days is None or days > 0:
            free[line.warehouse_code, line.lot.item_code] += line.available
    items = {item.code: item for item in list_items(session)}
    minimum: dict[str, list[tuple[str, str, int, int]]] = defaultdict(list)
    for (house, code), least in sorted(stock.minimum.items()):
        minimum[house].append((items[code].name_zh, items[code].name_en, free[house, code], least))
    return [Stock(house, tuple(minimum[house.code])) for house in list_warehouses(session)]


def _planned(session: Session, moment: Moment, situations: set[str]) -> Iterable[Trip]:
    """Tours of the newest plan of each situation that waits for approval; not for the past."""
    if moment.is_past:
        return
    newest: dict[str, ProposalRow] = {}
    rows = session.scalars(select(ProposalRow).where(ProposalRow.status.in_(LIVE)).order_by(ProposalRow.created_at, ProposalRow.code))
    for row in rows:
        if row.situation in situations:
            newest[row.situation] = row
    for row in newest.values():
        for body in make_bodies(json.loads(row.body)):
            yield Trip(f"{row.code}:{body['vehicle']}", f"/proposals/{row.code}", PLANNED, body)
