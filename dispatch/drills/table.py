"""The back-test table of docs/drills.md: ours beside history for every shipped scenario.  Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from dispatch.clock import to_local
from dispatch.drills.model import Scenario, Score, Verdict
from dispatch.drills.view import LEVELS, history_words
from dispatch.errors import InvalidInput

BEGIN, END = "<!-- table: begin, written by `dispatch drill table docs/drills.md` -->", "<!-- table: end -->"
TIERS = ("region", "league", "county")
HEAD = (
    "| scenario | first goods, ours | first goods, history | verdict by county | covered 24 h | covered 72 h | at the end "
    "| nearest first 24 h / 72 h | level decided | level started then |\n"
    "|---|---|---|---|---:|---:|---:|---:|---|---|\n"
)
Names = Mapping[str, tuple[str, str]]


def write_table(page: str, scenarios: Sequence[Scenario], scores: Sequence[Score], names: Names) -> str:
    """The page with its table written anew; ``InvalidInput`` when the marks are missing."""
    before, begin, rest = page.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not begin or not end:
        raise InvalidInput(
            "The page has no place for the table.", remedy=f"Put the lines {BEGIN} and {END} where it goes.",
            zh="页面中没有放置表格的标记。", remedy_zh=f"请在相应位置加入 {BEGIN} 和 {END} 两行。",
        )
    rows = "".join(row_of(s, score, names) for s, score in zip(scenarios, scores, strict=True))
    return f"{before}{BEGIN}\n\n{HEAD}{rows}\n{END}{after}"


def row_of(scenario: Scenario, score: Score, names: Names) -> str:
    """One line of the table."""
    cells = (
        scenario.title_en, _ours(score), _history(score, names), _verdicts(score),
        _percent(score.ours.coverage.get(24)), _percent(score.ours.coverage.get(72)), _at_end(score),
        f"{_percent(score.greedy.coverage.get(24))} / {_percent(score.greedy.coverage.get(72))}",
        _decided(score), _started(score, names),
    )
    return f"| {' | '.join(cells)} |\n"


def _ours(score: Score) -> str:
    at = min((f.ours_at for f in score.ours.first_goods if f.ours_at), default=None)
    if at is None:
        return "none sent"
    return f"{_hours(at, score.first_alert_at)} after the first alert{_doubt(score.first_alert_spread_s)}"


def _history(score: Score, names: Names) -> str:
    known = [f for f in score.ours.first_goods if f.history_at]
    if not known:
        return "not known"
    first = min(known, key=lambda f: (f.history_at or score.first_alert_at, f.county))
    return f"{names[first.county][1]}: {history_words(first)}"


def _verdicts(score: Score) -> str:
    counted = {v: sum(f.verdict is v for f in score.ours.first_goods if f.history_at or f.verdict is not Verdict.UNKNOWN) for v in Verdict}
    told = [f"{n} {v.value}" for v, n in counted.items() if n and v is not Verdict.UNKNOWN]
    return ", ".join(told) or "nothing to compare"


def _decided(score: Score) -> str:
    best: dict[str, tuple[int, datetime]] = {}
    for step in score.levels:
        if step.tier not in best or step.level < best[step.tier][0]:
            best[step.tier] = (step.level, step.at)
    told = [f"{tier} {LEVELS[best[tier][0]]} ({to_local(best[tier][1]):%m-%d %H:%M})" for tier in TIERS if tier in best]
    return ", ".join(told) or "none"


def _started(score: Score, names: Names) -> str:
    told = [f"{_places(h.places, names)} {LEVELS[h.level]} ({to_local(h.at):%m-%d %H:%M}{_doubt(h.spread_s)})" for h in score.history_levels]
    return ", ".join(told) or "not known"


def _places(places: Sequence[str], names: Names) -> str:
    return "/".join(names[p][1] for p in places[:2]) + (" and others" if len(places) > 2 else "") if places else "nation"


def _at_end(score: Score) -> str:
    return _percent(score.ours.curve[-1].share if score.ours.curve else None)


def _hours(at: datetime, since: datetime) -> str:
    return f"{(at - since).total_seconds() / 3600:.1f} h"


def _doubt(spread_s: int) -> str:
    return f" ±{round(spread_s / 3600)} h" if spread_s >= 3600 else ""


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"

