"""A message of several warnings through the intake: kept whole, judged by the one that lasts."""

from datetime import UTC, datetime

from sqlalchemy import Engine

from dispatch.alerts.situations import list_rows, load
from dispatch.alerts.store import list_documents
from dispatch.clock import FixedClock
from dispatch.db import reading
from dispatch.flow.model import Way
from dispatch.flow.respond import ingest
from tests.builders import cap_xml
from tests.conftest import settings_of

NOW = datetime(2021, 11, 8, 8, 0, tzinfo=UTC)
STEM = "15050041600000_20211108155000"


def take(engine: Engine, *documents: bytes) -> list[str]:
    way = Way("test", FixedClock(NOW), settings_of(engine), draft=False)
    return [answer["status"] for answer in ingest(engine, [("x.xml", raw) for raw in documents], way)]


def two_warnings(first_expires: str) -> bytes:
    text = cap_xml().decode()
    info = text[text.index("<info>"):text.index("</alert>")]
    past = info.replace("暴雪", "寒潮").replace("2021-11-09T15:50:00+08:00", first_expires)
    return text.replace("<info>", past + "<info>", 1).encode()


def test_both_warnings_are_kept_and_the_last_to_expire_is_judged(bare: Engine) -> None:
    assert take(bare, two_warnings("2021-11-08T15:55:00+08:00")) == ["accepted"]
    with reading(bare) as session:
        (row,) = list_rows(session)
        assert [(a.hazard, a.part) for a in load(session, row.code).alerts] == [("cold_wave", 0), ("blizzard", 1)]
        (document,) = list_documents(session)
    assert document["hazard"] == "cold_wave"


def test_the_spelling_without_serial_is_the_same_message_again(bare: Engine) -> None:
    assert take(bare, cap_xml(), cap_xml(identifier=STEM), cap_xml(identifier=f"{STEM}_2")) == ["accepted", "duplicate", "accepted"]
    assert take(bare, two_warnings("2021-11-09T15:50:00+08:00").replace(f"{STEM}_1".encode(), f"{STEM}_3".encode())) == ["accepted"]
