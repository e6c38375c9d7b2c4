"""What makes a database a drill's: a table that no other database ever has.

Exercise messages open situations only where this mark stands, and nothing is sent outside from
there.  The mark is made when a drill's database is made and cannot be put on one in use.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Integer, MetaData, String, inspect
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from dispatch.clock import Clock, ReplayClock
from dispatch.db import NAMING, UtcDateTime


class DrillBase(DeclarativeBase):
    """Parent of the tables that only a drill's database has; they have no migration."""

    metadata = MetaData(naming_convention=NAMING)


class DrillRow(DrillBase):
    """The one drill of its database: what is replayed, who leads it, how its clock runs.

    ``status`` is ready, running, paused or ended.  At the machine's ``real_at`` the drill's clock
    stood at ``at``; it runs ``rate`` times as fast as the machine's while running.  ``version``
    counts its changes, so that of two people who press at once one wins.
    """

    __tablename__ = "drill"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    scenario: Mapped[str] = mapped_column(String(120))
    status: Mapped[str] = mapped_column(String(10))
    leader: Mapped[str | None] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    real_at: Mapped[datetime] = mapped_column(UtcDateTime)
    rate: Mapped[int]
    version: Mapped[int]


def is_drill(session: Session) -> bool:
    """True in a drill's database."""
    return inspect(session.connection()).has_table(DrillRow.__tablename__)


def clock_of_drill(session: Session) -> Clock | None:
    """The replayed clock of a drill's database; None in any other, or before its drill is made."""
    row = session.get(DrillRow, 1) if is_drill(session) else None
    if row is None:
        return None
    rate = row.rate if row.status == "running" else 0
    return ReplayClock(row.at, row.real_at, rate)
