"""The 20/30/50 rule and what accounts money can be in.  Pure; integers in fen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from dispatch.errors import InvalidInput

MAX_FEN = 10**14
FUNDS = ("reserve", "brands", "projects")


@dataclass(frozen=True, slots=True)
class MoneyMovement:
    """One two-leg fact.  Accounts: ``donor:…``, ``fund:reserve|brands|projects``,
    ``designated:CODE``, ``spent:DOCUMENT``."""

    amount_fen: int
    from_account: str
    to_account: str
    occurred_at: datetime
    reason: str
    actor: str
    document: str
    idempotency_key: str
    reverses_id: int | None = None


@dataclass(frozen=True, slots=True)
class SplitRule:
    """Percent of undesignated income per fund, and where the rule comes from."""

    percent: Mapping[str, int]
    source: str
    version: str


def split(amount_fen: int, rule: SplitRule) -> dict[str, int]:
    """Fen per fund that sum to the amount (largest remainder; ties in the rule's order)."""
    check_amount(amount_fen)
    parts = {fund: amount_fen * share // 100 for fund, share in rule.percent.items()}
    rest = amount_fen - sum(parts.values())
    order = sorted(rule.percent, key=lambda fund: -(amount_fen * rule.percent[fund] % 100))
    for fund in order[:rest]:
        parts[fund] += 1
    return parts


def check_amount(amount_fen: object) -> int:
    """A whole number of fen above zero, or ``InvalidInput``."""
    if isinstance(amount_fen, bool) or not isinstance(amount_fen, int) or not 0 < amount_fen <= MAX_FEN:
        raise InvalidInput(
            f"{amount_fen!r} is not an amount in whole fen above zero.",
            remedy="Give yuan with at most two decimals.",
            zh=f"金额 {amount_fen!r} 不是大于零的整数分。", remedy_zh="请填写元，最多两位小数。",
        )
    return amount_fen


def to_fen(text: str) -> int:
    """Yuan as people write them (1,234.5) in fen; ``InvalidInput`` for anything else."""
    yuan, _, cents = text.strip().replace(",", "").replace("，", "").partition(".")
    if not (yuan + cents).isascii() or not (yuan + cents).isdigit() or len(cents) > 2 or not yuan:
        return check_amount(text)
    return check_amount(int(yuan) * 100 + int(cents.ljust(2, "0") or 0))


def keeps_money(account: str) -> bool:
    """True for accounts whose balance may never go below zero."""
    return account.startswith(("fund:", "designated:"))


def effects(movements: Iterable[MoneyMovement]) -> dict[str, int]:
    """Net change in fen per account that keeps money."""
    change: dict[str, int] = {}
    for movement in movements:
        for account, sign in ((movement.from_account, -1), (movement.to_account, 1)):
            if keeps_money(account):
                change[account] = change.get(account, 0) + sign * movement.amount_fen
    return change
