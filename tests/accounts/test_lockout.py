"""Guessing gets slow, and owners are not locked out by strangers."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.accounts.lockout import Failure, free_at, is_over
from dispatch.accounts.rules import login_rule

RULE = login_rule()
NOW = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


def wrong(count: int, remote: str = "a", ago_s: int = 1) -> list[Failure]:
    return [Failure(NOW - timedelta(seconds=ago_s), remote)] * count


@pytest.mark.parametrize(
    ("count", "wait_s"), [(0, None), (4, None), (5, 30), (6, 60), (7, 120), (9, 480), (10, 900), (60, 900), (5000, 900)],
)
def test_each_further_failure_doubles_the_wait(count: int, wait_s: int | None) -> None:
    until = free_at(wrong(count), "a", RULE, NOW)
    assert until == (None if wait_s is None else NOW - timedelta(seconds=1) + timedelta(seconds=wait_s))


def test_a_stranger_elsewhere_does_not_lock_the_owner_out() -> None:
    assert free_at(wrong(49, "stranger"), "home", RULE, NOW) is None
    until = free_at(wrong(5000, "stranger"), "home", RULE, NOW)
    assert until is not None and until - NOW <= timedelta(seconds=RULE.wait_s)


def test_old_failures_are_forgotten() -> None:
    assert free_at(wrong(100, ago_s=RULE.window_s), "a", RULE, NOW) is None


@given(st.lists(st.tuples(st.integers(0, 7200), st.sampled_from("abc")), max_size=80), st.sampled_from("abc"))
def test_nobody_waits_longer_than_the_rule(failures: list[tuple[int, str]], remote: str) -> None:
    until = free_at([Failure(NOW - timedelta(seconds=ago), r) for ago, r in failures], remote, RULE, NOW)
    assert until is None or NOW < until <= NOW + timedelta(seconds=RULE.wait_most_s)


@pytest.mark.parametrize(
    ("age_s", "idle_s", "over"), [
        (0, 0, False), (RULE.idle_s - 1, RULE.idle_s - 1, False), (RULE.idle_s, RULE.idle_s, True),
        (RULE.session_s - 1, 0, False), (RULE.session_s, 0, True), (-5, -5, True),
    ],
)
def test_sessions_end(age_s: int, idle_s: int, over: bool) -> None:
    assert is_over(NOW - timedelta(seconds=age_s), NOW - timedelta(seconds=idle_s), RULE, NOW) is over
