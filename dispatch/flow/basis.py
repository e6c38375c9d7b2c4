"""The figures a proposal rests on: how old they are by now, and what they have become since."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from dispatch.alerts.figures import Board, board
from dispatch.alerts.model import LossCounts
from dispatch.alerts.reports import MEASURE_NAMES
from dispatch.alerts.situations import load
from dispatch.alerts.timeline import all_reports
from dispatch.flow.gather import read_ground
from dispatch.flow.views import age
from dispatch.plans.ground import Ground


def figures_behind(session: Session, body: dict[str, Any], at: datetime) -> list[dict[str, Any]]:
    """One line per figure known when the proposal was made: place, value, age at ``at``,
    whether nobody confirmed it for too long, and the value that stands now if another.

    A proposal of a replayed time may be of later than ``at``: it then is its own now.
    """
    material = load(session, body["situation"]["code"])
    made_at = datetime.fromisoformat(body["situation"]["as_of"])
    at = max(at, made_at)
    then = board(all_reports(material, made_at))
    return _lines(then, board(all_reports(material, at)), read_ground(session), at)


def _lines(then: Board, now: Board, ground: Ground, at: datetime) -> list[dict[str, Any]]:
    lines = []
    for place, figures in sorted(then.items()):
        for name in (n for n in LossCounts.__slots__ if n in figures):
            figure, latest = figures[name], now.get(place, {}).get(name)
            newest = latest or figure
            lines.append({
                "place_zh": ground.name(place)[0], "place_en": ground.name(place)[1],
                "zh": MEASURE_NAMES[name][0], "en": MEASURE_NAMES[name][1],
                "value": figure.value, "as_of": figure.as_of.isoformat(), "reporter": figure.reporter,
                "age": age(at - figure.as_of), "is_stale": newest.is_stale(at),
                "now": latest.value if latest and latest.value != figure.value else None,
            })
    return lines
