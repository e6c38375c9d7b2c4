"""Stock documents, their events, and the blind counts of a stocktake."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.db import Base, UtcDateTime
from dispatch.operations.model import KNOWN_PAIRS

_PAIRS = ", ".join(f"'{kind}:{status}'" for kind, status in KNOWN_PAIRS)


class StockDocumentRow(Base):
    """One document; ``body`` grows by what later steps add, events say who and when."""

    __tablename__ = "stock_document"
    __table_args__ = (
        CheckConstraint(f"kind || ':' || status IN ({_PAIRS})", name="status_of_kind"),
        UniqueConstraint("submit_key"),
    )
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(12), index=True)
    status: Mapped[str] = mapped_column(String(12))
    warehouse: Mapped[str] = mapped_column(String(20), index=True)
    target: Mapped[str | None] = mapped_column(String(20))
    created_by: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    submit_key: Mapped[str] = mapped_column(String(120))
    body: Mapped[str] = mapped_column(Text)


class StockDocumentEventRow(Base):
    """One step of a document's life; only ever added."""

    __tablename__ = "stock_document_event"
    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True
    )
    document: Mapped[str] = mapped_column(ForeignKey("stock_document.code"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(80))
    status: Mapped[str] = mapped_column(String(12))
    detail: Mapped[str] = mapped_column(Text)


class CountRow(Base):
    """What one counter found of one lot, without having seen the book or the other count."""

    __tablename__ = "stock_count"
    __table_args__ = (
        CheckConstraint("quantity >= 0", name="quantity_not_negative"),
        UniqueConstraint("document", "place", "lot_code", "counter"),
    )
    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True
    )
    document: Mapped[str] = mapped_column(ForeignKey("stock_document.code"), index=True)
    place: Mapped[str] = mapped_column(String(80))
    lot_code: Mapped[str] = mapped_column(ForeignKey("lot.code"))
    counter: Mapped[str] = mapped_column(String(80))
    quantity: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
