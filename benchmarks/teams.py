"""Team assignment from 15 to 1,500 teams at ten sites, with its bound; small ones by brute force.

    python -m benchmarks.teams [--json FILE] [--sizes 15,150,1500] [--seeds 3] [--small 200]

Teams and sites lie on the region's real roads under a red blizzard (more than 103 homes share
counties); specialities, readiness, rest, vehicles and certificates are drawn with a seed, leagues
are covered within the hours of the team rule.  Every answer is checked by ``teams.verify``.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from random import Random

from benchmarks.report import machine
from dispatch.reference.load import read_counties, read_edges, read_warehouses
from dispatch.routing.conditions import RoadConditions
from dispatch.routing.roads import build_matrix
from dispatch.routing.speeds import load_speeds
from dispatch.teams.candidates import covers
from dispatch.teams.model import Team, TeamResult
from dispatch.teams.problem import Candidate, Cover, Ride, TeamProblem, why_not
from dispatch.teams.rules import load_team_rule
from dispatch.teams.solver import assign, cost
from dispatch.teams.verify import violations

AT = datetime(2021, 11, 8, 12, tzinfo=UTC)
SITES = 10
RED = 4


@dataclass(frozen=True, slots=True)
class Land:
    """Places, league seats (adcode → county) and driving times."""

    counties: tuple[str, ...]
    seats: dict[str, str]
    travel_s: dict[tuple[str, str], int]


def land() -> Land:
    """The region's counties with times on its roads in a red blizzard."""
    edges, counties = read_edges(), [c.adcode for c in read_counties()]
    weather = {c: (("blizzard", RED),) for c in counties}
    matrix = build_matrix(edges, load_speeds(), RoadConditions(weather), set(counties), AT)
    seats = {
        w.league_adcode: w.county_adcode for w in read_warehouses() if w.tier.value == "league"
    }
    return Land(tuple(counties), seats, dict(matrix.duration_s))


def instance(ground: Land, teams: int, seed: int, sites: int = SITES) -> TeamProblem:
    """So many teams for ten sites, as many wanted as an answer of level I sends per 15."""
    chance, rule = Random(seed), load_team_rule()
    hazard = rule.hazard("blizzard")
    names = sorted(rule.specialities)
    found = tuple(_team(chance, n, ground, names) for n in range(teams))
    affected = {c: chance.randint(20_000, 900_000) for c in chance.sample(ground.counties, sites)}
    return TeamProblem(
        sites=affected,
        candidates=found,
        travel_s=ground.travel_s,
        alerted_at=AT,
        muster_s=7200,
        teams_wanted=max(sites, min(teams, 4 * sites)),
        names={},
        weights=rule.weights,
        specialities=hazard.specialities,
        skills=hazard.skills,
        sufficient_h={s: chance.choice([12, 48, 72]) for s in affected},
        rides={
            (c.team.code, s): _ride(chance, ground.travel_s[c.team.home_county, s])
            for c in found
            for s in affected
            if not c.has_vehicle
            and chance.random() < 0.3
            and (c.team.home_county, s) in ground.travel_s
        },
        covers=covers(
            found, {a: (a, a, s) for a, s in ground.seats.items()}, (rule, ground.travel_s), AT
        ),
        standard=rule.standard,
    )


def _ride(chance: Random, drive_s: int) -> Ride:
    leaves = AT + timedelta(seconds=chance.randint(3600, 20_000))
    return Ride(leaves, leaves + timedelta(seconds=drive_s + 1200))


def _team(chance: Random, number: int, ground: Land, specialities: Sequence[str]) -> Candidate:
    speciality = "relief" if chance.random() < 0.6 else chance.choice(specialities)
    rested = AT + timedelta(hours=chance.randint(1, 60)) if chance.random() < 0.1 else None
    home = chance.choice(ground.counties)
    team = Team(
        f"T{number:04}",
        f"T{number}",
        f"T{number}",
        "county",
        f"{home[:4]}00",
        home,
        speciality,
        3,
        20,
        "resting" if rested else "available",
        False,
        None,
        chance.choice([None, 24, 168]),
        None,
        rested,
    )
    return Candidate(
        team,
        chance.randint(600, 1000),
        chance.random() < 0.85,
        False,
        chance.random() < 0.85,
        {"winter_survival": chance.randint(0, 4)},
        (),
        chance.randint(0, 3),
    )


