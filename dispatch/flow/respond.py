"""A warning comes in, a proposal comes out: gather (read) → decide (pure) → record (write)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from dispatch.alerts import cap
from dispatch.alerts import store as alerts_store
from dispatch.alerts.areas import lasting_longest, to_alerts
from dispatch.alerts.model import Alert, Situation
from dispatch.alerts.store import Arrival
from dispatch.alerts.timeline import fold
from dispatch.audit.store import Act, record
from dispatch.boundaries import load_boundaries
from dispatch.clock import Clock, to_local
from dispatch.config import Settings
from dispatch.db import reading, transaction
from dispatch.errors import InvalidInput
from dispatch.flow.compose import compose
from dispatch.flow.decide import decide
from dispatch.flow.model import Inputs
from dispatch.geography.store import list_counties, list_names
from dispatch.inventory.store import list_items, list_warehouses, snapshot
from dispatch.needs.standards import load_standards
from dispatch.plans.engine import assess
from dispatch.plans.policy import load_policy
from dispatch.proposals import store as proposals_store
from dispatch.routing.problem import RoutingParams
from dispatch.routing.speeds import load_speeds
from dispatch.routing.store import list_classes, list_edges, list_vehicles
from dispatch.teams.store import list_teams

TEST_SOLUTIONS = 30


@dataclass(frozen=True, slots=True)
class Way:
    """On whose behalf, by which clock, under which settings; ``draft`` false only keeps."""

    actor: str
    clock: Clock
    settings: Settings
    draft: bool = True


def ingest(
    engine: Engine, documents: Sequence[tuple[str, bytes]], way: Way
) -> list[dict[str, Any]]:
    """Take documents in, one by one; each is kept verbatim whatever becomes of it.

    Answers per document: file, identifier, status, error, situation, level,
    proposals.  A bad document never stops the others.
    """
    return [_take(engine, name, raw, way) for name, raw in documents]


def _take(engine: Engine, name: str, raw: bytes, way: Way) -> dict[str, Any]:
    clock = way.clock
    answer: dict[str, Any] = {
        "file": name, "identifier": None, "status": "quarantined", "error": None,
        "situation": None, "level": None, "proposals": [],
    }
    arrival = Arrival(name, raw, clock.now())
    with transaction(engine) as session:
        alerts: tuple[Alert, ...] = ()
        try:
            message = cap.parse(raw)
            answer["identifier"] = message.identifier
            alerts = to_alerts(message, list_counties(session), load_boundaries())
            answer["status"] = _judge(session, lasting_longest(alerts), clock.now())
        except InvalidInput as error:
            answer["error"] = error.as_dict()
        alerts_store.save(session, arrival, answer["status"], alerts, answer["error"])
        record(session, Act(way.actor, f"alert.{answer['status']}", answer["identifier"] or name),
               clock.now())
    if answer["status"] == "accepted" and alerts and way.draft:
        answer.update(respond(engine, alerts[0].identifier, way))
    return answer


def _judge(session: Session, alert: Alert, now: datetime) -> str:
    """accepted, duplicate or exercise; ``InvalidInput`` sends it to quarantine."""
    if alerts_store.is_known(session, alert):
        return "duplicate"
    if alert.status != "Actual":
        return "exercise"
    if alert.expires is not None and alert.expires <= now:
        raise InvalidInput(
            f"The warning expired on {to_local(alert.expires):%Y-%m-%d %H:%M}.",
            remedy="Send the one in force; to replay a past event use --replay.",
            zh=f"该预警已于 {to_local(alert.expires):%Y-%m-%d %H:%M} 失效。",
            remedy_zh="请发送有效的预警；重放历史事件请用 --replay。",
        )
    if alert.msg_type == "Cancel":
        known = {a.identifier for a in alerts_store.list_alerts(session)}
        if not known & set(alert.references):
            raise InvalidInput(
                "The message cancels a warning that has not arrived.",
                remedy="Send the warning first, or check <references>.",
                zh="该消息取消的预警尚未收到。",
                remedy_zh="请先发送被取消的预警，或核对 <references>。",
            )
    return "accepted"


def respond(engine: Engine, identifier: str, way: Way) -> dict[str, Any]:
    """Assess the situation a message belongs to; draft a proposal where its level asks for one."""
    with reading(engine) as session:
        situation = _situation_of(session, identifier, way.clock.now())
        if situation is None:
            return {}
        inputs = gather(session, situation)
    activation = assess(situation, inputs.policy)
    result: dict[str, Any] = {
        "situation": situation.code, "level": activation.level, "proposals": [],
    }
    if activation.level is not None:
        result["proposals"] = [propose(engine, inputs, way)]
    return result


def _situation_of(session: Session, identifier: str, at: datetime) -> Situation | None:
    situations = fold(alerts_store.list_alerts(session), at, list_names(session))
    return next((s for s in situations if identifier in s.alert_identifiers), None)


def gather(session: Session, situation: Situation) -> Inputs:
    """Read everything the decision rests on, once."""
    day = to_local(situation.as_of).date()
    return Inputs(
        situation=situation,
        counties={c.adcode: c for c in list_counties(session)},
        names=list_names(session),
        items={i.code: i for i in list_items(session)},
        warehouses={w.code: w for w in list_warehouses(session)},
        stock=snapshot(session, situation.as_of),
        edges=list_edges(session),
        classes=list_classes(session),
        vehicles=list_vehicles(session),
        teams=list_teams(session),
        policy=load_policy(day),
        standards=load_standards(day),
        speeds=load_speeds(),
    )


def propose(engine: Engine, inputs: Inputs, way: Way) -> str:
    """Draft, check and keep one proposal; the same state is never drafted twice."""
    state = state_hash(inputs.situation)
    with reading(engine) as session:
        known = proposals_store.find_by_state(session, inputs.situation.code, state)
    if known:
        return known
    limit = TEST_SOLUTIONS if way.settings.testing else None
    decision = decide(inputs, RoutingParams(way.settings.solve_seconds, limit))
    with transaction(engine) as session:
        code = proposals_store.next_code(session, way.clock.now())
        body = compose(code, inputs, decision, way.actor)
        body["created_at"] = way.clock.now().isoformat()
        draft = proposals_store.Draft(
            inputs.situation.code, state, decision.activation.level, body, way.actor
        )
        proposals_store.add(session, code, draft, way.clock.now())
        record(session, Act(way.actor, "proposal.drafted", code, inputs.situation.code), way.clock.now())
    return code


def state_hash(situation: Situation) -> str:
    """What makes a situation's state this one (the moment of looking left out)."""
    fields = {k: v for k, v in asdict(situation).items() if k != "as_of"}
    return hashlib.sha256(repr(sorted(fields.items(), key=lambda f: f[0])).encode()).hexdigest()
