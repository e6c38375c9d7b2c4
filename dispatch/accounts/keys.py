"""Keys that programs use in a person's name: shown once, kept as a hash, with a scope and an end."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.accounts.rules import LoginRule
from dispatch.accounts.sessions import hash_of
from dispatch.accounts.store import as_dict
from dispatch.accounts.tables import SCOPES, AccountRow, ApiKeyRow
from dispatch.errors import InvalidInput, NotFound

PREFIX = "dk"
MOST_KEYS = 20
NOTED_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Wish:
    """A key somebody wants: what it is for, what it may do, how long it lasts."""

    label: str
    scope: str
    days: int


def make_key(session: Session, account: str, wish: Wish, rule: LoginRule, now: datetime) -> str:
    """A new key of an account, to be shown once; raises ``InvalidInput``."""
    if wish.scope not in SCOPES or not 1 <= wish.days <= rule.key_days_most or not 0 < len(wish.label.strip()) <= 60:
        raise InvalidInput(
            f"A key needs a name of 1 to 60 characters, a scope ({', '.join(SCOPES)}) and 1 to {rule.key_days_most} days.",
            remedy="Fill in all three.",
            zh=f"密钥须有 1 至 60 字的名称、用途范围和 1 至 {rule.key_days_most} 天的有效期。", remedy_zh="请填写完整。",
        )
    if sum(1 for key in list_keys(session, account, now) if key["is_valid"]) >= MOST_KEYS:
        raise InvalidInput(f"There are {MOST_KEYS} keys already.", remedy="Revoke one that is not used.",
                           zh=f"已有 {MOST_KEYS} 个有效密钥。", remedy_zh="请先吊销不用的密钥。")
    code, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
    token = f"{PREFIX}_{code}_{secret}"
    session.add(ApiKeyRow(code=code, key_hash=hash_of(token), account=account, label=wish.label.strip(), scope=wish.scope,
                          made_at=now, expires_at=now + timedelta(days=wish.days)))
    session.flush()
    return token


def revoke_key(session: Session, account: str, code: str, now: datetime) -> None:
    """End a key at once; raises ``NotFound`` where the account has none of that code."""
    row = session.get(ApiKeyRow, code)
    if row is None or row.account != account:
        raise NotFound(f"There is no key {code}.", remedy="Choose one from the list.", zh=f"没有密钥 {code}。", remedy_zh="请从列表中选择。")
    row.revoked_at = row.revoked_at or now
    session.flush()


def find_key(session: Session, token: str, now: datetime) -> dict[str, Any] | None:
    """The account behind a key that holds, with the key's code and scope (``key``)."""
    parts = token.split("_", 2)
    row = session.get(ApiKeyRow, parts[1]) if len(parts) == 3 and parts[0] == PREFIX else None
    if row is None or not secrets.compare_digest(row.key_hash, hash_of(token)) or not _holds(row, now):
        return None
    account = session.get(AccountRow, row.account)
    if account is None or account.disabled_at is not None:
        return None
    is_noted = row.used_at is not None and now - row.used_at < NOTED_EVERY
    return {**as_dict(account), "key": {"code": row.code, "scope": row.scope, "is_noted": is_noted}}


def note_use(session: Session, code: str, now: datetime) -> None:
    """Write down that a key is in use."""
    row = session.get(ApiKeyRow, code)
    if row is not None:
        row.used_at = now


def list_keys(session: Session, account: str, now: datetime) -> list[dict[str, Any]]:
    """The keys of an account, newest first."""
    rows = session.scalars(select(ApiKeyRow).where(ApiKeyRow.account == account).order_by(ApiKeyRow.made_at.desc(), ApiKeyRow.code))
    return [
        {"code": row.code, "label": row.label, "scope": row.scope, "expires_at": row.expires_at.isoformat(),
         "used_at": row.used_at.isoformat() if row.used_at else None, "is_valid": _holds(row, now), "is_revoked": row.revoked_at is not None}
        for row in rows
    ]


def _holds(row: ApiKeyRow, now: datetime) -> bool:
    return row.revoked_at is None and row.made_at <= now < row.expires_at
