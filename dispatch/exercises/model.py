"""Values of the calendar and of lessons, and who may change them.  Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from dispatch.errors import InvalidInput, Refused

LEADERS = ("exercise_leader", "administrator")
MOST_YEARS_AHEAD = 5
MOST_PEOPLE, LONGEST_NAME = 100, 80
LEAST_EVIDENCE = 5


class Standing(StrEnum):
    """Whether who was asked came: not told yet, there, away, away with leave."""

    ASKED = "asked"
    PRESENT = "present"
    ABSENT = "absent"
    EXCUSED = "excused"


AWAY = (Standing.ABSENT, Standing.EXCUSED)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is planned: a title, a day, a place (adcode), the leader's account, teams by code, other
    people by name."""

    title: str
    on: date
    place: str
    leader: str
    scenario: str | None = None
    teams: tuple[str, ...] = ()
    words: str = ""
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A team asked to a drill; ``team_drill`` and how many were there once its attendance is kept."""

    team: str
    team_drill: str | None
    present: int
    standing: str = Standing.ASKED
    absent: int = 0
    excused: int = 0


@dataclass(frozen=True, slots=True)
class Guest:
    """A person asked who belongs to no team."""

    name: str
    standing: str


@dataclass(frozen=True, slots=True)
class Came:
    """Who of a team came to a drill: the members there, those excused; everybody else was absent."""

    team: str
    members: tuple[str, ...] = ()
    excused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Planned:
    """A drill of the calendar."""

    code: str
    plan: Plan
    status: str
    held_on: date | None
    asked: tuple[Asked, ...]
    people: tuple[Guest, ...] = ()

    def is_overdue(self, day: date) -> bool:
        """Its day has gone by and nobody said that it was held."""
        return self.status == "planned" and self.plan.on < day


@dataclass(frozen=True, slots=True)
class Lesson:
    """Something learned; open until ``closed_at``."""

    id: int
    source: str
    zh: str
    en: str
    owner: str
    due_on: date
    evidence: str
    closed_by: str | None
    closed_at: datetime | None

    def is_overdue(self, day: date) -> bool:
        """Open beyond its day."""
        return self.closed_at is None and self.due_on < day


@dataclass(frozen=True, slots=True)
class NewLesson:
    """A lesson to be kept."""

    source: str
    words: tuple[str, str]
    owner: str
    due_on: date


def check_leader(role: str) -> None:
    """``Refused`` for who may not keep the calendar."""
    if role not in LEADERS:
        raise Refused("Your role does not keep the drill calendar.", remedy="Ask an exercise leader.",
                      zh="您的角色不能维护演练计划。", remedy_zh="请联系演练导调人员。")


def check_plan(plan: Plan, day: date) -> None:
    """``InvalidInput`` for a plan that cannot be meant."""
    if not plan.title.strip():
        raise InvalidInput("The drill has no title.", remedy="Write what is practised.", zh="没有填写演练名称。", remedy_zh="请填写演练内容。")
    if len(plan.people) > MOST_PEOPLE or any(len(name) > LONGEST_NAME for name in plan.people):
        raise InvalidInput(
            f"A drill asks at most {MOST_PEOPLE} people beside teams, each with a name of at most {LONGEST_NAME} letters.",
            remedy="Write one name on a line.", zh=f"队伍以外最多邀请 {MOST_PEOPLE} 人，姓名不超过 {LONGEST_NAME} 个字。", remedy_zh="请每行填写一个姓名。",
        )
    if not day <= plan.on <= day.replace(year=day.year + MOST_YEARS_AHEAD, day=min(day.day, 28)):
        raise InvalidInput(
            f"{plan.on} is not a day to plan for.", remedy=f"Choose a day from {day} on, at most {MOST_YEARS_AHEAD} years ahead.",
            zh=f"{plan.on} 不能作为计划日期。", remedy_zh=f"请选择 {day} 起 {MOST_YEARS_AHEAD} 年内的日期。",
        )


def check_evidence(text: str) -> str:
    """The evidence, cleaned; ``InvalidInput`` where nothing is told."""
    told = " ".join(text.split())
    if len(told) < LEAST_EVIDENCE:
        raise InvalidInput("A lesson is closed with evidence.", remedy="Write what was done and where it can be seen.",
                           zh="关闭整改项须写明依据。", remedy_zh="请写明做了什么、在哪里可以查到。")
    return told[:2000]
