"""Drafts in a solving process that is killed, hangs, runs out of memory: real processes, both databases."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from dispatch.clock import FixedClock, SystemClock
from dispatch.config import PROJECT_ROOT
from dispatch.db import make_engine, reading, transaction
from dispatch.errors import Conflict, Refused
from dispatch.flow.durable import make_store, run_name
from dispatch.flow.solve import Solver
from dispatch.flow.supervise import Supervisor
from dispatch.flow.take import Person, again, stop, take
from dispatch.notices.tables import NoticeRow
from dispatch.proposals.drafts import get_draft
from dispatch.proposals.jobs import Job
from dispatch.proposals.queries import get_proposal
from dispatch.proposals.steps import Found, keep
from dispatch.proposals.tables import DraftJobRow
from dispatch.routing.problem import RoutingParams
from tests.builders import cap_xml
from tests.conftest import settings_of
from tests.flow.solver_child import SLICES
from tests.flow.test_situations import Desk

PATIENCE_S = 90.0


class Crew:
    """A desk whose drafts are solved by a process of its own."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine, self.log = engine, folder / "slices.log"
        self.desk = Desk(engine)
        self.clock = FixedClock(self.desk.clock.at)
        self.supervisors: list[Supervisor] = []

    def hire(self, mode: str, step_limit_s: int = 60, url: str = "") -> Supervisor:
        engine = make_engine(url) if url else self.engine
        url = engine.url.render_as_string(hide_password=False)
        command = [sys.executable, "-m", "tests.flow.solver_child", mode, url, self.clock.at.isoformat(), str(self.log)]
        supervisor = Supervisor(engine, command, timedelta(seconds=step_limit_s), lambda: self.clock)
        self.supervisors.append(supervisor)
        return supervisor

    def solver(self) -> Solver:
        """A solver in this process, as one that was started anew."""
        params = RoutingParams(iterations=60, slices=SLICES)
        return Solver(self.engine, settings_of(self.engine), "here", params, self.clock)

    def ask(self, **changes: str) -> int:
        """A warning comes in; the number of the draft it asks for."""
        self.desk.take(cap_xml(**changes), waits=False)
        with reading(self.engine) as session:
            return session.scalars(select(DraftJobRow.id).order_by(DraftJobRow.id.desc())).first() or 0

    def draft(self, number: int) -> dict:
        with reading(self.engine) as session:
            return get_draft(session, number, self.clock.at)

    def searched(self, number: int) -> int:
        """Slices of search in the plan in hand."""
        with reading(self.engine) as session:
            row = session.get(DraftJobRow, number)
            assert row is not None and row.incumbent is not None
            return int(row.incumbent["plan"]["slices"])

    def slices(self) -> list[int]:
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [int(line.split()[-1]) for line in lines]

    def told(self) -> list[str]:
        with reading(self.engine) as session:
            return list(session.scalars(select(NoticeRow.zh).where(NoticeRow.kind == "work")))

    def until(self, supervisor: Supervisor, reached: Callable[[], bool]) -> None:
        """Let the supervisor work until something is so."""
        deadline = time.monotonic() + PATIENCE_S
        while not reached():
            assert time.monotonic() < deadline, "not reached"
            supervisor.tick()
            time.sleep(0.05)

    def until_closed(self, supervisor: Supervisor, number: int) -> dict:
        self.until(supervisor, lambda: not self.draft(number)["is_live"])
        return self.draft(number)

    def person(self, name: str = "duty") -> Person:
        return Person(name, self.clock)


@pytest.fixture
def crew(bare: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Crew]:
    monkeypatch.chdir(PROJECT_ROOT)
    found = Crew(bare, tmp_path)
    yield found
    for supervisor in found.supervisors:
        supervisor.stop()


def test_a_search_killed_midway_goes_on_from_its_plan_in_hand(crew: Crew) -> None:
    number, supervisor = crew.ask(), crew.hire("steady")
    crew.until(supervisor, lambda: crew.draft(number)["progress"] == 2)
    before = crew.draft(number)
    assert before["status"] == "running" and before["has_plan"] and before["body"]["verified"]
    assert supervisor.child is not None
    os.kill(supervisor.child.pid, signal.SIGKILL)
    crew.until(supervisor, lambda: crew.draft(number)["note"] is not None)
    cut = crew.draft(number)
    assert cut["has_plan"] and "16:00 的方案仍然有效" in cut["note"]["zh"]
    done = crew.until_closed(supervisor, number)
    assert done["status"] == "done" and done["attempts"] == 2
    # none of the finished slices is searched again; only the open one is
    seen = crew.slices()
    assert sorted(set(seen)) == list(range(1, SLICES + 1)) and seen.count(1) == 1 and len(seen) <= SLICES + 1
    with reading(crew.engine) as session:
        proposal = get_proposal(session, done["proposal"])
    assert proposal["status"] == "draft" and proposal["verified"] and proposal["code"] == done["proposal"]
    assert len(crew.told()) == 1


