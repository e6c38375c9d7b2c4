"""Hashes of full strength, and who gets in."""

from argon2 import PasswordHasher, Type, extract_parameters
from sqlalchemy import Engine

from dispatch.accounts import store
from dispatch.accounts.tables import AccountRow
from dispatch.db import reading, transaction


def test_passwords_are_kept_by_argon2id_at_a_cost_that_resists_guessing() -> None:
    """OWASP Password Storage Cheat Sheet, 2024: argon2id with 19 MiB, two rounds, one lane at least."""
    # made when the module was loaded, before the tests took a cheaper hasher
    found = extract_parameters(store._DUMMY_HASH)
    assert found.type is Type.ID
    assert found.memory_cost >= 19 * 1024 and found.time_cost >= 2 and found.parallelism >= 1


def test_who_gets_in_against_a_hash_of_full_strength(bare: Engine) -> None:
    with transaction(bare) as session:
        session.add(AccountRow(name="real", display_zh="真", role="viewer", place="150000",
                               password_hash=PasswordHasher().hash("right"), is_demo=False))
    with reading(bare) as session:
        for check in (store.check_login, store.check_again):
            assert (check(session, "real", "right") or {})["name"] == "real"
            assert check(session, "real", "wrong") is None
            assert check(session, "nobody", "right") is None
        # remembered, and still only the right one
        assert store.check_again(session, "real", "right") and store.check_again(session, "real", "wrong") is None


def test_a_changed_password_counts_at_once(bare: Engine) -> None:
    with transaction(bare) as session:
        store.save_demo_accounts(session)
        assert store.check_again(session, "duty", store.DEMO_PASSWORD)
        row = session.get(AccountRow, "duty")
        assert row is not None
        row.password_hash = store._HASHER.hash("another")
        assert store.check_again(session, "duty", store.DEMO_PASSWORD) is None
        assert store.check_again(session, "duty", "another")
