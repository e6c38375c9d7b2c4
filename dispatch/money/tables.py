"""Money as append-only two-leg facts in fen, with balances that never go below zero."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.db import Base, UtcDateTime

BIG_ID = BigInteger().with_variant(Integer(), "sqlite")


class DonationRow(Base):
    """A gift of money or goods; its code leads from the donor to where it went."""

    __tablename__ = "donation"
    __table_args__ = (
        CheckConstraint("kind IN ('money', 'goods')", name="kind_known"),
        CheckConstraint("amount_fen >= 0", name="amount_not_negative"),
    )
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    donor: Mapped[str] = mapped_column(String(120))
    is_public: Mapped[bool]
    kind: Mapped[str] = mapped_column(String(6))
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    designation: Mapped[str | None] = mapped_column(String(120))
    agreement: Mapped[str | None] = mapped_column(String(120))
    received_on: Mapped[date]
    recorded_by: Mapped[str] = mapped_column(String(80))


class MoneyMovementRow(Base):
    """An append-only fact: so many fen from one account to another."""

    __tablename__ = "money_movement"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount_positive"),
        CheckConstraint("from_account <> to_account", name="two_accounts"),
        UniqueConstraint("idempotency_key"),
        UniqueConstraint("reverses_id"),
    )
    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True, autoincrement=True)
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    from_account: Mapped[str] = mapped_column(String(80), index=True)
    to_account: Mapped[str] = mapped_column(String(80), index=True)
    occurred_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(String(80))
    document: Mapped[str] = mapped_column(String(80), index=True)
    idempotency_key: Mapped[str] = mapped_column(String(160))
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("money_movement.id"))


class MoneyBalanceRow(Base):
    """What a fund holds, kept with the movements."""

    __tablename__ = "money_balance"
    __table_args__ = (CheckConstraint("balance_fen >= 0", name="not_negative"),)
    account: Mapped[str] = mapped_column(String(80), primary_key=True)
    balance_fen: Mapped[int] = mapped_column(BigInteger)
