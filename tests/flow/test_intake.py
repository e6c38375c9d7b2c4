"""Documents through the whole intake: kept, judged, never half-written."""

import random
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from dispatch.clock import FixedClock
from dispatch.db import reading
from dispatch.demo_time import clock_of
from dispatch.flow.respond import Way, ingest
from dispatch.proposals.queries import get_proposal, list_proposals
from dispatch.reference.setup import replay
from tests.alerts.corpus import corpus, spoil
from tests.builders import cap_xml
from tests.conftest import settings_of

NOW = datetime(2021, 11, 8, 8, 0, tzinfo=UTC)
POLYGON = "<polygon>122.0,43.0 122.0,43.5 122.5,43.5 122.0,43.0</polygon>"


def take(engine: Engine, *documents: bytes, now: datetime = NOW) -> list[dict]:
    way = Way("test", FixedClock(now), settings_of(engine))
    return ingest(engine, [(f"{i}.xml", raw) for i, raw in enumerate(documents)], way)


def count(engine: Engine, table: str) -> int:
    with reading(engine) as session:
        return session.scalar(text(f"SELECT COUNT(*) FROM {table}")) or 0


def test_a_warning_becomes_a_proposal_and_zero_stock_is_all_gap(bare: Engine) -> None:
    (answer,) = take(bare, cap_xml())
    assert (answer["status"], answer["level"]) == ("accepted", 2)
    with reading(bare) as session:
        body = get_proposal(session, answer["proposals"][0])
    assert body["verified"] and body["lines"] == [] and body["routes"] == []
    assert {g["cause"]["code"] for g in body["gaps"]} == {"gap.no_stock"}
    assert {(g["county"], g["item"], g["quantity"]) for g in body["gaps"]} == {
        (n["county"], n["item"], n["quantity"]) for n in body["needs"]
    }


def test_a_county_cut_off_is_a_gap_with_the_road_as_cause(demo: Engine) -> None:
    closed = "<parameter><valueName>road</valueName><value>*;closed;152921</value></parameter>"
    area = "<geocode><valueName>adcode</valueName><value>152921</value></geocode>"
    (answer,) = take(demo, cap_xml(identifier="X-1", area=area, parameters=closed))
    with reading(demo) as session:
        body = get_proposal(session, answer["proposals"][0])
    assert {line["from"] for line in body["lines"]} <= {"WH-152921", "WH-152900"}
    assert body["gaps"] and {g["cause"]["code"] for g in body["gaps"]} <= {"gap.no_road", "gap.scarce"}
    roads = [g for g in body["gaps"] if g["cause"]["code"] == "gap.no_road"]
    assert roads and all(re.search(r"打通.+（.+—", g["remedy"]["zh"]) for g in roads), roads[0]
    keys = [(g["county"], g["item"], g["cause"]["zh"], g["remedy"]["zh"]) for g in body["gaps"]]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("status", ["Test", "Exercise", "Draft", "System"])
def test_what_is_not_actual_never_opens_a_proposal(bare: Engine, status: str) -> None:
    (answer,) = take(bare, cap_xml(status=status))
    assert (answer["status"], answer["proposals"]) == ("exercise", [])
    assert count(bare, "proposal") == 0 and count(bare, "alert_document") == 1


