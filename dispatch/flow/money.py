"""Gifts come in, the reserve is spent: only against a response or a replenishment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from dispatch.accounts.rights import check, roles_of
from dispatch.accounts.store import get_account
from dispatch.audit.store import Act, record
from dispatch.clock import Clock, to_local
from dispatch.db import run_in_transaction
from dispatch.errors import InvalidInput, Refused
from dispatch.inventory.tables import LotRow, MovementRow
from dispatch.money.model import MoneyMovement, check_amount, split
from dispatch.money.store import append_money, get_donation, load_rule, save_donation
from dispatch.money.tables import DonationRow, MoneyMovementRow
from dispatch.operations.tables import StockDocumentRow
from dispatch.proposals.tables import ProposalRow
from dispatch.waybills.tables import WaybillRow

TREASURERS = roles_of("money.book")


@dataclass(frozen=True, slots=True)
class Gift:
    """What a donor gave: undesignated money is split, a designation is kept beside the split."""

    donor: str
    amount_fen: int
    received_on: date
    is_public: bool = True
    designation: str | None = None
    agreement: str | None = None


def give(engine: Engine, gift: Gift, key: str, actor: str, clock: Clock) -> str:
    """Book a gift of money; returns its code, which the donor can follow."""
    def work(session: Session) -> str:
        _check_role(session, actor)
        check_amount(gift.amount_fen)
        if not gift.donor.strip():
            raise InvalidInput("The donor is missing.", remedy="Give a name, or write anonymous.",
                               zh="缺少捐赠人。", remedy_zh="请填写姓名，或写“匿名”。")
        known = session.scalar(
            select(MoneyMovementRow.document).where(MoneyMovementRow.idempotency_key.startswith(f"{key}:"))
        )
        if known:
            return str(known)
        prefix = f"JZ-{to_local(clock.now()):%Y%m%d}-"
        number = session.scalar(select(func.count()).where(DonationRow.code.startswith(prefix))) or 0
        code = f"{prefix}{number + 1:04d}"
        save_donation(session, DonationRow(
            code=code, donor=gift.donor.strip()[:120], is_public=gift.is_public, kind="money",
            amount_fen=gift.amount_fen, designation=gift.designation, agreement=gift.agreement,
            received_on=gift.received_on, recorded_by=actor,
        ))
        parts = (
            {f"designated:{code}": gift.amount_fen} if gift.designation
            else {f"fund:{fund}": fen for fund, fen in split(gift.amount_fen, load_rule()).items()}
        )
        steps = [
            MoneyMovement(fen, f"donor:{code}", account, clock.now(), "gift", actor, code, f"{key}:{account.partition(':')[2]}")
            for account, fen in parts.items() if fen
        ]
        append_money(session, steps, clock.now())
        record(session, Act(actor, "money.gift", code, gift.designation or ""), clock.now())
        return code

    return run_in_transaction(engine, work)


def spend_reserve(
    engine: Engine, amount_fen: int, basis: str, key: str, actor: str, clock: Clock
) -> None:
    """Spend from the disaster reserve against an approved proposal or a receipt that refills stock.

    ``basis`` is the code of either; ``Refused`` for anything else or one's own submission.
    """
    def work(session: Session) -> None:
        account = get_account(session, actor)
        if account["role"] not in roles_of("money.spend"):
            raise Refused("Only an approver may spend the reserve.", remedy="Ask an approver.",
                          zh="只有审批人可以动用救灾储备金。", remedy_zh="请由审批人办理。")
        check(account, "money.spend")
        proposal = session.get(ProposalRow, basis)
        document = session.get(StockDocumentRow, basis)
        is_response = proposal is not None and proposal.status == "approved"
        is_refill = document is not None and document.kind == "receipt"
        if not (is_response or is_refill):
            raise Refused(
                f"{basis} is neither an approved proposal nor a receipt of stock; the reserve stays closed.",
                remedy="Name the response or the replenishment it is for.",
                zh=f"{basis} 既不是已批准的调度方案，也不是补库入库单，不能动用储备金。",
                remedy_zh="请填写对应的响应方案或补库单据编号。",
            )
        if document is not None and document.created_by == actor:
            raise Refused(f"{actor} made {basis} and cannot pay it as well.", remedy="Another approver has to.",
                          zh=f"{actor} 是单据 {basis} 的经办人，不能自己支付。", remedy_zh="请由另一位审批人办理。")
        step = MoneyMovement(amount_fen, "fund:reserve", f"spent:{basis}", clock.now(), "spend", actor, basis, f"{key}:spend")
        append_money(session, [step], clock.now())
        record(session, Act(actor, "money.spend", basis, f"{amount_fen}"), clock.now())

    run_in_transaction(engine, work)


def trace(session: Session, code: str) -> dict[str, Any]:
    """From a gift's code to its lots, the papers they travelled on, and where they ended."""
    gift = get_donation(session, code)
    lots = list(session.scalars(select(LotRow).where(LotRow.donation == code).order_by(LotRow.code)))
    steps = session.execute(
        select(MovementRow.occurred_at, MovementRow.lot_code, MovementRow.quantity, MovementRow.from_place,
               MovementRow.to_place, MovementRow.document, MovementRow.reason)
        .where(MovementRow.lot_code.in_([lot.code for lot in lots])).order_by(MovementRow.id)
    )
    money = session.execute(
        select(MoneyMovementRow.occurred_at, MoneyMovementRow.amount_fen, MoneyMovementRow.to_account)
        .where(MoneyMovementRow.document == code).order_by(MoneyMovementRow.id)
    )
    return {
        "code": code,
        "donor": gift.donor if gift.is_public else None,
        "kind": gift.kind,
        "amount_fen": gift.amount_fen,
        "designation": gift.designation,
        "received_on": gift.received_on.isoformat(),
        "money": [{"at": at.isoformat(), "amount_fen": fen, "to": to} for at, fen, to in money],
        "lots": [{"lot": lot.code, "item": lot.item_code} for lot in lots],
        "steps": [
            {"at": at.isoformat(), "lot": lot, "quantity": units, "from": source, "to": target,
             "document": document, "reason": reason}
            for at, lot, units, source, target, document, reason in steps
        ],
        "waybills": sorted(session.scalars(select(WaybillRow.code).where(
            WaybillRow.code.in_(select(MovementRow.document).where(MovementRow.lot_code.in_([lot.code for lot in lots])))
        ))),
    }


def _check_role(session: Session, actor: str) -> None:
    role = get_account(session, actor)["role"]
    if role not in TREASURERS:
        raise Refused(f"The role {role} may not book money.", remedy="Log in as a planner or approver.",
                      zh=f"角色 {role} 不能登记资金。", remedy_zh="请用计划员或审批人账号登录。")
