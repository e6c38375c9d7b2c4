"""What the desk must decide, by when: one list out of everything that waits.  Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from dispatch.accounts.rights import roles_of
from dispatch.flow.desk_model import DeskFacts, Person, Plan, Task, newest_plans
from dispatch.plans.clocks import NAMES
from dispatch.teams.watch import clocks
from dispatch.waybills.progress import PLANNED, Trip, late_by, passages, progress
from dispatch.words import Words

PLANNERS = frozenset(roles_of("proposal.submit"))
APPROVERS = frozenset(roles_of("proposal.approve"))
STORES = frozenset(roles_of("stock.work"))
SINGLY = 2
TEAM_CLOCKS = {
    "muster": ("集结", "muster"), "check_in": ("报到", "check in"), "arrival": ("到达现场", "arrive"), "tour": ("交接", "be relieved"),
}
TRUCKS = {
    "not_left": ("车辆逾期未发车", "truck has not left"), "silent": ("车辆失联", "truck not heard of"),
    "late": ("车辆逾期未到", "truck is late"), "stranded": ("车辆途中故障", "truck broken down"),
}


def tasks(facts: DeskFacts, at: datetime) -> tuple[Task, ...]:
    """Everything that waits for a person, the earliest deadline first."""
    found = [*_events(facts, at), *_clocks(facts), *_plans(facts), *_trucks(facts, at), *_teams(facts, at), *_unread(facts)]
    return tuple(sorted(found, key=lambda t: (t.due_at, t.level or 9, t.kind, t.subject)))


def _events(facts: DeskFacts, at: datetime) -> Iterable[Task]:
    planned = {plan.situation for plan in facts.plans}
    for event in facts.events:
        where, href = event.title, f"/situations/{event.code}"
        if event.is_active and event.is_cancelled and event.free_at is not None:
            yield Task("end", event.code, Words("desk.end", "预警已全部解除：决定是否终止响应", "warnings are over: decide whether to end the response"),
                       where, event.free_at, href, APPROVERS | {"administrator"}, level=event.level)
        elif event.is_active and event.free_at is not None and event.free_at <= at:
            yield Task("step_down", event.code, Words("desk.step_down", "观察期已满：决定是否降级", "the hold is over: decide on a step down"),
                       where, event.free_at, href, APPROVERS | {"administrator"}, level=event.level)
        if event.is_active and event.code not in planned:
            words = Words("desk.no_plan", "响应已启动而没有方案：起草方案", "a response without a plan: draft one")
            yield Task("no_plan", event.code, words, where, event.newest_sent + facts.rule.alert_within, href, PLANNERS, level=event.level)
        elif not event.is_active and event.colour and not event.is_judged:
            words = Words("desk.alert", "预警尚未研判：决定关注或响应", "a warning nobody has judged: watch or respond")
            yield Task("alert", event.code, words, where, event.newest_sent + facts.rule.alert_within, href, PLANNERS)


def _clocks(facts: DeskFacts) -> Iterable[Task]:
    events = {event.code: event for event in facts.events}
    for clock in facts.clocks:
        event = events.get(clock.situation)
        if event is not None:
            zh, en = NAMES[clock.name]
            yield Task("clock", f"{clock.situation}:{clock.name}", Words(f"desk.clock.{clock.name}", zh, en), event.title,
                       clock.due_at, f"/situations/{clock.situation}#clocks", STORES, level=event.level)


def _plans(facts: DeskFacts) -> Iterable[Task]:
    titles = {event.code: event.title for event in facts.events}
    for plan in newest_plans(facts.plans).values():
        where = titles.get(plan.situation)
        if where is None or plan.status == "approved":
            continue
        rule, href = facts.rule, f"/proposals/{plan.code}"
        if plan.status == "submitted":
            words = Words("desk.approve", f"审批方案 {plan.code}", f"approve proposal {plan.code}")
            yield Task("approve", plan.code, words, where, _before(plan, rule.approve_within), href, APPROVERS, plan.not_by, plan.level, plan.reach)
        elif plan.status == "returned":
            words = Words("desk.mend", f"修改被退回的方案 {plan.code}", f"mend the returned proposal {plan.code}")
            yield Task("mend", plan.code, words, where, _before(plan, rule.submit_within), href, PLANNERS, level=plan.level)
        else:
            words = Words("desk.submit", f"核对并提交方案 {plan.code}", f"check and submit proposal {plan.code}")
            yield Task("submit", plan.code, words, where, _before(plan, rule.submit_within), href, PLANNERS, level=plan.level)


def _before(plan: Plan, within: timedelta) -> datetime:
    """So soon after the last step, and before the first truck is to leave."""
    due = plan.decided_at + within
    return min(due, plan.first_departure) if plan.first_departure and plan.first_departure > plan.decided_at else due


def _trucks(facts: DeskFacts, at: datetime) -> Iterable[Task]:
    """Trucks that owe something; many of a kind are one line."""
    found: dict[str, list[Task]] = defaultdict(list)
    for trip in facts.trips:
        if trip.status == PLANNED or trip.status in ("cancelled", "returned") or not trip.body["legs"]:
            continue
        points = passages(trip.body, facts.seats, late_by(trip, at))
        known = progress(trip, points[-1].at, at, facts.tracking)
        if known.due is None or known.state not in TRUCKS:
            continue
        zh, en = TRUCKS[known.state]
        found[known.state].append(Task(known.state, trip.code, Words(f"desk.truck.{known.state}", f"{zh}：{trip.code}", f"{en}: {trip.code}"),
                                       _way(trip), known.due, trip.href, STORES))
    for state, waiting in found.items():
        zh, en = TRUCKS[state]
        yield from _together(waiting, Words(state, f"{zh}：{len(waiting)} 辆", f"{en}: {len(waiting)} trucks"), "/map/table?layer=trucks")


def _way(trip: Trip) -> Words:
    stops, vehicle = trip.body["stops"], trip.body["vehicle"]
    goal = stops[-1] if stops else {"place_zh": "—", "place_en": "—"}
    return Words("desk.way", f"{vehicle} → {goal['place_zh']}", f"{vehicle} → {goal['place_en']}")


def _together(waiting: Sequence[Task], words: Words, href: str) -> Sequence[Task]:
    """Few of a kind as they are, many as one line, due with the first of them."""
    if len(waiting) <= SINGLY:
        return waiting
    where = Words("desk.many", "、".join(t.where.zh for t in waiting[:SINGLY]) + " 等", ", ".join(t.where.en for t in waiting[:SINGLY]) + " and more")
    first = waiting[0]
    return [Task(first.kind, words.code, words, where, min(t.due_at for t in waiting), href, first.roles)]


def _teams(facts: DeskFacts, at: datetime) -> Iterable[Task]:
    """Teams that owe something; many of a kind are one line."""
    found: dict[str, list[Task]] = defaultdict(list)
    for deployment in facts.deployments:
        for due in clocks(deployment, at, facts.team_rule):
            if not due.is_late or due.name not in TEAM_CLOCKS:
                continue
            zh, en = TEAM_CLOCKS[due.name]
            name = facts.team_names.get(deployment.team_code, (deployment.team_code, deployment.team_code))
            place = facts.names.get(deployment.county, (deployment.county, deployment.county))
            found[due.name].append(Task(
                "team", f"{deployment.code}:{due.name}", Words(f"desk.team.{due.name}", f"{name[0]}应{zh}而未{zh}", f"{name[1]} should {en} and has not"),
                Words("desk.place", *place), due.at, f"/deployments/{deployment.code}", PLANNERS,
            ))
    for clock, waiting in found.items():
        zh, en = TEAM_CLOCKS[clock]
        words = Words(clock, f"{len(waiting)} 支救援队应{zh}而未{zh}", f"{len(waiting)} teams should {en} and have not")
        yield from _together(waiting, words, "/deployments/")


def _unread(facts: DeskFacts) -> Iterable[Task]:
    for one in facts.unread:
        yield Task("unread", str(one.number), Words("desk.unread", "来文无法读取：核对并重发", "a document could not be read: check it and send it again"),
                   Words("desk.file", one.file_name[:80], one.file_name[:80]), one.received_at + facts.rule.quarantine_within,
                   "/alerts/documents", PLANNERS)


def split(found: Sequence[Task], person: Person) -> tuple[tuple[Task, ...], int]:
    """What a person may do, and how many wait for others."""
    mine = tuple(task for task in found if task.is_for(person))
    return mine, len(found) - len(mine)