@pytest.mark.parametrize("document,words", [
    (cap_xml()[:-9], "not well-formed"),
    (cap_xml(headline="雪" * 3_500_000), "bytes"),
    (cap_xml(area=POLYGON), "longitude before latitude"),
    (cap_xml(area="<geocode><valueName>a</valueName><value>159999</value></geocode>"), "159999"),
    (cap_xml(sent="2021-11-01T08:00:00+08:00", expires="2021-11-02T08:00:00+08:00"), "expired"),
    (cap_xml(sent="2021-11-08T17:00:00+08:00", expires="2021-11-09T15:50:00+08:00"), "still to come"),
    (cap_xml(msg_type="Cancel", references="<references>w,UNKNOWN,2021-11-08T15:00:00+08:00</references>"), "has not arrived"),
])
def test_a_bad_document_is_kept_whole_and_nothing_else_is_written(bare: Engine, document: bytes, words: str) -> None:
    (answer,) = take(bare, document)
    assert answer["status"] == "quarantined" and words in answer["error"]["message"]
    assert answer["error"]["remedy"] and answer["error"]["remedy_zh"]
    assert count(bare, "proposal") == 0
    with reading(bare) as session:
        assert session.scalar(text("SELECT raw FROM alert_document")) == document


def test_one_bad_document_does_not_stop_the_next(bare: Engine) -> None:
    bad, good = take(bare, b"<", cap_xml())
    assert (bad["status"], good["status"]) == ("quarantined", "accepted")


def test_a_duplicate_is_told_and_drafts_nothing_new(bare: Engine) -> None:
    take(bare, cap_xml())
    (again,) = take(bare, cap_xml())
    assert again["status"] == "duplicate"
    assert count(bare, "proposal") == 1


def test_a_warning_of_no_consequence_drafts_nothing(bare: Engine) -> None:
    (answer,) = take(bare, cap_xml(headline="暴雪蓝色预警", severity="Minor"))
    assert (answer["status"], answer["level"], answer["proposals"]) == ("accepted", None, [])


def test_escalation_supersedes_the_open_draft_but_not_an_approved_one(bare: Engine) -> None:
    yellow = cap_xml(headline="暴雪黄色预警", severity="Moderate")
    (first,) = take(bare, yellow)
    red = cap_xml(
        identifier="15050041600000_20211108155900_1", sent="2021-11-08T15:59:00+08:00", msg_type="Update",
        references="<references>w,15050041600000_20211108155000_1,2021-11-08T15:50:00+08:00</references>",
    )
    (second,) = take(bare, red)
    with reading(bare) as session:
        status = {p["code"]: p["status"] for p in list_proposals(session)}
    assert status == {first["proposals"][0]: "superseded", second["proposals"][0]: "draft"}
    assert first["situation"] == second["situation"] and (first["level"], second["level"]) == (4, 2)


def test_rubbish_never_crashes_and_never_opens_anything(bare: Engine) -> None:
    """Mutated documents through the whole intake: kept each, and what is refused leaves no trace."""
    chance = random.Random(7)
    documents = [spoil(chance.choice(corpus()), chance, chance.randint(1, 3)) for _ in range(150)]
    way = Way("test", FixedClock(NOW), settings_of(bare), waits=False)
    answers = ingest(bare, [(f"{i}.xml", raw) for i, raw in enumerate(documents)], way)
    assert count(bare, "alert_document") == len(documents)
    accepted = sum(a["status"] == "accepted" for a in answers)
    filed = "SELECT COUNT(DISTINCT document) FROM situation_member"
    with reading(bare) as session:
        assert (session.scalar(text(filed)) or 0) <= accepted
    assert all(a["proposals"] == [] and a["situation"] is None for a in answers if a["status"] == "quarantined")
    assert all(a["error"]["message_zh"] for a in answers if a["status"] == "quarantined")
    assert any(a["status"] == "quarantined" for a in answers)


def test_a_replay_goes_on_after_a_document_that_cannot_be_read(demo: Engine, tmp_path: Path) -> None:
    (tmp_path / "1.xml").write_bytes(b"<alert")
    (tmp_path / "2.xml").write_bytes(cap_xml(identifier="R-1"))
    before = clock_of(demo).now()
    answers = replay(demo, sorted(tmp_path.iterdir()), "test", settings_of(demo))
    assert [a["status"] for a in answers] == ["quarantined", "accepted"]
    # the demo's clock stays where its events are
    assert abs(clock_of(demo).now() - before) < timedelta(days=2)
