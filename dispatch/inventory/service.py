"""Changes of stock: receive, reserve, release, take what was reserved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from dispatch.errors import Conflict
from dispatch.inventory.book import (
    Held,
    append_movements,
    lock_balances,
    not_enough,
    warehouse_of,
    warehouse_place,
    write_balances,
)
from dispatch.inventory.model import Movement
from dispatch.inventory.tables import BalanceRow, ReservationRow


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
        wanted[claim.warehouse_code, claim.lot_code] += claim.quantity
    return dict(sorted(wanted.items()))


def _bins(session: Session, wanted: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Every (place, lot) of the warehouses that may hold the lots: dock and bins."""
    pairs = list(wanted)
    rows = session.execute(
        select(BalanceRow.place, BalanceRow.lot_code).where(
            BalanceRow.lot_code.in_({lot for _, lot in pairs}),
            or_(*(BalanceRow.place.startswith(warehouse_place(w)) for w in {w for w, _ in pairs})),
        )
    )
    known = set(pairs)
    found = {(place, lot) for place, lot in rows if (warehouse_of(place), lot) in known}
    return sorted(found | {(warehouse_place(warehouse), lot) for warehouse, lot in pairs})


def reserve(
    session: Session,
    claims: Sequence[Claim],
    owner: str,
    at: datetime,
    expires_at: datetime | None = None,
) -> None:
    """Promise all claims to ``owner`` or none; ``NotEnoughStock`` names every short line."""
    wanted = _sum(claims)
    if not wanted:
        return
    locked = lock_balances(session, _bins(session, wanted))
    locked = {key: held for key, held in locked.items() if held.frozen_by is None}
    short: list[dict[str, object]] = []
    changed: dict[tuple[str, str], Held] = {}
    for (warehouse, lot), quantity in wanted.items():
        places = [k for k in locked if k[1] == lot and warehouse_of(k[0]) == warehouse]
        free = sum(locked[key].free for key in places)
        if quantity > free:
            short.append(
                {"place": warehouse_place(warehouse), "lot": lot, "free": free, "asked": quantity}
            )
            continue
        for key in places:
            units = min(quantity, locked[key].free)
            if units:
                quantity -= units
                locked[key].reserved += units
                changed[key] = locked[key]
                session.add(
                    ReservationRow(
                        owner=owner, place=key[0], lot_code=lot, quantity=units, status="held",
                        made_at=at, expires_at=expires_at,
                    )
                )
    if short:
        raise not_enough(short)
    write_balances(session, changed)
    session.flush()


def _held(session: Session, owner: str, lots: Collection[str] | None = None) -> list[ReservationRow]:
    query = select(ReservationRow).where(ReservationRow.owner == owner, ReservationRow.status == "held")
    if lots is not None:
        query = query.where(ReservationRow.lot_code.in_(lots))
    return list(
        session.scalars(
            query.order_by(ReservationRow.place, ReservationRow.lot_code, ReservationRow.id)
            .with_for_update()
        )
    )


def release(session: Session, owner: str) -> int:
    """Give back everything ``owner`` still holds; returns how many reservations that were."""
    held = _held(session, owner)
    locked = lock_balances(session, [(row.place, row.lot_code) for row in held])
    for row in held:
        locked[row.place, row.lot_code].reserved -= row.quantity
        row.status = "released"
    write_balances(session, locked)
    session.flush()
    return len(held)


def release_expired(session: Session, at: datetime) -> list[str]:
    """Release every reservation whose time is over; returns the owners."""
    owners = sorted(
        session.scalars(
            select(ReservationRow.owner)
            .where(ReservationRow.status == "held", ReservationRow.expires_at <= at)
            .distinct()
        )
    )
    for owner in owners:
        release(session, owner)
    return owners


def take_reserved(
    session: Session, owner: str, claims: Sequence[Claim]
) -> list[tuple[int, str, int]]:
    """Turn part of ``owner``'s reservation into pieces to move.

    Returns (index of the claim, place, units); the caller writes the movements in the
    same transaction.  Raises ``Conflict`` when less is held than claimed.
    """
    return _take(session, owner, claims, "used")


def release_part(session: Session, owner: str, claims: Sequence[Claim]) -> None:
    """Give back part of what ``owner`` holds; ``Conflict`` when less is held than claimed."""
    _take(session, owner, claims, "released")


def _take(
    session: Session, owner: str, claims: Sequence[Claim], status: str
) -> list[tuple[int, str, int]]:
    held = _held(session, owner, {claim.lot_code for claim in claims})
    locked = lock_balances(session, [(row.place, row.lot_code) for row in held])
    pieces = []
    for number, claim in enumerate(claims):
        left = claim.quantity
        for row in held:
            fits = row.lot_code == claim.lot_code and warehouse_of(row.place) == claim.warehouse_code
            if left and fits and row.status == "held":
                units = min(left, row.quantity)
                left -= units
                locked[row.place, row.lot_code].reserved -= units
                pieces.append((number, row.place, units))
                if units == row.quantity:
                    row.status = status
                else:
                    row.quantity -= units
        if left:
            raise Conflict(
                f"{owner} holds {claim.quantity - left} of {claim.quantity} units of lot {claim.lot_code}.",
                remedy="The reservation ran out or was released; draft and approve anew.",
                zh=f"{owner} 对批次 {claim.lot_code} 仅预留 {claim.quantity - left}，需要 {claim.quantity}。",
                remedy_zh="预留已过期或已释放，请重新生成并审批方案。",
            )
    write_balances(session, locked)
    session.flush()
    return pieces
