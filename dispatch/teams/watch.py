"""Who must be heard of by when: clocks of a deployment, missed check-ins, people not accounted for.  Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatch.teams.deployment import OUT, Deployment
from dispatch.teams.model import DeploymentState, Muster
from dispatch.teams.rules import TeamRule

S = DeploymentState


@dataclass(frozen=True, slots=True)
class Due:
    """One clock that runs: ``name`` is muster, arrival, check_in, tour or rest; ``is_late`` true when
    somebody has to act."""

    name: str
    at: datetime
    is_late: bool


@dataclass(frozen=True, slots=True)
class Called:
    """A member of a deployment: what they answered and when they were last heard of."""

    member: str
    muster: Muster
    called_at: datetime
    last_seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Accountability:
    """Codes of members: called and silent, on the way or there and not heard of, gone and not back."""

    unanswered: tuple[str, ...]
    unheard: tuple[str, ...]
    not_back: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Missed:
    """What was owed and has not come: ``name`` is check_in, people, muster, arrival or tour; ``members``
    are the codes of those not heard of."""

    name: str
    due: datetime
    members: tuple[str, ...] = ()


def check_in_due(deployment: Deployment, rule: TeamRule) -> datetime | None:
    """When the team has to be heard of next; None where it need not."""
    if deployment.state not in OUT or deployment.last_check_in_at is None:
        return None
    return deployment.last_check_in_at + timedelta(hours=rule.check_in_every_h)


def missed_check_in(deployment: Deployment, at: datetime, rule: TeamRule) -> datetime | None:
    """The newest moment at which a check-in was due and still missing after the grace; None when all is well.

    A team that stays silent misses one after the other.
    """
    due = check_in_due(deployment, rule)
    return None if due is None else _newest_missed(due, at, rule)


def _newest_missed(due: datetime, at: datetime, rule: TeamRule) -> datetime | None:
    silent = at - due - timedelta(hours=rule.overdue_after_h)
    if silent < timedelta():
        return None
    every = timedelta(hours=rule.check_in_every_h)
    return due + (silent // every) * every


def all_missed(deployment: Deployment, people: Iterable[Called], at: datetime, rule: TeamRule) -> tuple[Missed, ...]:
    """Everything owed by a deployment that is missing now, each of it one alarm.

    Single people are told of only while the team itself is heard of: when it is silent, all are.
    """
    silent = missed_check_in(deployment, at, rule)
    if silent is not None:
        return (Missed("check_in", silent), *_late(deployment, at, rule))
    return (*_missing_people(deployment, people, at, rule), *_late(deployment, at, rule))


def _missing_people(deployment: Deployment, people: Iterable[Called], at: datetime, rule: TeamRule) -> Iterator[Missed]:
    people = tuple(people)
    unheard = account(deployment, people, at, rule).unheard
    together: dict[datetime, list[str]] = defaultdict(list)
    for person in people:
        if person.member in unheard:
            last = person.last_seen_at or person.called_at
            due = _newest_missed(last + timedelta(hours=rule.check_in_every_h), at, rule)
            if due is not None:
                together[due].append(person.member)
    return (Missed("people", due, tuple(sorted(codes))) for due, codes in sorted(together.items()))


def _late(deployment: Deployment, at: datetime, rule: TeamRule) -> Iterator[Missed]:
    limit = at - timedelta(minutes=rule.late_after_min)
    return (Missed(c.name, c.at) for c in clocks(deployment, at, rule)
            if c.name in ("muster", "arrival", "tour") and c.at <= limit)


def clocks(deployment: Deployment, at: datetime, rule: TeamRule) -> tuple[Due, ...]:
    """The clocks that run in the state it is in, the most pressing first."""
    state, found = deployment.state, []
    if state in (S.ALERTED, S.MUSTERING):
        found.append(Due("muster", deployment.muster_by, at > deployment.muster_by))
    due = check_in_due(deployment, rule)
    if due is not None:
        found.append(Due("check_in", due, missed_check_in(deployment, at, rule) is not None))
    if state is S.EN_ROUTE and deployment.expected_at:
        found.append(Due("arrival", deployment.expected_at, at > deployment.expected_at))
    if state in (S.ON_SITE, S.HANDOVER) and deployment.tour_ends_at:
        found.append(Due("tour", deployment.tour_ends_at, at > deployment.tour_ends_at))
    if state is S.RESTING and deployment.rested_at:
        found.append(Due("rest", deployment.rested_at, is_late=False))
    return tuple(sorted(found, key=lambda d: (not d.is_late, d.at)))


def account(deployment: Deployment, people: Iterable[Called], at: datetime, rule: TeamRule) -> Accountability:
    """Who has not answered, who is not heard of for longer than the rule allows, who is not back."""
    people = sorted(people, key=lambda p: p.member)
    away = [p for p in people if p.muster is Muster.MUSTERED]
    silent_since = at - timedelta(hours=rule.check_in_every_h + rule.overdue_after_h)
    is_out = deployment.state in OUT
    return Accountability(
        unanswered=tuple(p.member for p in people if p.muster is Muster.CALLED),
        unheard=tuple(p.member for p in away if is_out and (p.last_seen_at or p.called_at) <= silent_since),
        not_back=tuple(p.member for p in away if is_out or deployment.state is S.RESTING),
    )
