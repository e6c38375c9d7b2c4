"""Where trucks are: positions in, the last one of each truck on the road out; nothing is ever changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from shapely import Point
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dispatch.clock import to_local
from dispatch.db import add_once
from dispatch.errors import Conflict, InvalidInput
from dispatch.geo import LonLat
from dispatch.geography.store import list_counties
from dispatch.waybills.model import ON_ROAD, WaybillStatus
from dispatch.waybills.rules import load_tracking_rule
from dispatch.waybills.store import get_row
from dispatch.waybills.tables import PositionRow, WaybillRow

MOST_WORDS = 500
CLOCK_TOLERANCE = timedelta(minutes=5)


class PositionKind(StrEnum):
    """How a position came in: sent by a device, tapped on a telephone, told in a call and typed."""

    GPS = "gps"
    PHONE = "phone"
    CALL = "call"


@dataclass(frozen=True, slots=True)
class Position:
    """Where a truck was said to be.

    ``county`` is set where only the county was told: ``place`` then is its seat.
    """

    waybill: str
    kind: str
    place: LonLat
    county: str | None
    said_at: datetime
    recorded_at: datetime
    actor: str
    words: str

    def age(self, at: datetime) -> timedelta:
        """How long ago it was said; never negative."""
        return max(timedelta(), at - self.said_at)


@dataclass(frozen=True, slots=True)
class PositionTold:
    """A position as it is handed in: a point, or the county alone; ``submit_key`` names it so that
    the same one sent twice is one fact."""

    waybill: str
    kind: PositionKind
    said_at: datetime
    submit_key: str
    place: LonLat | None = None
    county: str | None = None
    words: str = ""


def tell_position(session: Session, told: PositionTold, actor: str, now: datetime) -> bool:
    """Keep a position; False when it was kept before.

    Raises ``NotFound`` (no such waybill), ``Conflict`` (its truck is not on the road) or
    ``InvalidInput`` (no place, an hour that cannot be).
    """
    row = get_row(session, told.waybill)
    if session.scalar(select(PositionRow.id).where(PositionRow.submit_key == told.submit_key)) is not None:
        return False
    if WaybillStatus(row.status) not in ON_ROAD:
        raise Conflict(
            f"The truck of {row.code} is not on the road ({row.status}).", remedy="Report positions between leaving and receipt.",
            zh=f"运单 {row.code} 的车辆不在途中。", remedy_zh="请在发车之后、签收之前报告位置。",
        )
    _check(told, now)
    place = told.place or _seat(session, told.county)
    return add_once(
        session, PositionRow, waybill=row.code, kind=told.kind.value, place=Point(place.lon, place.lat),
        county=None if told.place else told.county, said_at=told.said_at, recorded_at=now, actor=actor,
        words=told.words.strip(), submit_key=told.submit_key,
    )


def _check(told: PositionTold, now: datetime) -> None:
    late = load_tracking_rule().most_late
    if not now - late <= told.said_at <= now + CLOCK_TOLERANCE:
        said, hours = f"{to_local(told.said_at):%Y-%m-%d %H:%M}", late // timedelta(hours=1)
        raise InvalidInput(
            f"The position says it is of {said}, which is not within the last {hours} hours.",
            remedy="Check the clock of the telephone or device.",
            zh=f"位置时间 {said} 不在最近 {hours} 小时之内。", remedy_zh="请核对手机或设备的时间。",
        )
    if len(told.words) > MOST_WORDS or not 0 < len(told.submit_key) <= 120 or not told.submit_key.isascii():
        raise InvalidInput(
            f"The position needs a key, and at most {MOST_WORDS} characters of words.", remedy="Reload the page and send it again.",
            zh=f"位置报告缺少提交编号，或说明超过 {MOST_WORDS} 字。", remedy_zh="请刷新页面后重新提交。",
        )


def _seat(session: Session, county: str | None) -> LonLat:
    found = next((c.seat for c in list_counties(session) if c.adcode == county), None)
    if found is None:
        raise InvalidInput("The position names neither a point nor a county.", remedy="Choose the county the truck is in.",
                           zh="未给出坐标，也未选择旗县。", remedy_zh="请选择车辆所在旗县。")
    return found


def last_positions(session: Session, at: datetime) -> dict[str, Position]:
    """Waybill → the last position said up to a moment, for trucks on the road (broken-down ones too)."""
    ranked = (
        select(PositionRow, func.row_number().over(
            partition_by=PositionRow.waybill, order_by=(PositionRow.said_at.desc(), PositionRow.id.desc())
        ).label("rank"))
        .join(WaybillRow, WaybillRow.code == PositionRow.waybill)
        .where(WaybillRow.status.in_([s.value for s in ON_ROAD]), PositionRow.said_at <= at + CLOCK_TOLERANCE)
        .subquery()
    )
    newest = select(PositionRow).where(PositionRow.id.in_(select(ranked.c.id).where(ranked.c.rank == 1)))
    return {p.waybill: p for p in _values(session.scalars(newest.order_by(PositionRow.waybill)))}


def list_positions(session: Session, waybill: str, most: int) -> list[Position]:
    """The positions of one truck, newest first, at most so many."""
    query = (
        select(PositionRow).where(PositionRow.waybill == waybill)
        .order_by(PositionRow.said_at.desc(), PositionRow.id.desc()).limit(most)
    )
    return _values(session.scalars(query))


def _values(rows: Iterable[PositionRow]) -> list[Position]:
    return [
        Position(r.waybill, r.kind, LonLat(r.place.x, r.place.y), r.county, r.said_at, r.recorded_at, r.actor, r.words)
        for r in rows
    ]
