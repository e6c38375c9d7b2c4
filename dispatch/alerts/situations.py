"""Which situation a message or a report belongs to, kept so that any order of arrival gives the same groups."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from dispatch.alerts.codec import from_json_all
from dispatch.alerts.entries import Entry
from dispatch.alerts.identifiers import same_message, stem
from dispatch.alerts.model import Alert, LossCounts
from dispatch.alerts.reports import Report
from dispatch.alerts.rules import situation_rules
from dispatch.alerts.tables import (
    AlertDocumentRow,
    EntryRow,
    IntakeLockRow,
    ReferenceRow,
    ReportRow,
    SituationMemberRow,
    SituationRow,
)
from dispatch.alerts.timeline import Material, group_of, leagues_of, make_code
from dispatch.clock import to_local
from dispatch.db import FOREVER, add_once, remembered
from dispatch.errors import NotFound


@dataclass(frozen=True, slots=True)
class Trace:
    """What decides where something belongs: hazard family, moment, four-digit leagues."""

    group: str
    at: datetime
    leagues: frozenset[str]


def attach(session: Session, document: int, alerts: Sequence[Alert]) -> list[str]:
    """File the warnings of a document; the codes of the situations they went to.

    Whoever files holds the lock of the hazard family; situations that the message connects
    become one, under the code of the earliest.
    """
    _add_references(session, document, alerts)
    related = _related(session, alerts[0])
    groups = {group_of(a.hazard)[0] for a in alerts} | {group for _, group in related}
    _lock(session, groups)
    codes = []
    for alert in alerts:
        own = group_of(alert.hazard)[0]
        # a Cancel names no place of its own: it belongs where the message it refers to does
        group = own if alert.counties else next((g for _, g in related), own)
        trace = Trace(group, alert.sent, leagues_of(alert))
        touched = {code for code, other in _related(session, alert) if other == group} | _touched(session, trace)
        code = _settle(session, touched, trace, make_code([alert]))
        session.add(SituationMemberRow(
            document=document, part=alert.part, situation=code, hazard_group=group, sent=alert.sent,
            leagues="," + ",".join(sorted(trace.leagues)) + ",",
        ))
        codes.append(code)
    session.flush()
    return list(dict.fromkeys(codes))


def place_report(session: Session, report: Report, situation: str | None) -> str:
    """The situation a report belongs to: the one named, or the one it touches, or a new one."""
    group = group_of(report.hazard)[0]
    _lock(session, {group})
    if situation is not None:
        return get_row(session, situation).code
    league = report.place[:4]
    trace = Trace(group, report.as_of, frozenset({league} if league != "1500" else ()))
    code = f"S-{to_local(report.as_of):%Y%m%d}-{league}00-{group}"
    return _settle(session, _touched(session, trace), trace, code)


def touching(session: Session, alert: Alert) -> list[str]:
    """Open situations that a message would join, by name or by hazard, time and place."""
    trace = Trace(group_of(alert.hazard)[0], alert.sent, leagues_of(alert))
    named = {code for code, _ in _related(session, alert)}
    return sorted(named | _touched(session, trace))


def _add_references(session: Session, document: int, alerts: Sequence[Alert]) -> None:
    for reference in dict.fromkeys(alerts[0].references):
        session.add(ReferenceRow(document=document, identifier=reference, stem=stem(reference)))
    session.flush()


def _related(session: Session, alert: Alert) -> list[tuple[str, str]]:
    """(situation, group) of members that name this message or are named by it."""
    own = SituationMemberRow
    named = {stem(ref) for ref in alert.references}
    backward = (
        select(own.situation, own.hazard_group, AlertDocumentRow.identifier)
        .join(AlertDocumentRow, AlertDocumentRow.id == own.document)
        .join(SituationRow, SituationRow.code == own.situation)
        .where(AlertDocumentRow.stem.in_(named), SituationRow.status == "open")
    )
    forward = (
        select(own.situation, own.hazard_group, ReferenceRow.identifier)
        .join(ReferenceRow, ReferenceRow.document == own.document)
        .join(SituationRow, SituationRow.code == own.situation)
        .where(ReferenceRow.stem == stem(alert.identifier), SituationRow.status == "open")
    )
    found = [
        (code, group) for code, group, identifier in session.execute(backward)
        if any(same_message(identifier or "", ref) for ref in alert.references)
    ] if named else []
    found += [
        (code, group) for code, group, identifier in session.execute(forward)
        if same_message(identifier, alert.identifier)
    ]
    return sorted(set(found))


def _lock(session: Session, groups: Iterable[str]) -> None:
    for group in sorted(groups):
        add_once(session, IntakeLockRow, hazard_group=group)
        session.execute(
            select(IntakeLockRow).where(IntakeLockRow.hazard_group == group).with_for_update()
        )


def _touched(session: Session, trace: Trace) -> set[str]:
    """Open situations with a message or a report of the family near in time, in a common league."""
    if not trace.leagues:
        return set()
    within = situation_rules().join_within
    low, high = trace.at - within, trace.at + within
    is_open = (SituationRow.hazard_group == trace.group, SituationRow.status == "open")
    members = select(SituationMemberRow.situation).join(
        SituationRow, SituationRow.code == SituationMemberRow.situation
    ).where(
        *is_open, SituationMemberRow.hazard_group == trace.group,
        SituationMemberRow.sent.between(low, high),
        or_(*(SituationMemberRow.leagues.like(f"%,{league},%") for league in sorted(trace.leagues))),
    )
    reports = select(ReportRow.situation).join(
        SituationRow, SituationRow.code == ReportRow.situation
    ).where(
        *is_open, ReportRow.as_of.between(low, high),
        or_(*(ReportRow.place.like(f"{league}%") for league in sorted(trace.leagues))),
    )
    return set(session.scalars(members.distinct())) | set(session.scalars(reports.distinct()))


def _settle(session: Session, touched: set[str], trace: Trace, code: str) -> str:
    rows = sorted(
        session.scalars(select(SituationRow).where(SituationRow.code.in_(touched))),
        key=lambda row: (row.first_at, row.code),
    )
    if not rows:
        return _open(session, trace, code)
    kept = rows[0]
    kept.first_at = min(kept.first_at, trace.at)
    kept.last_at = max(trace.at, *(row.last_at for row in rows))
    for row in rows[1:]:
        _merge(session, row, kept.code)
    session.flush()
    return kept.code


def _open(session: Session, trace: Trace, code: str) -> str:
    number, free = 1, code
    while session.get(SituationRow, free) is not None:
        number += 1
        free = f"{code}-{number}"
    session.add(SituationRow(code=free, hazard_group=trace.group, status="open", first_at=trace.at, last_at=trace.at, strong={}))
    session.flush()
    return free


def _merge(session: Session, loser: SituationRow, kept: str) -> None:
    loser.status, loser.merged_into = "merged", kept
    for table, column in ((SituationRow, SituationRow.merged_into), (SituationMemberRow, SituationMemberRow.situation)):
        session.execute(update(table).where(column == loser.code).values({column: kept}))


def get_row(session: Session, code: str) -> SituationRow:
    """The situation of a code, followed to what it was merged into; ``NotFound`` with a remedy."""
    row = session.get(SituationRow, code)
    if row is not None and row.merged_into:
        row = session.get(SituationRow, row.merged_into)
    if row is None:
        raise NotFound(
            f"There is no situation {code}.", remedy="The alert inbox lists the situations there are.",
            zh=f"没有编号为 {code} 的情况。", remedy_zh="预警收件箱列出了现有情况。",
        )
    return row


def codes_of(session: Session, code: str) -> list[str]:
    """A situation's own code and those merged into it."""
    return [code, *session.scalars(select(SituationRow.code).where(SituationRow.merged_into == code).order_by(SituationRow.code))]


