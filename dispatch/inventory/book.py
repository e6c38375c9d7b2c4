"""Writing the ledger: lock balances in fixed order, check, move, append; all or none.

Statements are few and set-wise, because this is the path every unit takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, insert, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from dispatch.clock import to_local
from dispatch.errors import Conflict, InvalidInput, NotEnoughStock, Refused
from dispatch.inventory import ledger
from dispatch.inventory.model import Movement
from dispatch.inventory.tables import BalanceRow, FreezeRow, MovementRow

BALANCE: Any = BalanceRow.__table__
FREEZE: Any = FreezeRow.__table__
MOVEMENT: Any = MovementRow.__table__
FIELDS = Movement.__slots__
CLOCK_TOLERANCE = timedelta(minutes=5)
Key = tuple[str, str]


@dataclass
class Held:
    """A locked balance: units on hand, units promised, and the count that freezes it."""

    on_hand: int
    reserved: int
    frozen_by: str | None = None

    @property
    def free(self) -> int:
        """Units neither issued nor promised."""
        return self.on_hand - self.reserved


def warehouse_place(warehouse_code: str, bin_code: str = "") -> str:
    """The ledger place of a warehouse (its receiving dock) or of one of its bins."""
    return f"wh:{warehouse_code}/{bin_code}" if bin_code else f"wh:{warehouse_code}"


def warehouse_of(place: str) -> str:
    """The warehouse a ``wh:`` place belongs to."""
    return place.removeprefix("wh:").partition("/")[0]


def lock_balances(session: Session, keys: Iterable[Key]) -> dict[Key, Held]:
    """Lock the balances of (place, lot) keys in sorted order; missing ones are made at 0."""
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    make = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgres_insert
    found = _select_locked(session, wanted)
    if len(found) < len(wanted):
        fresh = [
            {"place": place, "lot_code": lot, "on_hand": 0, "reserved": 0}
            for place, lot in wanted if (place, lot) not in found
        ]
        session.execute(make(BALANCE).on_conflict_do_nothing(), fresh)
        found = _select_locked(session, wanted)
    return found


def _select_locked(session: Session, wanted: Sequence[Key]) -> dict[Key, Held]:
    is_frozen = (FREEZE.c.place == BALANCE.c.place) & (FREEZE.c.lot_code == BALANCE.c.lot_code)
    rows = session.execute(
        select(BALANCE, FREEZE.c.document)
        .outerjoin(FREEZE, is_frozen)
        .where(tuple_(BALANCE.c.place, BALANCE.c.lot_code).in_(wanted))
        .order_by(BALANCE.c.place, BALANCE.c.lot_code)
        .with_for_update(of=BALANCE)
    )
    return {(place, lot): Held(*rest) for place, lot, *rest in rows}


def write_balances(session: Session, changed: Mapping[Key, Held]) -> None:
    """Write locked balances back; the database's CHECKs have the last word."""
    if changed:
        session.execute(
            update(BALANCE)
            .where(BALANCE.c.place == bindparam("at_place"), BALANCE.c.lot_code == bindparam("of_lot"))
            .values(on_hand=bindparam("now"), reserved=bindparam("promised")),
            [
                {"at_place": place, "of_lot": lot, "now": held.on_hand, "promised": held.reserved}
                for (place, lot), held in sorted(changed.items())
            ],
        )


def append_movements(
    session: Session, movements: Sequence[Movement], recorded_at: datetime
) -> list[int]:
    """Write movements with their balances; all or none.

    A movement whose idempotency key was written before is left out (a double
    click or a retry does no harm).  Raises ``NotEnoughStock`` with every short
    line at once, ``Conflict`` for a lot being counted, ``Refused`` when the clock
    went back.  Returns the ids written.
    """
    for movement in movements:
        ledger.check(movement)
    fresh = _fresh(session, movements)
    if not fresh:
        return []
    _check_clock(session, fresh, recorded_at)
    change = ledger.effects(fresh)
    locked = lock_balances(session, change)
    _refuse_frozen(fresh, locked)
    short: list[dict[str, object]] = [
        {"place": place, "lot": lot, "free": locked[place, lot].free, "asked": -delta}
        for (place, lot), delta in sorted(change.items())
        if locked[place, lot].free + delta < 0
    ]
    if short:
        raise not_enough(short)
    for key, delta in change.items():
        locked[key].on_hand += delta
    write_balances(session, locked)
    rows = [
        {"recorded_at": recorded_at, **{name: getattr(movement, name) for name in FIELDS}}
        for movement in fresh
    ]
    written = session.scalars(
        insert(MOVEMENT).returning(MOVEMENT.c.id, sort_by_parameter_order=True), rows
    )
    return list(written)


