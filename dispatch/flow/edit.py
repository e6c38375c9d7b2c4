"""A coordinator edits a plan before it is submitted: wishes change, the plan is solved again from
the one in hand, the new proposal takes its place and tells what changed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from dispatch.accounts.store import get_account
from dispatch.alerts.situations import codes_of
from dispatch.alerts.situations import get_row as get_situation
from dispatch.audit.store import Act, record
from dispatch.db import reading, retried, transaction
from dispatch.errors import Conflict, Refused
from dispatch.flow.compare import changes
from dispatch.flow.compose import compose
from dispatch.flow.decide import conclude, prepare
from dispatch.flow.follow import state_hash
from dispatch.flow.gather import gather
from dispatch.flow.model import Decision, Inputs, Way
from dispatch.flow.wanted import Names, check_wishes, chips
from dispatch.flow.wishes import Wishes, wishes_from_json
from dispatch.geography.store import list_names
from dispatch.inventory.store import list_items, list_warehouses
from dispatch.proposals import store
from dispatch.proposals.model import EDITABLE, ProposalStatus
from dispatch.proposals.tables import ProposalRow
from dispatch.routing.plan import RoutePlan, Tour, lane_keys
from dispatch.routing.planner import replan
from dispatch.routing.problem import RoutingParams, RoutingProblem
from dispatch.teams.store import list_teams

EDITORS = ("planner", "approver")
# steps of the search for each shipment in tests and drills: counted, so that an edit repeats
COUNTED_STEPS = 50
# of the seconds for an edit that the search gets at least, however long the rest took
LEAST_SHARE = 0.3
KeptPlan = Sequence[Mapping[str, Any]]


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
        check_wishes(wishes, names_of(session))
        before = plan_before(session, seen, wishes)
        inputs = gather(session, get_situation(session, seen.body["situation"]["code"]).code, way.clock.now())
    decision = resolve(inputs, wishes, (before, start), edit_params(way))
    return _keep(engine, seen, (inputs, decision), way)


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
    """Code of a place, warehouse, item or team → its names."""
    return {
        **list_names(session),
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
    if ProposalStatus(row.status) not in EDITABLE:
        raise Conflict(
            f"{row.code} is {row.status} and can no longer be edited.",
            remedy="Edit the newest draft; a submitted one must be returned first.",
            zh=f"方案 {row.code} 当前状态为 {row.status}，不能修改。",
            remedy_zh="请修改最新草案；已提交的须先退回。",
        )


@retried
def _keep(engine: Engine, seen: Seen, made: tuple[Inputs, Decision], way: Way) -> str:
    inputs, decision = made
    now = way.clock.now()
    with transaction(engine) as session:
        old = store.get_row(session, seen.code, lock=True)
        _check_may(session, old, way.actor)
        code = store.next_code(session, now)
        body = compose(code, inputs, decision, way.actor)
        body["created_at"] = now.isoformat()
        asked = _asked(seen.wishes, decision.wishes, names_of(session))
        body["edited"] = {
            "from": seen.code, "by": way.actor, "at": now.isoformat(), "asked": asked,
            "editors": sorted({*store.editors_of(seen.body), way.actor}),
            "changes": changes(seen.body, body),
        }
        level = decision.activation.level
        draft = store.Draft(old.situation, state_hash(inputs.situation, inputs.activation), level, body, way.actor)
        store.add(session, code, draft, now, codes_of(session, old.situation))
        words = "；".join(line["zh"] for line in asked) or "重新计算"
        record(session, Act(way.actor, "proposal.edited", code, f"{seen.code}: {words}"), now)
        return code


def _asked(before: Wishes, after: Wishes, names: Names) -> list[dict[str, str]]:
    """What was wished otherwise than before: new wishes, then those taken away."""
    was, now = ({chip.key + chip.zh: chip for chip in chips(w, names)} for w in (before, after))
    added = [{"zh": now[k].zh, "en": now[k].en} for k in now if k not in was]
    gone = [
        {"zh": f"取消“{was[k].zh}”", "en": f"taken away: {was[k].en}"}
        for k in was if k not in now and not any(chip.key == was[k].key for chip in now.values())
    ]
    return added + gone
