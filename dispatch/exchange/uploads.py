"""Upload → preview → one transaction → undo by reversal; a bad sheet is kept and never booked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from dispatch.accounts.rights import roles_of
from dispatch.accounts.store import get_account
from dispatch.audit.store import Act, record
from dispatch.clock import Clock, to_local
from dispatch.db import run_in_transaction
from dispatch.errors import Conflict, InvalidInput, NotFound, Refused
from dispatch.exchange.roster_rows import COLUMNS as ROSTER_COLUMNS
from dispatch.exchange.roster_rows import KIND as ROSTER
from dispatch.exchange.rosters import book, check_may_see, read_for, undo_booking
from dispatch.exchange.rows import COLUMNS, Fault, Known, read_rows
from dispatch.exchange.sheets import read_sheet
from dispatch.exchange.tables import UploadRow
from dispatch.inventory.book import (
    append_movements,
    lock_balances,
    reverse_movements,
    warehouse_place,
)
from dispatch.inventory.model import Item, Lot, Movement
from dispatch.inventory.store import list_items, list_warehouses, save_items, save_lots
from dispatch.inventory.tables import LotRow, MovementRow

HANDS = roles_of("upload.work")
KINDS = {**COLUMNS, ROSTER: ROSTER_COLUMNS}
"""Kind of sheet → its columns."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came."""

    kind: str
    file_name: str
    raw: bytes


def preview(engine: Engine, upload: Upload, actor: str, clock: Clock) -> str:
    """Read a sheet and keep it with its rows and faults; nothing else is touched.

    Returns the upload's code.  A file that cannot be read at all is kept quarantined.
    """
    def work(session: Session) -> str:
        _check_role(session, actor)
        if upload.kind not in KINDS:
            raise InvalidInput(f"{upload.kind!r} is not a kind of sheet.", remedy="Use " + ", ".join(KINDS) + ".",
                               zh=f"没有 {upload.kind!r} 这种导入。", remedy_zh="请选择：" + "、".join(KINDS) + "。")
        records, faults = _read(session, upload, actor, clock)
        prefix = f"UP-{to_local(clock.now()):%Y%m%d}-"
        number = session.scalar(select(func.count()).where(UploadRow.code.startswith(prefix))) or 0
        code = f"{prefix}{number + 1:04d}"
        session.add(UploadRow(
            code=code, kind=upload.kind, status="quarantined" if faults else "previewed",
            file_name=upload.file_name[:200], sha256=hashlib.sha256(upload.raw).hexdigest(), raw=upload.raw,
            rows=json.dumps(records, ensure_ascii=False, default=str),
            errors=json.dumps([asdict(f) for f in faults], ensure_ascii=False),
            former="[]", made_by=actor, made_at=clock.now(),
        ))
        # the name of a roster's file may be a person's
        told = "" if upload.kind == ROSTER else upload.file_name[:200]
        record(session, Act(actor, "upload.preview", code, told), clock.now())
        return code

    return run_in_transaction(engine, work)


def _read(session: Session, upload: Upload, actor: str, clock: Clock) -> tuple[list[dict[str, Any]], list[Fault]]:
    if upload.kind == ROSTER:
        check_may_see(session, actor, actor)
    try:
        sheet = read_sheet(upload.raw)
        if upload.kind == ROSTER:
            return read_for(session, sheet, actor, clock)
        known = Known(
            {i.code: i for i in list_items(session)},
            {w.code: w.name_zh for w in list_warehouses(session)},
            dict(session.execute(select(LotRow.code, LotRow.item_code)).all()) if upload.kind == "counts" else {},
        )
        return read_rows(upload.kind, sheet, known)
    except InvalidInput as error:
        return [], [Fault(0, "", f"{error.message_zh}{error.remedy_zh}", f"{error.message} {error.remedy}")]


