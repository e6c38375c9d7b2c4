"""The checklist from its file; rooms and checks to rows and back."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.errors import InvalidInput
from dispatch.warehousing.model import Check, Criterion, Facility, Standard
from dispatch.warehousing.tables import CheckRow, FacilityRow

FILE = Path(__file__).resolve().parent.parent / "reference" / "data" / "warehouse_standard.toml"


def load_standard(path: Path = FILE) -> Standard:
    """The checklist in force."""
    fields = tomllib.loads(path.read_text("utf-8"))
    return Standard(
        version=fields["version"],
        criteria=tuple(Criterion(**line) for line in fields["criterion"]),
        least_area_m2=fields["least_area_m2"],
        grades=fields["grades"],
        fresh_days=fields["fresh_days"],
        stack_height_m=fields["stack_height_m"],
        floor_used_percent=fields["floor_used_percent"],
        floor_load_kg_per_m2=fields["floor_load_kg_per_m2"],
    )


def save_facilities(session: Session, facilities: Iterable[Facility]) -> None:
    """Insert the rooms that are not there yet; people's own entries stay."""
    for facility in facilities:
        if session.get(FacilityRow, facility.warehouse_code) is None:
            session.add(FacilityRow(**asdict(facility)))
    session.flush()


def save_facility(session: Session, facility: Facility) -> None:
    """What the keepers report of their own store replaces what was there."""
    if min(facility.area_m2, facility.volume_cm3, facility.load_kg) <= 0:
        raise InvalidInput(
            "Area, volume and load must be whole numbers above zero.", remedy="Correct the figures.",
            zh="面积、体积和载重须为大于零的整数。", remedy_zh="请更正后重新提交。",
        )
    session.merge(FacilityRow(**asdict(facility)))
    session.flush()


def list_facilities(session: Session) -> dict[str, Facility]:
    """Warehouse code → room."""
    return {
        row.warehouse_code: Facility(**{name: getattr(row, name) for name in Facility.__slots__})
        for row in session.scalars(select(FacilityRow))
    }


def save_check(session: Session, warehouse: str, check: Check) -> None:
    """Write what was found; the newest finding of a criterion is the one that counts."""
    if check.criterion not in {c.code for c in load_standard().criteria}:
        raise InvalidInput(
            f"There is no criterion {check.criterion!r}.", remedy="Choose one of the checklist.",
            zh=f"检查表没有 {check.criterion!r} 项。", remedy_zh="请选择检查表中的项目。",
        )
    session.merge(CheckRow(warehouse_code=warehouse, **asdict(check)))
    session.flush()


def list_checks(session: Session) -> dict[str, list[Check]]:
    """Warehouse code → findings."""
    found: dict[str, list[Check]] = defaultdict(list)
    for row in session.scalars(select(CheckRow)):
        found[row.warehouse_code].append(
            Check(**{name: getattr(row, name) for name in Check.__slots__})
        )
    return found
