"""Rooms and checks of the 93 warehouses."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.db import Base


class FacilityRow(Base):
    """How large a warehouse is and who keeps it."""

    __tablename__ = "facility"
    __table_args__ = (
        CheckConstraint("area_m2 > 0 AND volume_cm3 > 0 AND load_kg > 0", name="room_positive"),
    )
    warehouse_code: Mapped[str] = mapped_column(ForeignKey("warehouse.code"), primary_key=True)
    area_m2: Mapped[int]
    volume_cm3: Mapped[int] = mapped_column(BigInteger)
    load_kg: Mapped[int]
    storekeeper: Mapped[str] = mapped_column(String(40))
    bookkeeper: Mapped[str] = mapped_column(String(40))
    is_assumption: Mapped[bool]


class CheckRow(Base):
    """Whether a warehouse met one criterion when somebody last looked, and the evidence."""

    __tablename__ = "warehouse_check"
    warehouse_code: Mapped[str] = mapped_column(ForeignKey("warehouse.code"), primary_key=True)
    criterion: Mapped[str] = mapped_column(String(40), primary_key=True)
    is_met: Mapped[bool]
    evidence: Mapped[str] = mapped_column(String(200))
    checked_on: Mapped[date]
    checked_by: Mapped[str] = mapped_column(String(80))