def run(problem: TeamProblem) -> tuple[TeamResult, float, float]:
    """The answer, its wall and processor seconds; ``SystemExit`` when it breaks a rule."""
    begun, worked = time.perf_counter(), time.process_time()
    result = assign(problem)
    seconds, cpu_s = time.perf_counter() - begun, time.process_time() - worked
    if faults := violations(problem, result.assignments):
        raise SystemExit(f"broken: {faults}")
    return result, seconds, cpu_s


@dataclass(frozen=True, slots=True)
class Row:
    """One size and seed; values and bounds are those of ``TeamResult``."""

    teams: int
    seed: int
    seconds: float
    cpu_s: float
    sent: int
    wanted: int
    bare: int
    values: tuple[int, ...]
    bounds: tuple[int, ...]
    gap_percent: float
    is_optimal: bool


def measured(ground: Land, teams: int, seed: int) -> Row:
    """One instance timed."""
    problem = instance(ground, teams, seed)
    result, seconds, cpu_s = run(problem)
    minutes, bound = result.values[-1]
    return Row(
        teams,
        seed,
        round(seconds, 3),
        round(cpu_s, 3),
        len(result.assignments),
        sum(problem.wanted().values()),
        len(result.bare),
        tuple(v for v, _ in result.values),
        tuple(b for _, b in result.values),
        round(100 * (minutes - bound) / max(1, minutes), 3),
        result.is_optimal,
    )


def best_by_force(problem: TeamProblem) -> tuple[int, ...]:
    """Every question's value for the best of all choices, worked out without a model."""
    wanted = problem.wanted()
    may = [
        [None, *(s for s in wanted if why_not(problem, c, s) is None)] for c in problem.candidates
    ]
    best: tuple[int, ...] | None = None
    for picks in product(*may):
        if all(picks.count(s) <= n for s, n in wanted.items()):
            chosen = [
                (c, s) for c, s in zip(problem.candidates, picks, strict=True) if s is not None
            ]
            empty, missing, lack = _unmet(problem, wanted, chosen)
            value = (empty, _bare(problem.covers, chosen), missing, lack, _minutes(problem, chosen))
            best = value if best is None else min(best, value)
    return best or ()


def _unmet(
    problem: TeamProblem, wanted: dict[str, int], chosen: Sequence[tuple[Candidate, str]]
) -> tuple[int, int, int]:
    heaviest, empty, missing, lack = max(problem.sites.values()), 0, 0, 0
    for site, count in wanted.items():
        there = [c for c, s in chosen if s == site]
        weight = 1 + 999 * problem.sites[site] // heaviest
        missing, empty = missing + weight * (count - len(there)), empty + (0 if there else weight)
        for skill, asked in problem.skills.items():
            lack += max(0, asked - sum(min(asked, c.skills.get(skill, 0)) for c in there))
    return empty, missing, lack


def _bare(found: Sequence[Cover], chosen: Sequence[tuple[Candidate, str]]) -> int:
    gone = {c.team.code for c, _ in chosen}
    return sum(cover.teams <= gone for cover in found)


def _minutes(problem: TeamProblem, chosen: Sequence[tuple[Candidate, str]]) -> int:
    total = 0
    for candidate, site in chosen:
        times = problem.arrival(candidate, site)
        assert times
        total += cost(problem, candidate, site, times[1])
    return total


def share_exact(ground: Land, count: int) -> float:
    """Share of small instances (6 teams, 3 sites) on which the answer is the best there is."""
    right = 0
    for seed in range(count):
        problem = instance(ground, 6, 10_000 + seed, sites=3)
        result, _, _ = run(problem)
        value = tuple(v for v, _ in result.values) or best_by_force(problem)
        right += value == best_by_force(problem)
    return right / count if count else 1.0


def main() -> None:
    """Run and print; ``--json`` writes the rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--sizes", default="15,150,1500")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--small", type=int, default=200)
    asked = parser.parse_args()
    ground = land()
    rows = []
    for size in map(int, asked.sizes.split(",")):
        for seed in range(1, asked.seeds + 1):
            rows.append(measured(ground, size, seed))
            print(rows[-1])
    exact = share_exact(ground, asked.small)
    print(f"best there is on {100 * exact:.1f} % of {asked.small} small instances")
    if asked.json:
        asked.json.write_text(
            json.dumps(
                {
                    "machine": machine(),
                    "results": [asdict(r) for r in rows],
                    "small": asked.small,
                    "exact_share": exact,
                },
                indent=1,
            )
        )


if __name__ == "__main__":
    main()
