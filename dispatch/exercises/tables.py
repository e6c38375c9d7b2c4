"""Planned drills, the teams asked to them, and lessons."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.db import Base, UtcDateTime
from dispatch.exercises.model import Standing

_KNOWN = ", ".join(f"'{standing.value}'" for standing in Standing)


class PlannedDrillRow(Base):
    """One drill of the calendar; ``scenario`` is the code of what is replayed, if anything is."""

    __tablename__ = "planned_drill"
    __table_args__ = (CheckConstraint("status IN ('planned', 'held', 'cancelled')", name="status_known"),)
    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    title: Mapped[str] = mapped_column(String(120))
    scenario: Mapped[str | None] = mapped_column(String(120))
    planned_on: Mapped[date] = mapped_column(index=True)
    place: Mapped[str] = mapped_column(String(6))
    leader: Mapped[str] = mapped_column(String(80))
    status: Mapped[str] = mapped_column(String(10))
    held_on: Mapped[date | None]
    words: Mapped[str] = mapped_column(String(500))
    created_by: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DrillTeamRow(Base):
    """A team asked to a planned drill; ``team_drill`` is where its attendance is kept, once it is.

    Who was there stands in the books of the team alone; here stands whether the team came at all.
    """

    __tablename__ = "planned_drill_team"
    __table_args__ = (CheckConstraint(f"standing IN ({_KNOWN})", name="standing_known"),)
    drill: Mapped[str] = mapped_column(ForeignKey("planned_drill.code"), primary_key=True)
    team_code: Mapped[str] = mapped_column(ForeignKey("team.code"), primary_key=True)
    team_drill: Mapped[str | None] = mapped_column(ForeignKey("team_drill.code"))
    standing: Mapped[str] = mapped_column(String(10))


class DrillAwayRow(Base):
    """A member of a team that was there who was not: absent, or excused."""

    __tablename__ = "planned_drill_away"
    __table_args__ = (CheckConstraint("standing IN ('absent', 'excused')", name="standing_known"),)
    drill: Mapped[str] = mapped_column(ForeignKey("planned_drill.code"), primary_key=True)
    member: Mapped[str] = mapped_column(ForeignKey("team_member.code"), primary_key=True)
    standing: Mapped[str] = mapped_column(String(10))


class DrillPersonRow(Base):
    """A person asked to a drill who belongs to no team: a leader, an observer, somebody of another office."""

    __tablename__ = "planned_drill_person"
    __table_args__ = (CheckConstraint(f"standing IN ({_KNOWN})", name="standing_known"),)
    drill: Mapped[str] = mapped_column(ForeignKey("planned_drill.code"), primary_key=True)
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    standing: Mapped[str] = mapped_column(String(10))


class LessonRow(Base):
    """Something a drill taught, with an owner and a day, until somebody closes it with evidence.

    ``source`` is the scenario, live drill or planned drill it came from; the same words of one source are kept once.
    """

    __tablename__ = "lesson"
    __table_args__ = (
        UniqueConstraint("source", "zh"),
        CheckConstraint("(closed_at IS NULL) = (evidence = '')", name="closed_with_evidence"),
    )
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    source: Mapped[str] = mapped_column(String(120))
    zh: Mapped[str] = mapped_column(String(400))
    en: Mapped[str] = mapped_column(String(400))
    owner: Mapped[str] = mapped_column(String(80))
    due_on: Mapped[date] = mapped_column(index=True)
    evidence: Mapped[str] = mapped_column(Text)
    closed_by: Mapped[str | None] = mapped_column(String(80))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
