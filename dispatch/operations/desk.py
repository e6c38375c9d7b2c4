"""The door to stock documents: one transaction a step, safe to repeat, four eyes where asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from dispatch.accounts.store import get_account
from dispatch.audit.store import Act, record
from dispatch.clock import Clock
from dispatch.db import run_in_transaction
from dispatch.errors import InvalidInput, Refused
from dispatch.inventory.store import list_warehouses
from dispatch.operations import counting, goods, kits, transfer
from dispatch.operations.model import MAY_MOVE, MAY_START, SECOND_PERSON, Kind, Request, Status
from dispatch.operations.store import Work, add, find_by_key, get, move
from dispatch.places import REGION_ADCODE

Step = Callable[[Work, Mapping[str, Any]], None]


def _plain(step: Callable[[Work], None]) -> Step:
    return lambda work, _given: step(work)


START: dict[Kind, Step] = {
    Kind.RECEIPT: _plain(goods.post_receipt),
    Kind.INSPECTION: _plain(goods.post_inspection),
    Kind.PUTAWAY: _plain(goods.post_putaway),
    Kind.TRANSFER: _plain(transfer.request),
    Kind.ISSUE: _plain(goods.post_issue),
    Kind.RETURN: _plain(goods.post_return),
    Kind.LOSS: _plain(counting.request_loss),
    Kind.STOCKTAKE: _plain(counting.open_count),
    Kind.KIT_BUILD: _plain(kits.build),
    Kind.KIT_BREAK: _plain(kits.break_up),
    Kind.REPACK: _plain(kits.repack),
}
STEPS: dict[tuple[Kind, Status], Step] = {
    (Kind.TRANSFER, Status.APPROVED): _plain(transfer.approve),
    (Kind.TRANSFER, Status.LOADED): _plain(transfer.load),
    (Kind.TRANSFER, Status.RECEIVED): lambda work, given: transfer.receive(work, given.get("received") or {}),
    (Kind.TRANSFER, Status.CANCELLED): _plain(transfer.cancel),
    (Kind.TRANSFER, Status.CLAIMED): lambda work, given: transfer.claim(work, str(given.get("note") or "")),
    (Kind.LOSS, Status.POSTED): _plain(counting.post_loss),
    (Kind.STOCKTAKE, Status.POSTED): _plain(counting.post_count),
    (Kind.STOCKTAKE, Status.CANCELLED): _plain(counting.cancel_count),
}


def start(engine: Engine, request: Request, actor: str, clock: Clock) -> str:
    """Make a document and do its first step; the same key again gives the same document.

    Raises ``InvalidInput`` with every faulty field, ``Refused`` by role, ``Conflict``
    when stock or a count stands against it.  Returns the document's code.
    """
    def work_on(session: Session) -> str:
        known = find_by_key(session, request.key)
        if known is not None:
            return known.code
        _check_role(session, actor, MAY_START[request.kind])
        if request.warehouse not in {w.code for w in list_warehouses(session)}:
            raise InvalidInput(
                f"There is no warehouse {request.warehouse!r}.", remedy="Choose one of the 93.",
                zh=f"没有编号为 {request.warehouse!r} 的仓库。", remedy_zh="请从 93 个仓库中选择。",
            )
        work = add(session, request, actor, clock.now())
        START[request.kind](work, {})
        work.keep()
        record(session, Act(actor, f"stock.{request.kind}", work.code, request.warehouse), clock.now())
        return work.code

    return run_in_transaction(engine, work_on)


def advance(
    engine: Engine, code: str, target: Status, actor: str, clock: Clock,
    given: Mapping[str, Any] | None = None,
) -> None:
    """Move a document on: its step and its new status in one transaction."""
    def work_on(session: Session) -> None:
        work = _open(session, code, actor, clock)
        _check_role(session, actor, MAY_MOVE[target])
        if target in SECOND_PERSON and work.row.created_by == actor:
            raise Refused(
                f"{actor} made {code} and cannot decide on it.", remedy="Another person has to decide.",
                zh=f"{actor} 是单据 {code} 的提交人，不能自己审批。", remedy_zh="请由另一人审批。",
            )
        if target in SECOND_PERSON:
            _check_place(session, actor, work)
        move(work, target, str((given or {}).get("note") or ""))
        step = STEPS.get((Kind(work.row.kind), target))
        if step is not None:
            step(work, given or {})
        work.keep()
        record(session, Act(actor, f"stock.{work.row.kind}.{target}", code), clock.now())

    run_in_transaction(engine, work_on)


def count(
    engine: Engine, code: str, figures: Mapping[str, Any], actor: str, clock: Clock
) -> None:
    """Enter one counter's figures of a stocktake."""
    def work_on(session: Session) -> None:
        work = _open(session, code, actor, clock)
        _check_role(session, actor, MAY_START[Kind.STOCKTAKE])
        if work.row.status != Status.COUNTING:
            move(work, Status.COUNTING)
        counting.count(work, figures)
        record(session, Act(actor, "stock.stocktake.count", code), clock.now())

    run_in_transaction(engine, work_on)


def _open(session: Session, code: str, actor: str, clock: Clock) -> Work:
    row = get(session, code)
    return Work(session, row, json.loads(row.body), actor, clock.now())


def _check_place(session: Session, actor: str, work: Work) -> None:
    """Deciding is for the owner's level: the store's own place, its league, or the region."""
    place = get_account(session, actor)["place"]
    house = next(w for w in list_warehouses(session) if w.code == work.warehouse)
    if place not in (REGION_ADCODE, house.league_adcode, house.serves_adcode):
        raise Refused(
            f"{actor} ({place}) may not decide for {house.name_en}.",
            remedy="A person of that place, its league or the region has to decide.",
            zh=f"{actor}（{place}）不能审批 {house.name_zh} 的单据。",
            remedy_zh="请由该仓库所属旗县、盟市或自治区的审批人办理。",
        )


def _check_role(session: Session, actor: str, allowed: tuple[str, ...]) -> None:
    role = get_account(session, actor)["role"]
    if role not in allowed:
        raise Refused(
            f"The role {role} may not do this.", remedy="Log in as " + " or ".join(allowed) + ".",
            zh=f"角色 {role} 无权办理。", remedy_zh="请用具备权限的账号登录（" + "、".join(allowed) + "）。",
        )
