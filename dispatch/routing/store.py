"""Roads and trucks: rows to values and back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.routing.model import RoadEdge, Vehicle, VehicleClass
from dispatch.routing.tables import RoadEdgeRow, VehicleClassRow, VehicleRow


def save_roads(session: Session, edges: Iterable[RoadEdge]) -> None:
    """Insert or update road edges by id."""
    for edge in edges:
        session.merge(RoadEdgeRow(**asdict(edge)))
    session.flush()


def save_fleet(
    session: Session, classes: Iterable[VehicleClass], vehicles: Iterable[Vehicle]
) -> None:
    """Insert or update truck classes and trucks by code."""
    for vehicle_class in classes:
        session.merge(VehicleClassRow(**asdict(vehicle_class)))
    session.flush()
    for vehicle in vehicles:
        session.merge(VehicleRow(**asdict(vehicle)))
    session.flush()


def list_edges(session: Session) -> tuple[RoadEdge, ...]:
    """All road edges, by id."""
    rows = session.scalars(select(RoadEdgeRow).order_by(RoadEdgeRow.id))
    return tuple(RoadEdge(**{n: getattr(r, n) for n in RoadEdge.__slots__}) for r in rows)


def list_classes(session: Session) -> dict[str, VehicleClass]:
    """Code → truck class, smallest payload first."""
    rows = session.scalars(select(VehicleClassRow).order_by(VehicleClassRow.payload_kg))
    return {
        r.code: VehicleClass(**{n: getattr(r, n) for n in VehicleClass.__slots__}) for r in rows
    }


def list_vehicles(session: Session) -> tuple[Vehicle, ...]:
    """All trucks, by code."""
    rows = session.scalars(select(VehicleRow).order_by(VehicleRow.code))
    return tuple(Vehicle(r.code, r.class_code, r.warehouse_code) for r in rows)
