"""From reports to the figure that holds now, per place and measure, with its age and origin.  Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from dispatch.alerts.model import LossCounts
from dispatch.alerts.reports import Report, order
from dispatch.alerts.rules import situation_rules
from dispatch.places import REGION_ADCODE

CUTS = 120
RANKS = {"estimated": 0, "reported": 1, "verified": 2}


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with what stands behind it.

    ``parts`` is how many places below were summed (0 = stated for the place itself);
    ``rival`` is what another reporter said shortly before or after, when it differs.
    """

    value: int
    as_of: datetime
    reporter: str
    certainty: str
    is_correction: bool = False
    parts: int = 0
    rival: int | None = None

    def is_stale(self, at: datetime) -> bool:
        """True when nobody confirmed the figure for as long as the rules allow."""
        return at - self.as_of > situation_rules().stale_after


Board = dict[str, dict[str, Figure]]


def board(reports: Sequence[Report]) -> Board:
    """place → measure → figure, for every county, league and the region that is known.

    A place's own latest statement and the sum of the places below it are both looked at: a
    verified or corrected statement that is newer than its parts stands, otherwise the
    larger of the two (a sum over some counties is a lower bound of the league).
    """
    stated: dict[tuple[str, str], list[Report]] = defaultdict(list)
    for report in sorted(reports, key=order):
        stated[report.place, report.township].append(report)
    own = {key: _latest(group) for key, group in stated.items()}
    levels: Board = defaultdict(dict)
    townships: dict[str, list[dict[str, Figure]]] = defaultdict(list)
    for (place, township), figures in own.items():
        if township:
            townships[place].append(figures)
        else:
            levels[place] = figures
    for county, parts in townships.items():
        levels[county] = _combine(levels.get(county, {}), parts)
    for league in sorted({p[:4] + "00" for p in levels if not p.endswith("00")}):
        parts = [f for p, f in levels.items() if p[:4] == league[:4] and not p.endswith("00")]
        levels[league] = _combine(levels.get(league, {}), parts)
    leagues = [f for p, f in levels.items() if p.endswith("00") and p != REGION_ADCODE]
    if leagues or REGION_ADCODE in levels:
        levels[REGION_ADCODE] = _combine(levels.get(REGION_ADCODE, {}), leagues)
    return {place: figures for place, figures in sorted(levels.items()) if figures}


def _latest(reports: Iterable[Report]) -> dict[str, Figure]:
    found: dict[str, Figure] = {}
    for report in reports:
        for name, value in report.said().items():
            new = Figure(value, report.as_of, report.reporter, report.certainty, report.is_correction)
            found[name] = _settle(found.get(name), new)
    for report in reports:
        if report.kind == "nil":
            found = {n: _confirmed(f, report) for n, f in found.items()}
    return found


def _confirmed(figure: Figure, nil: Report) -> Figure:
    """A nil report says: still so."""
    return replace(figure, as_of=max(figure.as_of, nil.as_of))


def _settle(old: Figure | None, new: Figure) -> Figure:
    """The newer figure, unless two people disagree in a short time: then the higher, with its rival."""
    if old is None or old.reporter == new.reporter or new.is_correction:
        return new
    if old.value == new.value or new.as_of - old.as_of > situation_rules().conflict_window:
        return new
    if RANKS[old.certainty] != RANKS[new.certainty]:
        return new if RANKS[new.certainty] > RANKS[old.certainty] else old
    high, low = (new, old) if new.value > old.value else (old, new)
    return replace(high, rival=low.value)


def _combine(own: dict[str, Figure], parts: Sequence[dict[str, Figure]]) -> dict[str, Figure]:
    found = dict(own)
    for name in LossCounts.__slots__:
        known = [figures[name] for figures in parts if name in figures]
        if not known:
            continue
        total = _sum(known)
        mine = own.get(name)
        if mine is None:
            found[name] = total
        elif (mine.is_correction or mine.certainty == "verified") and mine.as_of >= max(f.as_of for f in known):
            found[name] = mine
        else:
            found[name] = mine if mine.value >= total.value else total
    return found


def _sum(known: Sequence[Figure]) -> Figure:
    weakest = min(known, key=lambda f: RANKS[f.certainty]).certainty
    return Figure(sum(f.value for f in known), min(f.as_of for f in known),
                  "、".join(dict.fromkeys(f.reporter for f in known))[:80], weakest, False, len(known))


def counts_of(figures: dict[str, Figure]) -> LossCounts:
    """The bare numbers of a place."""
    return LossCounts(**{name: figure.value for name, figure in figures.items()})


def heard(reports: Sequence[Report]) -> dict[str, datetime]:
    """When each place last reported anything, nil reports included."""
    found: dict[str, datetime] = {}
    for report in reports:
        found[report.place] = max(found.get(report.place, report.as_of), report.as_of)
    return dict(sorted(found.items()))


@dataclass(frozen=True, slots=True)
class Point:
    """The figure of a measure from a moment on."""

    at: datetime
    value: int


def development(reports: Sequence[Report], place: str) -> dict[str, tuple[Point, ...]]:
    """measure → how its figure went over time at a place, one point a change.

    More than 120 reports are looked at in 120 even cuts.
    """
    ordered = sorted(reports, key=order)
    lines: dict[str, list[Point]] = defaultdict(list)
    cuts = sorted({-(-len(ordered) * i // CUTS) for i in range(1, CUTS + 1)} - {0})
    for count in cuts:
        for name, figure in board(ordered[:count]).get(place, {}).items():
            line = lines[name]
            if not line or line[-1].value != figure.value:
                line.append(Point(ordered[count - 1].as_of, figure.value))
    return {name: tuple(points) for name, points in lines.items()}
