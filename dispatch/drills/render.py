"""The facts of a scenario as what comes in: warnings as exercise messages, counts as reports.  Pure.

What really was done then (responses, dispatches) never comes in: it is what we are held against.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dispatch.alerts.hazards import load_words
from dispatch.alerts.model import Colour, LossCounts, Observations, RoadNotice
from dispatch.alerts.parameters import RANGES, Parameters
from dispatch.drills.areas import counties_in, holder
from dispatch.drills.comings import Coming, Reopen, Tell, Warn, arrival_of, spread_of
from dispatch.drills.model import Event, Kind, Scenario
from dispatch.drills.rule import DrillRule

# facts of reports by the measure of ours they count towards; the first known one is taken
MEASURES: Mapping[str, tuple[str, ...]] = {
    "relocated": ("relocated", "relocated_or_needing_aid"),
    "rooms": ("houses_collapsed", "houses_collapsed_or_badly_damaged"),
    "households": ("households_house_collapsed",),
    "need_aid": ("needing_aid", "need_urgent_relief", "people_short_of_food", "homeless"),
    "affected": ("affected",),
    "livestock_dead": ("livestock_dead",),
}
SEEN = {"pasture_covered_pct": "grass_buried_percent"}
SHUT, OPEN = ("closed", "blocked"), ("open", "reopened")
REF = re.compile(r"[GSXY]\d{2,4}|\*", re.ASCII)
TEMPERATURES = (-70, 60)


@dataclass(frozen=True)
class Rendered:
    """What comes in, in order of time, and the numbers of the facts that do not, by the reason."""

    comings: tuple[Coming, ...]
    left_out: Mapping[str, tuple[int, ...]]


class _Rendering:
    def __init__(self, scenario: Scenario, names: Mapping[str, tuple[str, str]], rule: DrillRule) -> None:
        self.scenario, self.rule = scenario, rule
        self.counties = tuple(code for code in names if not code.endswith("00"))
        self.left_out: dict[str, list[int]] = defaultdict(list)
        assert scenario.started.at is not None
        self.began = scenario.started.at
        self.has_size = scenario.magnitude is not None or scenario.epicentre is not None

    def of(self, event: Event) -> Iterator[Coming]:
        """What one fact brings in."""
        if event.kind in (Kind.RESPONSE, Kind.DISPATCH):
            return
        at = arrival_of(event.moment, self.began, self.rule)
        if at is None:
            self.left_out["time"].append(event.number)
        elif not event.places:
            self.left_out["place"].append(event.number)
        else:
            head = (at, event.number, spread_of(event, self.rule))
            found = list({Kind.ALERT: self._alert, Kind.ROAD: self._road, Kind.REPORT: self._report}[event.kind](event, head))
            if not found:
                self.left_out["figure"].append(event.number)
            yield from found

    def _targets(self, event: Event) -> tuple[str, ...]:
        """The counties a warning is for: those it lists, else the scenario's in its places."""
        listed = event.facts.get("counties")
        if isinstance(listed, list):
            return tuple(str(code) for code in listed if str(code) in self.counties)
        return counties_in(event.places, self.scenario.counties) or counties_in(event.places, self.counties)

    def _alert(self, event: Event, head: tuple[datetime, int, timedelta]) -> Iterator[Coming]:
        carried = self._seen(event)
        if self.has_size:
            size = Observations(magnitude=self.scenario.magnitude, epicentre=self.scenario.epicentre, depth_km=self.scenario.depth_km)
            carried, self.has_size = replace(carried, observations=carried.observations.later(size)), False
        hazard = str(event.facts.get("hazard", self.scenario.hazard))
        hazard = hazard if hazard in load_words().hazards else self.scenario.hazard
        expires = head[0] + self._hold(event)
        for colour, counties in self._colours(event):
            if counties:
                yield Warn(*head, hazard, colour, self.scenario.title_zh, counties, carried, expires)

    def _colours(self, event: Event) -> Iterator[tuple[Colour | None, tuple[str, ...]]]:
        by_colour = [(c, event.facts.get(c.value)) for c in Colour]
        lists = [(c, tuple(str(x) for x in codes if str(x) in self.counties)) for c, codes in by_colour if isinstance(codes, list)]
        if lists:
            yield from lists
            return
        level = str(event.facts.get("level", ""))
        yield (Colour(level) if level in set(Colour) else None), self._targets(event)

    def _hold(self, event: Event) -> timedelta:
        hours = event.facts.get("hold_h")
        return timedelta(hours=hours) if isinstance(hours, int) and 0 < hours <= 720 else self.rule.hold

    def _seen(self, event: Event) -> Parameters:
        found = {SEEN.get(name, name): value for name, value in event.facts.items()}
        measures = {
            name: value for name, value in found.items()
            if name in RANGES and name != "depth_km" and isinstance(value, int) and RANGES[name][0] <= value <= RANGES[name][1]
        }
        warmth = found.get("temperature_c")
        is_told = isinstance(warmth, int) and TEMPERATURES[0] <= warmth <= TEMPERATURES[1]
        return Parameters(observations=Observations(**measures), temperature_c=warmth if is_told else None)  # type: ignore[arg-type]

    def _road(self, event: Event, head: tuple[datetime, int, timedelta]) -> Iterator[Coming]:
        if "road" not in str(event.facts.get("mode", "road")):
            return
        listed = event.facts.get("roads")
        refs = [m.group() for text in (listed if isinstance(listed, list) else ()) if (m := REF.match(str(text)))]
        status, slow = str(event.facts.get("status", "")), event.facts.get("speed_percent")
        counties = self._targets(event) if isinstance(event.facts.get("counties"), list) else counties_in(event.places, self.counties)
        if status in OPEN and refs and counties:
            yield Reopen(*head, tuple(refs), counties)
        factor = 0.0 if status in SHUT else slow / 100 if isinstance(slow, int) and 0 < slow < 100 else None
        if factor is None or not counties:
            return
        for ref in dict.fromkeys(refs):
            carried = Parameters(roads=(RoadNotice(ref, counties, factor),))
            yield Warn(*head, self.scenario.hazard, None, self.scenario.title_zh, counties, carried, None, ref)

    def _report(self, event: Event, head: tuple[datetime, int, timedelta]) -> Iterator[Coming]:
        seen, targets = self._seen(event), self._targets(event)
        if seen != Parameters() and targets:
            yield Warn(*head, self.scenario.hazard, None, self.scenario.title_zh, targets, seen, head[0] + self.rule.hold)
        counts = counts_of(event)
        if counts != LossCounts():
            yield Tell(*head, holder(event.places), self._reporter(event), counts)

    def _reporter(self, event: Event) -> str:
        source = self.scenario.sources.get(event.source)
        return source.title[:80] if source else "未注明来源"


def counts_of(event: Event) -> LossCounts:
    """The counts of a fact in our measures; what it does not tell stays unknown."""
    def first(names: tuple[str, ...]) -> int | None:
        return next((v for n in names if isinstance(v := event.facts.get(n), int)), None)

    dead = [v for v in (first(("deaths",)), first(("missing",))) if v is not None]
    return LossCounts(dead_missing=sum(dead) if dead else None, **{m: first(names) for m, names in MEASURES.items()})


def render(scenario: Scenario, names: Mapping[str, tuple[str, str]], rule: DrillRule) -> Rendered:
    """Everything that comes in during the replay of a scenario, its injects not yet thrown in."""
    rendering = _Rendering(scenario, names, rule)
    ordered = sorted(
        scenario.events,
        key=lambda e: (arrival_of(e.moment, rendering.began, rule) or rendering.began, e.number),
    )
    found = [coming for event in ordered for coming in rendering.of(event)]
    return Rendered(tuple(found), {why: tuple(n) for why, n in rendering.left_out.items()})
