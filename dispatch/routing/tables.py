"""Rows of roads and trucks."""

from __future__ import annotations

from datetime import datetime

from shapely import Point
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.db import Base, UtcDateTime
from dispatch.spatial import ShapelyGeometry


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


class RoadReportRow(Base):
    """What somebody told of one road; only ever added, the newest word counts."""

    __tablename__ = "road_report"
    __table_args__ = (
        CheckConstraint(
            "(state = 'closed' AND percent = 0) OR (state = 'slow' AND percent BETWEEN 1 AND 99) "
            "OR (state = 'open' AND percent = 100)",
            name="state_known",
        ),
        CheckConstraint("kind IN ('phone', 'call')", name="kind_known"),
        CheckConstraint("until IS NULL OR until > said_at", name="until_after_said"),
        Index("ix_road_report_edge_id_said_at", "edge_id", "said_at"),
    )
    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True
    )
    edge_id: Mapped[int] = mapped_column(ForeignKey("road_edge.id"))
    state: Mapped[str] = mapped_column(String(8))
    percent: Mapped[int]
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    kind: Mapped[str] = mapped_column(String(8))
    said_by: Mapped[str] = mapped_column(String(80))
    said_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(80))
    words: Mapped[str] = mapped_column(String(500))
    place: Mapped[Point | None] = mapped_column(ShapelyGeometry("POINT"))
    submit_key: Mapped[str] = mapped_column(String(120), unique=True)
