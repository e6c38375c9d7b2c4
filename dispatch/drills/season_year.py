"""One simulated year: each disaster through the very code that makes proposals.  Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from dispatch.alerts.model import Colour, LossCounts, Situation
from dispatch.clock import to_local
from dispatch.drills.season_draw import Disaster, Nature, draw_year
from dispatch.drills.season_help import Help, Short
from dispatch.drills.season_rules import Look
from dispatch.drills.season_state import Carried, Key, Sent, most_at_once
from dispatch.flow.decide import conclude, first_plan, prepare
from dispatch.flow.model import Decision, Inputs
from dispatch.needs.model import Covered
from dispatch.places import REGION_ADCODE
from dispatch.plans.engine import assess
from dispatch.routing.problem import RoutingParams

PARAMS = RoutingParams(time_limit_s=0.0, iterations=1, seed=1, slices=1)
"""The first plan alone is driven: no search, so no wall clock has a say."""
Place = tuple[str, str]


@dataclass
class Tally:
    """What one disaster came to: (county, item) → units."""

    drawn: Disaster
    need: dict[Place, int] = field(default_factory=dict)
    sent: Counter[Place] = field(default_factory=Counter)
    in_time: Counter[Place] = field(default_factory=Counter)
    level: int | None = None
    kind: str = "watch"
    trucks: int = 0
    hired: int = 0
    without_truck: int = 0
    teams: int = 0
    teams_missing: int = 0


@dataclass
class Year:
    """A year under way."""

    nature: Nature
    carried: Carried
    help: Help
    ran_out: dict[Key, list[int]] = field(default_factory=lambda: defaultdict(list))
    below_reserve: dict[Key, list[int]] = field(default_factory=lambda: defaultdict(list))


def run_year(nature: Nature, seed: int, year: int) -> dict[str, Any]:
    """The year's result as plain JSON values; the same nature, seed and year give the same.

    Units are those of the catalogue; months 1 to 12.
    """
    base, rules = nature.base, nature.rules
    run = Year(nature, Carried(base, rules), Help(base.stock.minimum, rules))
    tallies = [Tally(drawn) for drawn in draw_year(nature, seed, year)]
    looks = {group.name: rules.looks[group.looks] for group in rules.groups}
    moments = sorted(
        (t.drawn.started_at + timedelta(hours=look.after_h), t.drawn.number, n, look)
        for t in tallies if t.drawn.people
        for n, look in enumerate(looks[t.drawn.group])
    )
    for at, number, _, look in moments:
        _look(run, tallies[number - 1], at, look)
    return {
        "year": year,
        "disasters": [_told(t) for t in tallies],
        "trucks_at_once": most_at_once(run.carried.truck_spans),
        "own_trucks_at_once": most_at_once(s for s in run.carried.truck_spans if not s.is_hired),
        "teams_at_once": most_at_once(run.carried.team_spans),
        "ran_out": _keyed(run.ran_out),
        "below_reserve": _keyed(run.below_reserve),
        "help": {":".join(key): units for key, units in sorted(run.help.units.items())},
    }


def _keyed(found: Mapping[Key, list[int]]) -> dict[str, list[int]]:
    return {":".join(key): months for key, months in sorted(found.items())}


def _look(run: Year, tally: Tally, at: datetime, look: Look) -> None:
    """Decide for one disaster as it stands, and let what was decided happen."""
    run.carried.advance(at)
    decision = _decide(run, tally, at, look)
    activation = decision.activation
    tally.level = min((lv for lv in (tally.level, activation.level) if lv), default=None)
    tally.kind = activation.kind
    before = run.carried.levels()
    goods = list(_loaded(decision))
    routes = [r for r in decision.routing.routes if r.stops]
    run.carried.drive(routes)
    run.carried.deploy(decision.teams.assignments, tally.drawn.number)
    tally.trucks += len(routes)
    tally.hired += sum(r.is_hired for r in routes)
    tally.without_truck += len(decision.routing.unserved)
    tally.teams += len(decision.teams.assignments)
    tally.teams_missing = sum(s.missing for s in decision.teams.shortfalls)
    if activation.kind == "preposition":
        _move(run.carried, decision, goods)
        return
    run.carried.send(goods)
    shorts = _count(tally, decision, goods)
    run.help.decision(tally.drawn.number, at, shorts, decision.allocation_problem.travel_s)
    _watch(run, before, to_local(at).month)


def _decide(run: Year, tally: Tally, at: datetime, look: Look) -> Decision:
    base, carried, drawn = run.nature.base, run.carried, tally.drawn
    situation = situation_of(drawn, at, look)
    inputs = Inputs(
        situation=situation,
        activation=assess(situation, base.policy, at, base.ground),
        counties=base.counties, names=base.names, items=base.items, warehouses=base.warehouses,
        stock=carried.stock(at), edges=base.edges, classes=base.classes, vehicles=carried.vehicles(),
        candidates=carried.candidates(at), policy=base.policy, standards=base.standards,
        exposure=base.exposure, speeds=base.speeds,
        covered={place: Covered(units) for place, units in sorted(tally.sent.items())},
        busy_teams=carried.busy_teams(drawn.number), kit_versions=base.kit_versions,
        busy_trucks=carried.busy_trucks(),
    )
    prepared = prepare(inputs, PARAMS, instant=True)
    return conclude(prepared, first_plan(prepared))


def situation_of(drawn: Disaster, at: datetime, look: Look) -> Situation:
    """The disaster as reported by a moment: each county its figures, each league its sum."""
    places: dict[str, LossCounts] = {}
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    for county, loss in drawn.losses.items():
        known = {name: units * look.percent // 100 for name, units in loss.items()}
        places[county] = _counts(known)
        sums[county[:4] + "00"].update(known)
        sums[REGION_ADCODE].update(known)
    whole = _counts(sums.pop(REGION_ADCODE, {}))
    worst = max(drawn.counties.values(), key=lambda c: c.rank, default=Colour.BLUE)
    return Situation(
        code=f"SEASON-{drawn.number}", hazard=drawn.hazard, title_zh="", title_en="",
        started_at=drawn.started_at, as_of=at, colour=worst, hazards={drawn.hazard: worst},
        counties=dict(drawn.counties), counts=whole, counts_at=at,
        roads=tuple(r for r in drawn.roads if r.until is None or r.until > at), alert_identifiers=(),
        temperature_c=drawn.temperature_c, observations=drawn.observations,
        places={**places, **{league: _counts(figures) for league, figures in sums.items()}},
        county_hazards={c: {drawn.hazard: colour} for c, colour in drawn.counties.items()},
        heard=dict.fromkeys(places, at),
    )


def _counts(known: Mapping[str, int]) -> LossCounts:
    return LossCounts(need_aid=known.get("need"), dead_missing=known.get("dead"), rooms=known.get("rooms"))


def _loaded(decision: Decision) -> Iterator[Sent]:
    """What rides in the trucks of the plan; what found no truck stays where it is."""
    shipments = {s.id: s for s in decision.routing_problem.shipments}
    for route in decision.routing.routes:
        for stop in route.stops:
            for number in stop.shipment_ids:
                s = shipments[number]
                for item, lot, units in s.items:
                    yield Sent(s.warehouse_code, lot, item, s.county, units, stop.arrives_at)


def _move(carried: Carried, decision: Decision, goods: list[Sent]) -> None:
    """Goods put forward lie in the site they go to; nothing is used up."""
    sites = {(n.county, n.item_code): n.to_warehouse for n in decision.needs}
    carried.send(goods, order=False)
    carried.bring((one, sites[one.county, one.item]) for one in goods)


def _count(tally: Tally, decision: Decision, goods: Iterable[Sent]) -> list[Short]:
    """Books need and what was sent; what is still lacking."""
    lines = {(n.county, n.item_code): n for n in decision.needs}
    for place, line in lines.items():
        tally.need[place] = max(tally.need.get(place, 0), line.gross)
    left = {place: line.quantity for place, line in lines.items()}
    for one in goods:
        place = one.county, one.item
        tally.sent[place] += one.units
        left[place] -= one.units
        if one.arrives_at <= lines[place].due_at:
            tally.in_time[place] += one.units
    return [
        Short(county, item, units, lines[county, item].due_at)
        for (county, item), units in sorted(left.items()) if units > 0
    ]


def _watch(run: Year, before: Mapping[Key, int], month: int) -> None:
    """Notes what came to an end, and what fell below its safety stock, with this decision."""
    after, minimum = run.carried.levels(), run.nature.base.stock.minimum
    for key, units in before.items():
        if units and not after[key]:
            run.ran_out[key].append(month)
        if after[key] < minimum.get(key, 0) <= units:
            run.below_reserve[key].append(month)


def _told(tally: Tally) -> dict[str, Any]:
    drawn = tally.drawn
    items: dict[str, list[int]] = {}
    leagues: dict[str, list[int]] = {}
    for (county, item), need in sorted(tally.need.items()):
        figures = need, tally.sent[county, item], tally.in_time[county, item]
        for table, key in ((items, item), (leagues, county[:4] + "00")):
            row = table.setdefault(key, [0, 0, 0])
            for n, units in enumerate(figures):
                row[n] += units
    return {
        "group": drawn.group, "hazard": drawn.hazard, "from": drawn.drawn_from,
        "month": to_local(drawn.started_at).month, "counties": len(drawn.counties), "people": drawn.people,
        "magnitude": drawn.observations.magnitude, "level": tally.level, "kind": tally.kind,
        "trucks": tally.trucks, "hired": tally.hired, "without_truck": tally.without_truck,
        "teams": tally.teams, "teams_missing": tally.teams_missing,
        "items": items, "leagues": leagues,
    }