def test_a_slice_kept_by_a_process_that_died_before_saying_so_is_not_searched_again(crew: Crew) -> None:
    number, booked = crew.ask(), []

    def step(name: str, run: Callable[..., Any], *arguments: Any) -> Any:
        answer = run(*arguments)
        if len(booked) == 2:
            raise KeyboardInterrupt
        booked.append(answer)
        return answer

    with pytest.raises(KeyboardInterrupt):
        crew.solver().draft(number, step)
    assert booked == [SLICES, 1] and crew.draft(number)["progress"] == 2
    answers = iter(booked)
    ran: list[Any] = []
    in_plan: list[int] = []

    def replayed(name: str, run: Callable[..., Any], *arguments: Any) -> Any:
        known = next(answers, None)
        if known is not None:
            return known
        ran.append(run(*arguments))
        if name == "slice":
            in_plan.append(crew.searched(number))
        return ran[-1]

    code = crew.solver().draft(number, replayed)
    assert ran == [3, 4, code] and crew.draft(number)["progress"] == SLICES
    assert in_plan == [3, 4]


def test_an_undisturbed_draft_improves_to_the_end_and_nobody_is_alarmed(crew: Crew) -> None:
    number, supervisor = crew.ask(), crew.hire("steady")
    done = crew.until_closed(supervisor, number)
    assert (done["status"], done["progress"], done["attempts"]) == ("done", SLICES, 1)
    assert done["versions"] > 1 and crew.slices() == list(range(1, SLICES + 1)) and crew.told() == []
    assert list(crew.desk.proposals()) == [done["proposal"]]


def test_taking_the_plan_in_hand_ends_the_search(crew: Crew) -> None:
    number, supervisor = crew.ask(), crew.hire("patient")
    crew.until(supervisor, lambda: crew.slices() == [1, 2])
    code = take(crew.engine, number, crew.person())
    assert crew.draft(number)["proposal"] == code and list(crew.desk.proposals()) == [code]
    with pytest.raises(Conflict):
        take(crew.engine, number, crew.person())
    # the process lives on and is free for the next one
    child = supervisor.child
    second = crew.ask(identifier="B", area="<geocode><valueName>adcode</valueName><value>152921</value></geocode>")
    crew.until(supervisor, lambda: crew.draft(second)["progress"] == 1)
    assert supervisor.child is child and crew.slices()[:3] == [1, 2, 1]
    assert crew.draft(number)["progress"] == 1


def test_stopping_a_draft_leaves_no_proposal_and_it_can_be_asked_for_again(crew: Crew) -> None:
    number, supervisor = crew.ask(), crew.hire("patient")
    crew.until(supervisor, lambda: crew.draft(number)["progress"] == 1)
    with pytest.raises(Refused):
        stop(crew.engine, number, crew.person("viewer"))
    stop(crew.engine, number, crew.person())
    assert crew.draft(number)["status"] == "stopped" and crew.desk.proposals() == {}
    again(crew.engine, number, crew.person())
    crew.until(supervisor, lambda: crew.draft(number)["progress"] == 1)
    assert crew.draft(number)["note"] is None and crew.slices().count(1) == 2
    with pytest.raises(Conflict):
        again(crew.engine, number, crew.person())


def test_a_step_over_its_time_is_killed_and_after_the_second_time_the_plan_in_hand_is_taken(crew: Crew) -> None:
    number, supervisor = crew.ask(), crew.hire("hang", step_limit_s=3)
    crew.until(supervisor, lambda: crew.draft(number)["progress"] == 1)
    first = supervisor.child
    done = crew.until_closed(supervisor, number)
    assert first is not None and first.returncode == -signal.SIGKILL
    assert done["status"] == "done" and "已是第二次" in done["note"]["zh"] and "超时" in done["note"]["zh"]
    assert list(crew.desk.proposals()) == [done["proposal"]]
    assert len(crew.told()) == 2


def test_a_search_that_needs_too_much_memory_ends_with_the_plan_in_hand(crew: Crew) -> None:
    number, supervisor = crew.ask(), crew.hire("hog")
    done = crew.until_closed(supervisor, number)
    assert done["status"] == "done" and done["attempts"] == 1 and "内存上限" in done["note"]["zh"]
    assert supervisor.child is not None and supervisor.child.poll() is None
    assert list(crew.desk.proposals()) == [done["proposal"]]


