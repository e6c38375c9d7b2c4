"""Reading everything a decision rests on, once."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.alerts.model import Situation
from dispatch.alerts.situations import codes_of, list_rows, load
from dispatch.alerts.timeline import describe, is_open
from dispatch.boundaries import neighbours
from dispatch.clock import to_local
from dispatch.flow.model import Inputs
from dispatch.geography.store import list_counties, list_names
from dispatch.inventory.store import list_items, list_kits, list_warehouses, snapshot
from dispatch.inventory.tables import LotRow, MovementRow
from dispatch.needs.exposure_table import load_exposure
from dispatch.needs.model import Covered
from dispatch.needs.standards import load_standards
from dispatch.places import REGION_ADCODE, County
from dispatch.plans.engine import assess
from dispatch.plans.escalation import Standing, in_force
from dispatch.plans.grade_table import GradeTable, load_grades
from dispatch.plans.ground import Ground
from dispatch.plans.model import Activation
from dispatch.plans.policy import Policy
from dispatch.plans.signals import STRONG
from dispatch.plans.store import policy_at, standing_of
from dispatch.proposals.tables import ProposalRow
from dispatch.routing.pins import LockedTour
from dispatch.routing.reports import list_current
from dispatch.routing.speeds import load_speeds
from dispatch.routing.store import list_classes, list_edges, list_vehicles
from dispatch.teams.candidates import candidates
from dispatch.teams.rules import load_team_rule
from dispatch.teams.store import list_rosters, recent_deployments, teams_out
from dispatch.waybills.queries import list_away, list_called_off
from dispatch.waybills.tables import WaybillRow

LOST = ("shortage", "damage")


def ground_of(counties: Sequence[County], names: dict[str, tuple[str, str]]) -> Ground:
    """People, density and neighbours of every county, league and the region."""
    population: dict[str, int] = defaultdict(int)
    for county in counties:
        for place in (county.adcode, county.league_adcode, REGION_ADCODE):
            population[place] += county.population
    density = {c.adcode: c.population / c.area_km2 for c in counties}
    return Ground(dict(population), density, neighbours(), names)


@cache
def grades_on(day: date) -> GradeTable:
    """The hazard grades in force on a day, read once."""
    return load_grades(day)


def read_situation(session: Session, code: str, at: datetime, ground: Ground) -> Situation:
    """A situation as it stands at a moment, with what people told of single roads."""
    return replace(
        describe(code, load(session, code), at, ground.names), road_reports=list_current(session, at),
        halted=_halted(session, code),
    )


def _halted(session: Session, code: str) -> tuple[str, ...]:
    codes = session.scalars(select(ProposalRow.code).where(ProposalRow.situation.in_(codes_of(session, code))))
    return tuple(f"{w['code']}:{w['status']}:{w['events']}" for w in list_called_off(session, codes.all()))


def read_ground(session: Session) -> Ground:
    """The ground of the places in the database."""
    return ground_of(list_counties(session), list_names(session))


def strong_here(situation: Situation) -> dict[str, list[str]]:
    """county → hazards at orange or above of this situation."""
    found = {
        county: sorted(h for h, colour in hazards.items() if colour.rank >= STRONG)
        for county, hazards in situation.county_hazards.items()
    }
    return {county: hazards for county, hazards in found.items() if hazards}


def strong_elsewhere(session: Session, situation: Situation) -> dict[str, tuple[str, ...]]:
    """county → hazards at orange or above that other open situations had there at their last look."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in list_rows(session):
        for county, hazards in row.strong.items() if row.code != situation.code else ():
            if county in situation.counties:
                found[county] |= set(hazards)
    return {county: tuple(sorted(hazards)) for county, hazards in sorted(found.items())}


def judge(
    session: Session, situation: Situation, ground: Ground
) -> tuple[Activation, Standing, Policy]:
    """What the engine says of a situation, what is in force, and under which policy."""
    others = strong_elsewhere(session, situation)
    day = to_local(situation.as_of).date()
    local = replace(ground, strong_elsewhere=others, grades=grades_on(day))
    policy = policy_at(session, day)
    standing = standing_of(session, codes_of(session, situation.code))
    return assess(situation, policy, situation.as_of, local), standing, policy


