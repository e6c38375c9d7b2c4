"""A score as the JSON that others read, and as lines for people.  Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from dispatch.clock import to_local
from dispatch.drills.bands import Bands
from dispatch.drills.model import Figures, FirstGoods, Scenario, Score

SECONDS_PER_HOUR = 3600
LEVELS = {1: "I", 2: "II", 3: "III", 4: "IV"}


def as_json(score: Score, bands: Bands | None = None) -> dict[str, Any]:
    """The score as plain values; times in ISO 8601 with the region's offset."""
    told = {
        "scenario": score.scenario,
        "policy": score.policy,
        "seed": score.seed,
        "stock_percent": score.stock_percent,
        "first_alert_at": _iso(score.first_alert_at),
        "first_alert_spread_s": score.first_alert_spread_s,
        "alerts": score.alerts,
        "levels": [{"at": _iso(s.at), "tier": s.tier, "place": s.place, "level": s.level} for s in score.levels],
        "levels_then": [
            {"at": _iso(h.at), "spread_s": h.spread_s, "places": list(h.places), "level": h.level, "source": h.source}
            for h in score.history_levels
        ],
        **_figures(score.ours),
        "greedy": _figures(score.greedy),
        "history_goods": [
            {"places": list(g.places), "item": g.item, "units": g.units, "after": _iso(g.after), "by": _iso(g.by), "source": g.source}
            for g in score.history_goods
        ],
        "clocks": [
            {"name": c.name, "tier": c.tier, "due_at": _iso(c.due_at), "met_at": _iso(c.met_at)} for c in score.clocks
        ],
        "assumptions": [{"zh": zh, "en": en} for zh, en in score.assumptions],
        "sources": [{"code": s.code, "title": s.title, "url": s.url} for s in score.sources],
        "runtime_s": score.runtime_s,
    }
    return told if bands is None else {**told, "bands": bands.as_dict()}


def _figures(figures: Figures) -> dict[str, Any]:
    return {
        "proposals": list(figures.proposals),
        "first_goods": [_first(f) for f in figures.first_goods],
        "coverage": {f"{hours}h": share for hours, share in figures.coverage.items()},
        "coverage_curve": [{"after_s": p.after_s, "share": p.share} for p in figures.curve],
        "county_coverage": dict(figures.county_coverage),
        "worst_county": figures.worst_county,
        "gini": figures.gini,
        "reserve_left": figures.reserve_left,
        "cost_fen": figures.cost_fen,
        "truck_hours": round(figures.truck_seconds / SECONDS_PER_HOUR, 1),
        "proposal_after_s": figures.proposal_after_s,
        "approval_after_s": figures.approval_after_s,
        "first_truck_after_s": figures.first_truck_after_s,
        "decisions_changed": figures.decisions_changed,
    }


def _first(f: FirstGoods) -> dict[str, Any]:
    return {
        "county": f.county, "ours_at": _iso(f.ours_at), "ours_spread_s": f.ours_spread_s, "history_at": _iso(f.history_at),
        "history_from": _iso(f.history_from), "history_to": _iso(f.history_to), "verdict": f.verdict.value,
    }


def listed(scenario: Scenario) -> dict[str, Any]:
    """A scenario in a list."""
    return {
        "code": scenario.code, "title_zh": scenario.title_zh, "title_en": scenario.title_en, "hazard": scenario.hazard,
        "started_at": _iso(scenario.started.at), "started_precision": scenario.started.precision.value,
        "counties": list(scenario.counties), "facts": len(scenario.events), "sources": len(scenario.sources),
    }


def told(score: Score, names: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    """The score in lines for a terminal, Chinese first."""
    yield f"{score.scenario}  规则 policy={score.policy}  种子 seed={score.seed}  用时 {score.runtime_s:.1f} s"
    for step in score.levels:
        zh, en = names.get(step.place, (step.place, step.place))
        yield f"  {_clock(step.at)}  {zh} {en}: {LEVELS[step.level]} 级"
    for title, figures in (("系统 ours", score.ours), ("就近 nearest first", score.greedy)):
        shares = "  ".join(f"{h}h {_percent(s)}" for h, s in figures.coverage.items())
        yield (f"  {title}: {shares}  基尼 Gini {_plain(figures.gini)}  储备余 reserve {_percent(figures.reserve_left)}  "
               f"¥{figures.cost_fen / 100:,.0f}  {figures.truck_seconds / SECONDS_PER_HOUR:,.0f} 车时 truck hours")
    yield from _first_lines(score.ours.first_goods, names)
    yield f"  依据与假设 assumptions: {len(score.assumptions)}；来源 sources: {len(score.sources)}"


def _first_lines(first: Sequence[FirstGoods], names: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    for f in first:
        if f.ours_at or f.history_at:
            zh, en = names.get(f.county, (f.county, f.county))
            yield f"  {zh} {en}: 系统 ours {_clock(f.ours_at)}  历史 history {history_words(f)}  {f.verdict.value}"


def history_words(f: FirstGoods) -> str:
    """History's first goods as far as they are known: not before, not after, or between."""
    if f.history_from and f.history_to:
        return f"{_clock(f.history_from)} – {_clock(f.history_to)}"
    if f.history_to:
        return f"≤ {_clock(f.history_to)}"
    return f"≥ {_clock(f.history_from)}" if f.history_from else "–"


def _clock(at: datetime | None) -> str:
    return f"{to_local(at):%Y-%m-%d %H:%M}" if at else "–"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"


def _plain(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _iso(at: datetime | None) -> str | None:
    return None if at is None else to_local(at).isoformat()
