"""A person decides on a draft under way: take the plan in hand, stop it, ask for it again.

Each is one transaction on the draft's row and needs no answer from the process that solves: that
sees within a moment that the row is no longer its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from dispatch.accounts.rights import roles_of
from dispatch.accounts.store import get_account
from dispatch.audit.store import Act, record
from dispatch.clock import Clock
from dispatch.db import retried, transaction
from dispatch.errors import Conflict, Refused
from dispatch.flow import plan_words
from dispatch.flow.draft import record_plan_in_hand
from dispatch.proposals.jobs import LIVE, get_job, get_live, start_over

MAY_DECIDE = roles_of("draft.decide")


@dataclass(frozen=True, slots=True)
class Person:
    """Who decides, and by which clock."""

    name: str
    clock: Clock


@retried
def take(engine: Engine, number: int, person: Person) -> str:
    """Stop improving and make the verified plan in hand the proposal; its code.

    Raises ``Conflict`` when the draft has ended or there is no plan yet.
    """
    with transaction(engine) as session:
        _check_role(get_account(session, person.name)["role"])
        row = get_live(session, number)
        if row.preview is None:
            raise Conflict(
                f"Draft {number} has no verified plan yet.",
                remedy="Wait for the first plan; it usually takes a few seconds.",
                zh=f"草拟任务 {number} 还没有已校验的方案。",
                remedy_zh="请稍候，首个方案通常数秒内生成。",
            )
        row.note = plan_words.taken(person.name).as_dict()
        code = record_plan_in_hand(session, row, person.clock)
        record(session, Act(person.name, "draft.taken", str(number), code), person.clock.now())
        return code


@retried
def stop(engine: Engine, number: int, person: Person) -> None:
    """End a draft without a proposal; ``Conflict`` when it has ended already."""
    with transaction(engine) as session:
        _check_role(get_account(session, person.name)["role"])
        row = get_live(session, number)
        row.status, row.finished_at, row.lease_until = "stopped", person.clock.now(), None
        row.note = plan_words.stopped(person.name).as_dict()
        record(session, Act(person.name, "draft.stopped", str(number), row.situation), person.clock.now())


@retried
def again(engine: Engine, number: int, person: Person) -> None:
    """Put a draft that failed or was stopped back into the queue; ``Conflict`` for any other."""
    with transaction(engine) as session:
        _check_role(get_account(session, person.name)["role"])
        row = get_job(session, number, lock=True)
        if row.status not in ("failed", "stopped"):
            raise Conflict(
                f"Draft {number} is {row.status} and cannot be asked for again.",
                remedy="Only a draft that failed or was stopped can.",
                zh=f"草拟任务 {number} {'正在进行' if row.status in LIVE else '已有结果'}，不能重新生成。",
                remedy_zh="只有失败或已停止的任务可以重新生成。",
            )
        start_over(session, row, person.clock.now())
        record(session, Act(person.name, "draft.again", str(number), row.situation), person.clock.now())


def _check_role(role: str) -> None:
    if role not in MAY_DECIDE:
        raise Refused(
            "Deciding on a draft takes the role planner or above.",
            remedy="Ask the person on duty.",
            zh="处理方案草拟需要计划员以上角色。",
            remedy_zh="请联系值班人员。",
        )
