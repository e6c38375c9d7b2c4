"""Road reports: one in, the current state of every road out; nothing is ever changed or taken away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shapely import Point
from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.clock import to_local
from dispatch.db import add_once
from dispatch.errors import InvalidInput, NotFound
from dispatch.geo import LonLat
from dispatch.routing.road_state import (
    RoadReportRule,
    RoadState,
    RoadStateKind,
    load_road_report_rule,
)
from dispatch.routing.tables import RoadEdgeRow, RoadReportRow

MOST_WORDS = 500
CLOCK_TOLERANCE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class RoadTold:
    """A report as it is handed in.

    ``percent`` None takes what the rule says of the state; ``submit_key`` names the report so that
    the same one sent twice is one fact.
    """

    edge_id: int
    state: RoadStateKind
    said_at: datetime
    kind: str
    said_by: str
    submit_key: str
    percent: int | None = None
    until: datetime | None = None
    words: str = ""
    place: LonLat | None = None


def tell_road(session: Session, told: RoadTold, actor: str, now: datetime) -> bool:
    """Keep a report; False when it was kept before.

    Raises ``NotFound`` for a road that there is not, ``InvalidInput`` for hours or a share of
    speed that cannot be.
    """
    rule = load_road_report_rule()
    if session.get(RoadEdgeRow, told.edge_id) is None:
        raise NotFound(f"There is no road {told.edge_id}.", remedy="Choose one from the list.",
                       zh=f"没有编号为 {told.edge_id} 的路段。", remedy_zh="请从列表中选择路段。")
    if is_told(session, told.submit_key):
        return False
    _check_times(told, now, rule)
    _check_words(told)
    return add_once(
        session, RoadReportRow, edge_id=told.edge_id, state=told.state.value, percent=_percent(told, rule),
        until=told.until, kind=told.kind, said_by=told.said_by.strip(), said_at=told.said_at, recorded_at=now,
        actor=actor, words=told.words.strip(), submit_key=told.submit_key,
        place=Point(told.place.lon, told.place.lat) if told.place else None,
    )


def is_told(session: Session, submit_key: str) -> bool:
    """True when a report of that key is there."""
    return session.scalar(select(RoadReportRow.id).where(RoadReportRow.submit_key == submit_key)) is not None


def list_current(session: Session, at: datetime) -> tuple[RoadState, ...]:
    """The newest word on each road said up to a moment, by road; what ran out before then is left out.

    A road that was last reported open is there too, with 100 percent.
    """
    newest: dict[int, RoadState] = {}
    for state in _read(session, RoadReportRow.said_at <= at, RoadReportRow.recorded_at <= at + CLOCK_TOLERANCE):
        newest[state.edge_id] = state
    return tuple(newest[i] for i in sorted(newest) if newest[i].is_in_force(at))


def list_history(session: Session, edge_id: int) -> tuple[RoadState, ...]:
    """Every report of one road, newest first."""
    return tuple(reversed(_read(session, RoadReportRow.edge_id == edge_id)))


def _read(session: Session, *which: object) -> Sequence[RoadState]:
    rows = session.scalars(
        select(RoadReportRow).where(*which)  # type: ignore[arg-type]
        .order_by(RoadReportRow.said_at, RoadReportRow.id)
    )
    return [
        RoadState(
            r.id, r.edge_id, r.state, r.percent, r.until, r.kind, r.said_by, r.said_at, r.recorded_at,
            r.actor, r.words, LonLat(r.place.x, r.place.y) if r.place is not None else None,
        )
        for r in rows
    ]


def _percent(told: RoadTold, rule: RoadReportRule) -> int:
    if told.state is RoadStateKind.CLOSED:
        return 0
    if told.state is RoadStateKind.OPEN:
        return 100
    percent = rule.slow_percent if told.percent is None else told.percent
    if not 1 <= percent <= 99:
        raise InvalidInput(
            f"A slow road keeps 1 to 99 percent of its speed, not {percent}.",
            remedy="Give 1 to 99, or report the road as open or closed.",
            zh=f"缓行路段的剩余车速应为 1 至 99（％），不能是 {percent}。", remedy_zh="请填 1 至 99，或改报畅通、封闭。",
        )
    return percent


def _check_times(told: RoadTold, now: datetime, rule: RoadReportRule) -> None:
    if not now - rule.most_late <= told.said_at <= now + CLOCK_TOLERANCE:
        said, hours = f"{to_local(told.said_at):%Y-%m-%d %H:%M}", rule.most_late // timedelta(hours=1)
        raise InvalidInput(
            f"The report says it is of {said}, which is not within the last {hours} hours.",
            remedy="Check the clock of the telephone, or tell the state of the road anew.",
            zh=f"报告时间 {said} 不在最近 {hours} 小时之内。", remedy_zh="请核对手机时间，或重新报告目前路况。",
        )
    if told.until is not None and not told.said_at < told.until <= now + rule.most_ahead:
        until, days = f"{to_local(told.until):%Y-%m-%d %H:%M}", rule.most_ahead.days
        raise InvalidInput(
            f"Until {until}: the end must be after the report and at most {days} days ahead.",
            remedy="Leave the end empty when it is not known.",
            zh=f"截止时间 {until} 应晚于报告时间，且不超过 {days} 天。", remedy_zh="不知道何时恢复时请留空。",
        )


def _check_words(told: RoadTold) -> None:
    if len(told.words) > MOST_WORDS or not 0 < len(told.said_by.strip()) <= 80:
        raise InvalidInput(
            f"Say who told it (1 to 80 characters), and at most {MOST_WORDS} characters of words.",
            remedy="Fill in who told it; shorten the words.",
            zh=f"请填写报告人（1 至 80 字），说明最多 {MOST_WORDS} 字。", remedy_zh="请补填报告人，或精简说明。",
        )
    if not 0 < len(told.submit_key) <= 120 or not told.submit_key.isascii():
        raise InvalidInput("The report has no key.", remedy="Reload the page and send it again.",
                           zh="报告缺少提交编号。", remedy_zh="请刷新页面后重新提交。")
