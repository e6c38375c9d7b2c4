"""Grouping: everyone in exactly one message, urgent first, none before its time."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from dispatch.notices.digest import MOST_IN_ONE, Waiting, make_batches
from dispatch.notices.model import Urgency
from tests.builders import AT

WINDOW = timedelta(minutes=15)
ROWS = st.lists(
    st.builds(
        Waiting, id=st.integers(1, 10**6), channel=st.sampled_from(["email", "webhook"]),
        address=st.sampled_from(["a", "b", "c"]), urgency=st.sampled_from(list(Urgency)),
        queued_at=st.integers(0, 30).map(lambda m: AT - timedelta(minutes=m)),
        attempts=st.integers(0, 2), is_exercise=st.booleans(),
    ),
    unique_by=lambda row: row.id, max_size=130,
)


def waiting(number: int, urgency: Urgency, minutes: int = 0, address: str = "a", **more: int) -> Waiting:
    return Waiting(number, "email", address, urgency, AT - timedelta(minutes=minutes), **more)


def test_an_urgent_row_takes_the_others_along_and_leads() -> None:
    rows = [waiting(1, Urgency.SOON), waiting(2, Urgency.DIGEST), waiting(3, Urgency.NOW)]
    (batch,) = make_batches(rows, AT, WINDOW)
    assert batch.ids == (3, 1, 2)


def test_what_is_not_urgent_waits_its_window() -> None:
    assert make_batches([waiting(1, Urgency.SOON, 14), waiting(2, Urgency.DIGEST, 14)], AT, WINDOW) == ()
    (batch,) = make_batches([waiting(1, Urgency.SOON, 15), waiting(2, Urgency.SOON)], AT, WINDOW)
    assert batch.ids == (1, 2)


def test_a_retry_waits_no_second_window() -> None:
    assert len(make_batches([waiting(1, Urgency.SOON, 1, attempts=1)], AT, WINDOW)) == 1


def test_urgent_messages_go_before_others() -> None:
    rows = [waiting(1, Urgency.SOON, 99, "a"), waiting(2, Urgency.NOW, 0, "b"), waiting(3, Urgency.NOW, 5, "c")]
    assert [batch.address for batch in make_batches(rows, AT, WINDOW)] == ["c", "b", "a"]


@given(ROWS)
def test_every_ripe_row_is_in_exactly_one_message(rows: list[Waiting]) -> None:
    batches = make_batches(rows, AT, WINDOW)
    gone = [row for batch in batches for row in batch.rows]
    assert len(gone) == len({row.id for row in gone})
    assert {row.id for row in rows if row.is_ripe(AT, WINDOW)} <= {row.id for row in gone}
    assert batches == make_batches(reversed(rows), AT, WINDOW)
    for batch in batches:
        assert 0 < len(batch.rows) <= MOST_IN_ONE
        assert {(row.channel, row.address) for row in batch.rows} == {(batch.channel, batch.address)}
        assert len({row.is_exercise for row in batch.rows}) == 1
        ranks = [row.urgency.rank for row in batch.rows]
        assert ranks == sorted(ranks)