def commit(engine: Engine, code: str, actor: str, clock: Clock) -> None:
    """Book a previewed sheet whole; a sheet with faults, or one booked before, is refused.

    Counts change the book, so a person other than the uploader books them.
    """
    def work(session: Session) -> None:
        _check_role(session, actor)
        row = _get(session, code)
        if row.status != "previewed":
            raise Conflict(
                f"{code} is {row.status} and cannot be booked.", remedy="Mend the sheet and upload it anew.",
                zh=f"{code} 当前状态为 {row.status}，不能入账。", remedy_zh="请更正表格后重新上传。",
            )
        if row.kind == "counts" and row.made_by == actor:
            raise Refused(f"{actor} uploaded the counts and cannot book them as well.", remedy="Another person has to.",
                          zh=f"{actor} 是盘点表的上传人，不能自己入账。", remedy_zh="请由另一人入账。")
        records = json.loads(row.rows)
        if row.kind == ROSTER:
            row.former = json.dumps(book(session, row, actor, clock), ensure_ascii=False)
        elif row.kind == "items":
            row.former = json.dumps(_save_items(session, records), ensure_ascii=False)
        elif row.kind == "counts":
            append_movements(session, _count_steps(session, code, records, actor, clock), clock.now())
        else:
            _save_goods(session, code, records, actor, clock)
        row.status, row.decided_at = "committed", clock.now()
        record(session, Act(actor, "upload.commit", code), clock.now())

    run_in_transaction(engine, work)


def undo(engine: Engine, code: str, actor: str, clock: Clock) -> None:
    """Reverse everything a sheet booked; refused when the goods have moved on since."""
    def work(session: Session) -> None:
        _check_role(session, actor)
        row = _get(session, code)
        if row.status != "committed":
            raise Conflict(f"{code} is {row.status}; there is nothing to undo.", remedy="Look at its page.",
                           zh=f"{code} 当前状态为 {row.status}，没有可撤销的内容。", remedy_zh="请查看其页面。")
        if row.kind == ROSTER:
            undo_booking(session, row, actor, clock)
        if row.kind == "items":
            save_items(session, [_item(fields) for fields in json.loads(row.former)])
        ids = list(session.scalars(select(MovementRow.id).where(MovementRow.document == code)))
        if ids:
            reverse_movements(session, ids, actor, f"{code}-UNDO", clock.now())
        row.status = "undone"
        record(session, Act(actor, "upload.undo", code), clock.now())

    run_in_transaction(engine, work)


