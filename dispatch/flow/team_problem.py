"""What the teams are asked: sites of the situation, times on the roads as they are, convoys.  Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from math import ceil

from dispatch.allocation.model import AllocationResult
from dispatch.allocation.problem import AllocationProblem
from dispatch.flow.model import Inputs
from dispatch.flow.wishes import Wishes
from dispatch.inventory.model import Tier
from dispatch.routing.model import Route
from dispatch.routing.roads import TravelMatrix
from dispatch.teams.candidates import covers
from dispatch.teams.problem import Ride, TeamProblem
from dispatch.teams.rules import load_team_rule

HOUR_S = 3600


def team_problem(
    inputs: Inputs, matrix: TravelMatrix, goods: tuple[AllocationProblem, AllocationResult], wishes: Wishes
) -> TeamProblem:
    """Who is asked to go where, and how long each would take."""
    situation, activation, rule = inputs.situation, inputs.activation, load_team_rule()
    sites = {code: inputs.counties[code].population * colour.rank for code, colour in situation.counties.items()}
    able = inputs.candidates
    hazard = rule.hazard(situation.hazard)
    seats = {
        w.league_adcode: (*inputs.names[w.league_adcode], w.county_adcode)
        for w in inputs.warehouses.values() if w.tier is Tier.LEAGUE
    }
    first_s = _first_goods_s(*goods)
    return TeamProblem(
        sites=sites, candidates=able, travel_s=matrix.duration_s, alerted_at=situation.as_of,
        muster_s=int(timedelta(hours=activation.muster_h).total_seconds()),
        teams_wanted=max(0, activation.teams_to_send - len(inputs.busy_teams)),
        names={**inputs.names, **rule.skills}, weights=rule.weights, specialities=hazard.specialities,
        skills=hazard.skills,
        # until the first goods are there a team lives off its own
        sufficient_h={s: ceil(first_s[s] / HOUR_S) if s in first_s else rule.self_sufficient_h for s in sites},
        covers=covers(able, seats, (rule, matrix.duration_s), situation.as_of), pins=wishes.teams,
        standard=rule.standard,
    )


def _first_goods_s(asked: AllocationProblem, result: AllocationResult) -> dict[str, int]:
    """County to seconds from the order until its first goods are there."""
    first: dict[str, int] = {}
    for line in result.lines:
        seconds = asked.travel_s.get((line.warehouse_code, line.county))
        if seconds is not None:
            first[line.county] = min(seconds, first.get(line.county, seconds))
    return first


def with_rides(problem: TeamProblem, inputs: Inputs, routes: Sequence[Route]) -> TeamProblem:
    """The same with the convoys of a plan: trucks from a team's home with room for a unit together."""
    rule = load_team_rule()
    needed = ceil(rule.unit_least / rule.spare_seats)
    trucks: dict[tuple[str, str], list[Ride]] = defaultdict(list)
    for route in routes:
        home = inputs.warehouses[route.warehouse_code].county_adcode
        for stop in route.stops:
            trucks[home, stop.county].append(Ride(route.departs_at, stop.arrives_at))
    rides = {}
    for candidate in problem.candidates:
        for site in problem.sites:
            found = trucks.get((candidate.team.home_county, site), [])
            # those that leave last can take a team that musters first
            convoy = sorted(found, key=lambda r: (r.departs_at, r.arrives_at))[-needed:]
            if len(convoy) == needed:
                rides[candidate.team.code, site] = Ride(convoy[0].departs_at, max(r.arrives_at for r in convoy))
    return replace(problem, rides=rides)
