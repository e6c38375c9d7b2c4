"""Rows of stock: catalogue, warehouses, lots, movements, balances, reservations.

Movements are facts: the database itself refuses to change or delete one.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from shapely import Point
from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.db import Base, UtcDateTime
from dispatch.spatial import ShapelyGeometry

BIG_ID = BigInteger().with_variant(Integer(), "sqlite")


class ItemRow(Base):
    """One line of the catalogue."""

    __tablename__ = "item"
    __table_args__ = (
        CheckConstraint("weight_g > 0", name="weight_positive"),
        CheckConstraint("volume_cm3 > 0", name="volume_positive"),
    )
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    name_zh: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(80))
    unit_zh: Mapped[str] = mapped_column(String(20))
    unit_en: Mapped[str] = mapped_column(String(20))
    weight_g: Mapped[int]
    volume_cm3: Mapped[int] = mapped_column(BigInteger)
    persons_per_unit: Mapped[int]
    shelf_life_days: Mapped[int | None]
    season: Mapped[str] = mapped_column(String(20))
    hazards: Mapped[list[str]] = mapped_column(JSON)
    verified: Mapped[bool]
    source: Mapped[str] = mapped_column(String(400))


class KitRow(Base):
    """One version of a kit's bill of materials; versions are added, never changed."""

    __tablename__ = "kit"
    item_code: Mapped[str] = mapped_column(ForeignKey("item.code"), primary_key=True)
    version: Mapped[str] = mapped_column(String(40), primary_key=True)
    valid_from: Mapped[date]
    is_assumption: Mapped[bool]
    source: Mapped[str] = mapped_column(String(400))
    note_zh: Mapped[str] = mapped_column(String(200))
    note_en: Mapped[str] = mapped_column(String(200))
    parts: Mapped[list[list[Any]]] = mapped_column(JSON)


class WarehouseRow(Base):
    """One of the 93 warehouses."""

    __tablename__ = "warehouse"
    __table_args__ = (
        CheckConstraint("tier IN ('region', 'league', 'county')", name="tier_known"),
    )
    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    name_zh: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(120))
    tier: Mapped[str] = mapped_column(String(10))
    serves_adcode: Mapped[str] = mapped_column(String(6), unique=True)
    league_adcode: Mapped[str] = mapped_column(String(6))
    county_adcode: Mapped[str] = mapped_column(String(6), ForeignKey("county.adcode"))
    location: Mapped[Point] = mapped_column(ShapelyGeometry("POINT"))


class MinimumRow(Base):
    """Safety stock of an item at a warehouse, in units."""

    __tablename__ = "minimum_stock"
    __table_args__ = (CheckConstraint("quantity >= 0", name="not_negative"),)
    warehouse_code: Mapped[str] = mapped_column(ForeignKey("warehouse.code"), primary_key=True)
    item_code: Mapped[str] = mapped_column(ForeignKey("item.code"), primary_key=True)
    quantity: Mapped[int]


class LotRow(Base):
    """One batch of one item."""

    __tablename__ = "lot"
    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    item_code: Mapped[str] = mapped_column(ForeignKey("item.code"), index=True)
    produced_on: Mapped[date | None]
    expires_on: Mapped[date | None]
    owner: Mapped[str] = mapped_column(String(80))
    restriction: Mapped[str | None] = mapped_column(String(40))
    condition: Mapped[str] = mapped_column(String(20))
    is_demo: Mapped[bool]
    donor: Mapped[str | None] = mapped_column(String(120))
    producer: Mapped[str | None] = mapped_column(String(120))
    area: Mapped[str | None] = mapped_column(String(6))
    unit_cost_fen: Mapped[int | None] = mapped_column(BigInteger)
    inspection: Mapped[str] = mapped_column(String(10), server_default="passed")
    kit_version: Mapped[str | None] = mapped_column(String(40))
    donation: Mapped[str | None] = mapped_column(String(40))


class MovementRow(Base):
    """An append-only two-leg fact."""

    __tablename__ = "movement"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("from_place <> to_place", name="two_places"),
        UniqueConstraint("idempotency_key"),
        UniqueConstraint("reverses_id"),
        Index("ix_movement_lot_code_id", "lot_code", "id"),
        Index("ix_movement_recorded_at", "recorded_at"),
        Index("ix_movement_document", "document"),
    )
    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True, autoincrement=True)
    lot_code: Mapped[str] = mapped_column(ForeignKey("lot.code"))
    quantity: Mapped[int] = mapped_column(BigInteger)
    from_place: Mapped[str] = mapped_column(String(80))
    to_place: Mapped[str] = mapped_column(String(80))
    occurred_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(String(80))
    document: Mapped[str] = mapped_column(String(80))
    idempotency_key: Mapped[str] = mapped_column(String(160))
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("movement.id"))


class BalanceRow(Base):
    """What a stock-keeping place holds of a lot; kept with the movements."""

    __tablename__ = "balance"
    __table_args__ = (
        CheckConstraint("on_hand >= 0", name="on_hand_not_negative"),
        CheckConstraint("reserved >= 0", name="reserved_not_negative"),
        CheckConstraint("reserved <= on_hand", name="reserved_within_on_hand"),
    )
    place: Mapped[str] = mapped_column(String(80), primary_key=True)
    lot_code: Mapped[str] = mapped_column(ForeignKey("lot.code"), primary_key=True)
    on_hand: Mapped[int] = mapped_column(BigInteger)
    reserved: Mapped[int] = mapped_column(BigInteger)


class FreezeRow(Base):
    """A lot at a place that is being counted: only the count may move it."""

    __tablename__ = "freeze"
    place: Mapped[str] = mapped_column(String(80), primary_key=True)
    lot_code: Mapped[str] = mapped_column(ForeignKey("lot.code"), primary_key=True)
    document: Mapped[str] = mapped_column(String(80))


class ReservationRow(Base):
    """Units of a lot promised to a proposal."""

    __tablename__ = "reservation"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("status IN ('held', 'used', 'released')", name="status_known"),
    )
    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True, autoincrement=True)
    owner: Mapped[str] = mapped_column(String(80), index=True)
    place: Mapped[str] = mapped_column(String(80))
    lot_code: Mapped[str] = mapped_column(ForeignKey("lot.code"))
    quantity: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[str] = mapped_column(String(10))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

