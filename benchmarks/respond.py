"""From a warning to a stored proposal, for 1, 10 and 103 counties.

    python -m benchmarks.respond [--runs 20] [--counties 1 10 103] [--json FILE]

Each run is a new red blizzard warning four days after the last, on a database
with the demo stock, with the settings of production.  Wall time of the whole
intake, split by the stages of the decision; peak memory of the process.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from benchmarks.report import finish, peak_mb, quantile
from dispatch.clock import FixedClock, to_local
from dispatch.config import Settings
from dispatch.db import make_engine, reading
from dispatch.flow.model import Way
from dispatch.flow.respond import ingest
from dispatch.geography.store import list_counties
from dispatch.proposals.queries import get_proposal
from dispatch.reference.setup import initialise

START = datetime(2021, 11, 20, tzinfo=UTC)
CAP = """<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>BENCH-{number}</identifier>
<sender>bench@example.invalid</sender><sent>{sent}</sent><status>Actual</status>
<msgType>Alert</msgType><scope>Public</scope><info><language>zh-CN</language>
<category>Met</category><event>暴雪</event><urgency>Expected</urgency>
<severity>Extreme</severity><certainty>Likely</certainty><expires>{expires}</expires>
<headline>暴雪红色预警</headline><parameter><valueName>temperature_c</valueName><value>-35</value>
</parameter><area><areaDesc>x</areaDesc>{codes}</area></info></alert>"""


def document(number: int, sent: datetime, counties: list[str]) -> bytes:
    """A red warning for the counties, in force for a day."""
    codes = "".join(
        f"<geocode><valueName>adcode</valueName><value>{code}</value></geocode>"
        for code in counties
    )
    expires = to_local(sent + timedelta(days=1)).isoformat()
    return CAP.format(
        number=number, sent=to_local(sent).isoformat(), expires=expires, codes=codes
    ).encode()


def measure(
    engine: Engine, settings: Settings, counties: list[str], numbers: range
) -> dict[str, Any]:
    """One row of figures over the runs numbered ``numbers``."""
    walls: list[float] = []
    stages: dict[str, list[float]] = defaultdict(list)
    body: dict[str, Any] = {}
    for number in numbers:
        sent = START + timedelta(days=4 * number)
        way = Way("bench", FixedClock(sent + timedelta(minutes=1)), settings)
        began = time.perf_counter()
        (answer,) = ingest(engine, [("bench", document(number, sent, counties))], way)
        walls.append(time.perf_counter() - began)
        with reading(engine) as session:
            body = get_proposal(session, answer["proposals"][0])
        for stage, seconds in body["solver"]["stages_s"].items():
            stages[stage].append(seconds)
        stages["read, check, store"].append(walls[-1] - body["solver"]["runtime_s"])
    return {
        "counties": len(counties),
        "p50_s": round(quantile(walls, 0.5), 2),
        "p95_s": round(quantile(walls, 0.95), 2),
        **{f"{stage}_s": round(quantile(values, 0.5), 2) for stage, values in stages.items()},
        "lines": len(body["lines"]),
        "trucks": len(body["routes"]),
        "peak_mb": peak_mb(),
    }


def main() -> None:
    """Fill a database in a temporary folder, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--counties", type=int, nargs="+", default=[1, 10, 103])
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = os.environ.get("DISPATCH_BENCH_URL", f"sqlite:///{folder}/bench.sqlite")
        settings = Settings(url)
        engine = make_engine(url)
        initialise(engine, settings, demo=True)
        with reading(engine) as session:
            everywhere = [county.adcode for county in list_counties(session)]
        rows = []
        for place, number in enumerate(given.counties):
            chosen = ["150522"] if number == 1 else everywhere[:number]
            first = 1 + place * given.runs
            rows.append(measure(engine, settings, chosen, range(first, first + given.runs)))
        engine.dispose()
    finish(rows, given.json, runs=given.runs, solve_seconds=settings.solve_seconds)


if __name__ == "__main__":
    main()
