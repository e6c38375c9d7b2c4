"""Facts come in at the rule's moment, as exercise messages and reports; what nobody knows stays out."""

from datetime import UTC, datetime, timedelta

import pytest

from dispatch.alerts import cap
from dispatch.alerts.author import write
from dispatch.alerts.model import Colour
from dispatch.drills.areas import counties_in, holder, resolve
from dispatch.drills.comings import Identifiers, Reopen, Tell, Warn, arrival_of
from dispatch.drills.library import load_scenario, shipped_names
from dispatch.drills.model import Moment, Precision
from dispatch.drills.render import render
from dispatch.drills.rule import load_drill_rule
from tests.drills.files import HEAD, quake, read

RULE = load_drill_rule()
BEGAN = datetime(2021, 7, 18, 5, 48, tzinfo=UTC)  # 13:48 local


def local(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2021, 7, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


@pytest.mark.parametrize(("at", "precision", "comes"), [
    (local(18, 20, 5), Precision.MINUTE, local(18, 20, 5)),
    (local(19, 0), Precision.DAY, local(19, 12)),          # a bare day: at noon
    (local(19, 21, 27), Precision.DAY, local(19, 21, 27)),  # the hour of publication
    (local(18, 0), Precision.DAY, BEGAN),                   # the day it began: not before it did
    (local(17, 0), Precision.DAY, local(17, 12)),           # a forecast of the day before stays there
    (local(1, 0), Precision.MONTH, BEGAN),                  # noon of the 15th lies before the start
    (None, Precision.UNKNOWN, None),
    (local(18, 15), Precision.UNKNOWN, None),
])
def test_a_rough_moment_comes_by_the_rule(at: datetime | None, precision: Precision, comes: datetime | None) -> None:
    assert arrival_of(Moment(at, precision), BEGAN, RULE) == comes


def test_messages_are_exercises_and_carry_the_shock() -> None:
    rendered = render(quake(), shipped_names(), RULE)
    warn, tell = rendered.comings
    assert isinstance(warn, Warn) and isinstance(tell, Tell)
    message = cap.parse(write(Identifiers().message(warn, ("阿拉善左旗", "Alxa Left Banner"))))
    assert message.status == "Exercise"
    assert message.infos[0].parameters.observations.magnitude == 5.8
    assert tell.counts.relocated == 700 and tell.counts.dead_missing is None
    assert (tell.place, tell.spread) == ("152921", timedelta(minutes=1))


def test_identifiers_of_one_moment_differ() -> None:
    warn = render(quake(), shipped_names(), RULE).comings[0]
    identifiers = Identifiers()
    made = [identifiers.message(warn, ("", "")).identifier for _ in range(25)]
    assert len(set(made)) == 25


def test_what_is_not_known_does_not_come_in() -> None:
    text = HEAD + """\
timeline:
- {at: '2015-04-15T15:39:00+08:00', kind: alert, county: '152921', source: s1}
- {at: null, at_precision: unknown, kind: report, county: '152921', facts: {deaths: 5}, source: s1}
- {at: '2015-04-15T17:00:00+08:00', kind: report, area: 某处, facts: {deaths: 5}, source: s1}
- {at: '2015-04-15T18:00:00+08:00', kind: report, county: '152921', facts: {deaths: null}, source: s1}
- {at: '2015-04-15T18:00:00+08:00', kind: road, county: '152921', facts: {status: closed}, source: s1}
- {at: '2015-04-15T19:00:00+08:00', kind: response, county: '152921', facts: {level: II}, source: s1}
"""
    rendered = render(read(text), shipped_names(), RULE)
    assert [c.event for c in rendered.comings] == [1]
    assert rendered.left_out == {"time": (2,), "place": (3,), "figure": (4, 5)}


def test_the_tongliao_blizzard_comes_in() -> None:
    names = shipped_names()
    rendered = render(load_scenario("2021-11-tongliao-blizzard", names), names, RULE)
    warnings = [c for c in rendered.comings if isinstance(c, Warn)]
    assert {c.closes for c in warnings} >= {"G45", "G2511", "G25"}
    assert max((c.colour for c in warnings if c.colour), key=lambda c: c.rank) is Colour.RED
    ice = next(c for c in warnings if len(c.counties) == 6)
    assert "150526" not in ice.counties and ice.colour is Colour.ORANGE
    (opened,) = [c for c in rendered.comings if isinstance(c, Reopen)]
    assert opened.roads == ("*",) and "150524" in opened.counties
    assert [c.at for c in rendered.comings] == sorted(c.at for c in rendered.comings)


def test_areas_are_found_by_name() -> None:
    names = shipped_names()
    assert resolve("赤峰市、通辽", names) == ("150400", "150500")
    assert resolve("内蒙古 (79 counties)", names) == ("150000",)
    assert resolve("某河流域", names) == ()
    assert holder(["150502", "150521"]) == "150500"
    assert holder(["150502", "150421"]) == "150000"
    assert counties_in(("150500", "150421"), ("150502", "150421", "150422")) == ("150502", "150421")
    assert counties_in((), ("150502",)) == ()
