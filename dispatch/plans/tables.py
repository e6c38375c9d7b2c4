"""The level in force over time, the clocks it started, and editions of the plan policy."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.db import Base, UtcDateTime

BIG_ID = BigInteger().with_variant(Integer(), "sqlite")


class ActivationRow(Base):
    """One step of a situation's level; only ever added.  ``answer`` is what the engine said."""

    __tablename__ = "activation"
    __table_args__ = (
        CheckConstraint(
            "change IN ('raised','milder','again','lowered','special','ended')", name="change_known"
        ),
        CheckConstraint("level IS NULL OR level BETWEEN 1 AND 4", name="level_known"),
    )
    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True, autoincrement=True)
    situation: Mapped[str] = mapped_column(ForeignKey("situation.code"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    change: Mapped[str] = mapped_column(String(8))
    level: Mapped[int | None]
    stage: Mapped[str] = mapped_column(String(10))
    since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    milder_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    engine_level: Mapped[int | None]
    actor: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(Text)
    policy_version: Mapped[str] = mapped_column(String(60))
    answer: Mapped[dict[str, Any]] = mapped_column(JSON)


class DeadlineRow(Base):
    """One promise of the plan for a situation: due, met, escalated."""

    __tablename__ = "deadline"
    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True, autoincrement=True)
    situation: Mapped[str] = mapped_column(ForeignKey("situation.code"), index=True)
    name: Mapped[str] = mapped_column(String(20))
    tier: Mapped[str] = mapped_column(String(12))
    level: Mapped[int | None]
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    met_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    met_by: Mapped[str | None] = mapped_column(String(80))
    escalated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_void: Mapped[bool]


class PolicyRow(Base):
    """An edition of the plan policy proposed in the program; its text is never changed."""

    __tablename__ = "plan_policy"
    __table_args__ = (
        CheckConstraint("status IN ('proposed','approved','rejected')", name="status_known"),
    )
    version: Mapped[str] = mapped_column(String(60), primary_key=True)
    valid_from: Mapped[date]
    status: Mapped[str] = mapped_column(String(10))
    body: Mapped[str] = mapped_column(Text)
    base_version: Mapped[str] = mapped_column(String(60))
    reason: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[str] = mapped_column(String(80))
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[str | None] = mapped_column(String(80))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    comment: Mapped[str] = mapped_column(Text)