def load(session: Session, code: str) -> Material:
    """Everything a situation is made of."""
    codes = codes_of(session, code)
    alerts = _members(session, code)
    reports = session.scalars(select(ReportRow).where(ReportRow.situation.in_(codes)).order_by(ReportRow.code))
    entries = session.scalars(select(EntryRow).where(EntryRow.situation.in_(codes)).order_by(EntryRow.id))
    return Material(
        alerts, tuple(_report(row) for row in reports),
        tuple(Entry(e.kind, e.at, e.actor, dict(e.body), e.note) for e in entries),
    )


def _members(session: Session, code: str) -> tuple[Alert, ...]:
    """The warnings filed under a situation; documents never change, so each is read once a process."""
    members = session.execute(
        select(SituationMemberRow.document, SituationMemberRow.part)
        .where(SituationMemberRow.situation == code)
        .order_by(SituationMemberRow.document, SituationMemberRow.part)
    )
    return tuple(
        alert for document, part in members
        for alert in remembered(session, f"alerts:{document}", FOREVER, partial(_read_alerts, session, document))
        if alert.part == part
    )


def _read_alerts(session: Session, document: int) -> tuple[Alert, ...]:
    parsed = session.scalar(select(AlertDocumentRow.parsed).where(AlertDocumentRow.id == document))
    return from_json_all(parsed) if parsed else ()


