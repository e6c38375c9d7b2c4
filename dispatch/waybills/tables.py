"""Waybills, one per vehicle, with an immutable body and append-only events."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.db import Base, UtcDateTime
from dispatch.waybills.model import WaybillStatus

_KNOWN = ", ".join(f"'{status.value}'" for status in WaybillStatus)


class WaybillRow(Base):
    """One vehicle's paper."""

    __tablename__ = "waybill"
    __table_args__ = (CheckConstraint(f"status IN ({_KNOWN})", name="status_known"),)
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    proposal: Mapped[str] = mapped_column(ForeignKey("proposal.code"), index=True)
    status: Mapped[str] = mapped_column(String(12))
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    issued_by: Mapped[str] = mapped_column(String(80))
    body: Mapped[str] = mapped_column(Text)
    content_hash: Mapped[str] = mapped_column(String(64))


class WaybillEventRow(Base):
    """Something that happened to a waybill; only ever added."""

    __tablename__ = "waybill_event"
    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True
    )
    waybill: Mapped[str] = mapped_column(ForeignKey("waybill.code"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(80))
    status: Mapped[str] = mapped_column(String(12))
    detail: Mapped[str] = mapped_column(Text)
