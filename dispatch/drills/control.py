"""The leader's hand on a drill: start, pause, speed, step, jump, throw something in.

The row of the drill is changed only in the version its reader saw: of two people who press at once
one wins, and the other is told who it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, CursorResult, Engine, Integer, String, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.clock import to_local
from dispatch.db import UtcDateTime
from dispatch.drill_mark import DrillBase, DrillRow, is_drill
from dispatch.drills.injects import check_time
from dispatch.drills.model import Inject, InjectKind
from dispatch.errors import Conflict, InvalidInput, Refused

FASTEST = 10_000


class InjectRow(DrillBase):
    """Something a leader threw in, by number."""

    __tablename__ = "drill_inject"
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[str] = mapped_column(String(20))
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    thrown_by: Mapped[str] = mapped_column(String(80))
    thrown_at: Mapped[datetime] = mapped_column(UtcDateTime)


def make_tables(engine: Engine) -> None:
    """Mark a fresh database as a drill's."""
    DrillBase.metadata.create_all(engine)


@dataclass(frozen=True, slots=True)
class Hand:
    """Who acts, and what the machine's clock shows."""

    name: str
    real_now: datetime


def start(session: Session, hand: Hand, rate: int = 1) -> None:
    """Start the clock and become its leader; ``Conflict`` names who started it before."""
    _check_rate(rate)
    row = the_drill(session)
    if row.status != "ready":
        raise _taken(row)
    _set(session, row, {"status": "running", "leader": hand.name, "real_at": hand.real_now, "rate": rate})


def pause(session: Session, hand: Hand) -> None:
    """Let the clock stand."""
    row = _led(session, hand, ("running",))
    _set(session, row, {"status": "paused", "at": shown(session, hand), "real_at": hand.real_now})


def resume(session: Session, hand: Hand) -> None:
    """Let a paused clock run on, as fast as before."""
    row = _led(session, hand, ("paused",))
    _set(session, row, {"status": "running", "real_at": hand.real_now})


def set_rate(session: Session, hand: Hand, rate: int) -> None:
    """How many times as fast as the machine's clock, 1 to 10,000."""
    _check_rate(rate)
    row = _led(session, hand, ("running", "paused"))
    _set(session, row, {"rate": rate, "at": shown(session, hand), "real_at": hand.real_now})


def step(session: Session, hand: Hand, by: timedelta) -> None:
    """Move the clock on by a span."""
    jump(session, hand, shown(session, hand) + by)


def jump(session: Session, hand: Hand, to: datetime) -> None:
    """Set the clock on to a moment; ``InvalidInput`` for one it has passed: what happened stays."""
    row = _led(session, hand, ("running", "paused"))
    now = shown(session, hand)
    if to < now:
        raise InvalidInput(
            f"The drill's clock shows {to_local(now):%Y-%m-%d %H:%M}; it does not go back.",
            remedy="Give a later moment, or begin a new drill.",
            zh=f"演练时钟为 {to_local(now):%Y-%m-%d %H:%M}，不能倒退。", remedy_zh="请填写更晚的时间，或重新开始一次演练。",
        )
    _set(session, row, {"at": to, "real_at": hand.real_now})


def end(session: Session, hand: Hand) -> None:
    """End the drill; its clock stands for good."""
    row = _led(session, hand, ("running", "paused"))
    _set(session, row, {"status": "ended", "at": shown(session, hand), "real_at": hand.real_now})


def throw(session: Session, hand: Hand, inject: Inject) -> int:
    """Keep something to be thrown in, and its number; ``InvalidInput`` for a moment gone by."""
    _led(session, hand, ("running", "paused"))
    now = shown(session, hand)
    number = (session.scalar(select(func.max(InjectRow.number))) or 0) + 1
    check_time(replace(inject, number=number), now)
    body = {"places": list(inject.places), "road": inject.road, "event": inject.event, "measure": inject.measure,
            "figure": inject.figure, "hours": inject.hours}
    session.add(InjectRow(number=number, at=inject.at, kind=inject.kind.value, body=body, thrown_by=hand.name, thrown_at=now))
    session.flush()
    return number


def list_injects(session: Session) -> tuple[Inject, ...]:
    """What was thrown in, by number."""
    return tuple(inject for _, inject in list_thrown(session))


def list_thrown(session: Session, after: int = 0) -> tuple[tuple[datetime, Inject], ...]:
    """What was thrown in after a number, with what the drill's clock showed then."""
    rows = session.scalars(select(InjectRow).where(InjectRow.number > after).order_by(InjectRow.number))
    return tuple((row.thrown_at, _inject(row)) for row in rows)


def _inject(row: InjectRow) -> Inject:
    body: Mapping[str, Any] = {**row.body, "places": tuple(row.body["places"])}
    return Inject(row.number, 0, row.at, InjectKind(row.kind), **body)


def the_drill(session: Session) -> DrillRow:
    """The drill of this database; ``Refused`` in any other."""
    row = session.get(DrillRow, 1, populate_existing=True) if is_drill(session) else None
    if row is None:
        raise Refused("This is no drill's database.", remedy="Begin a drill first.",
                      zh="这不是演练数据库。", remedy_zh="请先建立演练。")
    return row


def _led(session: Session, hand: Hand, states: tuple[str, ...]) -> DrillRow:
    row = the_drill(session)
    if row.status not in states:
        raise Conflict(f"The drill is {row.status}.", remedy="Reload to see what can be done now.",
                       zh=f"演练当前状态为 {row.status}。", remedy_zh="请刷新查看当前可进行的操作。")
    if row.leader != hand.name:
        raise Refused(f"{row.leader} leads this drill.", remedy="Ask them.",
                      zh=f"本次演练由 {row.leader} 导调。", remedy_zh="请联系导调人员。")
    return row


def shown(session: Session, hand: Hand) -> datetime:
    """What the drill's clock shows."""
    row = the_drill(session)
    rate = row.rate if row.status == "running" else 0
    return row.at + (hand.real_now - row.real_at) * rate


def _set(session: Session, row: DrillRow, values: dict[str, Any]) -> None:
    done = session.execute(
        update(DrillRow).where(DrillRow.id == 1, DrillRow.version == row.version)
        .values(version=row.version + 1, **values).execution_options(synchronize_session=False)
    )
    if isinstance(done, CursorResult) and done.rowcount != 1:
        session.expire_all()
        raise _taken(the_drill(session))
    session.expire_all()


def _taken(row: DrillRow) -> Conflict:
    who = row.leader or "somebody else"
    return Conflict(
        f"{who} was first: the drill is {row.status}.", remedy="Reload; one leader runs a drill.",
        zh=f"{who} 已先行操作，演练状态为 {row.status}。", remedy_zh="请刷新页面；一次演练只有一名导调。",
        facts={"leader": row.leader, "status": row.status},
    )


def _check_rate(rate: int) -> None:
    if not 1 <= rate <= FASTEST:
        raise InvalidInput(f"The rate {rate} is not 1 to {FASTEST:,}.", remedy=f"Give 1 to {FASTEST:,}.",
                           zh=f"倍速 {rate} 不在 1 到 {FASTEST:,} 之间。", remedy_zh=f"请填写 1 到 {FASTEST:,}。")
