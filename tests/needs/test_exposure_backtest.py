"""The page of the back-test is what the table gives today, and its facts hang together."""

from pathlib import Path

from benchmarks.backtest import TABLE_OF, document, places_of, read_past
from dispatch.needs.exposure_table import load_exposure
from dispatch.reference.load import read_counties

PAGE = Path(__file__).resolve().parents[2] / "docs" / "backtest.md"
COUNTIES = {c.adcode: c for c in read_counties()}


def test_the_page_is_not_stale() -> None:
    assert PAGE.read_text("utf-8") == document(read_past(), load_exposure(TABLE_OF)), (
        "run python -m benchmarks.backtest --write docs/backtest.md"
    )


def test_every_count_has_a_source_and_unknown_ones_have_none() -> None:
    for event in read_past():
        assert all(a.source and a.url.startswith("http") and a.count >= 0 for a in event.actual)
        assert bool(event.actual) == (event.use in ("fit", "check")), event.code
        assert event.use in ("fit", "check", "unknown")


def test_places_of_past_events_are_known() -> None:
    for event in read_past():
        codes, share = places_of(event, COUNTIES)
        assert codes and set(codes) <= set(COUNTIES), event.code
        assert 0 < share <= 1
        assert event.started_at <= event.as_of
