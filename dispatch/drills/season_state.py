"""Stock, trucks and teams carried through a simulated year.  Plain values, no database."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dispatch.drills.season_ground import Base
from dispatch.drills.season_rules import SeasonRules
from dispatch.inventory.model import StockLine, StockSnapshot
from dispatch.routing.model import Route, Vehicle
from dispatch.routing.pins import LockedTour
from dispatch.teams.model import TeamAssignment
from dispatch.teams.problem import Candidate

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Sent:
    """Units of a lot that left a warehouse in a truck, for a county, and when they are there."""

    warehouse: str
    lot: str
    item: str
    county: str
    units: int
    arrives_at: datetime


@dataclass(frozen=True, slots=True)
class Span:
    """Somebody or something is out from a moment to another."""

    start: datetime
    end: datetime
    is_hired: bool = False


@dataclass(frozen=True, slots=True)
class TeamOut:
    """A team on a tour for one disaster: until when away, until when it rests at home."""

    disaster: int
    back_at: datetime
    rested_at: datetime


class Carried:
    """What is where at a moment of the year; moments only go forward."""

    def __init__(self, base: Base, rules: SeasonRules) -> None:
        self.base, self.rules = base, rules
        self._lines: dict[Key, StockLine] = {
            (line.warehouse_code, line.lot_code): line for line in base.stock.lines
        }
        self._lots = {line.lot_code: line.lot for line in base.stock.lines}
        self._coming: list[tuple[datetime, str, str, int]] = []
        self._tours: dict[str, tuple[datetime, LockedTour]] = {}
        self._teams: dict[str, TeamOut] = {}
        self._recent: Counter[str] = Counter()
        self.truck_spans: list[Span] = []
        self.team_spans: list[Span] = []

    def advance(self, at: datetime) -> None:
        """Goods that are due come in, trucks and teams that are back stand ready."""
        while self._coming and self._coming[0][0] <= at:
            _, place, lot, units = heapq.heappop(self._coming)
            self._add(place, lot, units)
        self._tours = {code: tour for code, tour in self._tours.items() if tour[0] > at}
        self._teams = {code: out for code, out in self._teams.items() if out.rested_at > at}

    def _add(self, place: str, lot: str, units: int) -> None:
        line = self._lines.get((place, lot)) or StockLine(place, self._lots[lot], 0, 0)
        self._lines[place, lot] = replace(line, on_hand=line.on_hand + units)

    def stock(self, at: datetime) -> StockSnapshot:
        """What every warehouse holds now."""
        held = tuple(line for line in self._lines.values() if line.on_hand)
        return StockSnapshot(at, held, self.base.stock.minimum)

    def levels(self) -> Counter[Key]:
        """(warehouse, item) → units on hand."""
        found: Counter[Key] = Counter()
        for (place, lot), line in self._lines.items():
            found[place, self._lots[lot].item_code] += line.on_hand
        return found

    def vehicles(self) -> tuple[Vehicle, ...]:
        """Own trucks that stand ready."""
        return tuple(v for v in self.base.vehicles if v.code not in self._tours)

    def busy_trucks(self) -> tuple[LockedTour, ...]:
        """Trucks on the road, hired ones too, so that no more are hired than there are."""
        return tuple(tour for _, (_, tour) in sorted(self._tours.items()))

    def busy_teams(self, disaster: int) -> frozenset[str]:
        """Teams out for this disaster."""
        return frozenset(code for code, out in self._teams.items() if out.disaster == disaster)

    def candidates(self, at: datetime) -> tuple[Candidate, ...]:
        """Teams that can be asked: those at home, and those at rest once they have rested."""
        found = []
        for candidate in self.base.candidates:
            out = self._teams.get(candidate.team.code)
            if out is not None and out.back_at > at:
                continue
            team = candidate.team if out is None else replace(
                candidate.team, status="resting", rested_at=out.rested_at,
            )
            found.append(replace(candidate, team=team, recent=self._recent[team.code]))
        return tuple(found)

    def send(self, goods: Iterable[Sent], order: bool = True) -> None:
        """Goods leave; the same is ordered and comes in after the rule's days."""
        for one in goods:
            line = self._lines[one.warehouse, one.lot]
            self._lines[one.warehouse, one.lot] = replace(line, on_hand=line.on_hand - one.units)
            if order:
                days = self.rules.replenish_days(one.item)
                back = one.arrives_at + timedelta(days=days)
                heapq.heappush(self._coming, (back, one.warehouse, one.lot, one.units))

    def bring(self, goods: Iterable[tuple[Sent, str]]) -> None:
        """Goods that are on their way to another warehouse come in there."""
        for one, place in goods:
            heapq.heappush(self._coming, (one.arrives_at, place, one.lot, one.units))

    def drive(self, routes: Iterable[Route]) -> None:
        """Trucks go out and are back as long after their last stop as the way out took."""
        for route in routes:
            way_s = sum(leg.duration_s for leg in route.legs)
            end = route.departs_at + timedelta(seconds=route.duration_s + way_s)
            tour = LockedTour(route.vehicle_code, route.vehicle_class, route.is_hired, route.warehouse_code, ())
            self._tours[route.vehicle_code] = (end, tour)
            self.truck_spans.append(Span(route.departs_at, end, route.is_hired))

    def deploy(self, teams: Iterable[TeamAssignment], disaster: int) -> None:
        """Teams go for a tour, come back and rest."""
        rule, homes = self.base.teams, {c.team.code: c.team for c in self.base.candidates}
        for one in teams:
            days = homes[one.team_code].tour_days or rule.tour_days
            back = one.arrives_at + timedelta(days=days) + (one.arrives_at - one.departs_at)
            self._teams[one.team_code] = TeamOut(disaster, back, back + timedelta(days=rule.rest_days))
            self._recent[one.team_code] += 1
            self.team_spans.append(Span(one.departs_at, back))


def most_at_once(spans: Iterable[Span]) -> int:
    """The most spans that overlap at any moment; one that ends as another begins does not."""
    steps = sorted(
        step for span in spans for step in ((span.start, 1), (span.end, -1))
    )
    most = now = 0
    for _, change in steps:
        now += change
        most = max(most, now)
    return most
