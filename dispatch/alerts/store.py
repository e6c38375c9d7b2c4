"""Keeping documents verbatim; accepted ones once per (sender, identifier, sent)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.alerts.codec import from_json, to_json
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
    return f"{alert.sender},{alert.identifier},{alert.sent.isoformat()}"


def is_known(session: Session, alert: Alert) -> bool:
    """True when this very message was accepted before."""
    query = select(AlertDocumentRow.id).where(AlertDocumentRow.accepted_key == accepted_key(alert))
    return session.scalar(query) is not None


def save(
    session: Session,
    arrival: Arrival,
    status: str,
    alert: Alert | None = None,
    error: dict[str, Any] | None = None,
) -> None:
    """Keep the document under its status."""
    session.add(
        AlertDocumentRow(
            accepted_key=accepted_key(alert) if alert and status == "accepted" else None,
            identifier=alert.identifier if alert else None,
            file_name=arrival.file_name[:200],
            status=status,
            error=error,
            received_at=arrival.at,
            sha256=hashlib.sha256(arrival.raw).hexdigest(),
            raw=arrival.raw,
            parsed=to_json(alert) if alert else None,
        )
    )
    session.flush()


def list_alerts(session: Session) -> list[Alert]:
    """Every accepted message, in order of arrival."""
    rows = session.scalars(
        select(AlertDocumentRow.parsed)
        .where(AlertDocumentRow.status == "accepted")
        .order_by(AlertDocumentRow.id)
    )
    return [from_json(fields) for fields in rows if fields]


def list_documents(session: Session) -> list[dict[str, Any]]:
    """All documents, newest first, without their bytes."""
    rows = session.scalars(select(AlertDocumentRow).order_by(AlertDocumentRow.id.desc()))
    return [
        {
            "id": row.id,
            "identifier": row.identifier,
            "file": row.file_name,
            "status": row.status,
            "error": row.error,
            "received_at": row.received_at.isoformat(),
            "headline": (row.parsed or {}).get("headline", ""),
            "colour": (row.parsed or {}).get("colour"),
            "hazard": (row.parsed or {}).get("hazard"),
            "sent": (row.parsed or {}).get("sent"),
            "counties": (row.parsed or {}).get("counties", []),
        }
        for row in rows
    ]
