"""Posting a notice once, the inbox of an account, and subscriptions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from dispatch.accounts.tables import AccountRow
from dispatch.drill_mark import is_drill
from dispatch.notices.model import Notice, Sight, Subscription, Urgency, marked
from dispatch.notices.tables import DeliveryRow, NoticeReadRow, NoticeRow, SubscriptionRow

NOTICE: Any = NoticeRow.__table__
READ: Any = NoticeReadRow.__table__
SUBSCRIPTION: Any = SubscriptionRow.__table__
DELIVERY: Any = DeliveryRow.__table__


def post(session: Session, notice: Notice, at: datetime) -> bool:
    """Add the notice and its deliveries in the caller's transaction; False when told before.

    In a drill's database every notice is one of an exercise and marked as such.
    A twin being posted at the same moment is waited for and loses or wins quietly; the
    caller's transaction stays whole either way.
    """
    is_exercise = notice.is_exercise or is_drill(session)
    words = marked(notice.words, is_exercise)
    fields = {
        "dedupe_key": notice.dedupe_key,
        "place": notice.audience.place,
        "tier": notice.audience.tier,
        "min_role": notice.audience.min_role,
        "kind": notice.kind.value,
        "subject": notice.subject.code,
        "path": notice.subject.path,
        "words_code": words.code,
        "zh": words.zh,
        "en": words.en,
        "urgency": notice.urgency.value,
        "is_exercise": is_exercise,
        "posted_at": at,
    }
    insert = _insert_of(session)
    number = session.scalar(
        insert(NOTICE).values(fields)
        .on_conflict_do_nothing(index_elements=["dedupe_key"])
        .returning(NOTICE.c.id)
    )
    if number is None:
        return False
    _queue(session, int(number), notice, at)
    return True


def _queue(session: Session, number: int, notice: Notice, at: datetime) -> None:
    wanted = [u.value for u in Urgency if u.rank >= notice.urgency.rank]
    rows = session.execute(
        select(SubscriptionRow.channel, SubscriptionRow.address, AccountRow.place, AccountRow.role)
        .join(AccountRow, AccountRow.name == SubscriptionRow.account)
        .where(SubscriptionRow.min_urgency.in_(wanted))
    )
    targets = sorted({
        (channel, address) for channel, address, place, role in rows
        if notice.audience.reaches(place, role)
    })
    if targets:
        session.execute(DELIVERY.insert(), [
            {"notice_id": number, "channel": channel, "address": address, "status": "queued",
             "attempts": 0, "queued_at": at, "next_try_at": at, "error": ""}
            for channel, address in targets
        ])


def list_inbox(session: Session, account: Mapping[str, Any], limit: int = 100) -> list[dict[str, Any]]:
    """The newest notices for the account, with its own read marks."""
    rows = session.execute(
        select(NoticeRow, NoticeReadRow.read_at)
        .outerjoin(NoticeReadRow, _mark_of(account))
        .where(_is_seen_by(account))
        .order_by(NoticeRow.posted_at.desc(), NoticeRow.id.desc())
        .limit(limit)
    )
    return [
        {
            "id": row.id, "kind": row.kind, "code": row.words_code, "zh": row.zh, "en": row.en,
            "subject": row.subject, "path": row.path, "urgency": row.urgency, "place": row.place,
            "tier": row.tier, "is_exercise": row.is_exercise, "at": row.posted_at.isoformat(),
            "is_read": read_at is not None,
        }
        for row, read_at in rows
    ]


def count_unread(session: Session, account: Mapping[str, Any]) -> int:
    """How many notices for the account it has not read."""
    query = (
        select(func.count()).select_from(NoticeRow)
        .outerjoin(NoticeReadRow, _mark_of(account))
        .where(_is_seen_by(account), NoticeReadRow.account.is_(None))
    )
    return session.scalar(query) or 0


def mark_read(session: Session, account_name: str, ids: Sequence[int], at: datetime) -> None:
    """Note that the account has read these; unknown numbers and second readings change nothing."""
    known = session.scalars(select(NoticeRow.id).where(NoticeRow.id.in_(ids)).order_by(NoticeRow.id))
    rows = [{"account": account_name, "notice_id": number, "read_at": at} for number in known]
    if rows:
        session.execute(_insert_of(session)(READ).on_conflict_do_nothing(), rows)


def save_subscription(session: Session, wish: Subscription) -> None:
    """Keep the wish; the same address again only changes its least urgency."""
    insert = _insert_of(session)(SUBSCRIPTION).values(
        account=wish.account, channel=wish.channel, address=wish.address,
        min_urgency=wish.min_urgency.value,
    )
    session.execute(insert.on_conflict_do_update(
        index_elements=["account", "channel", "address"],
        set_={"min_urgency": insert.excluded.min_urgency},
    ))


def remove_subscription(session: Session, account_name: str, channel: str, address: str) -> bool:
    """Forget the wish; what is queued already still goes out.  False when there was none."""
    gone = session.execute(
        delete(SubscriptionRow).where(
            SubscriptionRow.account == account_name,
            SubscriptionRow.channel == channel,
            SubscriptionRow.address == address,
        ).returning(SubscriptionRow.address)
    )
    return gone.first() is not None


def list_subscriptions(session: Session, account_name: str) -> tuple[Subscription, ...]:
    """The account's wishes by channel and address."""
    rows = session.scalars(
        select(SubscriptionRow)
        .where(SubscriptionRow.account == account_name)
        .order_by(SubscriptionRow.channel, SubscriptionRow.address)
    )
    return tuple(
        Subscription(row.account, row.channel, row.address, Urgency(row.min_urgency)) for row in rows
    )


def _insert_of(session: Session) -> Any:
    return sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgres_insert


def _mark_of(account: Mapping[str, Any]) -> ColumnElement[bool]:
    return and_(NoticeReadRow.notice_id == NoticeRow.id, NoticeReadRow.account == account["name"])


def _is_seen_by(account: Mapping[str, Any]) -> ColumnElement[bool]:
    sight = Sight.of(account["place"], account["role"])
    return and_(
        or_(NoticeRow.place.in_(sight.above), NoticeRow.place.startswith(sight.prefix, autoescape=True)),
        NoticeRow.tier.in_(sight.tiers),
        NoticeRow.min_role.in_(sight.roles),
    )
