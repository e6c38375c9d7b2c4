"""Wishes for drafts: one per state, and what a newer one does to the older, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from dispatch.db import add_once, transaction
from dispatch.errors import Conflict, NotFound
from dispatch.proposals.jobs import ask, claim, get_job, get_live, start_over
from dispatch.proposals.steps import hold, list_silent, renew
from dispatch.proposals.tables import DraftJobRow

AT = datetime(2021, 11, 8, 8, 0, tzinfo=UTC)


def states(session: Session) -> list[tuple[str, str, bool]]:
    query = select(DraftJobRow.state_hash, DraftJobRow.status, DraftJobRow.cancel_asked)
    return [tuple(row) for row in session.execute(query.order_by(DraftJobRow.id))]


def test_a_row_is_added_once_and_said_so(bare: Engine) -> None:
    values = {"situation": "S", "state_hash": "a", "status": "queued", "actor": "x", "asked_at": AT, "attempts": 0}
    with transaction(bare) as session:
        assert [add_once(session, DraftJobRow, **values) for _ in range(2)] == [True, False]


def test_a_newer_state_outdates_what_waits_and_stops_what_is_being_solved(bare: Engine) -> None:
    with transaction(bare) as session:
        assert ask(session, "S", "a", "x", AT) and not ask(session, "S", "a", "x", AT)
        claim(session, "w", AT)
        assert ask(session, "S", "b", "x", AT) and ask(session, "other", "b", "x", AT)
        assert ask(session, "S", "c", "x", AT)
        session.expire_all()
        assert states(session) == [
            ("a", "running", True), ("b", "outdated", False), ("b", "queued", False), ("c", "queued", False),
        ]


def test_a_state_that_comes_back_starts_over(bare: Engine) -> None:
    with transaction(bare) as session:
        ask(session, "S", "a", "x", AT)
        row = session.scalars(select(DraftJobRow)).one()
        row.status, row.progress, row.preview, row.attempts, row.cancel_asked = "outdated", 3, "{}", 2, True
        session.flush()
        assert ask(session, "S", "a", "x", AT)
        assert (row.status, row.progress, row.preview, row.attempts, row.asked) == ("queued", 0, None, 0, 2)
        assert not row.cancel_asked and row.note is None


def test_only_the_holder_goes_on_and_silence_is_seen(bare: Engine) -> None:
    with transaction(bare) as session:
        ask(session, "S", "a", "x", AT)
        number = session.scalars(select(DraftJobRow.id)).one()
        assert hold(session, number, "w1", AT) is None  # an earlier course of it, stopped since
        assert hold(session, number, "w1", AT, begins=True) and hold(session, number, "w1", AT)
        assert hold(session, number, "w2", AT) is None and hold(session, 10**6, "w1", AT) is None
        assert get_job(session, number).attempts == 1
        later = AT.replace(hour=9)
        assert list_silent(session, AT) == [] and list_silent(session, later) == [(number, "w1")]
        renew(session, "w1", later)
        session.expire_all()
        assert list_silent(session, later) == []


def test_an_ended_or_unknown_draft_is_told(bare: Engine) -> None:
    with transaction(bare) as session:
        ask(session, "S", "a", "x", AT)
        row = session.scalars(select(DraftJobRow)).one()
        assert get_live(session, row.id) is row
        row.status = "failed"
        session.flush()
        with pytest.raises(Conflict, match="ended"):
            get_live(session, row.id)
        with pytest.raises(NotFound):
            get_job(session, 10**6)
        start_over(session, row, AT)
        assert get_live(session, row.id) is row
