"""Proposals with an immutable body, and the decisions taken on them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Integer,
    String,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.db import Base, UtcDateTime
from dispatch.proposals.model import ProposalStatus

_KNOWN = ", ".join(f"'{status.value}'" for status in ProposalStatus)


class ProposalRow(Base):
    """A proposal; ``body`` is canonical JSON and is never updated."""

    __tablename__ = "proposal"
    __table_args__ = (CheckConstraint(f"status IN ({_KNOWN})", name="status_known"),)
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    situation: Mapped[str] = mapped_column(String(60), index=True)
    state_hash: Mapped[str] = mapped_column(String(64), index=True)
    status: Mapped[str] = mapped_column(String(12))
    level: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String(80))
    submitted_by: Mapped[str | None] = mapped_column(String(80))
    body: Mapped[str] = mapped_column(Text)
    body_hash: Mapped[str] = mapped_column(String(64))


class DecisionRow(Base):
    """One step in a proposal's life, with the hash of what was on the screen."""

    __tablename__ = "decision"
    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True
    )
    proposal: Mapped[str] = mapped_column(ForeignKey("proposal.code"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(80))
    status: Mapped[str] = mapped_column(String(12))
    seen_hash: Mapped[str | None] = mapped_column(String(64))
    comment: Mapped[str] = mapped_column(Text)


class DraftJobRow(Base):
    """A wish for a draft: written with what caused it, done in the background, once per state.

    ``asked`` counts how often it was asked for, ``attempts`` how often it was begun since.
    While it is solved: ``progress`` of ``slices`` are done, ``versions`` plans were found, each
    better than the one before; ``incumbent`` is the latest with what it rests on, ``preview`` its
    verified body (canonical JSON), made at ``preview_at``.  ``note`` is a sentence for the
    coordinator; ``cancel_asked`` stops the search, and the plan in hand becomes the proposal.
    ``lease_until`` and ``stepped_at`` (when the last step began) are of the machine's clock.
    """

    __tablename__ = "draft_job"
    __table_args__ = (
        CheckConstraint(
            "status IN ('queued','running','done','failed','outdated','stopped')", name="status_known"
        ),
        UniqueConstraint("situation", "state_hash", name="uq_draft_job_state"),
    )
    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True
    )
    situation: Mapped[str] = mapped_column(String(60), index=True)
    state_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(8), index=True)
    actor: Mapped[str] = mapped_column(String(80))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int]
    worker: Mapped[str | None] = mapped_column(String(80))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    proposal: Mapped[str | None] = mapped_column(String(40))
    error: Mapped[str | None] = mapped_column(Text)
    asked: Mapped[int] = mapped_column(server_default="1")
    stepped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    progress: Mapped[int] = mapped_column(server_default="0")
    slices: Mapped[int] = mapped_column(server_default="0")
    versions: Mapped[int] = mapped_column(server_default="0")
    incumbent: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    preview: Mapped[str | None] = mapped_column(Text)
    preview_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    note: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    cancel_asked: Mapped[bool] = mapped_column(server_default=false())


class AlternativeRow(Base):
    """A proposal's question weighed otherwise; ``answer`` is JSON: figures and plan, or the error."""

    __tablename__ = "alternative"
    proposal: Mapped[str] = mapped_column(ForeignKey("proposal.code"), primary_key=True)
    mode: Mapped[str] = mapped_column(String(20), primary_key=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answer: Mapped[str] = mapped_column(Text)
