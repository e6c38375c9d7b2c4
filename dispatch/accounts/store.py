"""Accounts: argon2id hashes, checking a login, the demo people."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.accounts.tables import AccountRow
from dispatch.errors import NotFound, Refused
from dispatch.places import REGION_ADCODE

DEMO_PASSWORD = "demo-2026"
DEMO_ACCOUNTS = (
    ("duty", "值班员（演示）", "planner", REGION_ADCODE),
    ("approver", "分管领导（演示）", "approver", REGION_ADCODE),
    ("approver2", "带班领导（演示）", "approver", REGION_ADCODE),
    ("tongliao", "通辽市审批人（演示）", "approver", "150500"),
    ("store", "库管员（演示）", "storekeeper", REGION_ADCODE),
    ("store2", "记账员（演示）", "storekeeper", REGION_ADCODE),
    ("admin", "系统管理员（演示）", "administrator", REGION_ADCODE),
    ("auditor", "审计员（演示）", "auditor", REGION_ADCODE),
    ("viewer", "查看者（演示）", "viewer", REGION_ADCODE),
)
_HASHER = PasswordHasher()


def as_dict(row: AccountRow) -> dict[str, Any]:
    """An account without its secrets."""
    return {
        "name": row.name,
        "display_zh": row.display_zh,
        "role": row.role,
        "place": row.place,
        "is_demo": row.is_demo,
        "is_disabled": row.disabled_at is not None,
        "has_factor": bool(row.factor_secret),
        "must_change": row.must_change,
    }


def save_demo_accounts(session: Session) -> None:
    """Make the demo people that are not there yet."""
    for name, display, role, place in DEMO_ACCOUNTS:
        if session.get(AccountRow, name) is None:
            session.add(
                AccountRow(
                    name=name,
                    display_zh=display,
                    role=role,
                    place=place,
                    password_hash=_HASHER.hash(DEMO_PASSWORD),
                    is_demo=True,
                )
            )
    session.flush()


def find_account(session: Session, name: str) -> dict[str, Any] | None:
    """The account of that name, without its hash."""
    row = session.get(AccountRow, name)
    return None if row is None else as_dict(row)


def hash_password(password: str) -> str:
    """As a password is kept: argon2id, with its own salt and cost."""
    return _HASHER.hash(password)


def get_account(session: Session, name: str) -> dict[str, Any]:
    """The account of somebody who acts; raises ``NotFound``, or ``Refused`` for a disabled one."""
    account = get_person(session, name)
    if account["is_disabled"]:
        raise Refused(
            f"The account {name} is disabled.", remedy="Ask an administrator.",
            zh=f"账号 {name} 已停用。", remedy_zh="请联系系统管理员。",
        )
    return account


def get_person(session: Session, name: str) -> dict[str, Any]:
    """Like ``find_account`` but raises ``NotFound``; for those who acted once, disabled since or not."""
    account = find_account(session, name)
    if account is None:
        raise NotFound(
            f"There is no account named {name!r}.",
            remedy="Check the name; `dispatch init --demo` makes duty, approver, store, viewer.",
            zh=f"没有名为 {name!r} 的账号。",
            remedy_zh="请核对账号名；演示账号由 `dispatch init --demo` 建立。",
        )
    return account


def check_login(session: Session, name: str, password: str) -> dict[str, Any] | None:
    """The account when the password is right and it is not disabled, else None (same time either way)."""
    row = session.get(AccountRow, name)
    try:
        _HASHER.verify(row.password_hash if row else _DUMMY_HASH, password)
    except (VerificationError, InvalidHashError):
        return None
    return as_dict(row) if row and row.disabled_at is None else None


def check_again(session: Session, name: str, password: str) -> dict[str, Any] | None:
    """Like ``check_login`` for callers that send their password with every request.

    A right password is remembered for five minutes in this process, as a keyed digest bound
    to the stored hash: a changed password or a removed account counts at once.
    """
    row = session.get(AccountRow, name)
    if row is None or row.disabled_at is not None:
        return check_login(session, name, password)
    mark = hmac.new(_MEMORY_KEY, f"{name}\0{password}\0{row.password_hash}".encode(), hashlib.sha256).digest()
    if time.monotonic() < _REMEMBERED.get(mark, 0.0):
        return as_dict(row)
    account = check_login(session, name, password)
    if account is not None:
        if len(_REMEMBERED) >= MOST_REMEMBERED:
            _REMEMBERED.clear()
        _REMEMBERED[mark] = time.monotonic() + REMEMBER_S
    return account


def list_demo_accounts(session: Session) -> list[dict[str, Any]]:
    """Demo people, for the login page of a demo database."""
    query = select(AccountRow).where(AccountRow.is_demo).order_by(AccountRow.name)
    return [as_dict(row) for row in session.scalars(query)]


REMEMBER_S = 300.0
MOST_REMEMBERED = 1000
_MEMORY_KEY = secrets.token_bytes(32)
_REMEMBERED: dict[bytes, float] = {}
_DUMMY_HASH = _HASHER.hash("nobody")