def _fresh(session: Session, movements: Sequence[Movement]) -> list[Movement]:
    """Those whose key is not in the book; a twin writing at this moment meets the unique
    key, and the transaction is tried again."""
    keys = [movement.idempotency_key for movement in movements]
    query = select(MOVEMENT.c.idempotency_key).where(MOVEMENT.c.idempotency_key.in_(keys))
    seen = set(session.scalars(query))
    return [movement for movement in movements if movement.idempotency_key not in seen]


def _check_clock(session: Session, movements: Sequence[Movement], recorded_at: datetime) -> None:
    last = session.scalar(select(MOVEMENT.c.recorded_at).order_by(MOVEMENT.c.id.desc()).limit(1))
    if last is not None and recorded_at < last - CLOCK_TOLERANCE:
        raise Refused(
            f"The clock says {to_local(recorded_at):%Y-%m-%d %H:%M}, but the last movement was "
            f"recorded at {to_local(last):%Y-%m-%d %H:%M}.",
            remedy="Set the server's clock right; nothing was written.",
            zh=f"系统时间为 {to_local(recorded_at):%Y-%m-%d %H:%M}，早于最后一笔记账时间 "
               f"{to_local(last):%Y-%m-%d %H:%M}。",
            remedy_zh="请校准服务器时钟；没有写入任何数据。",
        )
    ahead = [m for m in movements if m.occurred_at > recorded_at + CLOCK_TOLERANCE]
    if ahead:
        raise InvalidInput(
            f"A movement of lot {ahead[0].lot_code} is said to happen in the future "
            f"({to_local(ahead[0].occurred_at):%Y-%m-%d %H:%M}).",
            remedy="Give the time it happened.",
            zh=f"批次 {ahead[0].lot_code} 的发生时间（{to_local(ahead[0].occurred_at):%Y-%m-%d %H:%M}）在将来。",
            remedy_zh="请填写实际发生时间。",
        )


def _refuse_frozen(movements: Sequence[Movement], locked: Mapping[Key, Held]) -> None:
    documents = {movement.document for movement in movements}
    for (place, lot), held in locked.items():
        if held.frozen_by is not None and documents != {held.frozen_by}:
            raise Conflict(
                f"Lot {lot} at {place} is being counted ({held.frozen_by}).",
                remedy="Wait until the count is finished, or take another lot.",
                zh=f"{place} 的批次 {lot} 正在盘点（{held.frozen_by}）。",
                remedy_zh="请等盘点结束，或使用其他批次。",
            )


def reverse_movements(
    session: Session, ids: Sequence[int], actor: str, document: str, at: datetime
) -> list[int]:
    """Book the opposite of each movement, linked to it; ``Conflict`` when one is reversed already."""
    rows = list(session.scalars(select(MovementRow).where(MovementRow.id.in_(ids)).order_by(MovementRow.id)))
    done = [n for n in session.scalars(select(MovementRow.reverses_id).where(MovementRow.reverses_id.in_(ids))) if n]
    if done or len(rows) < len(set(ids)):
        raise Conflict(
            f"Movement(s) {sorted(done) or sorted(set(ids) - {r.id for r in rows})} cannot be reversed: "
            "reversed already or unknown.",
            remedy="Open the stock card to see what was booked.",
            zh="所选记录已冲销或不存在。", remedy_zh="请打开库存卡查看记账情况。",
        )
    names = [name for name in Movement.__slots__]
    facts = [(Movement(**{name: getattr(row, name) for name in names}), row.id) for row in rows]
    steps = [ledger.reverse(fact, number, at, actor, document) for fact, number in facts]
    return append_movements(session, steps, at)


def not_enough(short: list[dict[str, object]]) -> NotEnoughStock:
    """One error that names every short line."""
    words = "; ".join(f"{s['place']} lot {s['lot']}: asked {s['asked']}, free {s['free']}" for s in short)
    return NotEnoughStock(
        f"Not enough stock: {words}.",
        remedy="Lower the line, add a second source, or draft the proposal anew.",
        zh=f"库存不足：{words}。",
        remedy_zh="请减少数量、增加来源仓库，或重新生成方案。",
        facts={"lines": short},
    )
