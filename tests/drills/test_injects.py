"""What a leader throws in changes what comes in, and never the past."""

from datetime import UTC, datetime, timedelta

import pytest

from dispatch.drills.comings import Break, Coming, Tell, Warn
from dispatch.drills.injects import throw_in
from dispatch.drills.library import shipped_names
from dispatch.drills.render import render
from dispatch.drills.rule import load_drill_rule
from dispatch.drills.run import DrillRoom, run
from dispatch.errors import InvalidInput
from tests.drills.files import quake

REPORTED = datetime(2015, 4, 15, 10, tzinfo=UTC)


def thrown(fields: str, at: str = "2015-04-15T17:00:00+08:00") -> tuple[Coming, ...]:
    scenario = quake(f"injects:\n- {{at: '{at}', {fields}}}\n")
    rendered = render(scenario, shipped_names(), load_drill_rule())
    return throw_in(rendered.comings, scenario.injects, scenario)


def told(comings: tuple[Coming, ...]) -> list[Tell]:
    return [c for c in comings if isinstance(c, Tell)]


def test_a_figure_is_doubled_and_what_is_unknown_stays_unknown() -> None:
    (tell,) = told(thrown("kind: double_figure, event: 2"))
    assert (tell.counts.relocated, tell.counts.dead_missing) == (1400, None)


def test_a_report_is_late() -> None:
    (tell,) = told(thrown("kind: late_report, event: 2, hours: 5"))
    assert tell.at == REPORTED + timedelta(hours=5)


def test_telephones_are_down_for_a_time() -> None:
    (tell,) = told(thrown("kind: phones_down, counties: ['152921'], hours: 4"))
    assert tell.at == datetime(2015, 4, 15, 13, tzinfo=UTC)
    (elsewhere,) = told(thrown("kind: phones_down, counties: ['152922'], hours: 4"))
    (over,) = told(thrown("kind: phones_down, counties: ['152921'], hours: 1"))
    assert elsewhere.at == over.at == REPORTED


def test_a_wrong_report_a_closed_road_and_a_broken_truck_come_in() -> None:
    wrong, true = told(thrown("kind: wrong_report, counties: ['152921'], measure: dead_missing, figure: 90"))
    assert (wrong.counts.dead_missing, wrong.event, true.event) == (90, 0, 2)
    closed = [c for c in thrown("kind: close_road, road: G307, counties: ['152921'], hours: 6") if isinstance(c, Warn) and c.closes]
    (notice,) = closed[0].carried.roads
    assert (notice.ref, notice.counties, notice.speed_factor) == ("G307", ("152921",), 0.0)
    assert notice.until == datetime(2015, 4, 15, 15, tzinfo=UTC)
    assert any(isinstance(c, Break) for c in thrown("kind: break_truck"))


def test_an_inject_before_the_start_is_refused(room: DrillRoom) -> None:
    scenario = quake("injects:\n- {at: '2015-04-15T10:00:00+08:00', kind: break_truck}\n")
    with pytest.raises(InvalidInput, match=r"Inject 1 is for 2015-04-15 10:00, but the drill's clock shows 2015-04-15 15:39"):
        run(scenario, room)
