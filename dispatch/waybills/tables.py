"""Waybills, one per vehicle, with an immutable body and append-only events; positions, receipts, claims."""

from __future__ import annotations

from datetime import datetime

from shapely import Point
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.db import Base, UtcDateTime
from dispatch.spatial import ShapelyGeometry
from dispatch.waybills.model import WaybillStatus

BIG_ID = BigInteger().with_variant(Integer(), "sqlite")
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
    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True, autoincrement=True)
    waybill: Mapped[str] = mapped_column(ForeignKey("waybill.code"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(80))
    status: Mapped[str] = mapped_column(String(12))
    detail: Mapped[str] = mapped_column(Text)


class PositionRow(Base):
    """Where a truck was said to be, by whom and when; only ever added."""

    __tablename__ = "position_report"
    __table_args__ = (
        CheckConstraint("kind IN ('gps', 'phone', 'call')", name="kind_known"),
        Index("ix_position_report_waybill_said_at", "waybill", "said_at"),
    )
    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True, autoincrement=True)
    waybill: Mapped[str] = mapped_column(ForeignKey("waybill.code"))
    kind: Mapped[str] = mapped_column(String(8))
    place: Mapped[Point] = mapped_column(ShapelyGeometry("POINT"))
    county: Mapped[str | None] = mapped_column(ForeignKey("county.adcode"))
    said_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(80))
    words: Mapped[str] = mapped_column(String(500))
    submit_key: Mapped[str] = mapped_column(String(120), unique=True)


class ReceiptRow(Base):
    """What one stop of a waybill signed for; only ever added, once for each stop."""

    __tablename__ = "receipt"
    __table_args__ = (UniqueConstraint("waybill", "county"),)
    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True, autoincrement=True)
    waybill: Mapped[str] = mapped_column(ForeignKey("waybill.code"))
    county: Mapped[str] = mapped_column(ForeignKey("county.adcode"))
    signed_by: Mapped[str] = mapped_column(String(80))
    said_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(80))
    body: Mapped[str] = mapped_column(Text)
    content_hash: Mapped[str] = mapped_column(String(64))
    submit_key: Mapped[str] = mapped_column(String(120), unique=True)


class PhotoRow(Base):
    """A photo taken at a receipt."""

    __tablename__ = "receipt_photo"
    __table_args__ = (UniqueConstraint("receipt", "sha256"),)
    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True, autoincrement=True)
    receipt: Mapped[int] = mapped_column(BIG_ID, ForeignKey("receipt.id"))
    media_type: Mapped[str] = mapped_column(String(20))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str] = mapped_column(String(64))


class ClaimRow(Base):
    """A difference between sent and received that somebody must explain; it never goes away."""

    __tablename__ = "claim"
    __table_args__ = (
        CheckConstraint("damaged >= 0 AND short >= 0 AND damaged + short > 0", name="something_missing"),
        CheckConstraint("state IN ('open', 'explained', 'settled', 'written_off')", name="state_known"),
        UniqueConstraint("waybill", "line"),
    )
    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    receipt: Mapped[int] = mapped_column(BIG_ID, ForeignKey("receipt.id"))
    waybill: Mapped[str] = mapped_column(ForeignKey("waybill.code"))
    line: Mapped[str] = mapped_column(String(12))
    item: Mapped[str] = mapped_column(ForeignKey("item.code"))
    lot: Mapped[str] = mapped_column(ForeignKey("lot.code"))
    county: Mapped[str] = mapped_column(ForeignKey("county.adcode"))
    damaged: Mapped[int] = mapped_column(BigInteger)
    short: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(12), index=True)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ClaimEventRow(Base):
    """A step of a claim; only ever added."""

    __tablename__ = "claim_event"
    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True, autoincrement=True)
    claim: Mapped[str] = mapped_column(ForeignKey("claim.code"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(12))
    words: Mapped[str] = mapped_column(String(500))
    submit_key: Mapped[str] = mapped_column(String(120), unique=True)
