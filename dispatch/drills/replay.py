"""The replay: what comes in meets the same flow that runs live, hour by hour on a clock of its own.

Everything that happens is an entry of one queue in order of time; the flow is called at its
moment, and what it leads to (a draft, a hand-in, a truck that leaves) is put into the queue.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count

from sqlalchemy import Engine, select

from dispatch.alerts.author import Exercise, write
from dispatch.alerts.reports import Report
from dispatch.alerts.situations import list_rows
from dispatch.alerts.timeline import group_of
from dispatch.clock import FixedClock
from dispatch.config import Settings
from dispatch.db import reading
from dispatch.drills import players
from dispatch.drills.comings import Break, Coming, Identifiers, Reopen, Tell, Warn
from dispatch.drills.players import Trip
from dispatch.drills.rule import DrillRule
from dispatch.errors import DispatchError
from dispatch.flow.draft import Solve, make_drafts
from dispatch.flow.judge import Filing, file_report
from dispatch.flow.model import Way
from dispatch.flow.respond import ingest
from dispatch.flow.work import make_round
from dispatch.places import REGION_ADCODE
from dispatch.plans.tables import DeadlineRow

DAY, EXACT = timedelta(days=1), timedelta(0)
ACTOR = "drill"
# a plan that can never be approved is not solved for ever
MOST_AGAIN = 100


@dataclass(frozen=True)
class Setting:
    """Where and how a replay runs; reports are of ``hazard``, and it stops at ``until``."""

    engine: Engine
    settings: Settings
    hazard: str
    solve: Solve
    names: Mapping[str, tuple[str, str]]
    rule: DrillRule
    until: datetime


@dataclass
class Log:
    """What happened, for the score; ``began`` is when the first thing came in, and how far off that
    may be.

    ``alerts`` are the moments of messages taken in; ``drafted``, ``approved`` and ``left`` are
    (moment, code); ``reached`` (moment, county, waybill); ``refused`` (moment, what, why in English); ``spread`` tells of each plan how far off
    the facts that set it in motion may be.
    """

    began: datetime
    began_spread: timedelta
    alerts: list[datetime] = field(default_factory=list)
    drafted: list[tuple[datetime, str]] = field(default_factory=list)
    approved: list[tuple[datetime, str]] = field(default_factory=list)
    left: list[tuple[datetime, str]] = field(default_factory=list)
    reached: list[tuple[datetime, str, str]] = field(default_factory=list)
    refused: list[tuple[datetime, str, str]] = field(default_factory=list)
    spread: dict[str, timedelta] = field(default_factory=dict)


class Replay:
    """One replay, from the first thing that comes in to the end."""

    def __init__(self, setting: Setting, first: Coming) -> None:
        self.setting, self.log = setting, Log(first.at, first.spread)
        self._queue: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self._number = count()
        self._identifiers = Identifiers()
        self._closures: list[tuple[Warn, Exercise]] = []
        self._said: dict[tuple[str, str], dict[str, int]] = {}
        self._trips: dict[str, Trip] = {}
        self._looks: set[datetime] = set()
        self._draft_due: datetime | None = None
        self._doubt = EXACT

    def run(self, comings: Iterable[Coming]) -> Log:
        """Play all that comes in, and all that follows until the end."""
        self.expect(comings)
        at = self.log.began + DAY
        while at <= self.setting.until:
            self.look_at(at)
            at += DAY
        self.play_to(self.setting.until)
        return self.log

    def expect(self, comings: Iterable[Coming]) -> None:
        """Put more into the queue: at the beginning, and what a leader throws in later."""
        for coming in comings:
            self._put(coming.at, lambda at, c=coming: self._come(c, at))  # type: ignore[misc]

    def play_to(self, moment: datetime) -> None:
        """Everything up to a moment of the drill's clock, however fast that runs."""
        while self._queue and self._queue[0][0] <= moment:
            at, _number, act = heapq.heappop(self._queue)
            act(at)

    def _put(self, at: datetime, act: Callable[[datetime], None]) -> None:
        heapq.heappush(self._queue, (at, next(self._number), act))

    def _way(self, at: datetime, actor: str = ACTOR) -> Way:
        return Way(actor, FixedClock(at), self.setting.settings, waits=False)

    def _come(self, coming: Coming, at: datetime) -> None:
        self._doubt = max(self._doubt, coming.spread)
        if isinstance(coming, Warn):
            self._warn(coming, at)
        elif isinstance(coming, Reopen):
            self._reopen(coming, at)
        elif isinstance(coming, Tell):
            self._tell(coming, at)
        elif isinstance(coming, Break):
            self._break(at)
        self._ask_draft(at)

    def _warn(self, warn: Warn, at: datetime) -> None:
        message = self._message(warn)
        if self._send(message, at):
            self.log.alerts.append(at)
        if warn.closes:
            self._closures.append((warn, message))
        if warn.expires is not None:
            self.look_at(warn.expires)

    def _message(self, warn: Warn) -> Exercise:
        zh = "、".join(self.setting.names[code][0] for code in warn.counties)
        en = ", ".join(self.setting.names[code][1] for code in warn.counties)
        return self._identifiers.message(warn, (zh, en))

    def _reopen(self, coming: Reopen, at: datetime) -> None:
        for closed, message in list(self._closures):
            is_meant = "*" in coming.roads or closed.closes in coming.roads
            if is_meant and set(closed.counties) & set(coming.counties):
                self._closures.remove((closed, message))
                self._send(self._identifiers.cancel(message, at), at)

    def _send(self, message: Exercise, at: datetime) -> bool:
        # ten messages of one moment are a second apart, and none comes before it is sent
        answers = ingest(self.setting.engine, [(f"{message.identifier}.xml", write(message))], self._way(max(at, message.sent)))
        for answer in answers:
            if answer["error"]:
                self.log.refused.append((at, "message", str(answer["error"]["message"])))
        return bool(answers[0]["status"] == "accepted")

    def _tell(self, tell: Tell, at: datetime) -> None:
        key = (tell.place, tell.reporter)
        kind = "follow_up" if key in self._said else "initial"
        report = Report("", kind, self.setting.hazard, tell.place, at, at, tell.reporter, tell.counts)
        said, before = report.said(), self._said.setdefault(key, {})
        # the same source may take a figure back, which the form would ask to be marked
        is_lower = any(value < before.get(name, value) for name, value in said.items())
        before.update(said)
        report = replace(report, is_correction=is_lower)
        try:
            filing = Filing(report, self._situation() if tell.place == REGION_ADCODE else None)
            file_report(self.setting.engine, filing, self._way(at, players.PLANNER))
        except DispatchError as error:
            self.log.refused.append((at, "report", error.message))

    def _situation(self) -> str | None:
        """The open situation that the desk files figures of the whole region under, if there is one."""
        group = group_of(self.setting.hazard)[0]
        with reading(self.setting.engine) as session:
            return next((row.code for row in list_rows(session) if row.hazard_group == group), None)

    def _break(self, at: datetime) -> None:
        coming = sorted((t.ends_at, t.waybill) for t in self._trips.values() if t.ends_at > at)
        if not coming:
            self.log.refused.append((at, "break_truck", "no truck is on the road or about to leave"))
            return
        trip, wait = self._trips[coming[0][1]], self.setting.rule.repair
        # what was reached before stays reached; the rest of the tour is late
        arrives = tuple((place, when + wait if when > at else when) for place, when in trip.arrives)
        departs = trip.departs_at + wait if trip.departs_at > at else trip.departs_at
        self._trips[trip.waybill] = replace(trip, departs_at=departs, ends_at=trip.ends_at + wait, arrives=arrives)

    def _ask_draft(self, at: datetime) -> None:
        due = at + self.setting.rule.draft_after
        if self._draft_due is None or self._draft_due < at:
            self._draft_due = due
            self._put(due, self._draft)

    def _draft(self, at: datetime) -> None:
        for code in make_drafts(self.setting.engine, self._way(at), solve=self.setting.solve):
            self.log.drafted.append((at, code))
            self.log.spread[code] = self._doubt
            self._put(at + self.setting.rule.submit_after, lambda when, c=code: self._hand_in(c, when))  # type: ignore[misc]
        self._doubt = EXACT
        self._watch_deadlines()

    def _hand_in(self, code: str, at: datetime) -> None:
        if players.is_open(self.setting.engine, code, "draft"):
            players.hand_in(self.setting.engine, code, at)
            self._put(at + self.setting.rule.approve_after, lambda when: self._approve(code, when))

    def _approve(self, code: str, at: datetime) -> None:
        if not players.is_open(self.setting.engine, code, "submitted"):
            return
        trips = players.decide_on(self.setting.engine, code, at)
        if isinstance(trips, str):
            self.log.refused.append((at, code, trips))
            if len(self.log.refused) <= MOST_AGAIN:
                players.solve_again(self.setting.engine, code, at)
                self._ask_draft(at)
            return
        self.log.approved.append((at, code))
        for trip in trips:
            self._trips[trip.waybill] = trip
            self._put(trip.departs_at, lambda when, w=trip.waybill: self._leave(w, when))  # type: ignore[misc]

    def _leave(self, waybill: str, at: datetime) -> None:
        trip = self._trips[waybill]
        if trip.departs_at > at:
            self._put(trip.departs_at, lambda when: self._leave(waybill, when))
            return
        players.leave(self.setting.engine, trip, at)
        self.log.left.append((at, waybill))
        self._put(trip.ends_at, lambda when: self._arrive(waybill, when))

    def _arrive(self, waybill: str, at: datetime) -> None:
        trip = self._trips[waybill]
        if trip.ends_at > at:
            self._put(trip.ends_at, lambda when: self._arrive(waybill, when))
            return
        players.take_in(self.setting.engine, trip, at)
        self.log.reached += [(when, place, waybill) for place, when in trip.arrives]

    def look_at(self, at: datetime) -> None:
        if at not in self._looks:
            self._looks.add(at)
            self._put(at, self._look)

    def _look(self, at: datetime) -> None:
        """A round of the watch, as its worker makes one every minute: at the moments when
        something can have run out."""
        make_round(self.setting.engine, self._way(at))
        self._ask_draft(at)

    def _watch_deadlines(self) -> None:
        with reading(self.setting.engine) as session:
            open_ones = select(DeadlineRow.due_at).where(
                DeadlineRow.met_at.is_(None), DeadlineRow.escalated_at.is_(None), DeadlineRow.is_void.is_(False))
            for due in set(session.scalars(open_ones)):
                self.look_at(due)
