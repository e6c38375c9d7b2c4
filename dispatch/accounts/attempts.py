"""Tries to prove who one is: each is counted before it is looked at, and too many have to wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from dispatch.accounts.lockout import Failure, free_at
from dispatch.accounts.rules import LoginRule
from dispatch.accounts.tables import AccountRow, LoginAttemptRow
from dispatch.audit.store import Act, record
from dispatch.errors import TooMany

MOST_LISTED = 20


@dataclass(frozen=True, slots=True)
class Caller:
    """From where somebody asks, and the moments of it: by the machine's clock and by the application's."""

    remote: str
    agent: str
    at: datetime
    told_at: datetime


def open_attempt(session: Session, name: str, caller: Caller, rule: LoginRule) -> int:
    """Count a try before its password is looked at; raises ``TooMany`` while the name has to wait.

    Counted first, so that guesses sent at the same moment count each other.
    """
    key = _key(session, name)
    failures = _failures(session, key, caller.at - timedelta(seconds=rule.window_s))
    until = free_at(failures, caller.remote, rule, caller.at)
    if until is not None:
        raise _too_many(until, caller.at)
    row = LoginAttemptRow(name=key, remote=caller.remote, at=caller.at, is_right=False)
    session.add(row)
    session.flush()
    if len(failures) + 1 == rule.failures_before_wait:
        shown = name if key == name else "unknown"
        record(session, Act(shown, "login.waits", shown, f"{len(failures) + 1} failures, the last from {caller.remote}"), caller.told_at)
    return row.id


def check_free(session: Session, name: str, caller: Caller, rule: LoginRule) -> None:
    """``TooMany`` while the name has to wait; nothing is counted."""
    until = free_at(_failures(session, _key(session, name), caller.at - timedelta(seconds=rule.window_s)), caller.remote, rule, caller.at)
    if until is not None:
        raise _too_many(until, caller.at)


def close_attempt(session: Session, number: int, *, is_in: bool) -> None:
    """A right one: the person is in (what failed before is forgiven), or only half way (it does not count)."""
    row = session.get(LoginAttemptRow, number)
    if row is None:
        return
    if is_in:
        row.is_right = True
    else:
        session.delete(row)
    session.flush()


def forget_attempts(session: Session, before: datetime) -> None:
    """Drop tries older than the rule keeps them."""
    session.execute(delete(LoginAttemptRow).where(LoginAttemptRow.at < before))


def list_attempts(session: Session, name: str) -> list[dict[str, Any]]:
    """The newest tries for a name."""
    query = select(LoginAttemptRow).where(LoginAttemptRow.name == name).order_by(LoginAttemptRow.id.desc()).limit(MOST_LISTED)
    return [{"at": row.at.isoformat(), "remote": row.remote, "is_right": row.is_right} for row in session.scalars(query)]


def _key(session: Session, name: str) -> str:
    if session.get(AccountRow, name) is not None:
        return name
    # people type their password where the name goes: what is no account is kept unreadable
    return "?" + sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:40]


def _failures(session: Session, key: str, since: datetime) -> list[Failure]:
    rows = session.execute(
        select(LoginAttemptRow.at, LoginAttemptRow.remote, LoginAttemptRow.is_right)
        .where(LoginAttemptRow.name == key, LoginAttemptRow.at > since).order_by(LoginAttemptRow.id)
    )
    failures: list[Failure] = []
    for at, remote, is_right in rows:
        failures = [] if is_right else [*failures, Failure(at, remote)]
    return failures


def _too_many(until: datetime, now: datetime) -> TooMany:
    seconds = max(1, int((until - now).total_seconds()))
    return TooMany(
        f"Too many wrong passwords or codes; try again in {seconds} s.",
        remedy="Wait; a forgotten password is set anew by an administrator.",
        zh=f"密码或验证码错误次数过多，请在 {seconds} 秒后再试。", remedy_zh="请稍候；忘记密码请联系系统管理员重置。",
        facts={"retry_after_s": seconds},
    )
