"""The background work: look at open situations, take up missed deadlines, send notices; drafting is
done beside it (``flow.supervise``), or whole in this process by ``work_once``."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from dispatch.alerts.situations import get_row
from dispatch.audit.store import Act, record
from dispatch.clock import SystemClock, to_local
from dispatch.db import reading, retried, run_in_transaction, transaction
from dispatch.exchange.rosters import forget_uploads
from dispatch.flow.alternatives import make_next
from dispatch.flow.carry import carry_next
from dispatch.flow.draft import make_drafts
from dispatch.flow.follow import tick
from dispatch.flow.gather import read_ground, read_situation
from dispatch.flow.model import Way
from dispatch.flow.tell import tell_missed
from dispatch.flow.tracking import raise_silent_trucks
from dispatch.notices.channels import channels_out
from dispatch.notices.outbox import OutboxRules, deliver_due
from dispatch.plans.store import list_missed
from dispatch.proposals.jobs import waiting
from dispatch.teams.alarm import close_all_rested, raise_overdue
from dispatch.teams.history import is_kept, keep_day
from dispatch.teams.retention import erase_overdue
from dispatch.teams.rules import load_team_rule


@dataclass(frozen=True, slots=True)
class Round:
    """What one round of work did."""

    looked_at: int
    escalated: int
    drafted: tuple[str, ...]
    sent: int


def work_once(engine: Engine, way: Way) -> Round:
    """One whole round, drafts made in this process; a quiet one works out one alternative of a plan."""
    done = make_round(engine, way)
    drafted = make_drafts(engine, way)
    use_quiet_moment(engine, way)
    return Round(done.looked_at, done.escalated, tuple(drafted), done.sent + send_notices(engine, way))


def make_round(engine: Engine, way: Way, *, look: bool = True) -> Round:
    """One round without drafting; ``look`` false skips the look at every open situation (done
    once a minute)."""
    looked = tick(engine, way) if look else []
    escalated = take_up_missed(engine, way)
    if look:
        keep_house_once_a_day(engine, way)
        escalated += run_in_transaction(engine, lambda session: raise_overdue(session, way.clock.now()))
        escalated += run_in_transaction(engine, lambda session: raise_silent_trucks(session, way.clock.now()))
        run_in_transaction(engine, lambda session: close_all_rested(session, way.clock.now()))
    return Round(len(looked), escalated, (), send_notices(engine, way))


def use_quiet_moment(engine: Engine, way: Way) -> None:
    """When no draft is waited for: carry people's wishes over to a new draft, else work out one
    alternative of a plan."""
    with reading(engine) as session:
        is_busy = waiting(session) > 0
    if not is_busy and carry_next(engine, way) is None:
        make_next(engine, way)


@retried
def keep_house_once_a_day(engine: Engine, way: Way) -> None:
    """Keep every team's readiness of the day, and forget the people whose time to be kept is over.

    The kept day is the sign that all of it was done: it is all in one transaction.
    """
    now = way.clock.now()
    day = to_local(now).date()
    with transaction(engine) as session:
        if is_kept(session, day):
            return
        erase_overdue(session, now)
        forget_uploads(session, now)
        keep_day(session, load_team_rule(), day)


@retried
def take_up_missed(engine: Engine, way: Way) -> int:
    """Deadlines that passed unmet go up to the tier above, once each."""
    now = way.clock.now()
    with transaction(engine) as session:
        rows = list_missed(session, now)
        if not rows:
            return 0
        ground = read_ground(session)
        for row in rows:
            situation = read_situation(session, get_row(session, row.situation).code, now, ground)
            row.escalated_at = now
            tell_missed(session, row, situation, now)
            record(session, Act(way.actor, "deadline.escalated", row.situation, row.name), now)
        return len(rows)


def send_notices(engine: Engine, way: Way) -> int:
    """Send what waits for outside channels; a demo and a drill send nothing outside."""
    channels = channels_out(engine, way.settings, SystemClock())
    if not channels:
        return 0
    return deliver_due(engine, channels, way.clock, OutboxRules.from_settings(way.settings)).sent