def gather(session: Session, code: str, at: datetime) -> Inputs:
    """Everything a proposal for a situation rests on."""
    counties, names = list_counties(session), list_names(session)
    ground = ground_of(counties, names)
    situation = read_situation(session, code, at, ground)
    answer, standing, policy = judge(session, situation, ground)
    day, rule = to_local(at).date(), load_team_rule()
    bodies = approved_bodies(session, codes_of(session, code))
    vehicles = list_vehicles(session)
    busy = busy_trucks(session, at, {v.code for v in vehicles})
    away = {tour.vehicle_code for tour in busy}
    return Inputs(
        situation=situation,
        activation=in_force(answer, standing, policy, situation),
        counties={c.adcode: c for c in counties},
        names=names,
        items={i.code: i for i in list_items(session)},
        warehouses={w.code: w for w in list_warehouses(session)},
        stock=snapshot(session, at),
        edges=list_edges(session),
        classes=list_classes(session),
        vehicles=tuple(v for v in vehicles if v.code not in away),
        candidates=candidates(
            list_rosters(session), rule, day, recent_deployments(session, at - timedelta(days=rule.seasons_days))
        ),
        policy=policy,
        standards=load_standards(day),
        exposure=load_exposure(day),
        speeds=load_speeds(),
        covered=covered(session, situation, bodies),
        busy_teams=teams_out(session, [body["code"] for body in bodies], sorted(situation.counties)),
        kit_versions={
            kit.item_code: kit.version
            for kit in sorted(list_kits(session), key=lambda k: k.valid_from) if kit.valid_from <= day
        },
        busy_trucks=busy,
    )


def busy_trucks(session: Session, at: datetime, own: Collection[str]) -> tuple[LockedTour, ...]:
    """Trucks that do not stand ready at a moment; those not in ``own`` are hired."""
    return tuple(
        LockedTour(truck.vehicle, truck.class_code, truck.vehicle not in own, truck.warehouse, ())
        for truck in list_away(session, at)
    )


def approved_bodies(session: Session, codes: Sequence[str]) -> list[dict[str, Any]]:
    """The frozen bodies of a situation's approved proposals, oldest first."""
    rows = session.scalars(
        select(ProposalRow.body)
        .where(ProposalRow.situation.in_(codes), ProposalRow.status == "approved")
        .order_by(ProposalRow.created_at, ProposalRow.code)
    )
    return [json.loads(body) for body in rows]


def covered(
    session: Session, situation: Situation, bodies: Sequence[dict[str, Any]]
) -> dict[tuple[str, str], Covered]:
    """(county, item) → units that approved dispatches bring, less what was lost or does not
    come because its truck was stopped, and what local warehouses gave out since the situation began."""
    sent: dict[tuple[str, str], int] = defaultdict(int)
    where: dict[str, tuple[str, str, int]] = {}
    for body in bodies:
        for line in body["lines"] if body.get("kind", "dispatch") == "dispatch" else ():
            sent[line["to"], line["item"]] += line["quantity"]
            where[f"{body['code']}:{line['id']}"] = (line["to"], line["item"], line["quantity"])
    codes = [body["code"] for body in bodies]
    stopped = ((w["proposal"], number) for w in list_called_off(session, codes) for number in w["lost"])
    for proposal, number in stopped:
        to, item, units = where.get(f"{proposal}:{number}", ("", "", 0))
        sent[to, item] -= units
    for proposal, key, lost in _losses(session, codes):
        to, item, _units = where.get(f"{proposal}:{key.split(':')[1]}", ("", "", 0))
        sent[to, item] -= lost
    sent.pop(("", ""), None)
    local = _given_out(session, situation)
    return {
        key: Covered(max(0, sent.get(key, 0)), local.get(key, 0)) for key in sorted({*sent, *local})
    }


def _losses(session: Session, proposals: Sequence[str]) -> list[tuple[str, str, int]]:
    rows = session.execute(
        select(WaybillRow.proposal, MovementRow.idempotency_key, MovementRow.quantity)
        .join(MovementRow, MovementRow.document == WaybillRow.code)
        .where(WaybillRow.proposal.in_(proposals), MovementRow.reason.in_(LOST))
    )
    return [(proposal, key, quantity) for proposal, key, quantity in rows]


def _given_out(session: Session, situation: Situation) -> dict[tuple[str, str], int]:
    places = [f"recipient:{county}" for county in situation.counties]
    rows = session.execute(
        select(MovementRow.to_place, LotRow.item_code, MovementRow.quantity)
        .join(LotRow, LotRow.code == MovementRow.lot_code)
        .where(
            MovementRow.to_place.in_(places), MovementRow.occurred_at >= situation.started_at,
            MovementRow.occurred_at <= situation.as_of, MovementRow.document.not_like("WB%"),
        )
    )
    found: dict[tuple[str, str], int] = defaultdict(int)
    for place, item, units in rows:
        found[place.removeprefix("recipient:"), item] += units
    return found


def open_codes(session: Session, at: datetime, ground: Ground) -> list[str]:
    """Situations that still want watching: a warning or fresh losses, or a response in force."""
    found = []
    for row in list_rows(session):
        situation = read_situation(session, row.code, at, ground)
        if is_open(situation) or standing_of(session, codes_of(session, row.code)).is_active:
            found.append(row.code)
    return found
