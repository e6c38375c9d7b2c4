"""How long somebody who guesses has to wait.  Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatch.accounts.rules import LoginRule


@dataclass(frozen=True, slots=True)
class Failure:
    """A wrong password or code: when, and from which address."""

    at: datetime
    remote: str


def free_at(failures: Sequence[Failure], remote: str, rule: LoginRule, now: datetime) -> datetime | None:
    """When a name may be tried again from ``remote``; None = now.

    ``failures`` are those of the name since it was last let in.  One address waits longer with each
    failure; failures from many addresses slow the name everywhere, by the first wait only, so that
    a stranger cannot lock its owner out.
    """
    recent = [f for f in failures if now - f.at < timedelta(seconds=rule.window_s)]
    waits = [
        _until([f.at for f in recent if f.remote == remote], rule.failures_before_wait, rule.wait_most_s, rule),
        _until([f.at for f in recent], rule.name_failures_before_wait, rule.wait_s, rule),
    ]
    until = max((w for w in waits if w is not None), default=None)
    return until if until is not None and until > now else None


def _until(failures: Sequence[datetime], free: int, most_s: int, rule: LoginRule) -> datetime | None:
    over = len(failures) - free
    if over < 0:
        return None
    # doubling stops mattering long before the power grows large
    return max(failures) + timedelta(seconds=min(most_s, rule.wait_s * 2 ** min(over, 16)))


def is_over(began: datetime, last_seen: datetime, rule: LoginRule, now: datetime) -> bool:
    """True for a session too old or too long unused; one from the future is over as well."""
    age, idle = now - began, now - last_seen
    return not (timedelta(0) <= age < timedelta(seconds=rule.session_s) and idle < timedelta(seconds=rule.idle_s))
