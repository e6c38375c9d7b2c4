"""Rows of roads and trucks."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.db import Base


class RoadEdgeRow(Base):
    """A road between two county seats."""

    __tablename__ = "road_edge"
    __table_args__ = (CheckConstraint("distance_m > 0", name="distance_positive"),)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    from_adcode: Mapped[str] = mapped_column(ForeignKey("county.adcode"))
    to_adcode: Mapped[str] = mapped_column(ForeignKey("county.adcode"))
    distance_m: Mapped[int]
    road_class: Mapped[str] = mapped_column(String(12))
    refs: Mapped[str] = mapped_column(String(60))
    evidence: Mapped[str] = mapped_column(String(1))


class VehicleClassRow(Base):
    """A kind of truck."""

    __tablename__ = "vehicle_class"
    __table_args__ = (
        CheckConstraint("payload_kg > 0 AND volume_cm3 > 0", name="capacity_positive"),
    )
    code: Mapped[str] = mapped_column(String(10), primary_key=True)
    name_zh: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(60))
    payload_kg: Mapped[int]
    volume_cm3: Mapped[int]
    fixed_cost_fen: Mapped[int]
    cost_per_km_fen: Mapped[int]
    source: Mapped[str] = mapped_column(String(200))
    skills: Mapped[str] = mapped_column(String(100), server_default="")


class VehicleRow(Base):
    """One truck at its warehouse."""

    __tablename__ = "vehicle"
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    class_code: Mapped[str] = mapped_column(ForeignKey("vehicle_class.code"))
    warehouse_code: Mapped[str] = mapped_column(ForeignKey("warehouse.code"))
