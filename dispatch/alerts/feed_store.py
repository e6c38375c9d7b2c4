"""What is remembered of each address polled."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from dispatch.alerts.feeds import FeedState
from dispatch.alerts.fetch import Known
from dispatch.alerts.tables import FeedStateRow


def get_state(session: Session, source: str) -> FeedState:
    """The state of an address, blank when it was never polled."""
    row = session.get(FeedStateRow, source)
    if row is None:
        return FeedState()
    return FeedState(Known(row.etag, row.modified), tuple(row.seen))


def save_state(session: Session, source: str, state: FeedState, at: datetime) -> None:
    """Remember the state of an address."""
    session.merge(
        FeedStateRow(
            source=source, etag=state.known.etag, modified=state.known.modified,
            seen=list(state.seen), polled_at=at,
        )
    )
    session.flush()
