"""Changes of stock: receive, reserve, release, and turn a reservation into a load."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.inventory.model import Movement
from dispatch.inventory.store import append_movements, lock_balances, not_enough, warehouse_place
from dispatch.inventory.tables import BalanceRow, MovementRow, ReservationRow


@dataclass(frozen=True, slots=True)
class Claim:
    """Units of one lot at one warehouse that a document asks for."""

    warehouse_code: str
    lot_code: str
    quantity: int


def receive(
    session: Session, claims: Iterable[Claim], source: str, document: str, at: datetime
) -> list[int]:
    """Book goods from outside into warehouses; ``source`` is a place like ``supplier:demo``."""
    movements = [
        Movement(
            lot_code=claim.lot_code,
            quantity=claim.quantity,
            from_place=source,
            to_place=warehouse_place(claim.warehouse_code),
            occurred_at=at,
            reason="receipt",
            actor="system",
            document=document,
            idempotency_key=f"{document}:{claim.warehouse_code}:{claim.lot_code}",
        )
        for claim in claims
    ]
    return append_movements(session, movements, at)


def _sum(claims: Iterable[Claim]) -> dict[tuple[str, str], int]:
    wanted: dict[tuple[str, str], int] = defaultdict(int)
    for claim in claims:
        wanted[warehouse_place(claim.warehouse_code), claim.lot_code] += claim.quantity
    return wanted


def reserve(
    session: Session,
    claims: Sequence[Claim],
    owner: str,
    at: datetime,
    expires_at: datetime | None = None,
) -> None:
    """Promise all claims to ``owner`` or none; ``NotEnoughStock`` names every short line."""
    wanted = _sum(claims)
    locked = lock_balances(session, wanted)
    short: list[dict[str, object]] = []
    for (place, lot), quantity in sorted(wanted.items()):
        free = locked[place, lot].on_hand - locked[place, lot].reserved
        if quantity > free:
            short.append({"place": place, "lot": lot, "free": free, "asked": quantity})
    if short:
        raise not_enough(short)
    for (place, lot), quantity in wanted.items():
        locked[place, lot].reserved += quantity
        session.add(
            ReservationRow(
                owner=owner,
                place=place,
                lot_code=lot,
                quantity=quantity,
                status="held",
                made_at=at,
                expires_at=expires_at,
            )
        )
    session.flush()


def release(session: Session, owner: str) -> int:
    """Give back everything ``owner`` still holds; returns how many reservations that were."""
    held = list(
        session.scalars(
            select(ReservationRow)
            .where(ReservationRow.owner == owner, ReservationRow.status == "held")
            .with_for_update()
        )
    )
    locked = lock_balances(session, [(row.place, row.lot_code) for row in held])
    for row in held:
        locked[row.place, row.lot_code].reserved -= row.quantity
        row.status = "released"
    session.flush()
    return len(held)


def load(
    session: Session, claims: Sequence[Claim], owner: str, movements: Sequence[Movement], at: datetime
) -> None:
    """Turn part of ``owner``'s reservation into movements onto a vehicle."""
    wanted = _sum(claims)
    locked = lock_balances(session, wanted)
    held = session.scalars(
        select(ReservationRow)
        .where(ReservationRow.owner == owner, ReservationRow.status == "held")
        .with_for_update()
    )
    for row in held:
        quantity = wanted.get((row.place, row.lot_code), 0)
        if not quantity:
            continue
        locked[row.place, row.lot_code].reserved -= quantity
        if quantity == row.quantity:
            row.status = "used"
        else:
            row.quantity -= quantity
    session.flush()
    append_movements(session, movements, at)


def find_differences(session: Session) -> dict[str, Any]:
    """Re-sum every movement and compare with the balances kept beside them."""
    summed: dict[tuple[str, str], int] = defaultdict(int)
    count = 0
    for lot, quantity, source, target in session.execute(
        select(
            MovementRow.lot_code, MovementRow.quantity, MovementRow.from_place, MovementRow.to_place
        )
    ):
        count += 1
        summed[source, lot] -= quantity
        summed[target, lot] += quantity
    reserved: dict[tuple[str, str], int] = defaultdict(int)
    for row in session.scalars(select(ReservationRow).where(ReservationRow.status == "held")):
        reserved[row.place, row.lot_code] += row.quantity
    differences = []
    for balance in session.scalars(select(BalanceRow)):
        key = (balance.place, balance.lot_code)
        if balance.on_hand != summed.get(key, 0) or balance.reserved != reserved.get(key, 0):
            differences.append(
                {
                    "place": key[0],
                    "lot": key[1],
                    "on_hand": balance.on_hand,
                    "movements_sum": summed.get(key, 0),
                    "reserved": balance.reserved,
                    "reservations_sum": reserved.get(key, 0),
                }
            )
    return {
        "places": len({place for place, _ in summed}),
        "lots": len({lot for _, lot in summed}),
        "movements": count,
        "discrepancies": differences,
    }
