"""Sending what is queued: claim in a short transaction, send outside any, then mark.

A worker that dies between sending and marking leaves a lease that runs out; the message is
then sent again.  So a message may come twice and is never lost unseen; its id stays the same,
and the far side can tell.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Engine, and_, case, or_, select, true, update
from sqlalchemy.orm import Session

from dispatch.clock import Clock
from dispatch.config import Settings
from dispatch.db import run_in_transaction
from dispatch.errors import DispatchError, Unavailable
from dispatch.notices.digest import Batch, Waiting, make_batches
from dispatch.notices.model import Channel, OutMessage, Urgency
from dispatch.notices.tables import DeliveryRow, NoticeRow
from dispatch.words import Words

LOOK_AT = 500
"""Waiting deliveries looked at for one claim, of all addresses and then of the one chosen."""
EXERCISE_STAYS = "演练通知不外发 / exercises are not sent outside"
TOO_OLD = "等待过久，未发送 / waited too long, not sent"
UNFINISHED = "发送未完成，可能已送达 / sending broke off; it may have arrived"

_FIELDS = (
    DeliveryRow.id, DeliveryRow.channel, DeliveryRow.address, NoticeRow.urgency,
    DeliveryRow.queued_at, DeliveryRow.attempts, NoticeRow.is_exercise,
)
# Urgent first, so that no mass of waiting rows hides them; one order of locks for all workers.
_ORDER = (
    case((NoticeRow.urgency == Urgency.NOW.value, 0), else_=1), DeliveryRow.queued_at, DeliveryRow.id
)


@dataclass(frozen=True, slots=True)
class OutboxRules:
    """How deliveries wait and are tried again.

    ``window`` is how long soon and digest notices gather; ``retry_after`` the pauses between
    attempts (their number plus one is the most attempts); ``lease`` how long one message may
    take to send; ``keep`` the age at which a waiting message is withheld instead;
    ``most_batches`` bounds one pass.
    """

    window: timedelta = timedelta(minutes=15)
    exercise_outside: bool = False
    base_url: str = ""
    retry_after: tuple[timedelta, ...] = tuple(timedelta(minutes=m) for m in (1, 2, 5, 15, 30, 60))
    lease: timedelta = timedelta(minutes=5)
    keep: timedelta = timedelta(hours=24)
    most_batches: int = 200

    @classmethod
    def from_settings(cls, settings: Settings) -> OutboxRules:
        """The rules the settings ask for."""
        return cls(
            window=timedelta(minutes=settings.digest_minutes),
            exercise_outside=settings.exercise_outside,
            base_url=settings.base_url,
        )

    @property
    def most_attempts(self) -> int:
        """Attempts after which a delivery is given up."""
        return len(self.retry_after) + 1


@dataclass(frozen=True, slots=True)
class Report:
    """What one pass did, counted in deliveries; ``messages`` counts messages that left."""

    messages: int = 0
    sent: int = 0
    retried: int = 0
    failed: int = 0
    withheld: int = 0


@dataclass(frozen=True, slots=True)
class Claim:
    """A batch under this worker's lease; its rows count the attempts made before."""

    batch: Batch
    lease: str
    messages: tuple[OutMessage, ...]


def deliver_due(
    engine: Engine, channels: Sequence[Channel], clock: Clock, rules: OutboxRules | None = None
) -> Report:
    """One pass over what is due; safe beside other workers, and to repeat.

    A channel that cannot be reached is left alone for the rest of the pass.
    """
    rules = rules or OutboxRules()
    aside = partial(_set_aside, now=clock.now(), rules=rules)
    withheld, failed = run_in_transaction(engine, aside)
    by_name = {channel.name: channel for channel in channels}
    messages = sent = retried = 0
    for _ in range(rules.most_batches):
        seek = partial(_claim, channels=tuple(by_name), now=clock.now(), rules=rules)
        claim = run_in_transaction(engine, seek)
        if claim is None:
            break
        error = _send(by_name[claim.batch.channel], claim)
        if error is None:
            mark = partial(_mark_sent, claim=claim, now=clock.now())
            sent, messages = sent + run_in_transaction(engine, mark), messages + 1
            continue
        plan = partial(_mark_failure, claim=claim, error=error, now=clock.now(), rules=rules)
        again, gone = run_in_transaction(engine, plan)
        retried, failed = retried + again, failed + gone
        if isinstance(error, Unavailable):
            del by_name[claim.batch.channel]
    return Report(messages, sent, retried, failed, withheld)


def _send(channel: Channel, claim: Claim) -> DispatchError | None:
    try:
        channel.send(claim.messages)
    except DispatchError as error:
        return error
    return None


def list_deliveries(session: Session, status: str, limit: int = 100) -> list[dict[str, Any]]:
    """Deliveries of a status (``queued``, ``sent``, ``failed``, ``withheld``), newest first."""
    rows = session.execute(
        select(DeliveryRow, NoticeRow.subject, NoticeRow.zh, NoticeRow.en)
        .join(NoticeRow, NoticeRow.id == DeliveryRow.notice_id)
        .where(DeliveryRow.status == status)
        .order_by(DeliveryRow.id.desc())
        .limit(limit)
    )
    return [
        {
            "id": row.id, "notice": row.notice_id, "subject": subject, "zh": zh, "en": en,
            "channel": row.channel, "address": row.address, "status": row.status,
            "attempts": row.attempts, "error": row.error,
            "queued_at": row.queued_at.isoformat(), "next_try_at": row.next_try_at.isoformat(),
            "sent_at": row.sent_at.isoformat() if row.sent_at else None,
        }
        for row, subject, zh, en in rows
    ]


