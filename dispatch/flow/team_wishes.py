"""A coordinator's wishes about teams: who goes where, who stays.  Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from dispatch.errors import InvalidInput
from dispatch.flow.wishes import Wishes

Names = Mapping[str, tuple[str, str]]


def with_team(wishes: Wishes, team: str, county: str) -> Wishes:
    """The team goes to the county; an earlier wish about the team is replaced."""
    teams = wishes.teams
    others = tuple(pin for pin in teams.go if pin[0] != team)
    return replace(wishes, teams=replace(teams, go=(*others, (team, county)), stay=teams.stay - {team}))


def without_team(wishes: Wishes, team: str) -> Wishes:
    """The team stays; an earlier wish about it is replaced."""
    teams = wishes.teams
    return replace(
        wishes, teams=replace(teams, go=tuple(pin for pin in teams.go if pin[0] != team), stay=teams.stay | {team})
    )


def team_free(wishes: Wishes, team: str) -> Wishes:
    """No wish about the team any more."""
    teams = wishes.teams
    return replace(
        wishes, teams=replace(teams, go=tuple(pin for pin in teams.go if pin[0] != team), stay=teams.stay - {team})
    )


def team_words(wishes: Wishes, names: Names) -> Iterable[tuple[str, str, str]]:
    """(key, zh, en) of every wish about a team."""
    for team, county in wishes.teams.go:
        (zh, en), (to_zh, to_en) = names.get(team, (team, team)), names.get(county, (county, county))
        yield f"team:{team}", f"{zh} → {to_zh}", f"{en} to {to_en}"
    for team in sorted(wishes.teams.stay):
        zh, en = names.get(team, (team, team))
        yield f"team:{team}", f"{zh}留守", f"{en} stays"


def check_teams(wishes: Wishes, names: Names) -> None:
    """``InvalidInput`` for a team or county there is not."""
    for code in (*(c for pin in wishes.teams.go for c in pin), *wishes.teams.stay):
        if code not in names:
            raise InvalidInput(
                f"There is no team or county {code[:40]!r}.", remedy="Choose from the list.",
                zh=f"没有救援队或旗县 {code[:40]!r}。", remedy_zh="请从列表中选择。", facts={"fields": ["team"]},
            )
