"""Sessions by their tokens, on both databases."""

from __future__ import annotations

from sqlalchemy import Engine, select

from dispatch.accounts import people, sessions
from dispatch.accounts.people import Desk
from dispatch.accounts.rules import login_rule
from dispatch.accounts.tables import WebSessionRow
from dispatch.db import transaction
from tests.accounts.people import add, at

RULE = login_rule()


def test_only_a_hash_of_the_token_is_kept(bare: Engine) -> None:
    add(bare, ("wang", "viewer", "150000"))
    with transaction(bare) as session:
        token = sessions.begin(session, "wang", at(), RULE)
        assert len(token) >= 43 and token not in str(session.scalars(select(WebSessionRow.token_hash)).all())
        found = sessions.find(session, token, RULE, at(1).at)
        assert found and found["name"] == "wang" and "password_hash" not in found
        assert sessions.find(session, "x" * 43, RULE, at(1).at) is None
        assert sessions.find(session, found["session"]["hash"], RULE, at(1).at) is None


def test_a_session_ends_unused_and_ends_in_any_case(bare: Engine) -> None:
    add(bare, ("wang", "viewer", "150000"))
    with transaction(bare) as session:
        token = sessions.begin(session, "wang", at(), RULE)
        assert sessions.find(session, token, RULE, at(RULE.idle_s - 1).at)
        assert sessions.find(session, token, RULE, at(RULE.idle_s).at) is None
        sessions.touch(session, sessions.hash_of(token), at(RULE.session_s - 10).at)
        assert sessions.find(session, token, RULE, at(RULE.session_s - 1).at)
        assert sessions.find(session, token, RULE, at(RULE.session_s).at) is None
        # a clock that went back opens nothing
        assert sessions.find(session, token, RULE, at(-1).at) is None
        sessions.begin(session, "wang", at(RULE.session_s + 1), RULE)
        assert len(session.scalars(select(WebSessionRow)).all()) == 1


def test_others_end_and_a_disabled_account_is_out_at_once(bare: Engine) -> None:
    add(bare, ("wang", "viewer", "150000"))
    with transaction(bare) as session:
        here, there = (sessions.begin(session, "wang", at(n), RULE) for n in (0, 1))
        assert sessions.end_all(session, "wang", but=sessions.hash_of(here)) == 1
        assert sessions.find(session, there, RULE, at(2).at) is None and sessions.find(session, here, RULE, at(2).at)
        assert not sessions.end(session, "somebody-else", sessions.hash_of(here))
        people.disable(session, Desk(None, at(3)), "wang")
        assert sessions.find(session, here, RULE, at(4).at) is None
