"""A replay on a clock that people hold: things are thrown in, and roles are played by people."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import count

from sqlalchemy import func, select

from dispatch.db import reading
from dispatch.drills import players
from dispatch.drills.comings import Coming, Tell, Warn
from dispatch.drills.injects import throw_in
from dispatch.drills.model import Inject, Scenario
from dispatch.drills.replay import Replay, Setting
from dispatch.errors import DispatchError
from dispatch.proposals.jobs import waiting
from dispatch.proposals.tables import DecisionRow, ProposalRow
from dispatch.waybills.model import ON_ROAD, WaybillStatus
from dispatch.waybills.queries import list_waybills
from dispatch.waybills.tables import ReceiptRow, WaybillEventRow

PLANNER, APPROVER, KEEPER = "planner", "approver", "storekeeper"


class LiveReplay(Replay):
    """What a replay does, and what comes of people's hands on their own desks.

    ``people`` are the roles the machine leaves alone; ``came`` is what has come in so far.
    """

    def __init__(self, setting: Setting, first: Coming, scenario: Scenario) -> None:
        super().__init__(setting, first)
        self.scenario = scenario
        self.people: frozenset[str] = frozenset()
        self.came: list[Coming] = []
        self._keys = count()
        self._ahead: dict[int, Coming] = {}
        self._scheduled: set[tuple[str, str]] = set()

    @property
    def ahead(self) -> tuple[Coming, ...]:
        """What is to come in, in order of time."""
        return tuple(sorted(self._ahead.values(), key=lambda c: c.at))

    def expect(self, comings: Iterable[Coming]) -> None:
        """Put more into the queue."""
        for coming in comings:
            key = next(self._keys)
            self._ahead[key] = coming
            self._put(coming.at, lambda at, k=key: self._come_by(k, at))  # type: ignore[misc]

    def throw(self, inject: Inject) -> None:
        """Work something into all that is still to come."""
        ahead = throw_in(self.ahead, (inject,), self.scenario)
        # what stands in the queue for them finds nothing any more
        self._ahead.clear()
        self.expect(ahead)

    def take_up(self, comings: Sequence[Coming], thrown: Sequence[tuple[datetime, Inject]], played_to: datetime) -> None:
        """Go on where a process that is gone had played to: all but what comes in stands in the database."""
        every = tuple(comings)
        for when, inject in thrown:
            before = tuple(c for c in every if c.at <= when)
            every = (*before, *throw_in([c for c in every if c.at > when], (inject,), self.scenario))
        for coming in every:
            if coming.at > played_to:
                continue
            self.came.append(coming)
            if isinstance(coming, Warn):
                message = self._message(coming)
                self.log.alerts.append(coming.at)
                if coming.closes:
                    self._closures.append((coming, message))
            elif isinstance(coming, Tell):
                self._said.setdefault((coming.place, coming.reporter), {}).update(
                    {name: value for name in coming.counts.__slots__ if (value := getattr(coming.counts, name)) is not None})
        self.expect(c for c in every if c.at > played_to)

    def _come_by(self, key: int, at: datetime) -> None:
        coming = self._ahead.pop(key, None)
        if coming is not None:
            self.came.append(coming)
            self._come(coming, at)

    def notice(self, at: datetime) -> None:
        """What stands on the desks by now and is not known here: plans, decisions, trucks, receipts."""
        self._notice_plans(at)
        self._notice_trucks(at)
        with reading(self.setting.engine) as session:
            is_asked = waiting(session) > 0
        if is_asked:
            self._ask_draft(at)

    def _notice_plans(self, at: datetime) -> None:
        drafted, approved = {code for _, code in self.log.drafted}, {code for _, code in self.log.approved}
        with reading(self.setting.engine) as session:
            rows = session.execute(select(
                ProposalRow.code, ProposalRow.status, ProposalRow.created_at, ProposalRow.body
            ).order_by(ProposalRow.created_at, ProposalRow.code)).all()
            decided = dict(session.execute(
                select(DecisionRow.proposal, func.max(DecisionRow.at)).where(DecisionRow.status == "approved").group_by(DecisionRow.proposal)
            ).tuples().all())
            papers = {row.code: list_waybills(session, row.code) for row in rows if row.code in decided and row.code not in approved}
        for row in rows:
            if row.code not in drafted:
                self.log.drafted.append((row.created_at, row.code))
                self.log.spread[row.code] = self._doubt
            if row.code in papers:
                self.log.approved.append((decided[row.code], row.code))
                for trip in players.trips_of(papers[row.code], json.loads(row.body), decided[row.code]):
                    self._trips[trip.waybill] = trip
            if row.status == "draft" and PLANNER not in self.people:
                self._once("hand in", row.code, at + self.setting.rule.submit_after)
            if row.status == "submitted" and APPROVER not in self.people:
                self._once("approve", row.code, at + self.setting.rule.approve_after)

    def _notice_trucks(self, at: datetime) -> None:
        left, reached = {code for _, code in self.log.left}, {(code, place) for _, place, code in self.log.reached}
        with reading(self.setting.engine) as session:
            departed = session.execute(
                select(WaybillEventRow.waybill, func.min(WaybillEventRow.at)).where(WaybillEventRow.status == "departed").group_by(WaybillEventRow.waybill)
            ).tuples().all()
            signed = session.execute(select(ReceiptRow.waybill, ReceiptRow.county, ReceiptRow.said_at).order_by(ReceiptRow.id)).tuples().all()
            standing = {w["code"]: w["status"] for w in list_waybills(session)} if self._trips else {}
        self.log.left += [(when, code) for code, when in departed if code not in left]
        self.log.reached += [(when, place, code) for code, place, when in signed if (code, place) not in reached]
        for code, trip in self._trips.items() if KEEPER not in self.people else ():
            if standing[code] == WaybillStatus.ISSUED:
                self._once("leave", code, max(at, trip.departs_at))
            elif standing[code] in ON_ROAD:
                self._once("arrive", code, max(at, trip.ends_at))

    def _once(self, what: str, code: str, at: datetime) -> None:
        if (what, code) not in self._scheduled:
            self._scheduled.add((what, code))
            act = {"hand in": self._hand_in, "approve": self._approve, "leave": self._leave, "arrive": self._arrive}[what]
            self._put(at, lambda when: act(code, when))

    def _by_machine(self, role: str, what: str, code: str) -> bool:
        self._scheduled.discard((what, code))
        return role not in self.people

    def _hand_in(self, code: str, at: datetime) -> None:
        if self._by_machine(PLANNER, "hand in", code):
            self._try(lambda: super(LiveReplay, self)._hand_in(code, at), at, code)

    def _approve(self, code: str, at: datetime) -> None:
        if self._by_machine(APPROVER, "approve", code) and code not in {c for _, c in self.log.approved}:
            self._try(lambda: super(LiveReplay, self)._approve(code, at), at, code)

    def _leave(self, waybill: str, at: datetime) -> None:
        if self._by_machine(KEEPER, "leave", waybill) and waybill not in {c for _, c in self.log.left}:
            self._try(lambda: super(LiveReplay, self)._leave(waybill, at), at, waybill)

    def _arrive(self, waybill: str, at: datetime) -> None:
        if self._by_machine(KEEPER, "arrive", waybill) and waybill not in {c for *_, c in self.log.reached}:
            self._try(lambda: super(LiveReplay, self)._arrive(waybill, at), at, waybill)

    def _try(self, act, at: datetime, what: str) -> None:  # type: ignore[no-untyped-def]
        """People may have been quicker: then there is nothing left to do for the machine."""
        try:
            act()
        except DispatchError as error:
            self.log.refused.append((at, what, error.message))
