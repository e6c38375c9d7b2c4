"""What is done to accounts, and who may do it, on both databases."""

from __future__ import annotations

import pyotp
import pytest
from sqlalchemy import Engine

from dispatch.accounts import people
from dispatch.accounts.people import Desk, NewAccount
from dispatch.accounts.rules import login_rule
from dispatch.accounts.second_factor import new_secret, seal
from dispatch.accounts.store import check_again, check_login, find_account, get_account
from dispatch.accounts.tables import AccountRow
from dispatch.audit.queries import list_acts, verify
from dispatch.db import reading, transaction
from dispatch.errors import Conflict, DispatchError, InvalidInput, NotFound, Refused
from tests.accounts.people import GOOD, add, at

RULE, KEY = login_rule(), "k" * 40
OPERATOR = Desk(None, at())


def test_an_account_is_made_with_a_password_for_once(bare: Engine) -> None:
    with transaction(bare) as session:
        password = people.add_account(session, OPERATOR, NewAccount("li", "李伟", "planner", "150500"))
        assert check_login(session, "li", password)
        assert (find_account(session, "li") or {})["must_change"]
        people.change_password(session, "li", (password, GOOD), RULE, at(1))
        assert not (find_account(session, "li") or {})["must_change"]
        assert check_login(session, "li", password) is None and check_login(session, "li", GOOD)
    with reading(bare) as session:
        acts = list_acts(session, {"action": "account."})
        assert [(act["actor"], act["action"]) for act in acts] == [("li", "account.password_changed"), ("operator", "account.added")]
        assert not any(word in str(acts) for word in (password, GOOD))
        assert verify(session).broken is None


@pytest.mark.parametrize("wish", [
    NewAccount("Li", "李", "planner", "150500"), NewAccount("li wei", "李", "planner", "150500"), NewAccount("l" * 41, "李", "planner", "150500"),
    NewAccount("li", " ", "planner", "150500"), NewAccount("li", "李" * 41, "planner", "150500"), NewAccount("li", "李\u202e", "planner", "150500"),
    NewAccount("li", "李", "king", "150500"), NewAccount("li", "李", "planner", "110000"), NewAccount("li", "李", "planner", ""),
])
def test_what_is_no_account_is_refused(bare: Engine, wish: NewAccount) -> None:
    with transaction(bare) as session, pytest.raises(InvalidInput):
        people.add_account(session, OPERATOR, wish)


@pytest.mark.parametrize("new", ["short", "password1234", "wangwangwang", "qwertyuiopas", "123456789012", "x" * 129])
def test_easy_passwords_are_refused(bare: Engine, new: str) -> None:
    add(bare, ("wang", "viewer", "150000"))
    with transaction(bare) as session:
        with pytest.raises(InvalidInput):
            people.change_password(session, "wang", (GOOD, new), RULE, at())
        with pytest.raises(Refused):
            people.change_password(session, "wang", ("wrong", GOOD + "!"), RULE, at())


def test_an_administrator_stays_within_their_place_and_off_their_own_account(bare: Engine) -> None:
    add(bare, ("chief", "administrator", "150500"), ("near", "viewer", "150522"), ("far", "viewer", "150100"))
    with transaction(bare) as session:
        desk = Desk(get_account(session, "chief"), at())
        people.change_post(session, desk, "near", "planner", "150500")
        acts = (
            lambda: people.change_post(session, desk, "chief", "approver", "150500"),
            lambda: people.disable(session, desk, "chief"),
            lambda: people.change_post(session, desk, "near", "approver", "150000"),
            lambda: people.add_account(session, desk, NewAccount("friend", "友", "approver", "150000")),
            lambda: people.reset_password(session, desk, "far"),
            lambda: people.reset_factor(session, desk, "nobody"),
        )
        for act in acts:
            with pytest.raises((Refused, NotFound)):
                act()
        with pytest.raises(Conflict):
            people.add_account(session, desk, NewAccount("near", "近", "viewer", "150500"))


def test_a_disabled_account_does_nothing_anywhere(bare: Engine) -> None:
    add(bare, ("wang", "approver", "150000"))
    with transaction(bare) as session:
        assert check_again(session, "wang", GOOD)
        people.disable(session, OPERATOR, "wang")
        with pytest.raises(Refused):
            get_account(session, "wang")
        assert check_login(session, "wang", GOOD) is None and check_again(session, "wang", GOOD) is None
        people.disable(session, OPERATOR, "wang", back=True)
        assert get_account(session, "wang") and check_login(session, "wang", GOOD)


def test_a_code_counts_once_and_so_does_a_recovery_code(bare: Engine) -> None:
    add(bare, ("wang", "approver", "150000"))
    secret = new_secret()
    with transaction(bare) as session:
        assert people.needs_factor(get_account(session, "wang"), RULE)
        codes = people.set_factor(session, "wang", seal(secret, KEY), RULE, at())
        assert len(codes) == RULE.recovery_codes and not people.needs_factor(get_account(session, "wang"), RULE)
        row = session.get_one(AccountRow, "wang")
        assert secret not in row.factor_secret and not any(code in row.recovery_hashes for code in codes)
        later = at(60)
        code = pyotp.TOTP(secret).at(later.at)
        assert people.use_code(session, "wang", code, KEY, later) and not people.use_code(session, "wang", code, KEY, later)
        assert people.use_code(session, "wang", codes[0].upper(), KEY, later) and not people.use_code(session, "wang", codes[0], KEY, later)
        for wrong in ("", "000000", "x" * 10_000, "١٢٣٤٥٦", "\ud800"):
            assert not people.use_code(session, "wang", wrong, KEY, later)
        # under another key of the application nothing opens, and nothing breaks
        assert not people.use_code(session, "wang", pyotp.TOTP(secret).at(at(120).at), "z" * 40, at(120))
        people.reset_factor(session, OPERATOR, "wang")
        assert people.needs_factor(get_account(session, "wang"), RULE)


def test_demo_people_keep_their_password_and_need_no_second_factor(demo: Engine) -> None:
    with transaction(demo) as session:
        account = get_account(session, "approver")
        assert account["is_demo"] and not people.needs_factor(account, RULE)
        acts = (
            lambda: people.change_password(session, "approver", ("demo-2026", GOOD), RULE, at()),
            lambda: people.reset_password(session, OPERATOR, "approver"),
        )
        for act in acts:
            with pytest.raises(DispatchError):
                act()
