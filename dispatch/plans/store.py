"""The history of levels, the clocks and the policy editions: rows to values and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from dispatch.errors import NotFound
from dispatch.plans.clocks import Deadline
from dispatch.plans.escalation import Change, Standing
from dispatch.plans.policy import Policy, choose, parse_policy, shipped_policies
from dispatch.plans.tables import ActivationRow, DeadlineRow, PolicyRow


@dataclass(frozen=True, slots=True)
class Step:
    """A change of level with who made it, why, and what the engine said at that moment."""

    change: Change
    at: datetime
    actor: str
    reason: str
    engine_level: int | None
    policy_version: str
    answer: dict[str, Any]


def standing_of(session: Session, codes: Sequence[str], at: datetime | None = None) -> Standing:
    """What is in force for a situation (its codes: own and merged), or was at a moment."""
    query = select(ActivationRow).where(ActivationRow.situation.in_(codes))
    if at is not None:
        query = query.where(ActivationRow.at <= at)
    row = session.scalars(query.order_by(ActivationRow.id.desc()).limit(1)).first()
    if row is None:
        return Standing()
    last = row.change
    if last in ("milder", "again"):
        last = "special" if row.level is None else "raised"
    return Standing(row.level, row.stage, row.since, row.milder_since, last)


def add_step(session: Session, situation: str, step: Step) -> None:
    """Write a change of level."""
    standing = step.change.standing
    session.add(ActivationRow(
        situation=situation, at=step.at, change=step.change.kind, level=standing.level,
        stage=standing.stage, since=standing.since, milder_since=standing.milder_since,
        engine_level=step.engine_level, actor=step.actor, reason=step.reason,
        policy_version=step.policy_version, answer=step.answer,
    ))
    session.flush()


def list_steps(session: Session, codes: Sequence[str]) -> list[dict[str, Any]]:
    """The history of a situation's level, oldest first."""
    rows = session.scalars(
        select(ActivationRow).where(ActivationRow.situation.in_(codes)).order_by(ActivationRow.id)
    )
    return [
        {"at": r.at.isoformat(), "change": r.change, "level": r.level, "stage": r.stage,
         "engine_level": r.engine_level, "actor": r.actor, "reason": r.reason,
         "policy_version": r.policy_version, "answer": r.answer}
        for r in rows
    ]


def start_clocks(session: Session, situation: str, level: int | None, due: Sequence[Deadline]) -> None:
    """Start a level's deadlines; what ran before gives way but never to a later time, and what
    was met stays met."""
    old = list(session.scalars(
        select(DeadlineRow).where(DeadlineRow.situation == situation, DeadlineRow.is_void.is_(False))
    ))
    met = {row.name for row in old if row.met_at is not None} - {"follow_up"}
    for deadline in due:
        running = [row for row in old if row.name == deadline.name and row.met_at is None]
        for row in running:
            row.is_void = True
        if deadline.name not in met:
            session.add(DeadlineRow(
                situation=situation, name=deadline.name, tier=deadline.tier, level=level,
                due_at=min([deadline.due_at, *(row.due_at for row in running)]),
                escalated_at=min((row.escalated_at for row in running if row.escalated_at), default=None),
                is_void=False,
            ))
    session.flush()


def stop_clocks(session: Session, situation: str) -> None:
    """The response ended: what was not met is owed no more."""
    session.execute(
        update(DeadlineRow)
        .where(DeadlineRow.situation == situation, DeadlineRow.met_at.is_(None))
        .values(is_void=True)
    )


def meet(session: Session, situation: str, name: str, by: str, at: datetime) -> bool:
    """Tick a running deadline; False when none of that name runs."""
    row = session.scalars(
        select(DeadlineRow)
        .where(DeadlineRow.situation == situation, DeadlineRow.name == name,
               DeadlineRow.met_at.is_(None), DeadlineRow.is_void.is_(False))
        .order_by(DeadlineRow.due_at).limit(1).with_for_update()
    ).first()
    if row is None:
        return False
    row.met_at, row.met_by = at, by
    session.flush()
    return True


def add_deadline(session: Session, situation: str, level: int | None, deadline: Deadline) -> None:
    """One more deadline, beside those that run."""
    session.add(DeadlineRow(situation=situation, name=deadline.name, tier=deadline.tier, level=level,
                            due_at=deadline.due_at, is_void=False))
    session.flush()


def list_deadlines(session: Session, codes: Sequence[str]) -> list[DeadlineRow]:
    """The deadlines of a situation that count, soonest first."""
    return list(session.scalars(
        select(DeadlineRow)
        .where(DeadlineRow.situation.in_(codes), DeadlineRow.is_void.is_(False))
        .order_by(DeadlineRow.due_at, DeadlineRow.id)
    ))


def list_missed(session: Session, at: datetime) -> list[DeadlineRow]:
    """Deadlines that passed unmet and have not been taken up, locked for whoever takes them up."""
    return list(session.scalars(
        select(DeadlineRow)
        .where(DeadlineRow.due_at <= at, DeadlineRow.met_at.is_(None),
               DeadlineRow.escalated_at.is_(None), DeadlineRow.is_void.is_(False))
        .order_by(DeadlineRow.due_at, DeadlineRow.id).with_for_update()
    ))


def policies(session: Session) -> list[Policy]:
    """Every policy that counts: the shipped files and what was approved here."""
    rows = session.scalars(select(PolicyRow).where(PolicyRow.status == "approved").order_by(PolicyRow.version))
    return [*shipped_policies(), *(parse_policy(row.body, row.version) for row in rows)]


def policy_at(session: Session, at: date) -> Policy:
    """The policy in force on a date."""
    return choose(policies(session), at)


def list_policy_rows(session: Session) -> list[PolicyRow]:
    """Editions proposed here, newest first."""
    return list(session.scalars(select(PolicyRow).order_by(PolicyRow.proposed_at.desc(), PolicyRow.version.desc())))


def get_policy_row(session: Session, version: str, *, lock: bool = False) -> PolicyRow:
    """An edition proposed here; ``NotFound`` with a remedy."""
    row = session.get(PolicyRow, version, with_for_update=lock or None)
    if row is None:
        raise NotFound(f"There is no proposed policy {version}.", remedy="The plan page lists the editions.",
                       zh=f"没有待审预案版本 {version}。", remedy_zh="预案页面列出了全部版本。")
    return row