def _get(session: Session, code: str) -> UploadRow:
    row = session.get(UploadRow, code, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(f"There is no upload {code}.", remedy="Look in the list of uploads.",
                       zh=f"没有编号为 {code} 的导入。", remedy_zh="请在导入列表中查找。")
    return row


def _item(fields: Mapping[str, Any]) -> Item:
    return Item(**{**fields, "hazards": tuple(fields.get("hazards") or ())})


def _save_items(session: Session, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Save the catalogue lines; returns the former ones, for undoing."""
    before = {item.code: item for item in list_items(session)}
    new = []
    for fields in records:
        old = before.get(fields["code"])
        new.append(Item(
            code=fields["code"], name_zh=fields["name_zh"], name_en=fields["name_en"],
            unit_zh=fields["unit_zh"], unit_en=fields["unit_en"], weight_g=fields["weight_g"],
            volume_cm3=fields["volume_cm3"], persons_per_unit=fields.get("persons_per_unit") or 0,
            shelf_life_days=fields.get("shelf_life_days"), season=fields.get("season") or "all",
            hazards=old.hazards if old else (), verified=bool(fields.get("source")),
            source=fields.get("source") or "import",
        ))
    save_items(session, new)
    return [asdict(before[item.code]) for item in new if item.code in before]


def _save_goods(
    session: Session, code: str, records: list[dict[str, Any]], actor: str, clock: Clock
) -> None:
    lots, steps = [], []
    taken = set(session.scalars(select(LotRow.code)))
    for fields in records:
        lot = fields.get("lot") or f"{code}-{fields['row']:05d}"
        if lot in taken:
            raise Conflict(f"Row {fields['row']}: the lot {lot} is there already.", remedy="Give it a code of its own.",
                           zh=f"第 {fields['row']} 行：批次 {lot} 已存在。", remedy_zh="请使用新的批次编号。")
        source = fields.get("source", "purchase")
        party = fields.get("party") or "opening"
        lots.append(Lot(
            code=lot, item_code=fields["item"], produced_on=_day(fields.get("produced_on")),
            expires_on=_day(fields.get("expires_on")), owner=fields["warehouse"],
            restriction=fields.get("restriction"), donor=party if source == "donation" else None,
            unit_cost_fen=fields.get("unit_cost_fen"),
        ))
        if fields["quantity"]:
            kind = "donor" if source == "donation" else "supplier"
            leg = (lot, f"{kind}:{party[:60]}", warehouse_place(fields["warehouse"]), fields["quantity"])
            steps.append(_step(code, fields["row"], leg, (actor, clock)))
    save_lots(session, lots)
    append_movements(session, steps, clock.now())


def _count_steps(
    session: Session, code: str, records: list[dict[str, Any]], actor: str, clock: Clock
) -> list[Movement]:
    wanted = {
        (warehouse_place(f["warehouse"], f.get("bin") or ""), f["lot"]): (f["row"], f["quantity"]) for f in records
    }
    locked = lock_balances(session, wanted)
    steps = []
    for (place, lot), (number, units) in wanted.items():
        book = locked[place, lot].on_hand
        if units < book:
            steps.append(_step(code, number, (lot, place, f"loss:{code}", book - units), (actor, clock)))
        elif units > book:
            steps.append(_step(code, number, (lot, f"found:{code}", place, units - book), (actor, clock)))
    return steps


def _step(code: str, number: int, leg: tuple[str, str, str, int], who: tuple[str, Clock]) -> Movement:
    lot, source, target, units = leg
    reason = "count" if "loss:" in target or "found:" in source else "receipt"
    return Movement(lot, units, source, target, who[1].now(), reason, who[0], code, f"{code}:{number}")


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _check_role(session: Session, actor: str) -> None:
    role = get_account(session, actor)["role"]
    if role not in HANDS:
        raise Refused(f"The role {role} may not import sheets.", remedy="Log in as a storekeeper.",
                      zh=f"角色 {role} 不能导入表格。", remedy_zh="请用库管员账号登录。")


def show_upload(session: Session, code: str, actor: str) -> dict[str, Any]:
    """Like ``get_upload``, but a roster is shown to those who may see its people alone."""
    found = get_upload(session, code)
    if found["kind"] == ROSTER:
        check_may_see(session, found["made_by"], actor)
    return found


def get_upload(session: Session, code: str) -> dict[str, Any]:
    """One upload with its rows and faults."""
    row = session.get(UploadRow, code)
    if row is None:
        raise NotFound(f"There is no upload {code}.", remedy="Look in the list of uploads.",
                       zh=f"没有编号为 {code} 的导入。", remedy_zh="请在导入列表中查找。")
    return {
        "code": row.code, "kind": row.kind, "status": row.status, "file": row.file_name, "sha256": row.sha256,
        "made_by": row.made_by, "made_at": row.made_at.isoformat(), "rows": json.loads(row.rows),
        "errors": json.loads(row.errors),
    }


def list_uploads(session: Session) -> list[dict[str, Any]]:
    """Uploads newest first, in one line each; a roster's file may bear a person's name and is left unnamed."""
    query = select(UploadRow.code, UploadRow.kind, UploadRow.status, UploadRow.file_name, UploadRow.made_by, UploadRow.made_at)
    return [
        {"code": c, "kind": k, "status": s, "file": "" if k == ROSTER else f, "made_by": b, "made_at": a.isoformat()}
        for c, k, s, f, b, a in session.execute(query.order_by(UploadRow.made_at.desc(), UploadRow.code.desc()).limit(100))
    ]
