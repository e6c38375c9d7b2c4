"""A situation changed: assess it, keep what follows from it, ask for a draft: all in one transaction."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from dispatch.alerts.model import Situation
from dispatch.alerts.situations import get_row
from dispatch.audit.store import Act, record
from dispatch.db import reading, retried, transaction
from dispatch.flow.gather import judge, open_codes, read_ground, read_situation, strong_here
from dispatch.flow.model import Way
from dispatch.flow.tell import tell_change
from dispatch.plans.clocks import deadlines
from dispatch.plans.escalation import Change, follow, in_force
from dispatch.plans.ground import Ground
from dispatch.plans.model import ROMAN, Activation
from dispatch.plans.policy import Policy
from dispatch.plans.store import Step, add_step, start_clocks
from dispatch.proposals.jobs import ask

OPEN = 100


@dataclass(frozen=True, slots=True)
class Followed:
    """What a look at a situation came to: its code, level in force and whether a draft is asked for."""

    situation: str
    level: int | None
    asks_draft: bool


@retried
def follow_up(engine: Engine, code: str, way: Way, ground: Ground | None = None) -> Followed:
    """Assess a situation now and record what changed by itself: level, clocks, a wished draft."""
    with transaction(engine) as session:
        ground = ground or read_ground(session)
        row = get_row(session, code)
        session.refresh(row, with_for_update=True)
        situation = read_situation(session, row.code, way.clock.now(), ground)
        row.strong = strong_here(situation)
        return _follow(session, situation, way, ground)


def tick(engine: Engine, way: Way) -> list[Followed]:
    """Look at every open situation: warnings expire and holds run out without a message."""
    with reading(engine) as session:
        ground = read_ground(session)
        codes = open_codes(session, way.clock.now(), ground)
    return [follow_up(engine, code, way, ground) for code in codes]


def _follow(session: Session, situation: Situation, way: Way, ground: Ground) -> Followed:
    now = way.clock.now()
    answer, standing, policy = judge(session, situation, ground)
    change = follow(standing, answer, now)
    if change is not None:
        keep_change(session, (situation, answer, policy), change, (way.actor, now))
        standing = change.standing
    force = in_force(answer, standing, policy, situation)
    asks = way.draft and force.kind != "watch"
    if asks:
        ask(session, situation.code, state_hash(situation, force), way.actor, now)
    return Followed(situation.code, force.level, asks)


def keep_change(
    session: Session, known: tuple[Situation, Activation, Policy], change: Change, who: tuple[str, datetime],
    reason: str = "",
) -> None:
    """Write a change of level with what the engine said, restart the clocks, tell people."""
    situation, answer, policy = known
    actor, now = who
    words = answer.reasons[0]
    add_step(session, situation.code, Step(
        change, now, actor, reason or words.zh, answer.level, policy.version, summary(answer)
    ))
    standing = change.standing
    if change.kind in ("raised", "lowered", "special"):
        actions = policy.levels[standing.level or 4]
        force = in_force(answer, standing, policy, situation)
        start_clocks(session, situation.code, standing.level,
                     deadlines(actions, standing.stage, force.lead_tier, now))
    tell_change(session, situation, change, now)
    record(session, Act(actor, f"level.{change.kind}", situation.code,
                        f"{ROMAN.get(standing.level or 0, '-')} {reason}".strip()), now)


def summary(answer: Activation) -> dict[str, Any]:
    """The engine's answer as kept in the history: JSON-ready, met criteria in full."""
    return {
        "level": answer.level, "stage": answer.stage, "kind": answer.kind,
        "lead_tier": answer.lead_tier, "policy_version": answer.policy_version,
        "places": {p.place: p.level for p in answer.places},
        "met": [asdict(c) for c in answer.criteria if c.met],
        "reasons": [w.as_dict() for w in answer.reasons],
    }


def state_hash(situation: Situation, force: Activation) -> str:
    """What makes a situation's state this one for a draft: what is known and in force, not when
    it was looked at, nor which messages said it."""
    roads: list[tuple[object, ...]] = [(n.ref, n.counties, n.speed_factor, n.until) for n in situation.roads]
    roads += [(r.edge_id, r.percent, r.until) for r in situation.road_reports if r.percent < OPEN]
    state: dict[str, object] = {
        "hazard": situation.hazard, "counties": situation.counties,
        "hazards": situation.hazards, "counts": asdict(situation.counts),
        "places": {p: asdict(c) for p, c in situation.places.items()},
        "roads": sorted(map(str, roads)), "temperature": situation.temperature_c,
        "observations": asdict(situation.observations), "level": force.level,
        "kind": force.kind, "special": force.special, "policy": force.policy_version,
    }
    if situation.halted:
        state["halted"] = situation.halted
    return hashlib.sha256(json.dumps(state, sort_keys=True, default=str).encode()).hexdigest()
