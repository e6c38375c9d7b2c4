"""Answers to what-if questions over HTTP, with the whole stock of the demo.

    python -m benchmarks.whatif [--json FILE]

Aim: under 200 ms for each answer.
"""

from __future__ import annotations

import argparse
import re
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from benchmarks.report import finish, peak_mb, quantile
from dispatch.accounts.store import DEMO_PASSWORD
from dispatch.app import create_app
from dispatch.clock import FixedClock
from dispatch.config import Settings
from dispatch.db import make_engine
from dispatch.reference.setup import initialise

NOW = datetime(2021, 11, 8, 15, 0, tzinfo=UTC)
RUNS = 60
SUPPOSED = "relocated={n}&colour=red&html=1"
QUESTIONS = {
    "county": "place=150522&relocated={n}",
    "league, page part too": f"place=150500&temperature=-25&{SUPPOSED}",
    "region, 103 counties, page part too": f"place=150000&temperature=-25&{SUPPOSED}",
    "laid over a situation": f"place=150500&situation=S-20211105-150500-blizzard&{SUPPOSED}",
}


def log_in(client: FlaskClient) -> None:
    """As the demo viewer."""
    page = client.get("/login").get_data(as_text=True)
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    token = found.group(1) if found else ""
    client.post("/login", data={"name": "viewer", "password": DEMO_PASSWORD, "csrf_token": token})


def measure(client: FlaskClient, name: str, query: str) -> dict[str, Any]:
    """One kind of question with ever other figures."""
    seconds = []
    for number in range(RUNS):
        began = time.perf_counter()
        answer = client.get("/plans/what-if.json?" + query.format(n=500 * number))
        seconds.append(time.perf_counter() - began)
        assert answer.status_code == 200
    return {
        "what": name,
        "first_ms": round(seconds[0] * 1000),
        "p50_ms": round(quantile(seconds, 0.5) * 1000),
        "p95_ms": round(quantile(seconds[1:], 0.95) * 1000),
        "worst_ms": round(max(seconds[1:]) * 1000),
        "peak_mb": peak_mb(),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(f"sqlite:///{folder}/whatif.sqlite", testing=True)
        engine = make_engine(settings.database_url)
        initialise(engine, settings, demo=True)
        client = create_app(settings, engine, FixedClock(NOW)).test_client()
        log_in(client)
        rows = [measure(client, name, query) for name, query in QUESTIONS.items()]
        engine.dispose()
    finish(rows, given.json)


if __name__ == "__main__":
    main()
