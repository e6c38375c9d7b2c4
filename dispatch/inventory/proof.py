"""Re-summing the whole ledger against the balances kept beside it, in the database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, literal, select, union_all
from sqlalchemy.orm import Session

from dispatch.inventory.ledger import keeps_stock
from dispatch.inventory.tables import BalanceRow, MovementRow, ReservationRow


def find_differences(session: Session) -> dict[str, Any]:
    """Every (place, lot) whose balance is not the sum of its movements and reservations."""
    summed = _sums(session)
    promised = {
        (place, lot): int(units)
        for place, lot, units in session.execute(
            select(ReservationRow.place, ReservationRow.lot_code, func.sum(ReservationRow.quantity))
            .where(ReservationRow.status == "held")
            .group_by(ReservationRow.place, ReservationRow.lot_code)
        )
    }
    kept = {
        (place, lot): (on_hand, reserved)
        for place, lot, on_hand, reserved in session.execute(
            select(BalanceRow.place, BalanceRow.lot_code, BalanceRow.on_hand, BalanceRow.reserved)
        )
    }
    inside = {key for key in summed if keeps_stock(key[0])}
    differences = [
        {
            "place": key[0],
            "lot": key[1],
            "on_hand": kept.get(key, (0, 0))[0],
            "movements_sum": summed.get(key, 0),
            "reserved": kept.get(key, (0, 0))[1],
            "reservations_sum": promised.get(key, 0),
        }
        for key in sorted(inside | kept.keys() | promised.keys())
        if kept.get(key, (0, 0)) != (summed.get(key, 0), promised.get(key, 0))
    ]
    return {
        "places": len({place for place, _ in summed}),
        "lots": len({lot for _, lot in summed}),
        "movements": session.scalar(select(func.count()).select_from(MovementRow)) or 0,
        "discrepancies": differences,
    }


def _sums(session: Session) -> dict[tuple[str, str], int]:
    """Net units per (place, lot): one pass over the movements for each leg."""
    legs = union_all(
        select(
            MovementRow.to_place.label("place"), MovementRow.lot_code.label("lot"),
            func.sum(MovementRow.quantity).label("units"),
        ).group_by(MovementRow.to_place, MovementRow.lot_code),
        select(
            MovementRow.from_place, MovementRow.lot_code,
            literal(-1) * func.sum(MovementRow.quantity),
        ).group_by(MovementRow.from_place, MovementRow.lot_code),
    ).subquery()
    query = select(legs.c.place, legs.c.lot, func.sum(legs.c.units)).group_by(legs.c.place, legs.c.lot)
    return {(place, lot): int(units) for place, lot, units in session.execute(query)}
