"""Reports of single roads as a plan cites them.  Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from dispatch.alerts.model import Situation
from dispatch.clock import clock_words
from dispatch.routing.model import RoadEdge
from dispatch.routing.road_state import STATE_NAMES, RoadState

OPEN = 100
Names = Mapping[str, tuple[str, str]]
HOW = {"phone": ("手机报告", "by telephone page"), "call": ("来电记录", "told in a call")}


def road_names(edge: RoadEdge, names: Names) -> tuple[str, str]:
    """A road by its number and the two counties it joins."""
    (a_zh, a_en), (b_zh, b_en) = (names.get(code, (code, code)) for code in (edge.from_adcode, edge.to_adcode))
    return f"{edge.refs or '道路'}（{a_zh}—{b_zh}）", f"{edge.refs or 'the road'} ({a_en} to {b_en})"


def state_words(state: RoadState) -> tuple[str, str]:
    """Closed, open, or slow with the share of speed that is left."""
    zh, en = STATE_NAMES[state.state]
    return (f"{zh}（车速 {state.percent}％）", f"{en} ({state.percent}% of speed)") if state.state == "slow" else (zh, en)


def told_of_roads(situation: Situation, edges: Sequence[RoadEdge], names: Names) -> list[dict[str, Any]]:
    """The reports in force as the frozen plan keeps them: road, state, who said it when, until when."""
    of = {edge.id: edge for edge in edges}
    return [
        {
            "report": r.report_id, "edge": r.edge_id, "refs": of[r.edge_id].refs,
            "from": of[r.edge_id].from_adcode, "to": of[r.edge_id].to_adcode,
            "zh": road_names(of[r.edge_id], names)[0], "en": road_names(of[r.edge_id], names)[1],
            "state": r.state, "percent": r.percent, "until": r.until.isoformat() if r.until else None,
            "kind": r.kind, "said_by": r.said_by, "said_at": r.said_at.isoformat(), "words": r.words,
        }
        for r in situation.road_reports if r.edge_id in of
    ]


def road_assumptions(situation: Situation, edges: Iterable[RoadEdge], names: Names) -> list[dict[str, str]]:
    """One line for each report that slows or shuts a road, with its age when the plan was made."""
    of, found = {edge.id: edge for edge in edges}, []
    for r in situation.road_reports:
        if r.percent == OPEN or r.edge_id not in of:
            continue
        (road_zh, road_en), (state_zh, state_en) = road_names(of[r.edge_id], names), state_words(r)
        until_zh, until_en = _until(r, situation.as_of)
        hours = r.age(situation.as_of) / timedelta(hours=1)
        said = clock_words(r.said_at, situation.as_of)
        found.append({
            "zh": f"按路况报告：{road_zh}{state_zh}，{until_zh}；{said} {r.said_by}{HOW[r.kind][0]}（{hours:.1f} 小时前）",
            "en": f"as reported: {road_en} {state_en}, {until_en}; {said}, {r.said_by}, {HOW[r.kind][1]} ({hours:.1f} h ago)",
            "source": f"road report {r.report_id}",
        })
    return found


def _until(state: RoadState, beside: datetime) -> tuple[str, str]:
    if state.until is None:
        return "恢复时间未知", "end not known"
    when = clock_words(state.until, beside)
    return f"预计至 {when}", f"until {when}"
