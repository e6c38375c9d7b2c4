"""Every document that arrived, word for word, and what was made of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.db import Base, UtcDateTime

STATUSES = ("accepted", "duplicate", "quarantined", "exercise")


class AlertDocumentRow(Base):
    """One document as it came in; ``parsed`` is filled when it was understood."""

    __tablename__ = "alert_document"
    __table_args__ = (
        CheckConstraint("status IN ('accepted','duplicate','quarantined','exercise')", name="status_known"),
    )
    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True
    )
    accepted_key: Mapped[str | None] = mapped_column(String(300), unique=True)
    identifier: Mapped[str | None] = mapped_column(String(120), index=True)
    stem: Mapped[str | None] = mapped_column(String(120), index=True)
    file_name: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(12))
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sha256: Mapped[str] = mapped_column(String(64))
    raw: Mapped[bytes] = mapped_column(LargeBinary)
    parsed: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class SituationRow(Base):
    """One event that messages and reports were gathered under; merged ones point to what they became.

    ``strong`` maps a county to its hazards at orange or above as of the last look, for the
    rule on two strong hazards in one area.
    """

    __tablename__ = "situation"
    __table_args__ = (CheckConstraint("status IN ('open','ended','merged')", name="status_known"),)
    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    hazard_group: Mapped[str] = mapped_column(String(20), index=True)
    status: Mapped[str] = mapped_column(String(8), index=True)
    merged_into: Mapped[str | None] = mapped_column(ForeignKey("situation.code"), index=True)
    first_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)
    strong: Mapped[dict[str, list[str]]] = mapped_column(JSON)


class SituationMemberRow(Base):
    """A warning (part of a document) and the one situation it belongs to.

    ``leagues`` are four-digit codes between commas, so that LIKE finds one.
    """

    __tablename__ = "situation_member"
    __table_args__ = (Index("ix_situation_member_hazard_group", "hazard_group", "sent"),)
    document: Mapped[int] = mapped_column(ForeignKey("alert_document.id"), primary_key=True, autoincrement=False)
    part: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    situation: Mapped[str] = mapped_column(ForeignKey("situation.code"), index=True)
    hazard_group: Mapped[str] = mapped_column(String(20))
    sent: Mapped[datetime] = mapped_column(UtcDateTime)
    leagues: Mapped[str] = mapped_column(String(120))


class ReferenceRow(Base):
    """An earlier message that a document refers to, by the stem of its identifier."""

    __tablename__ = "alert_reference"
    document: Mapped[int] = mapped_column(ForeignKey("alert_document.id"), primary_key=True, autoincrement=False)
    identifier: Mapped[str] = mapped_column(String(120), primary_key=True)
    stem: Mapped[str] = mapped_column(String(120), index=True)


class ReportRow(Base):
    """One situation report; only ever added, corrections are new reports."""

    __tablename__ = "situation_report"
    __table_args__ = (
        CheckConstraint("kind IN ('initial','follow_up','verified','nil')", name="kind_known"),
        CheckConstraint("certainty IN ('estimated','reported','verified')", name="certainty_known"),
    )
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    situation: Mapped[str] = mapped_column(ForeignKey("situation.code"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    hazard: Mapped[str] = mapped_column(String(20))
    place: Mapped[str] = mapped_column(String(6), index=True)
    township: Mapped[str] = mapped_column(String(60))
    as_of: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reporter: Mapped[str] = mapped_column(String(80))
    unit: Mapped[str] = mapped_column(String(120))
    phone: Mapped[str] = mapped_column(String(40))
    certainty: Mapped[str] = mapped_column(String(10))
    is_correction: Mapped[bool]
    note: Mapped[str] = mapped_column(Text)
    counts: Mapped[dict[str, Any]] = mapped_column(JSON)
    entered_by: Mapped[str] = mapped_column(String(80))
    idempotency_key: Mapped[str | None] = mapped_column(String(80), unique=True)


class EntryRow(Base):
    """One judgement of a person on a situation; only ever added."""

    __tablename__ = "situation_entry"
    __table_args__ = (
        CheckConstraint("kind IN ('forecast','government','lowered','observation')", name="kind_known"),
    )
    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True
    )
    situation: Mapped[str] = mapped_column(ForeignKey("situation.code"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(80))
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    note: Mapped[str] = mapped_column(Text)


class IntakeLockRow(Base):
    """One row per family of hazards; whoever files a message holds it."""

    __tablename__ = "intake_lock"
    hazard_group: Mapped[str] = mapped_column(String(20), primary_key=True)


class FeedStateRow(Base):
    """What was seen at an address that is polled; ``seen`` are marks of documents taken."""

    __tablename__ = "feed_state"
    source: Mapped[str] = mapped_column(String(500), primary_key=True)
    etag: Mapped[str] = mapped_column(String(300))
    modified: Mapped[str] = mapped_column(String(100))
    seen: Mapped[list[str]] = mapped_column(JSON)
    polled_at: Mapped[datetime] = mapped_column(UtcDateTime)
