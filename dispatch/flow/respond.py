"""A warning comes in: it is kept, judged, filed under its situation, and the situation is followed.

Kept (``alerts.store``) → filed (``alerts.situations``) → assessed (``flow.follow``) → drafted
(``flow.draft``); each of the last two can run again without harm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from dispatch.alerts import cap
from dispatch.alerts import store as alerts_store
from dispatch.alerts.areas import to_alerts
from dispatch.alerts.model import Alert, LossCounts
from dispatch.alerts.reports import Report, check
from dispatch.alerts.rules import situation_rules
from dispatch.alerts.situations import attach, load, touching, unattached
from dispatch.alerts.store import Arrival
from dispatch.alerts.timeline import all_reports, as_report
from dispatch.audit.store import Act, record
from dispatch.boundaries import load_boundaries
from dispatch.clock import to_local
from dispatch.db import reading, retried, transaction
from dispatch.drill_mark import is_drill
from dispatch.errors import InvalidInput
from dispatch.flow.draft import make_drafts
from dispatch.flow.follow import follow_up
from dispatch.flow.gather import ground_of
from dispatch.flow.model import Way
from dispatch.flow.tell import tell_unknown_reference
from dispatch.geography.store import list_counties
from dispatch.proposals.tables import DraftJobRow


def ingest(
    engine: Engine, documents: Sequence[tuple[str, bytes]], way: Way
) -> list[dict[str, Any]]:
    """Take documents in, one by one; each is kept verbatim whatever becomes of it.

    Answers per document: file, identifier, status, error, situation, level,
    proposals.  A bad document never stops the others.
    """
    return [_take(engine, name, raw, way) for name, raw in documents]


def _take(engine: Engine, name: str, raw: bytes, way: Way) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "file": name, "identifier": None, "status": "quarantined", "error": None,
        "situation": None, "level": None, "proposals": [],
    }
    codes = _keep(engine, Arrival(name, raw, way.clock.now()), way, answer)
    if way.draft:
        for code in codes:
            followed = follow_up(engine, code, way)
            if answer["situation"] is None:
                answer.update(situation=followed.situation, level=followed.level)
            if followed.asks_draft and way.waits:
                make_drafts(engine, way, followed.situation)
                answer["proposals"] += _drafted(engine, followed.situation)
    return answer


@retried
def _keep(engine: Engine, arrival: Arrival, way: Way, answer: dict[str, Any]) -> list[str]:
    """Keep a document and file it; the situations it belongs to."""
    answer.update(identifier=None, status="quarantined", error=None)
    with transaction(engine) as session:
        alerts: tuple[Alert, ...] = ()
        try:
            message = cap.parse(arrival.raw)
            answer["identifier"] = message.identifier
            alerts = to_alerts(message, list_counties(session), load_boundaries())
            answer["status"] = _judge(session, alerts, arrival.at)
        except InvalidInput as error:
            answer["error"] = error.as_dict()
        number = alerts_store.save(session, arrival, answer["status"], alerts, answer["error"])
        record(session, Act(way.actor, f"alert.{answer['status']}", answer["identifier"] or arrival.file_name),
               arrival.at)
        if answer["status"] != "accepted" or alerts[0].msg_type in ("Ack", "Error"):
            return []
        is_orphan = bool(alerts[0].references) and not alerts_store.knows_any(session, alerts[0].references)
        codes = attach(session, number, alerts)
        if is_orphan:
            tell_unknown_reference(session, alerts[0].identifier, codes[0], arrival.at)
        return codes


def _judge(session: Session, alerts: Sequence[Alert], now: datetime) -> str:
    """accepted, duplicate or exercise; ``InvalidInput`` sends it to quarantine.

    An exercise is for real in a drill's database, and nowhere else; there nothing else is.
    """
    first = alerts[0]
    if alerts_store.is_known(session, first):
        return "duplicate"
    if first.status != ("Exercise" if is_drill(session) else "Actual"):
        return "exercise"
    if first.sent > now + situation_rules().clock_tolerance:
        raise InvalidInput(
            f"The message says it was sent on {to_local(first.sent):%Y-%m-%d %H:%M}, which is still to come.",
            remedy="Check the clock of the sender and <sent>, then send it again.",
            zh=f"该消息的发布时间 {to_local(first.sent):%Y-%m-%d %H:%M} 晚于现在。",
            remedy_zh="请核对发送方时钟和 <sent> 后重新发送。",
        )
    over = [a.expires for a in alerts if a.expires is not None and a.expires <= now]
    if len(over) == len(alerts):
        raise InvalidInput(
            f"The warning expired on {to_local(max(over)):%Y-%m-%d %H:%M}.",
            remedy="Send the one in force; to replay a past event use --replay.",
            zh=f"该预警已于 {to_local(max(over)):%Y-%m-%d %H:%M} 失效。",
            remedy_zh="请发送有效的预警；重放历史事件请用 --replay。",
        )
    if first.msg_type == "Cancel" and not alerts_store.knows_any(session, first.references):
        raise InvalidInput(
            "The message cancels a warning that has not arrived.",
            remedy="Send the warning first, or check <references>.",
            zh="该消息取消的预警尚未收到。",
            remedy_zh="请先发送被取消的预警，或核对 <references>。",
        )
    for alert in alerts:
        if alert.counts != LossCounts():
            _check_counts(session, alert, now)
    return "accepted"


def _check_counts(session: Session, alert: Alert, now: datetime) -> None:
    """Figures in a message are held to the same rules as a report that somebody types."""
    population = ground_of(list_counties(session), {}).population
    check(replace(as_report(alert), received_at=now), _earlier(session, alert), population)


def _earlier(session: Session, alert: Alert) -> list[Report]:
    codes = touching(session, alert)
    return [r for code in codes for r in all_reports(load(session, code), alert.sent)]


def _drafted(engine: Engine, situation: str) -> list[str]:
    """The proposal made for the state a situation is in now, if one was."""
    with reading(engine) as session:
        code = session.scalar(
            select(DraftJobRow.proposal)
            .where(DraftJobRow.situation == situation, DraftJobRow.status == "done")
            .order_by(DraftJobRow.asked_at.desc(), DraftJobRow.id.desc()).limit(1)
        )
    return [code] if code else []


@retried
def attach_old(engine: Engine) -> int:
    """File accepted documents of before situations were kept; how many."""
    with transaction(engine) as session:
        old = unattached(session)
        for number, alerts in old:
            attach(session, number, alerts)
        return len(old)
