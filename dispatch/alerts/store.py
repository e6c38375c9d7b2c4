"""Keeping documents verbatim; accepted ones once per (sender, identifier, sent)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from dispatch.alerts.codec import from_json_all, to_json_all
from dispatch.alerts.identifiers import canonical_identifier, same_message, spellings, stem
from dispatch.alerts.model import Alert
from dispatch.alerts.tables import AlertDocumentRow


@dataclass(frozen=True, slots=True)
class Arrival:
    """A document as it came: file name, bytes, moment."""

    file_name: str
    raw: bytes
    at: datetime


def accepted_key(alert: Alert) -> str:
    """What makes a message the same message (CAP: sender, identifier, sent)."""
    return f"{alert.sender},{canonical_identifier(alert.identifier)},{alert.sent.isoformat()}"


def is_known(session: Session, alert: Alert) -> bool:
    """True when this very message was accepted before.

    Under the other spelling of a national identifier (with or without ``_N``) it is the
    same message only when it also says the same: N tells messages of one second apart.
    """
    query = select(AlertDocumentRow).where(
        AlertDocumentRow.status == "accepted",
        AlertDocumentRow.identifier.in_(spellings(alert.identifier)),
    )
    return any(
        row.accepted_key == accepted_key(alert) or _says(alert, row.parsed)
        for row in session.scalars(query)
    )


def _says(alert: Alert, parsed: dict[str, Any] | None) -> bool:
    return parsed is not None and any(
        replace(kept, identifier=alert.identifier) == alert for kept in from_json_all(parsed)
    )


def save(
    session: Session,
    arrival: Arrival,
    status: str,
    alerts: Sequence[Alert] = (),
    error: dict[str, Any] | None = None,
) -> int:
    """Keep the document under its status, with the warnings read from it; its number."""
    first = alerts[0] if alerts else None
    row = AlertDocumentRow(
        accepted_key=accepted_key(first) if first and status == "accepted" else None,
        identifier=canonical_identifier(first.identifier) if first else None,
        stem=stem(first.identifier) if first else None,
        file_name=arrival.file_name[:200],
        status=status,
        error=error,
        received_at=arrival.at,
        sha256=hashlib.sha256(arrival.raw).hexdigest(),
        raw=arrival.raw,
        parsed=to_json_all(alerts),
    )
    session.add(row)
    session.flush()
    return row.id


def knows_any(session: Session, references: Sequence[str]) -> bool:
    """True when a message that one of the references means was accepted before."""
    rows = session.scalars(
        select(AlertDocumentRow.identifier).where(
            AlertDocumentRow.stem.in_([stem(ref) for ref in references]),
            AlertDocumentRow.status == "accepted",
        )
    )
    return any(same_message(known or "", ref) for known in rows for ref in references)


def find_alert(session: Session, identifier: str) -> Alert | None:
    """The newest message kept under this identifier or its other spelling, exercises too."""
    rows = session.scalars(
        select(AlertDocumentRow.parsed)
        .where(AlertDocumentRow.identifier.in_(spellings(identifier)))
        .order_by(AlertDocumentRow.id.desc())
    )
    return next((from_json_all(fields)[0] for fields in rows if fields), None)


def list_documents(session: Session, limit: int = 500) -> list[dict[str, Any]]:
    """The newest documents, without their bytes; a document with several warnings shows its first."""
    rows = session.scalars(
        select(AlertDocumentRow).options(defer(AlertDocumentRow.raw))
        .order_by(AlertDocumentRow.id.desc()).limit(limit)
    )
    return [_view(row) for row in rows]


def get_raw(session: Session, number: int) -> bytes | None:
    """A document word for word."""
    return session.scalar(select(AlertDocumentRow.raw).where(AlertDocumentRow.id == number))


def _view(row: AlertDocumentRow) -> dict[str, Any]:
    first = row.parsed or {}
    return {
        "id": row.id,
        "identifier": row.identifier,
        "file": row.file_name,
        "status": row.status,
        "error": row.error,
        "received_at": row.received_at.isoformat(),
        "headline": first.get("headline", ""),
        "colour": first.get("colour"),
        "hazard": first.get("hazard"),
        "msg_type": first.get("msg_type"),
        "sent": first.get("sent"),
        "counties": first.get("counties", []),
        "parts": 1 + len(first.get("parts", ())) if first else 0,
    }
