"""Who goes where, by OR-Tools CP-SAT: a team for each site, then cover that stays, then more teams,
then certificates, then soonest and fittest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ortools.sat.python import cp_model

from dispatch.teams.cover import bare
from dispatch.teams.explain import Trip, assignments, shortfalls, stays
from dispatch.teams.model import TeamResult
from dispatch.teams.problem import Candidate, TeamProblem, check_pins, why_not

DETERMINISTIC_S = 20.0
"""Deterministic time for each question; small problems take a thousandth."""


@dataclass(frozen=True, slots=True)
class Option:
    """A team that can go to a site, when it would be there, and what that costs in minutes."""

    candidate: Candidate
    site: str
    leaves: datetime
    arrives: datetime
    cost: int


@dataclass(frozen=True, slots=True)
class Answer:
    """Options taken, (value, bound) of each question in order."""

    taken: tuple[Option, ...]
    values: tuple[tuple[int, int], ...]
    is_optimal: bool


def assign(problem: TeamProblem) -> TeamResult:
    """At most one site a team; one worker and no clock, so always the same answer.

    Raises ``InvalidInput`` for pins that contradict each other.
    """
    check_pins(problem.pins)
    wanted = problem.wanted()
    options = options_of(problem, wanted)
    answer = _solve(problem, wanted, options)
    trips, able = [_trip(o) for o in answer.taken], [_trip(o) for o in options]
    sent = assignments(problem, trips, able)
    return TeamResult(
        sent, shortfalls(problem, trips, able), stays(problem, trips, able), bare(problem, sent), answer.values, answer.is_optimal,
    )


def options_of(problem: TeamProblem, wanted: Mapping[str, int]) -> list[Option]:
    """Every team and site that can be, in order of team and site."""
    found = []
    pinned = dict(problem.pins.go)
    for candidate in sorted(problem.candidates, key=lambda c: c.team.code):
        for site in sorted(wanted):
            fixed = pinned.get(candidate.team.code)
            if (fixed is None or fixed == site) and why_not(problem, candidate, site) is None:
                times = problem.arrival(candidate, site)
                if times:
                    found.append(Option(candidate, site, *times, cost(problem, candidate, site, times[1])))
    return found


def cost(problem: TeamProblem, candidate: Candidate, site: str, arrives: datetime) -> int:
    """Minutes until there, weighted by the site, with what speciality, readiness and load are worth."""
    weights, heaviest = problem.weights, max(problem.sites.values(), default=1) or 1
    factor = max(1, weights.full_weight * problem.sites.get(site, 0) // heaviest)
    order = problem.specialities
    rank = order.index(candidate.team.speciality) if candidate.team.speciality in order else 0
    minutes = int((arrives - problem.alerted_at).total_seconds()) // 60
    beside = (
        rank * weights.speciality_min + (1000 - candidate.readiness) * weights.readiness_min // 1000
        + candidate.recent * weights.recent_min + candidate.is_assumed * weights.assumed_min
    )
    return factor * minutes + beside


def site_weight(problem: TeamProblem, site: str) -> int:
    """1 to 1,000 by people in need."""
    return 1 + 999 * problem.sites.get(site, 0) // (max(problem.sites.values(), default=1) or 1)


class _Model:
    """The choice as a CP-SAT model; ``ask`` settles one question after the other."""

    def __init__(self, problem: TeamProblem, wanted: Mapping[str, int], options: Sequence[Option]) -> None:
        self.problem, self.wanted, self.options = problem, wanted, options
        self.model = cp_model.CpModel()
        self.picks = [self.model.new_bool_var("") for _ in options]
        self.by_team: dict[str, list[cp_model.IntVar]] = {}
        self.by_site: dict[str, list[int]] = {site: [] for site in wanted}
        for number, option in enumerate(options):
            self.by_team.setdefault(option.candidate.team.code, []).append(self.picks[number])
            self.by_site[option.site].append(number)
        for code, picks in self.by_team.items():
            self.model.add_at_most_one(picks)
            if any(code == team for team, _ in problem.pins.go):
                self.model.add(sum(picks) == 1)
        self.values: list[tuple[int, int]] = []
        self.is_optimal = True

    def unmet(self) -> tuple[cp_model.LinearExprT, cp_model.LinearExprT, cp_model.LinearExprT]:
        """Sites without any team, missing teams, both by weight; missing certificates."""
        firsts: list[cp_model.LinearExprT] = []
        teams: list[cp_model.LinearExprT] = []
        lacks: list[cp_model.LinearExprT] = []
        for site, count in self.wanted.items():
            missing = self.model.new_int_var(0, count, "")
            self.model.add(sum(self.picks[n] for n in self.by_site[site]) + missing == count)
            is_empty = self.model.new_bool_var("")
            self.model.add(missing <= count - 1 + is_empty)
            weight = site_weight(self.problem, site)
            firsts.append(is_empty * weight)
            teams.append(missing * weight)
            for skill, asked in self.problem.skills.items():
                lack = self.model.new_int_var(0, asked, "")
                held = sum(
                    self.picks[n] * min(asked, self.options[n].candidate.skills.get(skill, 0))
                    for n in self.by_site[site]
                )
                self.model.add(lack >= asked - held)
                lacks.append(lack)
        return sum(firsts), sum(teams), sum(lacks)

    def bare(self) -> cp_model.LinearExprT:
        """Covers of which no team stays."""
        terms: list[cp_model.LinearExprT] = []
        for cover in self.problem.covers:
            if all(code in self.by_team for code in cover.teams):
                gone = [sum(self.by_team[code]) for code in sorted(cover.teams)]
                is_bare = self.model.new_bool_var("")
                self.model.add(sum(gone) <= len(gone) - 1 + is_bare)
                terms.append(is_bare)
        return sum(terms)

    def spent(self) -> cp_model.LinearExprT:
        """Minutes, weighted."""
        return sum(o.cost * pick for o, pick in zip(self.options, self.picks, strict=True))

    def ask(self, question: cp_model.LinearExprT, hints: Sequence[int]) -> list[int]:
        """Answer a question and keep to the answer from then on; indices of the options taken."""
        self.model.minimize(question)
        self.model.clear_hints()  # type: ignore[no-untyped-call]
        for number in hints:
            self.model.add_hint(self.picks[number], 1)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = 1
        # an assignment is nearly a linear programme: fully linearised, some questions fall from 40 s to 0.2
        solver.parameters.linearization_level = 2
        solver.parameters.cp_model_probing_level = 0
        solver.parameters.max_deterministic_time = DETERMINISTIC_S
        status = solver.solve(self.model)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            self.is_optimal = False
            return list(hints)
        self.is_optimal &= status == cp_model.OPTIMAL
        value = round(solver.objective_value)
        self.values.append((value, round(solver.best_objective_bound)))
        self.model.add(question <= value)
        return [n for n, pick in enumerate(self.picks) if solver.boolean_value(pick)]


def solve(problem: TeamProblem) -> Answer:
    """The choice itself, with the bound of each question."""
    wanted = problem.wanted()
    return _solve(problem, wanted, options_of(problem, wanted))


def _trip(option: Option) -> Trip:
    return Trip(option.candidate, option.site, option.leaves, option.arrives)


def _solve(problem: TeamProblem, wanted: Mapping[str, int], options: Sequence[Option]) -> Answer:
    if not options:
        return Answer((), (), True)
    model = _Model(problem, wanted, options)
    taken: list[int] = []
    firsts, others, lacks = model.unmet()
    # a second team for a site is not worth leaving a league without any
    for question in (firsts, model.bare(), others, lacks, model.spent()):
        taken = model.ask(question, taken)
    return Answer(tuple(options[n] for n in taken), tuple(model.values), model.is_optimal)
