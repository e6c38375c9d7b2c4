"""Lessons: kept once, open until somebody closes them with evidence."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from dispatch.accounts.store import get_account
from dispatch.audit.store import Act, record
from dispatch.clock import Clock
from dispatch.db import retried, transaction
from dispatch.errors import Conflict, InvalidInput, NotFound
from dispatch.exercises.model import Lesson, NewLesson, check_evidence, check_leader
from dispatch.exercises.tables import LessonRow


@retried
def keep_lessons(engine: Engine, new: Iterable[NewLesson], actor: str, clock: Clock) -> int:
    """Keep lessons; how many were new: the same words of one source are kept once."""
    now, count = clock.now(), 0
    with transaction(engine) as session:
        check_leader(get_account(session, actor)["role"])
        for lesson in new:
            zh, en = (" ".join(text.split())[:400] for text in lesson.words)
            if not zh or not lesson.owner.strip():
                raise InvalidInput("A lesson needs words and an owner.", remedy="Fill in both.", zh="整改项须有内容和责任人。", remedy_zh="请填写内容和责任人。")
            known = session.scalars(select(LessonRow.id).where(LessonRow.source == lesson.source, LessonRow.zh == zh)).first()
            if known is not None:
                continue
            count += 1
            session.add(LessonRow(source=lesson.source, zh=zh, en=en or zh, owner=lesson.owner.strip()[:80], due_on=lesson.due_on, evidence="",
                                  closed_by=None, closed_at=None, created_by=actor, created_at=now))
            session.flush()
            record(session, Act(actor, "lesson.keep", lesson.source[:80], zh[:200]), now)
    return count


@retried
def close_lesson(engine: Engine, number: int, evidence: str, actor: str, clock: Clock) -> None:
    """Close a lesson with what was done; ``Conflict`` where somebody did before."""
    told, now = check_evidence(evidence), clock.now()
    with transaction(engine) as session:
        check_leader(get_account(session, actor)["role"])
        row = session.get(LessonRow, number, with_for_update=True)
        if row is None:
            raise NotFound(f"There is no lesson {number}.", remedy="Open the list.", zh=f"没有整改项 {number}。", remedy_zh="请打开列表。")
        if row.closed_at is not None:
            raise Conflict(f"Lesson {number} was closed by {row.closed_by}.", remedy="Reload the list.",
                           zh=f"整改项 {number} 已由 {row.closed_by} 关闭。", remedy_zh="请刷新列表。")
        row.evidence, row.closed_by, row.closed_at = told, actor, now
        record(session, Act(actor, "lesson.close", str(number), told[:200]), now)


def list_lessons(session: Session) -> list[Lesson]:
    """Open ones by their day, then closed ones, the newest first."""
    rows = [
        Lesson(r.id, r.source, r.zh, r.en, r.owner, r.due_on, r.evidence, r.closed_by, r.closed_at)
        for r in session.scalars(select(LessonRow).order_by(LessonRow.due_on, LessonRow.id))
    ]
    closed = sorted((lesson for lesson in rows if lesson.closed_at), key=lambda lesson: str(lesson.closed_at), reverse=True)
    return [lesson for lesson in rows if lesson.closed_at is None] + closed