def _report(row: ReportRow) -> Report:
    return Report(
        row.code, row.kind, row.hazard, row.place, row.as_of, row.received_at, row.reporter,
        LossCounts(**row.counts), row.township, row.unit, row.phone, row.certainty,
        row.is_correction, row.note,
    )


def list_rows(session: Session, status: str | None = "open") -> list[SituationRow]:
    """Situations of a status (all but merged when None), the latest first."""
    query = select(SituationRow).order_by(SituationRow.last_at.desc(), SituationRow.code)
    query = query.where(SituationRow.status == status) if status else query.where(SituationRow.status != "merged")
    return list(session.scalars(query))


def of_identifier(session: Session, identifier: str) -> str | None:
    """The situation a message was filed under."""
    query = (
        select(SituationMemberRow.situation)
        .join(AlertDocumentRow, AlertDocumentRow.id == SituationMemberRow.document)
        .where(AlertDocumentRow.identifier == identifier)
        .order_by(AlertDocumentRow.id, SituationMemberRow.part)
    )
    return session.scalar(query)


def unattached(session: Session) -> list[tuple[int, list[Alert]]]:
    """Accepted documents of before situations were kept, oldest first."""
    query = (
        select(AlertDocumentRow)
        .outerjoin(SituationMemberRow, SituationMemberRow.document == AlertDocumentRow.id)
        .where(AlertDocumentRow.status == "accepted", SituationMemberRow.document.is_(None))
        .order_by(AlertDocumentRow.id)
    )
    return [(row.id, list(from_json_all(row.parsed or {}))) for row in session.scalars(query)]


def add_report(session: Session, report: Report, filed: dict[str, Any]) -> None:
    """Keep a report; ``filed`` says under which situation, by whom and under which key."""
    session.add(ReportRow(
        code=report.code, kind=report.kind, hazard=report.hazard, place=report.place,
        township=report.township, as_of=report.as_of, received_at=report.received_at,
        reporter=report.reporter, unit=report.unit, phone=report.phone,
        certainty=report.certainty, is_correction=report.is_correction, note=report.note,
        counts=report.said(), **filed,
    ))
    session.flush()


def add_entry(session: Session, situation: str, entry: Entry) -> None:
    """Keep a judgement."""
    session.add(EntryRow(situation=situation, kind=entry.kind, at=entry.at, actor=entry.actor,
                         body=entry.body, note=entry.note))
    session.flush()
