"""Document rows: add once, lock, move on; counts and freezes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from dispatch.clock import to_local
from dispatch.errors import Conflict, NotFound, Refused
from dispatch.inventory.tables import BalanceRow, FreezeRow
from dispatch.operations.model import FIRST, MOVES, PREFIX, Kind, Request, Status
from dispatch.operations.tables import CountRow, StockDocumentEventRow, StockDocumentRow


@dataclass
class Work:
    """A document being worked on in the open transaction."""

    session: Session
    row: StockDocumentRow
    body: dict[str, Any]
    actor: str
    at: datetime

    @property
    def code(self) -> str:
        """The document's number."""
        return self.row.code

    @property
    def warehouse(self) -> str:
        """The warehouse the document belongs to."""
        return self.row.warehouse

    def keep(self) -> None:
        """Write the body back."""
        self.row.body = json.dumps(self.body, ensure_ascii=False, default=str)
        self.session.flush()


def find_by_key(session: Session, key: str) -> StockDocumentRow | None:
    """The document that this very form made before, if any."""
    return session.scalar(select(StockDocumentRow).where(StockDocumentRow.submit_key == key))


def add(session: Session, request: Request, actor: str, at: datetime) -> Work:
    """A new document in its first status; numbered within kind and local day."""
    prefix = f"{PREFIX[request.kind]}-{to_local(at):%Y%m%d}-"
    last = session.scalar(
        select(func.max(StockDocumentRow.code)).where(StockDocumentRow.code.startswith(prefix))
    )
    number = int(last.removeprefix(prefix)) + 1 if last else 1
    row = StockDocumentRow(
        code=f"{prefix}{number:04d}",
        kind=request.kind.value,
        status=FIRST[request.kind].value,
        warehouse=request.warehouse,
        target=request.body.get("target"),
        created_by=actor,
        created_at=at,
        submit_key=request.key,
        body="{}",
    )
    session.add(row)
    work = Work(session, row, dict(request.body), actor, at)
    work.keep()
    _event(work, "")
    return work


def get(session: Session, code: str) -> StockDocumentRow:
    """The row, locked for a change; ``NotFound`` with a remedy."""
    row = session.get(StockDocumentRow, code, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(
            f"There is no stock document {code}.", remedy="Check the number, or look in the list.",
            zh=f"没有编号为 {code} 的单据。", remedy_zh="请核对编号，或在单据列表中查找。",
        )
    return row


def move(work: Work, target: Status, detail: str = "") -> None:
    """The next status, if the table of moves has it."""
    kind, now = Kind(work.row.kind), Status(work.row.status)
    if target not in MOVES.get((kind, now), frozenset()):
        raise Conflict(
            f"{work.code} is {now}; it cannot become {target}.",
            remedy="Open it again to see who moved it on, and when.",
            zh=f"单据 {work.code} 当前状态为 {now}，不能改为 {target}。",
            remedy_zh="请重新打开单据，查看是谁在何时办理的。",
        )
    work.row.status = target.value
    work.keep()
    _event(work, detail)


def _event(work: Work, detail: str) -> None:
    work.session.add(
        StockDocumentEventRow(
            document=work.code, at=work.at, actor=work.actor, status=work.row.status, detail=detail
        )
    )
    work.session.flush()


def freeze(work: Work, lots: list[str]) -> list[tuple[str, str]]:
    """Stop all other movements of the lots at the warehouse; ``Conflict`` when already counted."""
    place = f"wh:{work.warehouse}"
    rows = work.session.execute(
        select(BalanceRow.place, BalanceRow.lot_code)
        .where(BalanceRow.lot_code.in_(lots), BalanceRow.place.startswith(place))
        .order_by(BalanceRow.place, BalanceRow.lot_code)
    )
    keys = [(p, lot) for p, lot in rows if p == place or p.startswith(place + "/")]
    for key in keys:
        held = work.session.get(FreezeRow, key)
        if held is not None:
            raise Conflict(
                f"Lot {key[1]} is being counted already ({held.document}).",
                remedy="Finish or cancel that count first.",
                zh=f"批次 {key[1]} 已在盘点中（{held.document}）。", remedy_zh="请先完成或取消该盘点。",
            )
        work.session.add(FreezeRow(place=key[0], lot_code=key[1], document=work.code))
    work.session.flush()
    return keys


def thaw(work: Work) -> None:
    """Let the counted lots move again."""
    work.session.execute(delete(FreezeRow).where(FreezeRow.document == work.code))


def save_counts(work: Work, counts: dict[tuple[str, str], int]) -> None:
    """One counter's figures, once each."""
    mine = select(CountRow.id).where(CountRow.document == work.code, CountRow.counter == work.actor)
    if work.session.scalar(mine.limit(1)) is not None:
        raise Refused(
            f"{work.actor} has counted {work.code} already.",
            remedy="Where two counts differ, a third person counts.",
            zh=f"{work.actor} 已经录入过 {work.code} 的盘点结果。", remedy_zh="两次结果不一致时，由第三人复盘。",
        )
    for (place, lot), quantity in sorted(counts.items()):
        work.session.add(
            CountRow(document=work.code, place=place, lot_code=lot, counter=work.actor,
                     quantity=quantity, at=work.at)
        )
    work.session.flush()


def list_counts(session: Session, code: str) -> list[CountRow]:
    """All counts of a document, in order of arrival."""
    return list(session.scalars(select(CountRow).where(CountRow.document == code).order_by(CountRow.id)))