@pytest.mark.parametrize("mode", ["die", "broken"])
def test_what_fails_twice_is_not_tried_a_third_time(crew: Crew, mode: str) -> None:
    number, supervisor = crew.ask(), crew.hire(mode)
    done = crew.until_closed(supervisor, number)
    assert done["status"] == "done" and done["attempts"] == 2 and crew.slices() == [1, 1]
    assert list(crew.desk.proposals()) == [done["proposal"]] and len(crew.told()) == 2


def test_a_worker_that_never_comes_back_is_replaced_by_another(crew: Crew) -> None:
    number, gone = crew.ask(), crew.hire("steady")
    crew.until(gone, lambda: crew.draft(number)["progress"] == 2)
    assert gone.child is not None
    os.kill(gone.child.pid, signal.SIGKILL)
    gone.child.wait()
    crew.supervisors.remove(gone)
    gone.runs.close()
    other = crew.hire("steady")
    other.tick()
    assert crew.draft(number)["status"] == "running"
    with transaction(crew.engine) as session:
        past = SystemClock().now() - timedelta(seconds=1)
        session.execute(update(DraftJobRow).values(lease_until=past))
    done = crew.until_closed(other, number)
    assert done["status"] == "done" and done["attempts"] == 2 and crew.slices().count(1) == 1
    assert any("失去联系" in sentence for sentence in crew.told())


def test_asked_twice_is_one_run(crew: Crew) -> None:
    number, supervisor = crew.ask(), crew.hire("steady")
    for _ in range(3):
        supervisor.runs.enqueue(run_name(number, 1), number)
    other = crew.hire("steady")
    crew.until(other, lambda: (supervisor.tick() or not crew.draft(number)["is_live"]))
    assert crew.slices() == list(range(1, SLICES + 1)) and len(crew.desk.proposals()) == 1


def test_stock_that_moved_while_the_worker_was_away_starts_the_search_anew(crew: Crew) -> None:
    number, supervisor = crew.ask(), crew.hire("steady")
    crew.until(supervisor, lambda: crew.draft(number)["progress"] == 2)
    assert supervisor.child is not None
    os.kill(supervisor.child.pid, signal.SIGKILL)
    with transaction(crew.engine) as session:
        row = session.get(DraftJobRow, number)
        assert row is not None and row.incumbent is not None
        row.incumbent = {**row.incumbent, "hash": "of other stock"}
    done = crew.until_closed(supervisor, number)
    assert done["status"] == "done" and crew.slices().count(1) == 2 and "重新求解" in done["note"]["zh"]


def test_a_newer_state_stops_the_search_of_the_older_with_its_plan_in_hand(crew: Crew) -> None:
    number, supervisor = crew.ask(severity="Moderate", headline="暴雪黄色预警"), crew.hire("patient")
    crew.until(supervisor, lambda: crew.draft(number)["progress"] == 1)
    newer = crew.ask(identifier="15050041600000_20211108155500_1")
    assert newer != number
    older = crew.until_closed(supervisor, number)
    assert older["status"] == "done" and older["progress"] < SLICES
    crew.until(supervisor, lambda: crew.draft(newer)["progress"] == 1)
    take(crew.engine, newer, crew.person())
    assert sorted(crew.desk.proposals().values()) == ["draft", "superseded"]


def test_the_applications_role_needs_no_right_to_make_tables(crew: Crew, kind: str) -> None:
    if kind == "sqlite":
        pytest.skip("SQLite has no roles")
    owner = crew.engine.url.render_as_string(hide_password=False)
    make_store(owner)
    restricted = crew.engine.url.update_query_dict({"options": "-crole=dispatch_app"})
    url = restricted.render_as_string(hide_password=False)
    number, supervisor = crew.ask(), crew.hire("steady", url=url)
    done = crew.until_closed(supervisor, number)
    assert (done["status"], done["attempts"], crew.told()) == ("done", 1, [])


def test_a_step_that_lost_its_draft_writes_nothing(crew: Crew) -> None:
    number = crew.ask()
    with transaction(crew.engine) as session:
        row = session.get(DraftJobRow, number)
        assert row is not None
        job = Job(row.id, row.situation, row.state_hash, row.actor, "someone else")
        assert not keep(session, job, Found(3, 8, {"plan": {}}, "{}"), crew.clock.at)
    assert crew.draft(number)["progress"] == 0 and not crew.draft(number)["has_plan"]
