"""Trucks on the road as the desk sees them, and the alarms of those that are silent or late."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.audit.store import Act, record
from dispatch.clock import to_local
from dispatch.geo import LonLat
from dispatch.geography.store import list_counties, list_names
from dispatch.notices.model import Audience, Kind, Notice, Subject, Urgency
from dispatch.notices.store import post
from dispatch.waybills.model import ON_ROAD, WaybillStatus
from dispatch.waybills.positions import Position, list_positions
from dispatch.waybills.receipts import list_receipts
from dispatch.waybills.rules import load_tracking_rule
from dispatch.waybills.tables import WaybillEventRow, WaybillRow
from dispatch.waybills.track import Progress, Sighting, progress
from dispatch.words import Words

WORKER = "worker"
MOST_SIGHTINGS = 500


def list_tracks(session: Session, at: datetime) -> list[dict[str, Any]]:
    """Trucks on the road: those that need a call first, then by when they are to arrive."""
    rows = session.scalars(
        select(WaybillRow).where(WaybillRow.status.in_([s.value for s in ON_ROAD])).order_by(WaybillRow.code)
    ).all()
    seats = {c.adcode: c.seat for c in list_counties(session)}
    tracks = [track_of(session, row, seats, at) for row in rows]
    return sorted(tracks, key=lambda t: (t["urgency"], t["planned_at"] or "", t["code"]))


def track_of(session: Session, row: WaybillRow, seats: dict[str, LonLat], at: datetime) -> dict[str, Any]:
    """One truck on the road: its paper, last position, and how it is doing."""
    body, names = json.loads(row.body), list_names(session)
    positions = list_positions(session, row.code, MOST_SIGHTINGS)
    found = _progress(session, (row, body), positions, seats, at)
    last = positions[0] if positions else None
    is_broken = row.status == WaybillStatus.STRANDED
    zh, en = names.get(found.next_stop or "", ("—", "—"))
    return {
        "code": row.code, "vehicle": body["vehicle"], "status": row.status, "proposal": row.proposal,
        "from_zh": body["from_zh"], "from_en": body["from_en"], "next": found.next_stop, "next_zh": zh, "next_en": en,
        "stops": len(body["stops"]), "is_there": found.is_there, "is_broken": is_broken,
        "planned_at": _iso(found.planned_at), "expected_at": _iso(found.expected_at),
        "late_min": found.late // timedelta(minutes=1) if found.late else None,
        "heard_at": found.last_heard_at.isoformat(), "heard_min": (at - found.last_heard_at) // timedelta(minutes=1),
        "is_silent": found.silent_since is not None, "position": _position(last, names, at),
        "urgency": 0 if is_broken else 1 if found.silent_since else 2 if found.late else 3,
    }


def position_lines(session: Session, code: str, most: int, at: datetime) -> list[dict[str, Any]]:
    """The newest positions of one truck, in words."""
    names = list_names(session)
    return [line for line in (_position(p, names, at) for p in list_positions(session, code, most)) if line]


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _position(last: Position | None, names: dict[str, tuple[str, str]], at: datetime) -> dict[str, Any] | None:
    if last is None:
        return None
    zh, en = names.get(last.county or "", ("", ""))
    return {
        "kind": last.kind, "lon": last.place.lon, "lat": last.place.lat, "county_zh": zh, "county_en": en,
        "said_at": last.said_at.isoformat(), "age_min": last.age(at) // timedelta(minutes=1),
        "actor": last.actor, "words": last.words,
    }


def _progress(
    session: Session, waybill: tuple[WaybillRow, dict[str, Any]], positions: list[Position],
    seats: dict[str, LonLat], at: datetime,
) -> Progress:
    row, body = waybill
    departed_at = session.scalar(
        select(WaybillEventRow.at)
        .where(WaybillEventRow.waybill == row.code, WaybillEventRow.status == WaybillStatus.DEPARTED.value)
        .order_by(WaybillEventRow.id).limit(1)
    )
    sightings = [Sighting(p.place, p.said_at) for p in reversed(positions)]
    signed = {r.county: r.said_at for r in list_receipts(session, row.code)}
    return progress(body, departed_at or row.issued_at, (sightings, signed), seats, at, load_tracking_rule())


def raise_silent_trucks(session: Session, at: datetime) -> int:
    """Tell who directs them of trucks not heard of or overdue at a stop; once for each word missed and
    each stop.  Answers how many alarms were raised."""
    return sum(_raise(session, track, at) for track in list_tracks(session, at))


def _raise(session: Session, track: dict[str, Any], at: datetime) -> int:
    raised = 0
    for name, key, words in _alarms(track, at):
        notice = Notice(Audience(track["next"] or "150000", "county", "planner"), Kind.ESCALATION,
                        Subject(track["code"], f"/waybills/{track['code']}"), words, Urgency.NOW, key)
        if post(session, notice, at):
            record(session, Act(WORKER, f"truck.{name}", track["code"], words.zh[:200]), at)
            raised += 1
    return raised


def _alarms(track: dict[str, Any], at: datetime) -> list[tuple[str, str, Words]]:
    found = []
    vehicle, code = track["vehicle"], track["code"]
    heard = datetime.fromisoformat(track["heard_at"])
    said = f"{to_local(heard):%m-%d %H:%M}"
    if track["is_silent"]:
        missed = (at - heard) // load_tracking_rule().silent_after
        found.append(("silent", f"silent:{code}:{track['heard_at']}:{missed}", Words(
            "notice.truck_silent", f"{vehicle}（运单 {code}）自 {said} 起无消息，请立即联系驾驶员",
            f"{vehicle} (waybill {code}) not heard of since {said}; call the driver now")))
    if track["late_min"] is not None and not track["is_broken"]:
        found.append(("late", f"late:{code}:{track['next']}", Words(
            "notice.truck_late", f"{vehicle}（运单 {code}）未按时到达{track['next_zh']}，已晚 {track['late_min']} 分钟",
            f"{vehicle} (waybill {code}) is {track['late_min']} minutes overdue at {track['next_en']}")))
    return found
