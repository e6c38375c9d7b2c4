"""The first lines of a proposal.  Pure."""

from __future__ import annotations

from typing import Any

from dispatch.flow.model import Decision, Inputs
from dispatch.plans.model import ROMAN


def headline(
    inputs: Inputs, decision: Decision, lines: list[dict[str, Any]], gaps: list[dict[str, Any]]
) -> dict[str, Any]:
    """What a coordinator reads first: words, share of need covered, trucks, times, cost, load."""
    asked = sum(n.quantity for n in decision.needs)
    sent = sum(line["quantity"] for line in lines)
    percent = 100 * sent // asked if asked else 100
    arrivals = [line["arrives_at"] for line in lines]
    trucks = len(decision.routing.routes)
    zh, en = _headline_words(inputs, decision, percent)
    return {
        "zh": zh,
        "en": en,
        "percent_covered": percent,
        "units_needed": asked,
        "units_sent": sent,
        "gap_lines": len(gaps),
        "gap_units": sum(gap["quantity"] for gap in gaps),
        "trucks": trucks,
        "first_departure": min((r.departs_at.isoformat() for r in decision.routing.routes), default=None),
        "first_arrival": min(arrivals, default=None),
        "last_arrival": max(arrivals, default=None),
        "cost_fen": sum(r.cost_fen for r in decision.routing.routes),
        "load_kg": sum(-(-r.load_g // 1000) for r in decision.routing.routes),
    }


def _headline_words(inputs: Inputs, decision: Decision, percent: int) -> tuple[str, str]:
    situation, activation = inputs.situation, decision.activation
    counties, teams, trucks = len(situation.counties), len(decision.teams.assignments), len(decision.routing.routes)
    level_zh = "特殊应急响应" if activation.special else f"{ROMAN.get(activation.level or 0, '—')}级"
    level_en = "special response" if activation.special else f"level {ROMAN.get(activation.level or 0, '—')}"
    kind_zh, kind_en = {
        "standby": (f"待命清单，{teams} 支救援队待命", f"stand-by list, {teams} teams on stand-by"),
        "preposition": (f"前置调拨，{trucks} 车", f"pre-positioning, {trucks} trucks"),
    }.get(activation.kind, (f"物资满足 {percent}%，{trucks} 车，{teams} 支救援队",
                            f"{percent} % of need covered, {trucks} trucks, {teams} teams"))
    return (f"{situation.title_zh}：{level_zh}，{counties} 个旗县，{kind_zh}",
            f"{situation.title_en}: {level_en}, {counties} counties, {kind_en}")
