"""Writing money facts; balances locked in order, all or none; sums proved."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from dispatch.errors import InvalidInput, NotEnoughStock, NotFound
from dispatch.money.model import MoneyMovement, SplitRule, check_amount, effects, keeps_money
from dispatch.money.tables import DonationRow, MoneyBalanceRow, MoneyMovementRow

RULE = Path(__file__).resolve().parent.parent / "reference" / "data" / "fund_rule.toml"


def load_rule(path: Path = RULE) -> SplitRule:
    """The split in force; the percentages must make a hundred."""
    fields = tomllib.loads(path.read_text("utf-8"))
    if sum(fields["percent"].values()) != 100:
        raise InvalidInput(
            f"{path.name}: the percentages make {sum(fields['percent'].values())}, not 100.",
            remedy="Correct the file.", zh=f"{path.name}：各比例合计不是 100%。", remedy_zh="请更正文件。",
        )
    return SplitRule(fields["percent"], fields["source"], fields["version"])


def append_money(session: Session, movements: Sequence[MoneyMovement], at: datetime) -> list[int]:
    """Write facts with their balances; a key written before is left out."""
    for movement in movements:
        check_amount(movement.amount_fen)
    keys = [m.idempotency_key for m in movements]
    seen = set(session.scalars(
        select(MoneyMovementRow.idempotency_key).where(MoneyMovementRow.idempotency_key.in_(keys))
    ))
    fresh = [m for m in movements if m.idempotency_key not in seen]
    for account, delta in sorted(effects(fresh).items()):
        row = session.get(MoneyBalanceRow, account, with_for_update=True, populate_existing=True)
        if row is None:
            row = MoneyBalanceRow(account=account, balance_fen=0)
            session.add(row)
        if row.balance_fen + delta < 0:
            raise NotEnoughStock(
                f"{account} holds {row.balance_fen / 100:,.2f} yuan; {-delta / 100:,.2f} are asked.",
                remedy="Ask for less, or move money into the fund first.",
                zh=f"{account} 余额 {row.balance_fen / 100:,.2f} 元，申请 {-delta / 100:,.2f} 元。",
                remedy_zh="请减少金额，或先补充该资金。",
            )
        row.balance_fen += delta
        session.flush()
    if not fresh:
        return []
    rows = [{**asdict(m), "recorded_at": at} for m in fresh]
    return list(session.scalars(
        insert(MoneyMovementRow).returning(MoneyMovementRow.id, sort_by_parameter_order=True), rows
    ))


def save_donation(session: Session, row: DonationRow) -> None:
    """Keep a gift once; the same code again changes nothing."""
    if session.get(DonationRow, row.code) is None:
        session.add(row)
        session.flush()


def get_donation(session: Session, code: str) -> DonationRow:
    """The gift of that code."""
    row = session.get(DonationRow, code)
    if row is None:
        raise NotFound(
            f"There is no gift {code}.", remedy="Check the code on the certificate.",
            zh=f"没有编号为 {code} 的捐赠。", remedy_zh="请核对捐赠证书上的编号。",
        )
    return row


def balances(session: Session) -> dict[str, int]:
    """Fen per account that keeps money."""
    return {row.account: row.balance_fen for row in session.scalars(select(MoneyBalanceRow))}


def money_differences(session: Session) -> list[dict[str, Any]]:
    """Accounts whose balance is not the sum of their movements."""
    summed: dict[str, int] = {}
    for column, sign in ((MoneyMovementRow.to_account, 1), (MoneyMovementRow.from_account, -1)):
        query = select(column, func.sum(MoneyMovementRow.amount_fen)).group_by(column)
        for account, fen in session.execute(query):
            if keeps_money(account):
                summed[account] = summed.get(account, 0) + sign * int(fen)
    kept = balances(session)
    return [
        {"account": a, "balance_fen": kept.get(a, 0), "movements_sum_fen": summed.get(a, 0)}
        for a in sorted(summed.keys() | kept.keys()) if kept.get(a, 0) != summed.get(a, 0)
    ]


def list_movements(session: Session, limit: int = 200) -> list[dict[str, Any]]:
    """The newest money facts."""
    rows = session.scalars(select(MoneyMovementRow).order_by(MoneyMovementRow.id.desc()).limit(limit))
    return [
        {"id": r.id, "amount_fen": r.amount_fen, "from": r.from_account, "to": r.to_account,
         "at": r.occurred_at.isoformat(), "reason": r.reason, "actor": r.actor, "document": r.document}
        for r in rows
    ]
