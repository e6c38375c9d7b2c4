"""Notices, who read them, who wants them outside, and what was sent."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.db import Base, UtcDateTime
from dispatch.notices.model import CHANNELS, ROLES, TIERS, Kind, Urgency

DELIVERY_STATUSES = ("queued", "sent", "failed", "withheld")
BIG_ID = BigInteger().with_variant(Integer(), "sqlite")


def _one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


class NoticeRow(Base):
    """One notice; only ever added.  ``zh`` and ``en`` are ready to show (exercises marked)."""

    __tablename__ = "notice"
    __table_args__ = (
        _one_of("tier", TIERS),
        _one_of("min_role", ROLES),
        _one_of("kind", Kind),
        _one_of("urgency", Urgency),
        UniqueConstraint("dedupe_key"),
    )
    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True, autoincrement=True)
    dedupe_key: Mapped[str] = mapped_column(String(160))
    place: Mapped[str] = mapped_column(String(6))
    tier: Mapped[str] = mapped_column(String(10))
    min_role: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(80))
    path: Mapped[str] = mapped_column(String(300))
    words_code: Mapped[str] = mapped_column(String(80))
    zh: Mapped[str] = mapped_column(Text)
    en: Mapped[str] = mapped_column(Text)
    urgency: Mapped[str] = mapped_column(String(10))
    is_exercise: Mapped[bool]
    posted_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class NoticeReadRow(Base):
    """An account has read a notice; the first time counts."""

    __tablename__ = "notice_read"
    account: Mapped[str] = mapped_column(ForeignKey("account.name"), primary_key=True)
    notice_id: Mapped[int] = mapped_column(BIG_ID, ForeignKey("notice.id"), primary_key=True)
    read_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SubscriptionRow(Base):
    """An account wants notices at an address outside."""

    __tablename__ = "subscription"
    __table_args__ = (_one_of("channel", CHANNELS), _one_of("min_urgency", Urgency))
    account: Mapped[str] = mapped_column(ForeignKey("account.name"), primary_key=True)
    channel: Mapped[str] = mapped_column(String(20), primary_key=True)
    address: Mapped[str] = mapped_column(String(200), primary_key=True)
    min_urgency: Mapped[str] = mapped_column(String(10))


class DeliveryRow(Base):
    """A notice for one address: waiting, sent, given up, or withheld, with the reason.

    While ``lease_until`` lies ahead, the worker that holds ``lease`` is sending it.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        _one_of("channel", CHANNELS),
        _one_of("status", DELIVERY_STATUSES),
        CheckConstraint("attempts >= 0", name="attempts_not_negative"),
        UniqueConstraint("notice_id", "channel", "address"),
        Index("ix_delivery_status_next_try_at", "status", "next_try_at"),
    )
    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True, autoincrement=True)
    notice_id: Mapped[int] = mapped_column(BIG_ID, ForeignKey("notice.id"))
    channel: Mapped[str] = mapped_column(String(20))
    address: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int]
    queued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_try_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lease: Mapped[str | None] = mapped_column(String(40))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str] = mapped_column(Text)
