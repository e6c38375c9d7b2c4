"""Alive, ready, measured, logged."""

import json
import logging
from collections.abc import Callable

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine, text

from dispatch.app import create_app
from dispatch.clock import FixedClock
from dispatch.db import make_engine
from tests.conftest import NOW, settings_of
from tests.web.conftest import Person

LogIn = Callable[[str], Person]


def test_ready_where_the_database_answers_with_the_newest_tables(log_in: LogIn, demo: Engine) -> None:
    client = log_in("nobody").client
    answer = client.get("/readyz")
    assert answer.status_code == 200 and answer.json == {"status": "ready", "database": True, "tables": True}
    with demo.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    answer = client.get("/readyz")
    assert answer.status_code == 503 and answer.json["tables"] is False


def test_not_ready_without_a_database(demo: Engine, clock: FixedClock, tmp_path) -> None:  # type: ignore[no-untyped-def]
    empty = make_engine(f"sqlite:///{tmp_path}/empty.sqlite")
    client = create_app(settings_of(demo), empty, FixedClock(NOW)).test_client()
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503
    assert "dispatch_database_up 0.0" in client.get("/metrics").get_data(as_text=True)


def test_figures_count_pages_not_paths(log_in: LogIn) -> None:
    client = log_in("duty").client
    for path in ("/stock", "/stock?item=QUILT", "/nothing/there", "/lots/NONE"):
        client.get(path)
    families = {f.name: f for f in text_string_to_metric_families(client.get("/metrics").get_data(as_text=True))}
    answers = {(s.labels["endpoint"], s.labels["status"]): s.value for s in families["dispatch_answers"].samples if s.name.endswith("_total")}
    assert answers["ledger.stock", "200"] == 2 and answers["-", "404"] == 1 and answers["ledger.lot", "404"] == 1
    assert families["dispatch_database_up"].samples[0].value == 1
    assert families["dispatch_audit_acts"].samples[0].value > 0


@pytest.mark.parametrize("headers,address", [({"X-Forwarded-For": "10.0.0.9"}, "127.0.0.1"), ({}, "10.0.0.9")])
def test_figures_stay_on_this_machine(log_in: LogIn, headers: dict[str, str], address: str) -> None:
    answer = log_in("nobody").client.get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": address})
    assert answer.status_code == 403


def test_each_request_has_a_number_and_a_line(log_in: LogIn, caplog: pytest.LogCaptureFixture) -> None:
    client = log_in("duty").client
    with caplog.at_level(logging.INFO, "dispatch.requests"):
        answer = client.get("/stock?item=SECRET", headers={"X-Request-ID": "from-the-proxy-1"})
        other = client.get("/stock", headers={"X-Request-ID": "bad id\tx"})
    line = json.loads(caplog.messages[0])
    assert answer.headers["X-Request-ID"] == line["id"] == "from-the-proxy-1"
    assert (line["method"], line["path"], line["status"], line["who"]) == ("GET", "/stock", 200, "duty")
    assert "SECRET" not in caplog.text and other.headers["X-Request-ID"] not in ("bad id\tx", line["id"])
