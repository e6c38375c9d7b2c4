"""One list of what must be decided, by whom and when; whether what is planned is enough."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from dispatch.flow.board_rule import load_board_rule
from dispatch.flow.cope import cover, reserve
from dispatch.flow.desk import split, tasks
from dispatch.flow.desk_model import Clock, DeskFacts, Missing, OpenEvent, Person, Plan, Unread
from dispatch.geo import LonLat
from dispatch.proposals.authority import Reach
from dispatch.teams.deployment import Deployment
from dispatch.teams.model import DeploymentState
from dispatch.teams.rules import load_team_rule
from dispatch.waybills.progress import Trip
from dispatch.waybills.rules import load_tracking_rule
from dispatch.words import Words

NOW = datetime(2026, 1, 31, 0, 0, tzinfo=UTC)
MIN, H = timedelta(minutes=1), timedelta(hours=1)
RULE = load_board_rule()
EVENT = OpenEvent("S1", Words("s", "甲", "A"), 2, True, "red", NOW - H, False)
PLAN = Plan("P1", "S1", "draft", 2, NOW, NOW, NOW + 5 * H, 80, 100, 80, NOW + 8 * H, NOW + 9 * H,
            (Missing(Words("i", "棉被", "quilt"), Words("u", "床", "piece"), 20),))
EMPTY = DeskFacts((), (), (), (), (), {}, (), {}, {"A": LonLat(100, 40), "B": LonLat(101, 40)}, RULE, load_tracking_rule(), load_team_rule())
DUTY, APPROVER = Person("duty", "planner", "150000"), Person("boss", "approver", "150000")


def facts(**more: object) -> DeskFacts:
    return replace(EMPTY, **more)  # type: ignore[arg-type]


def truck(code: str, leaves: datetime, departed: datetime | None = None) -> Trip:
    body = {"vehicle": f"V{code}", "departs_at": leaves.isoformat(), "legs": [{"from": "A", "to": "B", "duration_s": 3600}],
            "stops": [{"place": "B", "place_zh": "乙", "place_en": "B", "arrives_at": (leaves + H).isoformat()}]}
    return Trip(code, f"/waybills/{code}", "departed" if departed else "issued", body, departed)


def test_nothing_waits_when_nothing_is_open() -> None:
    assert tasks(EMPTY, NOW) == ()
    assert cover(EMPTY).percent is None


def test_everything_stands_in_one_list_by_its_deadline() -> None:
    late = Deployment("D1", "T1", "150502", DeploymentState.MUSTERING, 1, NOW - 3 * H, NOW - 2 * H)
    given = facts(
        events=(EVENT,), plans=(PLAN,), clocks=(Clock("S1", "goods_there", NOW + 12 * H), Clock("S1", "first_report", NOW + 10 * MIN)),
        trips=(truck("W1", NOW - 4 * H),), deployments=(late,), team_names={"T1": ("一队", "Team 1")}, names={"150502": ("科尔沁区", "Horqin")},
        unread=(Unread(7, "x.xml", NOW),),
    )
    found = tasks(given, NOW)
    assert [t.kind for t in found] == ["not_left", "team", "clock", "submit", "unread", "clock"]
    assert [t.due_at for t in found] == sorted(t.due_at for t in found)
    assert [t.state(NOW) for t in found] == ["missed", "missed", "soon", "running", "running", "running"]
    assert found[1].words.zh == "一队应集结而未集结" and found[1].href == "/deployments/D1"


@pytest.mark.parametrize(("event", "kind", "due"), [
    (replace(EVENT, is_active=True), "no_plan", NOW - H + RULE.alert_within),
    (replace(EVENT, is_active=False, level=None), "alert", NOW - H + RULE.alert_within),
    (replace(EVENT, is_active=False, level=None, is_judged=True), None, None),
    (replace(EVENT, is_active=False, level=None, colour=None), None, None),
])
def test_a_warning_waits_for_a_judgement_and_a_response_for_a_plan(event: OpenEvent, kind: str | None, due: datetime | None) -> None:
    found = tasks(facts(events=(event,)), NOW)
    assert [(t.kind, t.due_at) for t in found] == ([(kind, due)] if kind else [])


def test_a_step_down_waits_once_the_hold_is_over_and_the_end_once_warnings_are() -> None:
    planned = facts(plans=(replace(PLAN, status="approved"),))
    held = replace(EVENT, free_at=NOW + MIN)
    assert tasks(replace(planned, events=(held,)), NOW) == ()
    assert [t.kind for t in tasks(replace(planned, events=(held,)), NOW + MIN)] == ["step_down"]
    assert [t.kind for t in tasks(replace(planned, events=(replace(held, is_cancelled=True),)), NOW)] == ["end"]


@pytest.mark.parametrize(("plan", "kind", "due"), [
    (PLAN, "submit", NOW + RULE.submit_within),
    # the first truck is to leave before that
    (replace(PLAN, first_departure=NOW + 5 * MIN), "submit", NOW + 5 * MIN),
    (replace(PLAN, status="returned"), "mend", NOW + RULE.submit_within),
    (replace(PLAN, status="submitted"), "approve", NOW + RULE.approve_within),
    (replace(PLAN, status="approved"), None, None),
])
def test_a_proposal_waits_for_the_next_step(plan: Plan, kind: str | None, due: datetime | None) -> None:
    found = tasks(facts(events=(EVENT,), plans=(plan,)), NOW)
    assert [(t.kind, t.due_at) for t in found] == ([(kind, due)] if kind else [])


def test_only_the_newest_plan_of_a_situation_counts() -> None:
    newer = replace(PLAN, code="P2", created_at=NOW + MIN, status="approved", percent=100, units_sent=100, missing=())
    given = facts(events=(EVENT,), plans=(newer, PLAN))
    assert tasks(given, NOW) == () and cover(given).percent == 100 and cover(given).is_approved


def test_each_sees_what_they_may_do_and_how_much_waits_for_others() -> None:
    waiting = replace(PLAN, status="submitted", not_by=frozenset({"boss"}))
    (task,) = found = tasks(facts(events=(EVENT,), plans=(waiting,)), NOW)
    assert split(found, DUTY) == ((), 1)
    # who submitted or edited it does not approve it
    assert split(found, APPROVER) == ((), 1)
    assert split(found, Person("other", "approver", "150000")) == ((task,), 0)


def test_approval_waits_for_who_has_the_authority_of_the_level() -> None:
    reach = Reach("1", frozenset({"150502"}), date(2026, 1, 31))
    (task,) = tasks(facts(events=(EVENT,), plans=(replace(PLAN, status="submitted", reach=reach),)), NOW)
    assert task.is_for(APPROVER) and not task.is_for(Person("league", "approver", "150500"))


def test_two_trucks_of_a_kind_are_two_lines_and_three_are_one() -> None:
    trips = tuple(truck(f"W{n}", NOW - 4 * H + n * MIN) for n in range(3))
    assert [t.subject for t in tasks(facts(trips=trips[:2]), NOW)] == ["W0", "W1"]
    (together,) = tasks(facts(trips=trips), NOW)
    assert together.words.zh == "车辆逾期未发车：3 辆" and together.due_at == NOW - 4 * H


def test_a_truck_not_heard_of_is_told() -> None:
    silent = load_tracking_rule().silent_after
    given = facts(trips=(truck("W1", NOW, NOW),))
    # its way takes an hour: up to then it is only late
    assert [t.kind for t in tasks(given, NOW + silent)] == ["late"]
    (task,) = tasks(given, NOW + silent + MIN)
    assert (task.kind, task.due_at, task.href) == ("silent", NOW + silent, "/waybills/W1")


def test_cover_adds_up_all_open_situations() -> None:
    other = replace(EVENT, code="S2")
    second = replace(PLAN, code="P2", situation="S2", units_needed=300, units_sent=120, first_arrival=NOW + 2 * H,
                     missing=(Missing(Words("i", "棉被", "quilt"), Words("u", "床", "piece"), 180),))
    found = cover(facts(events=(EVENT, other), plans=(PLAN, second)))
    # (80 + 120) of (100 + 300)
    assert (found.percent, found.units_sent, found.units_needed) == (50, 200, 400)
    assert found.first_arrival == NOW + 2 * H and not found.is_approved
    assert [(m.item.en, m.quantity) for m in found.missing] == [("quilt", 200)]
    # the plan of a situation that is over counts no more
    assert cover(facts(events=(EVENT,), plans=(PLAN, second))).percent == 80


def test_a_plan_after_an_approved_one_counts_with_it() -> None:
    sent = replace(PLAN, status="approved", units_needed=100, units_sent=80)
    # what the first leaves open is the need of the second
    later = replace(PLAN, code="P2", created_at=NOW + H, units_needed=20, units_sent=5, first_arrival=None,
                    missing=(Missing(Words("i", "棉被", "quilt"), Words("u", "床", "piece"), 15),))
    found = cover(facts(events=(EVENT,), plans=(sent, later)))
    assert (found.units_sent, found.units_needed, found.percent) == (85, 100, 85)
    assert found.first_arrival == PLAN.first_arrival and not found.is_approved
    assert [m.quantity for m in found.missing] == [15]


def test_three_late_teams_are_one_line() -> None:
    late = [Deployment(f"D{n}", "T1", "150502", DeploymentState.MUSTERING, 1, NOW - 3 * H, NOW - 2 * H + n * MIN) for n in range(3)]
    (task,) = tasks(facts(deployments=tuple(late)), NOW)
    assert task.words.zh == "3 支救援队应集结而未集结" and task.due_at == NOW - 2 * H and task.href == "/deployments/"


def test_the_tightest_reserve_comes_first() -> None:
    names = {i: (Words("i", i, i), Words("u", "件", "unit")) for i in "ABC"}
    found = reserve({"A": 100, "B": 100, "C": 5}, {"A": 50, "B": 100}, {"A": 10, "B": 40, "C": 1}, names)
    assert [(r.item.zh, r.left, r.minimum, r.percent) for r in found] == [("B", 60, 100, 60), ("A", 90, 50, 180)]
