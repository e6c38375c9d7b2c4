"""Passwords that resist guessing, codes that work once."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.accounts.passwords import check_password
from dispatch.accounts.rules import login_rule
from dispatch.accounts.second_factor import (
    address,
    new_recovery_codes,
    new_secret,
    recovery_hash,
    seal,
    step_of,
    unseal,
)
from dispatch.errors import InvalidInput

RULE = login_rule()
NOW = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.mark.parametrize("password", ["correct horse battery staple", "白毛风 铁锹 三十公里 奶茶", "x7#kQ9!vLm2@pR"])
def test_long_and_unlikely_is_enough(password: str) -> None:
    check_password(password, ("zhangsan", "张三"), RULE)


@pytest.mark.parametrize("password", ["short", "password1234", "qwertyuiop12", "aaaaaaaaaaaaaaa", "zhangsan2026", "dispatch2026!", "x" * 129, "1234567890123"])
def test_short_or_likely_is_refused_in_words(password: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_password(password, ("zhangsan",), RULE)
    assert refused.value.remedy and refused.value.remedy_zh


def code_at(at: datetime) -> str:
    return pyotp.TOTP(SECRET).at(at)


@pytest.mark.parametrize("off_s,right", [(0, True), (-30, True), (30, True), (-61, False), (61, False)])
def test_a_code_is_right_within_a_step(off_s: int, right: bool) -> None:
    assert (step_of(SECRET, code_at(NOW + timedelta(seconds=off_s)), NOW, 0) is not None) is right


def test_a_code_works_once_and_no_older_one_after_it() -> None:
    step = step_of(SECRET, code_at(NOW), NOW, 0)
    assert step is not None
    assert step_of(SECRET, code_at(NOW), NOW, step) is None
    assert step_of(SECRET, code_at(NOW - timedelta(seconds=30)), NOW, step) is None


@given(st.text(max_size=10))
def test_whatever_is_typed_is_wrong_and_never_a_fault(code: str) -> None:
    if code.strip() != code_at(NOW):
        assert step_of(SECRET, code, NOW, int(NOW.timestamp()) // 30 + 1) is None


def test_a_secret_is_kept_unreadable_and_another_key_does_not_open_it() -> None:
    secret = new_secret()
    kept = seal(secret, "key one")
    assert secret not in kept and unseal(kept, "key one") == secret and unseal(kept, "key two") is None
    assert address(secret, "wang").startswith("otpauth://totp/")


def test_recovery_codes_are_read_however_they_are_typed() -> None:
    codes = new_recovery_codes(RULE.recovery_codes)
    assert len(set(codes)) == RULE.recovery_codes
    assert recovery_hash(codes[0]) == recovery_hash(codes[0].upper().replace("-", " ")) != recovery_hash(codes[1])
