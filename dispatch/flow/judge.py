"""What people decide on a situation: reports, judgements, steps down, special responses, ticks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from dispatch.accounts.rights import roles_of
from dispatch.accounts.store import get_account
from dispatch.alerts.entries import Entry, check_entry
from dispatch.alerts.figures import board
from dispatch.alerts.reports import MEASURE_NAMES, Report, check
from dispatch.alerts.situations import (
    add_entry,
    add_report,
    codes_of,
    get_row,
    load,
    place_report,
)
from dispatch.alerts.tables import ReportRow
from dispatch.alerts.timeline import all_reports
from dispatch.audit.store import Act, record
from dispatch.clock import to_local
from dispatch.db import retried, transaction
from dispatch.errors import InvalidInput, Refused
from dispatch.flow.follow import Followed, follow_up, keep_change
from dispatch.flow.gather import judge, read_ground, read_situation
from dispatch.flow.model import Way
from dispatch.flow.recall import recall_list
from dispatch.flow.tell import tell_conflict
from dispatch.plans.clocks import NAMES, Deadline
from dispatch.plans.escalation import MAY_JUDGE, Change, Standing, lower, special
from dispatch.plans.ground import Ground
from dispatch.plans.policy import Policy
from dispatch.plans.store import (
    add_deadline,
    list_deadlines,
    meet,
    stop_clocks,
)
from dispatch.words import Words

MAY_REPORT = roles_of("report.file")


@dataclass(frozen=True, slots=True)
class Filing:
    """A report as it is handed in; ``situation`` None = find or open the one it belongs to."""

    report: Report
    situation: str | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True)
class Lowered:
    """A step down or an end: what may be called back."""

    situation: str
    level: int | None
    recall: list[dict[str, Any]] = field(default_factory=list)


def _refuse_role(session: Session, actor: str, roles: tuple[str, ...]) -> str:
    role = str(get_account(session, actor)["role"])
    if role not in roles:
        raise Refused(
            f"The role {role} may not do this.", remedy="Ask someone with the role " + " or ".join(roles) + ".",
            zh=f"角色 {role} 无权进行此操作。", remedy_zh="请由具备相应权限的人员操作。",
        )
    return role


def file_report(engine: Engine, filing: Filing, way: Way) -> tuple[str, Followed]:
    """Keep a situation report and follow what it changes; (report code, what followed).

    Raises ``InvalidInput`` listing every fault; nothing is kept then.  The same key twice
    gives the first report's answer again.
    """
    code, situation = _keep_report(engine, filing, way)
    return code, follow_up(engine, situation, way)


@retried
def _keep_report(engine: Engine, filing: Filing, way: Way) -> tuple[str, str]:
    now = way.clock.now()
    with transaction(engine) as session:
        _refuse_role(session, way.actor, MAY_REPORT)
        known = _known_key(session, filing.idempotency_key)
        if known:
            return known
        report = replace(filing.report, code=_next_code(session, now), received_at=now)
        ground = read_ground(session)
        earlier: list[Report] = []
        if filing.situation:
            earlier = all_reports(load(session, get_row(session, filing.situation).code), now)
        check(report, earlier, ground.population)
        situation = place_report(session, report, filing.situation)
        if not filing.situation:
            check(report, all_reports(load(session, situation), now), ground.population)
        add_report(session, report, {
            "situation": situation, "entered_by": way.actor, "idempotency_key": filing.idempotency_key,
        })
        _met_by_report(session, situation, way)
        _tell_conflicts(session, situation, report, ground)
        record(session, Act(way.actor, f"report.{report.kind}", report.code, situation), now)
        return report.code, situation


def _tell_conflicts(session: Session, situation: str, report: Report, ground: Ground) -> None:
    """People are told when the report leaves its place with two figures for one thing."""
    reports = all_reports(load(session, situation), report.received_at)
    for name, figure in board(reports).get(report.place, {}).items():
        if figure.rival is not None and name in report.said():
            zh, en = MEASURE_NAMES[name]
            words = Words("conflict", f"{zh} {figure.value:,} / {figure.rival:,}", f"{en} {figure.value:,} / {figure.rival:,}")
            tell_conflict(session, situation, (report.place, *ground.name(report.place)), words, report.received_at)


def _known_key(session: Session, key: str | None) -> tuple[str, str] | None:
    if not key:
        return None
    row = session.execute(
        select(ReportRow.code, ReportRow.situation).where(ReportRow.idempotency_key == key)
    ).first()
    return (row[0], row[1]) if row else None


def _next_code(session: Session, now: datetime) -> str:
    prefix = f"R-{to_local(now):%Y%m%d}-"
    taken = session.scalar(select(func.count()).where(ReportRow.code.startswith(prefix))) or 0
    return f"{prefix}{taken + 1:03d}"


def _met_by_report(session: Session, situation: str, way: Way) -> None:
    """A report going up meets the clock of the first report, later ones that of follow-ups."""
    if not meet(session, situation, "first_report", way.actor, way.clock.now()):
        tick_follow_up(session, situation, way)


def tick_follow_up(session: Session, situation: str, way: Way) -> bool:
    """Tick the running follow-up report and start the next; False when none runs."""
    now = way.clock.now()
    running = [d for d in list_deadlines(session, [situation]) if d.name == "follow_up" and d.met_at is None]
    if not running or not meet(session, situation, "follow_up", way.actor, now):
        return False
    first = running[0]
    policy = judge(session, read_situation(session, situation, now, read_ground(session)), read_ground(session))[2]
    hours = policy.levels[first.level or 4].follow_up_h
    add_deadline(session, situation, first.level, Deadline("follow_up", first.tier, now + timedelta(hours=hours)))
    return True


def enter(engine: Engine, situation: str, kind: str, given: tuple[Mapping[str, Any], str], way: Way) -> Followed:
    """Keep a judgement (its body and a note) and follow what it changes."""
    return follow_up(engine, _keep_entry(engine, situation, kind, given, way), way)


@retried
def _keep_entry(
    engine: Engine, situation: str, kind: str, given: tuple[Mapping[str, Any], str], way: Way
) -> str:
    now = way.clock.now()
    body, note = given
    with transaction(engine) as session:
        _refuse_role(session, way.actor, MAY_JUDGE)
        row = get_row(session, situation)
        ground = read_ground(session)
        policy = judge(session, read_situation(session, row.code, now, ground), ground)[2]
        kept = check_entry(kind, body, ground.population, policy.lowered_codes)
        if kind in ("forecast", "lowered", "government") and not note.strip():
            raise InvalidInput(
                "The basis of the judgement is missing.", remedy="Say who consulted, when and on what.",
                zh="缺少研判依据。", remedy_zh="请写明会商单位、时间和依据。", facts={"field": "note"},
            )
        add_entry(session, row.code, Entry(kind, now, way.actor, kept, note[:1000]))
        record(session, Act(way.actor, f"situation.{kind}", row.code, note[:200]), now)
        return row.code


@retried
def step_down(engine: Engine, situation: str, target: int | None, reason: str, way: Way) -> Lowered:
    """Lower the level in force, or end the response (target None), after the hold, by an approver.

    The answer lists what approved plans have not delivered yet and may be called back.
    """
    with transaction(engine) as session:
        def change(standing: Standing, role: str, policy: Policy) -> Change:
            return lower(standing, target, role, (way.clock.now(), policy.hold))

        code = _decide(session, situation, reason, way, change)
        codes = codes_of(session, code)
        if target is None:
            row = get_row(session, code)
            row.status = "ended"
            stop_clocks(session, code)
        return Lowered(code, target, recall_list(session, codes))


@retried
def start_special(engine: Engine, situation: str, reason: str, way: Way) -> str:
    """Start a special response outside the levels."""
    with transaction(engine) as session:
        def change(standing: Standing, role: str, _policy: Policy) -> Change:
            return special(standing, role, way.clock.now())

        return _decide(session, situation, reason, way, change)


def _decide(
    session: Session, situation: str, reason: str, way: Way,
    change: Callable[[Standing, str, Policy], Change],
) -> str:
    """A person's change of level: checked, written, audited; the reason is required."""
    role = _refuse_role(session, way.actor, MAY_JUDGE)
    if not reason.strip():
        raise InvalidInput("The reason is missing.", remedy="Say why, in a sentence.",
                           zh="缺少理由。", remedy_zh="请用一句话写明理由。", facts={"field": "reason"})
    row = get_row(session, situation)
    session.refresh(row, with_for_update=True)
    ground = read_ground(session)
    known = read_situation(session, row.code, way.clock.now(), ground)
    answer, standing, policy = judge(session, known, ground)
    keep_change(session, (known, answer, policy), change(standing, role, policy),
                (way.actor, way.clock.now()), reason[:1000])
    return row.code


@retried
def tick_deadline(engine: Engine, situation: str, name: str, way: Way) -> bool:
    """Say that a promise of the plan is kept; False when it was not running."""
    with transaction(engine) as session:
        _refuse_role(session, way.actor, MAY_REPORT)
        if name not in NAMES:
            raise InvalidInput(f"There is no deadline {name!r}.", remedy="Use one of " + ", ".join(NAMES) + ".",
                               zh=f"没有时限 {name!r}。", remedy_zh="应为 " + "、".join(NAMES) + " 之一。")
        code = get_row(session, situation).code
        if name == "follow_up":
            done = tick_follow_up(session, code, way)
        else:
            done = meet(session, code, name, way.actor, way.clock.now())
        if done:
            record(session, Act(way.actor, "deadline.met", code, name), way.clock.now())
        return done
