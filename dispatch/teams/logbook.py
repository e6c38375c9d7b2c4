"""The log book of a deployment: entries in, entries out; nothing is ever changed or taken away."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dispatch.db import add_once
from dispatch.errors import InvalidInput, Refused
from dispatch.geo import LonLat
from dispatch.teams.model import LogKind
from dispatch.teams.tables import LogRow

MOST_TEXT = 500
MOST_AN_HOUR = 40
"""Entries of one member; more is a broken telephone or mischief."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: what happened when, by whom; ``submit_key`` names it so that it is written once."""

    deployment: str
    kind: LogKind
    at: datetime
    actor: str
    submit_key: str
    detail: Mapping[str, Any] = field(default_factory=dict)
    position: LonLat | None = None


def write(session: Session, entry: Entry, recorded_at: datetime) -> bool:
    """Add the line; False when it stands there already."""
    where = entry.position
    return add_once(
        session, LogRow, deployment=entry.deployment, at=entry.at, recorded_at=recorded_at, actor=entry.actor,
        kind=entry.kind.value, detail=json.dumps(dict(entry.detail), ensure_ascii=False, sort_keys=True),
        lon=where.lon if where else None, lat=where.lat if where else None, submit_key=entry.submit_key,
    )


def is_written(session: Session, submit_key: str) -> bool:
    """True when a line of that key is there."""
    return session.scalar(select(LogRow.id).where(LogRow.submit_key == submit_key)) is not None


def read_log(session: Session, deployment: str) -> list[dict[str, Any]]:
    """The lines of a deployment, newest first; a late one tells both its own time and when it came in."""
    rows = session.scalars(
        select(LogRow).where(LogRow.deployment == deployment).order_by(LogRow.at.desc(), LogRow.id.desc())
    )
    return [
        {
            "id": r.id, "at": r.at.isoformat(), "recorded_at": r.recorded_at.isoformat(), "actor": r.actor,
            "kind": r.kind, "detail": json.loads(r.detail), "lon": r.lon, "lat": r.lat,
            "is_late": r.recorded_at - r.at > timedelta(minutes=1),
        }
        for r in rows
    ]


def check_rate(session: Session, actor: str, now: datetime) -> None:
    """``Refused`` when somebody writes far more than a person would."""
    since = now - timedelta(hours=1)
    query = select(func.count()).select_from(LogRow).where(LogRow.actor == actor, LogRow.recorded_at > since)
    if (session.scalar(query) or 0) >= MOST_AN_HOUR:
        raise Refused(
            f"More than {MOST_AN_HOUR} entries in an hour.", remedy="Wait a while, or call the duty desk.",
            zh=f"一小时内已超过 {MOST_AN_HOUR} 条记录。", remedy_zh="请稍后再试，或致电调度值班员。",
        )


def clean_text(text: str, *, is_required: bool = False) -> str:
    """The text without blanks around it; ``InvalidInput`` when too long, or missing where it must be there."""
    text = text.strip()
    if len(text) > MOST_TEXT:
        raise InvalidInput(
            f"The text has {len(text)} characters, {MOST_TEXT} at most.", remedy="Shorten it, or send it in two parts.",
            zh=f"文字共 {len(text)} 字，最多 {MOST_TEXT} 字。", remedy_zh="请精简，或分两次发送。",
        )
    if is_required and not text:
        raise InvalidInput("The text is empty.", remedy="Write what there is to tell.",
                           zh="没有填写内容。", remedy_zh="请填写要报告的内容。")
    return text


def clean_key(text: str) -> str:
    """The key of a form; ``InvalidInput`` when it is missing or no key."""
    if not 0 < len(text) <= 60 or not text.isascii():
        raise InvalidInput("The form has no key.", remedy="Reload the page and send it again.",
                           zh="表单缺少提交编号。", remedy_zh="请刷新页面后重新提交。")
    return text
