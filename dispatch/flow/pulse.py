"""Has anything changed?  A counter per area of the work, from a few cheap queries.

A page that follows its data asks this every other second and is made anew only when the counters it
rests on have moved.  Each is the highest number of a table that is only added to, or a count or sum
over a small table whose rows are changed in place; bodies of proposals and documents are never read.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from dispatch.alerts.tables import (
    AlertDocumentRow,
    EntryRow,
    ReportRow,
    SituationMemberRow,
    SituationRow,
)
from dispatch.inventory.tables import MovementRow, ReservationRow
from dispatch.notices.tables import NoticeRow
from dispatch.operations.tables import StockDocumentEventRow
from dispatch.plans.tables import ActivationRow, DeadlineRow, PolicyRow
from dispatch.proposals.jobs import LIVE
from dispatch.proposals.tables import AlternativeRow, DecisionRow, DraftJobRow, ProposalRow
from dispatch.routing.tables import RoadReportRow
from dispatch.teams.tables import DeploymentRow, LogRow, MusterRow, TeamRow
from dispatch.waybills.tables import (
    ClaimEventRow,
    PositionRow,
    ReceiptRow,
    WaybillEventRow,
    WaybillRow,
)

T = TypeVar("T")
MOST_KEPT = 64
COUNT = func.count()


def _over(row: Any, *columns: ColumnElement[Any]) -> Select[Any]:
    return select(*columns).select_from(row)


AREAS: dict[str, tuple[Select[Any], ...]] = {
    "situations": (
        _over(AlertDocumentRow, func.max(AlertDocumentRow.id)),
        _over(SituationMemberRow, COUNT),
        _over(SituationRow, COUNT, func.count(SituationRow.merged_into), func.max(SituationRow.last_at)),
        _over(ReportRow, COUNT),
        _over(EntryRow, func.max(EntryRow.id)),
        _over(ActivationRow, func.max(ActivationRow.id)),
        _over(DeadlineRow, COUNT, func.count(DeadlineRow.met_at), func.count(DeadlineRow.escalated_at)),
        _over(PolicyRow, COUNT, func.count(PolicyRow.decided_at)),
    ),
    "proposals": (
        _over(ProposalRow, COUNT),
        _over(DecisionRow, func.max(DecisionRow.id)),
        _over(AlternativeRow, COUNT),
    ),
    "drafts": (
        _over(DraftJobRow, func.max(DraftJobRow.id)),
        _over(DraftJobRow, COUNT, func.sum(DraftJobRow.progress), func.sum(DraftJobRow.versions)).where(DraftJobRow.status.in_(LIVE)),
    ),
    "waybills": (
        _over(WaybillRow, COUNT),
        _over(WaybillEventRow, func.max(WaybillEventRow.id)),
        _over(PositionRow, func.max(PositionRow.id)),
        _over(ReceiptRow, func.max(ReceiptRow.id)),
        _over(ClaimEventRow, func.max(ClaimEventRow.id)),
    ),
    "deployments": (
        _over(DeploymentRow, COUNT, func.sum(DeploymentRow.version), func.max(DeploymentRow.last_check_in_at)),
        _over(LogRow, func.max(LogRow.id)),
        _over(MusterRow, COUNT, func.max(MusterRow.answered_at), func.max(MusterRow.last_seen_at)),
        _over(TeamRow, COUNT, func.sum(func.length(TeamRow.status))),
    ),
    "stock": (
        _over(MovementRow, func.max(MovementRow.id)),
        _over(ReservationRow, func.max(ReservationRow.id)),
        _over(StockDocumentEventRow, func.max(StockDocumentEventRow.id)),
    ),
    "roads": (_over(RoadReportRow, func.max(RoadReportRow.id)),),
    "notices": (_over(NoticeRow, func.max(NoticeRow.id)),),
}


def pulse(session: Session, areas: Collection[str]) -> str:
    """The counters of some areas as one short text; equal texts mean that nothing there has changed.

    Raises ``KeyError`` for an area that is not one of ``AREAS``.
    """
    found = [tuple(session.execute(query).one()) for area in areas for query in AREAS[area]]
    return ";".join(",".join(str(value or 0) for value in row) for row in found)


class _Kept:
    """One answer per name for one database, with the pulse it was read at; one reader at a time."""

    def __init__(self) -> None:
        self.answers: OrderedDict[str, tuple[str, Any]] = OrderedDict()
        self.locks: dict[str, threading.Lock] = {}
        self.guard = threading.Lock()

    def get(self, name: str, at: str, read: Callable[[], Any]) -> Any:
        with self.guard:
            lock = self.locks.setdefault(name, threading.Lock())
        with lock:
            known = self.answers.get(name)
            if known and known[0] == at:
                return known[1]
            fresh = read()
            with self.guard:
                self.answers[name] = (at, fresh)
                self.answers.move_to_end(name)
                while len(self.answers) > MOST_KEPT:
                    self.locks.pop(self.answers.popitem(last=False)[0], None)
            return fresh


_KEPT: WeakKeyDictionary[Any, _Kept] = WeakKeyDictionary()
_KEPT_LOCK = threading.Lock()


def kept(session: Session, name: str, at: str, read: Callable[[], T]) -> T:
    """What ``read`` gave when the pulse was ``at``, read once however many ask at the same moment.

    ``name`` says what is read and for whom; the answer is shared and must not be changed.
    """
    with _KEPT_LOCK:
        shelf = _KEPT.setdefault(session.get_bind().engine.pool, _Kept())
    return shelf.get(name, at, read)  # type: ignore[no-any-return]
