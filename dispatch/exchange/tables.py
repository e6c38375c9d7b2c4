"""Uploaded sheets, kept word for word with what was read from them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.db import Base, UtcDateTime

STATUSES = ("previewed", "quarantined", "committed", "undone")


class UploadRow(Base):
    """One upload: raw bytes, rows read, row errors, and what catalogue lines were before."""

    __tablename__ = "upload"
    __table_args__ = (
        CheckConstraint("status IN ('previewed','quarantined','committed','undone')", name="status_known"),
    )
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(12))
    file_name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    raw: Mapped[bytes] = mapped_column(LargeBinary)
    rows: Mapped[str] = mapped_column(Text)
    errors: Mapped[str] = mapped_column(Text)
    former: Mapped[str] = mapped_column(Text)
    made_by: Mapped[str] = mapped_column(String(80))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
