"""A coordinator edits a plan before it is submitted: wishes change, the plan is solved again from
the one in hand, the new proposal takes its place and tells what changed."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from dispatch.accounts.rights import roles_of
from dispatch.accounts.store import get_account
from dispatch.alerts.situations import codes_of
from dispatch.alerts.situations import get_row as get_situation
from dispatch.audit.store import Act, record
from dispatch.db import reading, retried, transaction
from dispatch.errors import Conflict, Refused
from dispatch.flow.compose import compose
from dispatch.flow.decide import conclude, prepare
from dispatch.flow.follow import state_hash
from dispatch.flow.gather import gather
from dispatch.flow.model import Decision, Inputs, Way
from dispatch.flow.road_wishes import road_names
from dispatch.flow.trail import Change, KeptPlan, edited_part, future_of, machine_of, past_of
from dispatch.flow.wanted import Names, check_wishes
from dispatch.flow.wishes import Wishes, wishes_from_json
from dispatch.geography.store import list_names
from dispatch.inventory.store import list_items, list_warehouses
from dispatch.proposals import store
from dispatch.proposals.approval import WORDS
from dispatch.proposals.model import EDITABLE, ProposalStatus
from dispatch.proposals.tables import ProposalRow
from dispatch.routing.plan import RoutePlan, Tour, lane_keys
from dispatch.routing.planner import replan
from dispatch.routing.problem import RoutingParams, RoutingProblem
from dispatch.routing.store import list_edges
from dispatch.teams.store import list_teams

EDITORS = roles_of("proposal.edit")
# steps of the search for each shipment in tests and drills: counted, so that an edit repeats
COUNTED_STEPS = 50
# of the seconds for an edit that the search gets at least, however long the rest took
LEAST_SHARE = 0.3
ACTS = {"edit": "edited", "undo": "undone", "redo": "redone", "carry": "carried"}


@dataclass(frozen=True, slots=True)
class Seen:
    """What was on the screen when somebody asked for an edit."""

    code: str
    body: dict[str, Any]
    wishes: Wishes


def look(session: Session, code: str) -> Seen:
    """A proposal as it stands, with its wishes."""
    body = json.loads(store.get_row(session, code).body)
    return Seen(code, body, wishes_from_json(body["wishes"]))


def edit(engine: Engine, code: str, wishes: Wishes, way: Way, start: KeptPlan | None = None) -> str:
    """Solve a proposal again under other wishes; the code of the one that takes its place.

    ``start``: a plan to begin from instead of the one in hand.  ``Refused`` (role),
    ``Conflict`` (submitted or decided already), ``InvalidInput`` (wishes that contradict each
    other or cannot be had).
    """
    with reading(engine) as session:
        _check_may(session, store.get_row(session, code), way.actor)
        seen = look(session, code)
        before = plan_before(session, seen, wishes)
    past = (*past_of(code, seen.body), code)
    return apply(engine, seen, Change(wishes, before=before, start=start, past=past), way)


def undo(engine: Engine, code: str, way: Way) -> str:
    """Go back to the state before the last edit, solved again from its plan under its wishes, so that
    it holds for the stock and roads of now.  Raises as ``edit``; ``Conflict`` at the first state."""
    return _step(engine, code, way, "undo")


def redo(engine: Engine, code: str, way: Way) -> str:
    """Do again what was undone last.  Raises as ``edit``; ``Conflict`` when nothing was."""
    return _step(engine, code, way, "redo")


def _step(engine: Engine, code: str, way: Way, kind: str) -> str:
    with reading(engine) as session:
        _check_may(session, store.get_row(session, code), way.actor)
        seen = look(session, code)
        past, future = past_of(code, seen.body), future_of(seen.body)
        if not (past if kind == "undo" else future):
            raise _nothing_to(kind, code)
        target = look(session, past[-1] if kind == "undo" else future[0])
    past, future = (past[:-1], (code, *future)) if kind == "undo" else ((*past, code), future[1:])
    change = Change(target.wishes, kind, before=target.body["plan"], past=past, future=future)
    return apply(engine, seen, change, way)


def apply(engine: Engine, seen: Seen, change: Change, way: Way) -> str:
    """Solve again from what was seen, and put the answer in its place; the new code."""
    with reading(engine) as session:
        check_wishes(change.wishes, names_of(session))
        inputs = gather(session, get_situation(session, seen.body["situation"]["code"]).code, way.clock.now())
    before = seen.body["plan"] if change.before is None else change.before
    decision = resolve(inputs, change.wishes, (before, change.start), edit_params(way))
    return _keep(engine, seen, (inputs, decision, change), way)


def plan_before(session: Session, seen: Seen, wishes: Wishes) -> KeptPlan:
    """The plan that an edit should change little: the one in hand, or, where the wishes are those
    of a proposal it was edited from, the plan of that one, so that taking a wish back undoes it."""
    body = seen.body
    while "edited" in body and wishes_from_json(body["wishes"]) != wishes:
        body = json.loads(store.get_row(session, body["edited"]["from"]).body)
    plan: KeptPlan = (body if wishes_from_json(body["wishes"]) == wishes else seen.body)["plan"]
    return plan


def edit_params(way: Way) -> RoutingParams:
    """A short budget in one go, preparing counted in; a fixed number of steps in tests and drills."""
    if way.settings.testing:
        return RoutingParams(way.settings.edit_seconds, COUNTED_STEPS, slices=1)
    return RoutingParams(way.settings.edit_seconds, slices=1)


def resolve(
    inputs: Inputs, wishes: Wishes, plans: tuple[KeptPlan, KeptPlan | None], params: RoutingParams
) -> Decision:
    """The decision under these wishes, found from the plan in hand and changing little of it.

    ``plans``: the plan in hand, and another to begin from where there is one.
    """
    prepared = prepare(inputs, params, wishes)
    before, start = plans
    problem = prepared.routing_problem
    left_s = max(LEAST_SHARE * params.time_limit_s, params.time_limit_s - sum(prepared.watch.seconds.values()))
    budget = replace(params, time_limit_s=left_s)
    plan = replan(problem, budget, plan_of(problem, before), plan_of(problem, start) if start else None)
    prepared.watch.lap("routes")
    return conclude(prepared, plan)


def plan_of(problem: RoutingProblem, kept: KeptPlan) -> RoutePlan:
    """A plan kept by the names of its lanes, with the shipments of this problem."""
    number = {key: i for i, key in lane_keys(problem.shipments).items()}
    tours = []
    for tour in kept:
        loads = [tuple(load) for load in tour["loads"]]
        ids = tuple(number[key] for key in loads if key in number)
        if ids:
            tours.append(Tour(tour["vehicle"], tour["class"], tour["is_hired"], tour["depot"], ids))
    return RoutePlan(tuple(tours), (), 0.0)


def names_of(session: Session) -> Names:
    """Code of a place, warehouse, item or team, key of a road → its names."""
    places = list_names(session)
    return {
        **places,
        **road_names(list_edges(session), places),
        **{w.code: (w.name_zh, w.name_en) for w in list_warehouses(session)},
        **{i.code: (i.name_zh, i.name_en) for i in list_items(session)},
        **{t.code: (t.name_zh, t.name_en) for t in list_teams(session)},
    }


def _check_may(session: Session, row: ProposalRow, actor: str) -> None:
    role = get_account(session, actor)["role"]
    if role not in EDITORS:
        raise Refused(
            f"The role {role} may not edit {row.code}.", remedy="Ask a planner or an approver.",
            zh=f"角色 {role} 无权修改方案 {row.code}。", remedy_zh="请由值班或审批人员修改。",
        )
    _check_open(row)


def _check_open(row: ProposalRow) -> None:
    """``Conflict`` when a proposal is no longer to be edited."""
    status = ProposalStatus(row.status)
    if status not in EDITABLE:
        zh, en = WORDS[status]
        raise Conflict(
            f"{row.code} is {en} ({status}) and can no longer be edited.",
            remedy="Edit the newest draft; a submitted one must be returned first.",
            zh=f"方案 {row.code} 当前为“{zh}”，不能修改。",
            remedy_zh="请修改最新草案；已提交的须先退回。",
        )


def _nothing_to(kind: str, code: str) -> Conflict:
    if kind == "undo":
        return Conflict(
            f"{code} is as the machine made it; there is nothing to undo.", remedy="Edit it first.",
            zh=f"方案 {code} 是系统最初的方案，没有可撤销的修改。", remedy_zh="请先修改。",
        )
    return Conflict(
        f"Nothing was undone on the way to {code}.", remedy="Only what was undone last can be done again.",
        zh=f"方案 {code} 没有可重做的修改。", remedy_zh="只能重做刚撤销的修改。",
    )


@retried
def _keep(engine: Engine, seen: Seen, made: tuple[Inputs, Decision, Change], way: Way) -> str:
    inputs, decision, change = made
    now = way.clock.now()
    with transaction(engine) as session:
        old = store.get_row(session, seen.code, lock=True)
        _check_open(old)
        if change.kind != "carry":
            _check_may(session, old, way.actor)
        code = store.next_code(session, now)
        by = change.editors[0] if change.kind == "carry" else way.actor
        body = compose(code, inputs, decision, by)
        body["created_at"] = now.isoformat()
        machine = json.loads(store.get_row(session, machine_of(seen.code, seen.body)).body)
        body["edited"] = edited_part((seen.body, machine, body), change, (by, now), names_of(session))
        level = decision.activation.level
        draft = store.Draft(old.situation, state_hash(inputs.situation, inputs.activation), level, body, by)
        store.add(session, code, draft, now, codes_of(session, old.situation))
        words = "；".join(line["zh"] for line in body["edited"]["asked"]) or "重新计算"
        record(session, Act(way.actor, f"proposal.{ACTS[change.kind]}", code, f"{seen.code}: {words}"), now)
        return code
