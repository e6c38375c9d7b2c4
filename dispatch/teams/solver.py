"""Who goes where, by OR-Tools CP-SAT: heaviest sites first, then soonest there."""

from __future__ import annotations

from datetime import timedelta

from ortools.sat.python import cp_model

from dispatch.teams.model import Team, TeamAssignment, TeamShortfall
from dispatch.teams.problem import TeamProblem
from dispatch.words import Words

READY = ("available", "standby")


def assign(
    problem: TeamProblem,
) -> tuple[tuple[TeamAssignment, ...], tuple[TeamShortfall, ...]]:
    """At most one team a site and one site a team; one worker, so always the same answer."""
    ready = [t for t in problem.teams if t.status in READY]
    pairs = [
        (t, site, problem.travel_s[t.home_county, site])
        for t in ready for site in sorted(problem.sites)
        if (t.home_county, site) in problem.travel_s
    ]
    wanted = min(problem.teams_wanted, len(problem.sites))
    heaviest = sorted(problem.sites, key=lambda s: (-problem.sites[s], s))[:wanted]
    picks = _solve([p for p in pairs if p[1] in heaviest]) if wanted else []
    made = tuple(_assignment(problem, team, site, seconds) for team, site, seconds in picks)
    covered = {a.county for a in made}
    short = tuple(_shortfall(problem, site) for site in heaviest if site not in covered)
    return made, short


def _solve(pairs: list[tuple[Team, str, int]]) -> list[tuple[Team, str, int]]:
    model = cp_model.CpModel()
    picks = [model.new_bool_var(f"{t.code}:{site}") for t, site, _ in pairs]
    for key in (0, 1):
        groups: dict[object, list[cp_model.IntVar]] = {}
        for pair, pick in zip(pairs, picks, strict=True):
            groups.setdefault(pair[0].code if key == 0 else pair[1], []).append(pick)
        for group in groups.values():
            model.add_at_most_one(group)
    worth = 10**7
    model.maximize(sum((worth - s) * pick for (_, _, s), pick in zip(pairs, picks, strict=True)))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    if not pairs or solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return []
    return [pair for pair, pick in zip(pairs, picks, strict=True) if solver.boolean_value(pick)]


def _assignment(problem: TeamProblem, team: Team, site: str, seconds: int) -> TeamAssignment:
    leaves = problem.alerted_at + timedelta(seconds=problem.muster_s)
    (zh, en), (site_zh, site_en) = (team.name_zh, team.name_en), problem.names[site]
    hours, muster = f"{seconds / 3600:.1f}", f"{problem.muster_s / 3600:.0f}"
    rule_zh, rule_en = "总到达时间最短", "the soonest for all sites together"
    return TeamAssignment(
        team.code, site, leaves, leaves + timedelta(seconds=seconds),
        Words(
            "team.soonest",
            f"{zh} 集结 {muster} 小时、行车 {hours} 小时到 {site_zh}，{rule_zh}（名称和人数为假设）",
            f"{en}: muster {muster} h, {hours} h of driving to {site_en}, {rule_en} "
            "(name and size are assumptions)",
        ),
    )


def _shortfall(problem: TeamProblem, site: str) -> TeamShortfall:
    zh, en = problem.names[site]
    busy = sum(t.status not in READY for t in problem.teams)
    return TeamShortfall(
        site,
        Words("team.none", f"没有可用的救援队能到达 {zh}", f"no ready team can reach {en}"),
        Words("remedy.team", f"请总会或邻省支援；另有 {busy} 支队伍未就绪",
              f"ask the head office or neighbours; {busy} more teams are not ready"),
    )
