"""Browsers that are logged in: a random token each, kept only as its hash, with an end."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from dispatch.accounts.attempts import Caller
from dispatch.accounts.lockout import is_over
from dispatch.accounts.rules import LoginRule
from dispatch.accounts.store import as_dict
from dispatch.accounts.tables import AccountRow, WebSessionRow

MOST_AGENT = 160


def hash_of(token: str) -> str:
    """As a token is kept: with 256 random bits a plain hash cannot be guessed back."""
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def begin(session: Session, name: str, caller: Caller, rule: LoginRule) -> str:
    """A new session of an account; the token its browser carries.  Sessions that ended are swept out."""
    token = secrets.token_urlsafe(32)
    session.add(WebSessionRow(
        token_hash=hash_of(token), account=name, began_at=caller.at, seen_at=caller.at, proved_at=caller.at,
        remote=caller.remote, agent=caller.agent[:MOST_AGENT],
    ))
    session.execute(delete(WebSessionRow).where(or_(
        WebSessionRow.began_at < caller.at - timedelta(seconds=rule.session_s),
        WebSessionRow.seen_at < caller.at - timedelta(seconds=rule.idle_s),
    )))
    session.flush()
    return token


def find(session: Session, token: str, rule: LoginRule, now: datetime) -> dict[str, Any] | None:
    """The account behind a token, with its session (``session``); None where it ended or the account is disabled."""
    found = session.execute(
        select(AccountRow, WebSessionRow).join(WebSessionRow, WebSessionRow.account == AccountRow.name)
        .where(WebSessionRow.token_hash == hash_of(token))
    ).first()
    if found is None:
        return None
    account, kept = found
    if account.disabled_at is not None or is_over(kept.began_at, kept.seen_at, rule, now):
        return None
    return {**as_dict(account), "session": {"hash": kept.token_hash, "seen_at": kept.seen_at, "proved_at": kept.proved_at}}


def touch(session: Session, token_hash: str, now: datetime) -> None:
    """Note that a session is in use."""
    session.execute(update(WebSessionRow).where(WebSessionRow.token_hash == token_hash).values(seen_at=now))


def prove(session: Session, token_hash: str, now: datetime) -> None:
    """Note that the person showed a password or code again."""
    session.execute(update(WebSessionRow).where(WebSessionRow.token_hash == token_hash).values(proved_at=now))


def end(session: Session, account: str, token_hash: str) -> bool:
    """End one session of an account; False when there was none."""
    gone = delete(WebSessionRow).where(WebSessionRow.account == account, WebSessionRow.token_hash == token_hash)
    return session.execute(gone.returning(WebSessionRow.token_hash)).first() is not None


def end_all(session: Session, account: str, but: str = "") -> int:
    """End every session of an account except one; how many."""
    gone = delete(WebSessionRow).where(WebSessionRow.account == account, WebSessionRow.token_hash != but)
    return len(session.execute(gone.returning(WebSessionRow.token_hash)).all())


def list_sessions(session: Session, account: str, rule: LoginRule, now: datetime) -> list[dict[str, Any]]:
    """The sessions of an account that are not over, newest use first."""
    rows = session.scalars(
        select(WebSessionRow).where(WebSessionRow.account == account).order_by(WebSessionRow.seen_at.desc(), WebSessionRow.token_hash)
    )
    return [
        {"hash": row.token_hash, "began_at": row.began_at.isoformat(), "seen_at": row.seen_at.isoformat(), "remote": row.remote, "agent": row.agent}
        for row in rows if not is_over(row.began_at, row.seen_at, rule, now)
    ]
