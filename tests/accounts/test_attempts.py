"""Guesses are counted before they are looked at, on both databases."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import Engine, select

from dispatch.accounts.attempts import close_attempt, forget_attempts, list_attempts, open_attempt
from dispatch.accounts.rules import login_rule
from dispatch.accounts.tables import LoginAttemptRow
from dispatch.audit.queries import list_acts
from dispatch.db import reading, run_in_transaction, transaction
from dispatch.errors import TooMany
from tests.accounts.people import add, at

RULE = login_rule()


def guess(engine: Engine, seconds: float, remote: str = "10.0.0.1", name: str = "wang") -> int:
    with transaction(engine) as session:
        return open_attempt(session, name, at(seconds, remote), RULE)


def test_too_many_guesses_wait_and_it_is_on_record_once(bare: Engine) -> None:
    add(bare, ("wang", "viewer", "150000"))
    for second in range(RULE.failures_before_wait):
        guess(bare, second)
    with pytest.raises(TooMany) as refused:
        guess(bare, 5)
    assert 0 < refused.value.facts["retry_after_s"] <= RULE.wait_s
    # from elsewhere the owner's way stays open
    guess(bare, 6, remote="10.9.9.9")
    with reading(bare) as session:
        assert [act["subject"] for act in list_acts(session, {"action": "login.waits"})] == ["wang"]
        assert len(list_attempts(session, "wang")) == RULE.failures_before_wait + 1


def test_a_right_one_forgives_those_before(bare: Engine) -> None:
    add(bare, ("wang", "viewer", "150000"))
    for second in range(RULE.failures_before_wait - 1):
        guess(bare, second)
    number = guess(bare, 4.5)
    with transaction(bare) as session:
        close_attempt(session, number, is_in=True)
    for second in range(RULE.failures_before_wait):
        guess(bare, 5 + second)


def test_a_right_password_half_way_in_forgives_no_wrong_codes(bare: Engine) -> None:
    """Who knows the password and guesses codes cannot start anew by typing the password again."""
    add(bare, ("wang", "viewer", "150000"))
    with pytest.raises(TooMany):
        for second in range(2 * RULE.failures_before_wait):
            number = guess(bare, second)
            with transaction(bare) as session:
                close_attempt(session, number, is_in=False)
            guess(bare, second + 0.5)


def test_a_name_that_is_no_account_waits_too_and_is_kept_unreadable(bare: Engine) -> None:
    with pytest.raises(TooMany):
        for second in range(10):
            guess(bare, second, name="my-secret-password")
    with reading(bare) as session:
        assert all("secret" not in name for name in session.scalars(select(LoginAttemptRow.name)))
        assert not [act for act in list_acts(session, {}) if "secret" in f"{act['actor']}{act['subject']}{act['detail']}"]


def test_guesses_at_the_same_moment_count_each_other(bare: Engine) -> None:
    add(bare, ("wang", "viewer", "150000"))
    let_through: list[int] = []

    def try_one() -> None:
        try:
            let_through.append(run_in_transaction(bare, lambda s: open_attempt(s, "wang", at(), RULE)))
        except TooMany:
            return

    threads = [threading.Thread(target=try_one) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # on PostgreSQL those that began before the others ended may slip through together, never all
    assert RULE.failures_before_wait <= len(let_through) <= 12
    with pytest.raises(TooMany):
        guess(bare, 1)


def test_old_tries_are_forgotten(bare: Engine) -> None:
    guess(bare, 0)
    with transaction(bare) as session:
        forget_attempts(session, at(1).at)
        assert session.scalars(select(LoginAttemptRow)).all() == []
