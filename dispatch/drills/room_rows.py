"""What a live drill tells its control room: what happened, what comes, who plays, that it lives."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Integer, String, Text, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.db import UtcDateTime
from dispatch.drill_mark import DrillBase
from dispatch.errors import InvalidInput

ROLES = ("planner", "approver", "storekeeper")
SHOWN = 200


class HappenedRow(DrillBase):
    """One thing that happened, in both languages; only ever added."""

    __tablename__ = "drill_happened"
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[str] = mapped_column(String(20))
    zh: Mapped[str] = mapped_column(Text)
    en: Mapped[str] = mapped_column(Text)


class AheadRow(DrillBase):
    """One thing that is to come in; written anew when the leader throws something in."""

    __tablename__ = "drill_ahead"
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[str] = mapped_column(String(20))
    zh: Mapped[str] = mapped_column(Text)
    en: Mapped[str] = mapped_column(Text)


class PlayerRow(DrillBase):
    """A role that people play; the others are the machine's."""

    __tablename__ = "drill_player"
    role: Mapped[str] = mapped_column(String(20), primary_key=True)


class BeatRow(DrillBase):
    """The sign of life of the process that plays: how far it has played, and what became of it."""

    __tablename__ = "drill_beat"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    pid: Mapped[int]
    real_at: Mapped[datetime] = mapped_column(UtcDateTime)
    played_to: Mapped[datetime] = mapped_column(UtcDateTime)
    is_scored: Mapped[bool]


@dataclass(frozen=True, slots=True)
class Line:
    """A moment, what kind of thing, and its words in Chinese and English."""

    at: datetime
    kind: str
    zh: str
    en: str


def add_happened(session: Session, lines: Iterable[Line]) -> None:
    """Write down what happened."""
    number = session.scalar(select(func.max(HappenedRow.number))) or 0
    for line in lines:
        number += 1
        session.add(HappenedRow(number=number, at=line.at, kind=line.kind, zh=line.zh, en=line.en))
    session.flush()


def list_happened(session: Session) -> list[Line]:
    """The newest first."""
    rows = session.scalars(select(HappenedRow).order_by(HappenedRow.number.desc()).limit(SHOWN))
    return [Line(row.at, row.kind, row.zh, row.en) for row in rows]


def told_before(session: Session) -> frozenset[tuple[datetime, str]]:
    """Moment and Chinese words of all that was written down."""
    return frozenset(session.execute(select(HappenedRow.at, HappenedRow.zh)).tuples().all())


def count_happened(session: Session) -> int:
    """How many things happened."""
    return session.scalar(select(func.count()).select_from(HappenedRow)) or 0


def set_ahead(session: Session, lines: Iterable[Line]) -> None:
    """What is to come, in place of what was."""
    session.execute(delete(AheadRow))
    for number, line in enumerate(lines):
        session.add(AheadRow(number=number, at=line.at, kind=line.kind, zh=line.zh, en=line.en))
    session.flush()


def list_ahead(session: Session) -> list[Line]:
    """What is to come, the next first."""
    return [Line(row.at, row.kind, row.zh, row.en) for row in session.scalars(select(AheadRow).order_by(AheadRow.at, AheadRow.number))]


def set_people(session: Session, roles: Iterable[str]) -> None:
    """The roles that people play from now on; ``InvalidInput`` for one there is not."""
    wanted = frozenset(roles)
    strange = wanted - set(ROLES)
    if strange:
        raise InvalidInput(f"There is no role {min(strange)[:40]!r} in a drill.", remedy="Choose " + ", ".join(ROLES) + ".",
                           zh=f"演练中没有 {min(strange)[:40]!r} 这个角色。", remedy_zh="请从列表中选择。")
    session.execute(delete(PlayerRow))
    session.add_all(PlayerRow(role=role) for role in sorted(wanted))
    session.flush()


def people(session: Session) -> frozenset[str]:
    """The roles that people play."""
    return frozenset(session.scalars(select(PlayerRow.role)))


def beat(session: Session, pid: int, real_now: datetime, played_to: datetime, *, is_scored: bool = False) -> None:
    """Say that the process lives."""
    session.merge(BeatRow(id=1, pid=pid, real_at=real_now, played_to=played_to, is_scored=is_scored))
    session.flush()


def last_beat(session: Session) -> tuple[datetime, bool] | None:
    """How far the process had played when it last gave a sign of life, and whether it has scored."""
    row = session.get(BeatRow, 1)
    return None if row is None else (row.played_to, row.is_scored)
