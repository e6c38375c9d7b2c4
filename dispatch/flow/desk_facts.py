"""Reading what the desk's list is made of, once."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dispatch.alerts.model import Alert, Situation
from dispatch.alerts.situations import codes_of
from dispatch.alerts.tables import AlertDocumentRow, EntryRow, ReportRow
from dispatch.clock import to_local
from dispatch.flow.approve import reach_of
from dispatch.flow.board_rule import load_board_rule
from dispatch.flow.cope import Reserve, reserve
from dispatch.flow.desk_model import (
    Clock,
    DeskFacts,
    Missing,
    OpenEvent,
    Plan,
    Unread,
    counting_plans,
)
from dispatch.geography.store import list_counties, list_names
from dispatch.inventory.fefo import usable_days
from dispatch.inventory.store import list_items, snapshot
from dispatch.plans.escalation import Standing
from dispatch.plans.store import list_deadlines, policy_at
from dispatch.proposals.store import editors_of
from dispatch.proposals.tables import DecisionRow, ProposalRow
from dispatch.teams.deployment import ENDED
from dispatch.teams.deployment_store import list_deployments
from dispatch.teams.model import DeploymentState
from dispatch.teams.rules import load_team_rule
from dispatch.teams.store import list_teams
from dispatch.waybills.rules import load_tracking_rule
from dispatch.waybills.trips import list_trips
from dispatch.words import Words

Happening = tuple[Situation, Standing, tuple[Alert, ...]]


@dataclass(frozen=True)
class Desk:
    """The facts of the list, and what the region keeps once the plans have left."""

    facts: DeskFacts
    reserves: tuple[Reserve, ...]


def read_desk(session: Session, happening: Sequence[Happening], at: datetime) -> Desk:
    """Everything that waits for a person about the situations that are open, and besides them."""
    main = {code: event[0].code for event in happening for code in codes_of(session, event[0].code)}
    bodies = _bodies(session, main)
    plans, rule = tuple(plan for plan, _ in bodies), load_board_rule()
    facts = DeskFacts(
        events=tuple(_event(session, *event) for event in happening),
        clocks=tuple(Clock(main[d.situation], d.name, d.due_at) for d in list_deadlines(session, list(main)) if d.met_at is None),
        plans=plans, trips=tuple(list_trips(session, at)),
        deployments=list_deployments(session, states=set(DeploymentState) - ENDED),
        team_names={t.code: (t.name_zh, t.name_en) for t in list_teams(session)},
        unread=tuple(_unread(session, at - rule.past)), names=list_names(session), seats={c.adcode: c.seat for c in list_counties(session)},
        rule=rule, tracking=load_tracking_rule(), team_rule=load_team_rule(),
    )
    counting = {plan.code for found in counting_plans(plans).values() for plan in found}
    return Desk(facts, _reserves(session, [(plan, body) for plan, body in bodies if plan.code in counting], at))


def _event(session: Session, situation: Situation, standing: Standing, alerts: tuple[Alert, ...]) -> OpenEvent:
    codes = codes_of(session, situation.code)
    judged = session.scalar(select(func.count()).select_from(EntryRow).where(EntryRow.situation.in_(codes)))
    reported = session.scalar(select(func.count()).select_from(ReportRow).where(ReportRow.situation.in_(codes)))
    hold = policy_at(session, to_local(situation.as_of).date()).hold
    return OpenEvent(
        situation.code, Words("situation", situation.title_zh, situation.title_en), standing.level if standing.is_active else None,
        standing.is_active, situation.colour.value if situation.colour else None,
        max((a.sent for a in alerts if a.sent <= situation.as_of), default=situation.started_at), bool(judged or reported),
        situation.is_cancelled, standing.milder_since + hold if standing.is_active and standing.milder_since else None,
    )


def _bodies(session: Session, main: Mapping[str, str]) -> list[tuple[Plan, dict[str, Any]]]:
    wanted = ("draft", "submitted", "returned", "approved")
    rows = list(session.scalars(
        select(ProposalRow).where(ProposalRow.situation.in_(list(main)), ProposalRow.status.in_(wanted))
        .order_by(ProposalRow.created_at, ProposalRow.code)
    ))
    decided: dict[str, datetime] = {
        code: at for code, at in session.execute(
            select(DecisionRow.proposal, func.max(DecisionRow.at)).where(DecisionRow.proposal.in_([r.code for r in rows])).group_by(DecisionRow.proposal))
    }
    found = []
    for row in rows:
        body = json.loads(row.body)
        plan = _plan(row, main[row.situation], body, decided.get(row.code, row.created_at))
        found.append((replace(plan, reach=reach_of(session, body)) if row.status == "submitted" else plan, body))
    return found


def _plan(row: ProposalRow, situation: str, body: Mapping[str, Any], decided_at: datetime) -> Plan:
    head, missing = body["headline"], defaultdict[tuple[str, ...], int](int)
    for gap in body["gaps"]:
        missing[gap["item_zh"], gap["item_en"], gap["unit_zh"], gap["unit_en"]] += gap["quantity"]
    departures = [datetime.fromisoformat(route["departs_at"]) for route in body["routes"]]
    return Plan(
        row.code, situation, row.status, row.level, row.created_at, decided_at, min(departures, default=None),
        head["percent_covered"], head["units_needed"], head["units_sent"], _time(head["first_arrival"]), _time(head["last_arrival"]),
        tuple(Missing(Words("item", a, b), Words("unit", c, d), n) for (a, b, c, d), n in missing.items()),
        frozenset({row.submitted_by or "", *editors_of(body)} - {""}),
    )


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _unread(session: Session, since: datetime) -> Iterable[Unread]:
    rows = session.execute(
        select(AlertDocumentRow.id, AlertDocumentRow.file_name, AlertDocumentRow.received_at)
        .where(AlertDocumentRow.status == "quarantined", AlertDocumentRow.received_at > since).order_by(AlertDocumentRow.received_at)
    )
    return [Unread(number, name, received) for number, name, received in rows]


def _reserves(session: Session, plans: Iterable[tuple[Plan, Mapping[str, Any]]], at: datetime) -> tuple[Reserve, ...]:
    """Free units of the region by item; an approved plan's are promised already and no longer free."""
    taken: Counter[str] = Counter()
    for plan, body in plans:
        for line in body["lines"]:
            taken[line["item"]] += 0 if plan.status == "approved" else line["quantity"]
    if not taken:
        return ()
    stock, today = snapshot(session, at), to_local(at).date()
    free: Counter[str] = Counter()
    for held in stock.lines:
        days = usable_days(held.expires_on, today)
        if days is None or days > 0:
            free[held.lot.item_code] += held.available
    minimum: Counter[str] = Counter()
    for (_, item), least in stock.minimum.items():
        minimum[item] += least
    names = {i.code: (Words("item", i.name_zh, i.name_en), Words("unit", i.unit_zh, i.unit_en)) for i in list_items(session)}
    return reserve(free, minimum, taken, names)