def requeue(session: Session, ids: Sequence[int], at: datetime) -> int:
    """Let given-up deliveries be tried afresh; answers how many there were."""
    return _update(
        session,
        and_(DeliveryRow.id.in_(ids), DeliveryRow.status == "failed"),
        status="queued", attempts=0, queued_at=at, next_try_at=at, error="",
    )


def _set_aside(session: Session, now: datetime, rules: OutboxRules) -> tuple[int, int]:
    """Withhold exercises and stale messages, give up those whose last attempt broke off."""
    waiting = and_(DeliveryRow.status == "queued", _is_free(now))
    failed = _update(
        session, and_(waiting, DeliveryRow.attempts >= rules.most_attempts),
        status="failed", error=UNFINISHED, lease=None, lease_until=None,
    )
    withheld = _update(
        session, and_(waiting, DeliveryRow.queued_at < now - rules.keep),
        status="withheld", error=TOO_OLD, lease=None, lease_until=None,
    )
    if not rules.exercise_outside:
        exercises = select(NoticeRow.id).where(NoticeRow.is_exercise)
        withheld += _update(
            session, and_(waiting, DeliveryRow.notice_id.in_(exercises)),
            status="withheld", error=EXERCISE_STAYS, lease=None, lease_until=None,
        )
    return withheld, failed


def _claim(
    session: Session, channels: Sequence[str], now: datetime, rules: OutboxRules
) -> Claim | None:
    """Lease the message that is most wanted, unless other workers have all there is."""
    looked = session.execute(
        select(*_FIELDS)
        .join(NoticeRow, NoticeRow.id == DeliveryRow.notice_id)
        .where(DeliveryRow.channel.in_(channels), *_due(now, rules))
        .order_by(*_ORDER)
        .limit(LOOK_AT)
    )
    batches = make_batches([_waiting(*fields) for fields in looked], now, rules.window)
    for channel, address in dict.fromkeys((b.channel, b.address) for b in batches):
        claim = _claim_address(session, channel, address, now, rules)
        if claim is not None:
            return claim
    return None


def _claim_address(
    session: Session, channel: str, address: str, now: datetime, rules: OutboxRules
) -> Claim | None:
    rows = session.execute(
        select(DeliveryRow, NoticeRow)
        .join(NoticeRow, NoticeRow.id == DeliveryRow.notice_id)
        .where(DeliveryRow.channel == channel, DeliveryRow.address == address, *_due(now, rules))
        .order_by(*_ORDER)
        .limit(LOOK_AT)
        .with_for_update(of=DeliveryRow)
    )
    found = {delivery.id: (delivery, notice) for delivery, notice in rows}
    waiting = [
        _waiting(d.id, d.channel, d.address, n.urgency, d.queued_at, d.attempts, n.is_exercise)
        for d, n in found.values()
    ]
    batches = make_batches(waiting, now, rules.window)
    if not batches:
        return None
    lease = uuid.uuid4().hex
    for number in batches[0].ids:
        delivery = found[number][0]
        delivery.lease, delivery.lease_until = lease, now + rules.lease
        delivery.attempts += 1
    messages = tuple(_message(*found[number], rules.base_url) for number in batches[0].ids)
    return Claim(batches[0], lease, messages)


def _due(now: datetime, rules: OutboxRules) -> tuple[Any, ...]:
    return (
        DeliveryRow.status == "queued",
        _is_free(now),
        DeliveryRow.next_try_at <= now,
        DeliveryRow.attempts < rules.most_attempts,
        true() if rules.exercise_outside else NoticeRow.is_exercise.is_(False),
    )


def _is_free(now: datetime) -> Any:
    return or_(DeliveryRow.lease_until.is_(None), DeliveryRow.lease_until <= now)


def _waiting(number: int, channel: str, address: str, urgency: str, *rest: Any) -> Waiting:
    return Waiting(number, channel, address, Urgency(urgency), *rest)


def _message(delivery: DeliveryRow, notice: NoticeRow, base_url: str) -> OutMessage:
    return OutMessage(
        address=delivery.address,
        kind=notice.kind,
        words=Words(notice.words_code, notice.zh, notice.en),
        subject=notice.subject,
        link=base_url + notice.path,
        urgency=Urgency(notice.urgency),
        dedupe_key=notice.dedupe_key,
        is_exercise=notice.is_exercise,
        posted_at=notice.posted_at,
    )


def _mark_sent(session: Session, claim: Claim, now: datetime) -> int:
    return _update(
        session, DeliveryRow.lease == claim.lease,
        status="sent", sent_at=now, error="", lease=None, lease_until=None,
    )


def _mark_failure(
    session: Session, claim: Claim, error: DispatchError, now: datetime, rules: OutboxRules
) -> tuple[int, int]:
    """Plan the next attempt or give up; answers (to be tried again, given up)."""
    text = f"{error.message_zh} / {error.message}"[:500]
    again = gone = 0
    for row in claim.batch.rows:
        is_last = row.attempts + 1 >= rules.most_attempts
        pause = timedelta() if is_last else rules.retry_after[row.attempts]
        done = _update(
            session, and_(DeliveryRow.id == row.id, DeliveryRow.lease == claim.lease),
            status="failed" if is_last else "queued", next_try_at=now + pause,
            error=text, lease=None, lease_until=None,
        )
        again, gone = (again, gone + done) if is_last else (again + done, gone)
    return again, gone


def _update(session: Session, which: Any, **values: Any) -> int:
    changed = session.execute(
        update(DeliveryRow).where(which).values(**values).returning(DeliveryRow.id)
        .execution_options(synchronize_session=False)
    )
    return len(changed.all())
