"""The moment that a page of the map shows, from its address (``at=``, local time)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from dispatch.clock import LOCAL_ZONE, to_local
from dispatch.errors import InvalidInput
from dispatch.flow.board_rule import BoardRule
from dispatch.scenes import Moment

MINUTE = timedelta(minutes=1)
STEPS_H = (-72, -48, -24, -12, -6, -1, 0, 1, 6, 12, 24, 48, 72)


def read_moment(text: str, now: datetime, rule: BoardRule) -> Moment:
    """The moment asked for, or the present, to the whole minute that has begun.

    ``text`` is empty or a time (without a zone: Asia/Shanghai).  Raises ``InvalidInput`` for what
    is no time and for times beyond what the map reaches.
    """
    present = whole_minute(now)
    if not text:
        return Moment(present, present)
    try:
        at = datetime.fromisoformat(text[:40])
    except ValueError as error:
        raise InvalidInput(
            f"“{text[:40]}” is not a time the map can show.", remedy="Write for example 2026-01-31T08:30, or choose on the scale.",
            zh=f"“{text[:40]}”不是可识别的时间。", remedy_zh="请按 2026-01-31T08:30 的格式填写，或在时间轴上选择。",
        ) from error
    at = whole_minute(at if at.tzinfo else at.replace(tzinfo=LOCAL_ZONE))
    if not present - rule.past <= at <= present + rule.ahead + MINUTE:
        raise InvalidInput(
            f"The map reaches from {_hours(rule.past)} hours back to {_hours(rule.ahead)} hours ahead; {to_local(at):%Y-%m-%d %H:%M} lies beyond.",
            remedy="Choose a time on the scale; older events stand on the page of their situation.",
            zh=f"地图可回看 {_hours(rule.past)} 小时、推演 {_hours(rule.ahead)} 小时，{to_local(at):%Y-%m-%d %H:%M} 超出范围。",
            remedy_zh="请在时间轴上选择；更早的经过见情况页面。",
        )
    return Moment(at, present)


def whole_minute(at: datetime) -> datetime:
    """The end of the minute that has begun, so that what happened in it is there."""
    floor = at.replace(second=0, microsecond=0)
    return floor if floor == at else floor + MINUTE


def local_text(at: datetime) -> str:
    """A moment as addresses and inputs carry it."""
    return f"{to_local(at):%Y-%m-%dT%H:%M}"


def scale(moment: Moment, rule: BoardRule) -> dict[str, Any]:
    """What the time scale needs: steps as (hours, address value), and minutes from the present for the slider."""
    steps = [
        {"hours": hours, "at": local_text(moment.now + timedelta(hours=hours)) if hours else "",
         "is_shown": moment.at == moment.now + timedelta(hours=hours)}
        for hours in STEPS_H if -rule.past <= timedelta(hours=hours) <= rule.ahead
    ]
    return {
        "steps": steps, "at": local_text(moment.at), "low": local_text(moment.now - rule.past), "high": local_text(moment.now + rule.ahead),
        "low_min": -_hours(rule.past) * 60, "high_min": _hours(rule.ahead) * 60, "min": int((moment.at - moment.now).total_seconds()) // 60,
        "now": moment.now.isoformat(),
    }


def _hours(span: timedelta) -> int:
    return int(span.total_seconds()) // 3600
