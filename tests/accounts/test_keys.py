"""Keys of programs, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, select

from dispatch.accounts import people
from dispatch.accounts.keys import (
    MOST_KEYS,
    Wish,
    find_key,
    list_keys,
    make_key,
    note_use,
    revoke_key,
)
from dispatch.accounts.people import Desk
from dispatch.accounts.rules import login_rule
from dispatch.accounts.tables import ApiKeyRow
from dispatch.db import transaction
from dispatch.errors import InvalidInput, NotFound
from tests.accounts.people import add, at

RULE, DAY = login_rule(), 86_400


def test_a_key_holds_until_its_end_and_is_kept_as_a_hash(bare: Engine) -> None:
    add(bare, ("wang", "planner", "150000"), ("li", "planner", "150000"))
    with transaction(bare) as session:
        token = make_key(session, "wang", Wish("trackers", "gps", 2), RULE, at().at)
        assert token.split("_", 2)[2] not in str(session.execute(select(ApiKeyRow.code, ApiKeyRow.key_hash)).all())
        found = find_key(session, token, at(2 * DAY - 1).at)
        assert found and found["name"] == "wang" and found["key"]["scope"] == "gps"
        for wrong in (token[:-1], token + "x", "", "dk", "dk__", "dk_%_x", "_".join(["dk", token.split("_")[1], "x"]), "\ud800_x_y"):
            assert find_key(session, wrong, at(1).at) is None
        assert find_key(session, token, at(2 * DAY).at) is None and find_key(session, token, at(-1).at) is None
        note_use(session, found["key"]["code"], at(5).at)
        assert list_keys(session, "wang", at(6).at)[0]["used_at"]
        with pytest.raises(NotFound):
            revoke_key(session, "li", found["key"]["code"], at(6).at)
        revoke_key(session, "wang", found["key"]["code"], at(6).at)
        assert find_key(session, token, at(7).at) is None


def test_a_key_ends_with_its_account(bare: Engine) -> None:
    add(bare, ("wang", "planner", "150000"))
    with transaction(bare) as session:
        token = make_key(session, "wang", Wish("desk", "all", 30), RULE, at().at)
        people.disable(session, Desk(None, at(1)), "wang")
        assert find_key(session, token, at(2).at) is None


def test_a_key_ends_with_a_password_set_anew(bare: Engine) -> None:
    add(bare, ("wang", "planner", "150000"))
    with transaction(bare) as session:
        token = make_key(session, "wang", Wish("desk", "all", 30), RULE, at().at)
        people.reset_password(session, Desk(None, at(1)), "wang")
        assert find_key(session, token, at(2).at) is None


@pytest.mark.parametrize("wish", [
    Wish("", "read", 1), Wish("x" * 61, "read", 1), Wish("x", "everything", 1), Wish("x", "read", 0), Wish("x", "read", RULE.key_days_most + 1),
])
def test_what_is_no_key_is_refused(bare: Engine, wish: Wish) -> None:
    add(bare, ("wang", "planner", "150000"))
    with transaction(bare) as session, pytest.raises(InvalidInput):
        make_key(session, "wang", wish, RULE, at().at)


def test_nobody_piles_up_keys(bare: Engine) -> None:
    add(bare, ("wang", "planner", "150000"))
    with transaction(bare) as session:
        for number in range(MOST_KEYS):
            make_key(session, "wang", Wish(str(number), "read", 1), RULE, at().at)
        with pytest.raises(InvalidInput):
            make_key(session, "wang", Wish("more", "read", 1), RULE, at().at)
