"""The time of a demo: its example happened years ago, so its clock runs from then on."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from sqlalchemy import Engine, Integer, inspect
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.clock import Clock, ShiftedClock, SystemClock
from dispatch.db import Base, reading
from dispatch.drill_mark import clock_of_drill, is_drill
from dispatch.errors import Unavailable

LEADERS_HAND_S = 0.5


class DemoTimeRow(Base):
    """How far the demo's clock stands from the machine's, in seconds; at most one row."""

    __tablename__ = "demo_time"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    shift_s: Mapped[int]


def shift_of(session: Session) -> timedelta | None:
    """The demo's shift; None in a real database."""
    row = session.get(DemoTimeRow, 1)
    return None if row is None else timedelta(seconds=row.shift_s)


def set_demo_time(session: Session, at: datetime, real_now: datetime) -> None:
    """Let the demo's clock show ``at`` now; it never goes back."""
    shift = int((at - real_now).total_seconds())
    row = session.get(DemoTimeRow, 1)
    if row is None:
        session.add(DemoTimeRow(id=1, shift_s=shift))
    else:
        row.shift_s = max(row.shift_s, shift)
    session.flush()


def is_drill_at(engine: Engine) -> bool:
    """Whether a database is a drill's; False where it does not answer."""
    try:
        with reading(engine) as session:
            return is_drill(session)
    except Unavailable:
        return False


class DrillClock:
    """The clock of a drill's database, as its leader pauses and moves it."""

    def __init__(self, engine: Engine, shown: Clock) -> None:
        self._engine, self._shown = engine, shown
        self._until = time.monotonic() + LEADERS_HAND_S

    def now(self) -> datetime:
        """The drill's moment; the leader's last word is at most half a second old."""
        if time.monotonic() > self._until:
            with reading(self._engine) as session:
                self._shown = clock_of_drill(session) or self._shown
            self._until = time.monotonic() + LEADERS_HAND_S
        return self._shown.now()


def clock_of(engine: Engine) -> Clock:
    """The clock of a database: the machine's, a demo's or a drill's (also before its tables are made)."""
    try:
        is_ready = inspect(engine).has_table(DemoTimeRow.__tablename__)
    except OperationalError:
        return SystemClock()
    if not is_ready:
        return SystemClock()
    with reading(engine) as session:
        replayed = clock_of_drill(session)
        shift = shift_of(session)
    if replayed is not None:
        return DrillClock(engine, replayed)
    return SystemClock() if shift is None else ShiftedClock(shift)
