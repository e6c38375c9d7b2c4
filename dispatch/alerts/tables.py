"""Every document that arrived, word for word, and what was made of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Integer, LargeBinary, String
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
    file_name: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(12))
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sha256: Mapped[str] = mapped_column(String(64))
    raw: Mapped[bytes] = mapped_column(LargeBinary)
    parsed: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class FeedStateRow(Base):
    """What was seen at an address that is polled; ``seen`` are marks of documents taken."""

    __tablename__ = "feed_state"
    source: Mapped[str] = mapped_column(String(500), primary_key=True)
    etag: Mapped[str] = mapped_column(String(300))
    modified: Mapped[str] = mapped_column(String(100))
    seen: Mapped[list[str]] = mapped_column(JSON)
    polled_at: Mapped[datetime] = mapped_column(UtcDateTime)
