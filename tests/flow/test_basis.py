"""The figures a proposal rests on, as they look when somebody reads it later, or earlier."""

from datetime import timedelta

from sqlalchemy import Engine

from dispatch.clock import FixedClock
from dispatch.db import reading
from dispatch.flow.basis import figures_behind
from dispatch.flow.judge import Filing, file_report
from dispatch.flow.model import Way
from dispatch.proposals.queries import get_proposal
from tests.builders import make_report
from tests.conftest import NOW, settings_of

CODE = "P-20211108-001"


def figure(engine: Engine, name: str, hours: float) -> dict[str, object]:
    """The region's line for a figure, read so many hours from now."""
    with reading(engine) as session:
        lines = figures_behind(session, get_proposal(session, CODE), NOW + timedelta(hours=hours))
    return next(line for line in lines if line["place_en"] == "Inner Mongolia" and name in str(line["en"]))


def file(engine: Engine, affected: int) -> None:
    """A correction from the league, an hour from now."""
    clock = FixedClock(NOW + timedelta(hours=1))
    report = make_report("150500", affected=affected, as_of=clock.now(), received_at=clock.now(), is_correction=True)
    file_report(engine, Filing(report, "S-20211105-150500-blizzard", "key-1"), Way("duty", clock, settings_of(engine), waits=False))


def test_a_figure_tells_its_age_and_grows_stale(demo: Engine) -> None:
    fresh, old = figure(demo, "ffected", 0), figure(demo, "ffected", 100)
    assert fresh["value"] == old["value"] == 5609
    assert not fresh["is_stale"] and old["is_stale"]
    assert fresh["age"] != old["age"]


def test_what_it_became_since_is_told_and_only_since(demo: Engine) -> None:
    file(demo, 7000)
    assert figure(demo, "ffected", 2)["now"] == 7000
    assert figure(demo, "ffected", 0)["now"] is None


def test_read_before_its_own_time_it_is_its_own_now(demo: Engine) -> None:
    line = figure(demo, "ffected", -72)
    assert line["value"] == 5609 and line["now"] is None
    assert str(line["age"]) == str(figure(demo, "ffected", -71)["age"])
