"""Solving a plan again after an edit, and one alternative, for 10 and 103 counties.

    python -m benchmarks.edit [--runs 5] [--counties 10 103] [--json FILE]

One draft of a red blizzard on the demo stock with the settings of production; then each kind of
edit is asked of it ``--runs`` times.  Wall time from the wish to the stored proposal, split by
stage; ``moved`` counts trucks whose stops changed, came or went.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from benchmarks.report import finish, peak_mb, quantile
from benchmarks.respond import START, document
from dispatch.allocation.problem import LinePin
from dispatch.clock import FixedClock
from dispatch.config import Settings
from dispatch.db import make_engine, reading
from dispatch.flow import wanted
from dispatch.flow.alternatives import make_alternative
from dispatch.flow.compare import totals
from dispatch.flow.draft import make_drafts
from dispatch.flow.edit import edit, look
from dispatch.flow.model import Way
from dispatch.flow.respond import ingest
from dispatch.flow.wishes import Wishes
from dispatch.geography.store import list_counties
from dispatch.reference.setup import initialise


def wishes_for(body: dict[str, Any]) -> Iterator[tuple[str, Wishes]]:
    """Kinds of edit of a plan."""
    yield "nothing", Wishes()
    yield "fix a truck", wanted.keeping_truck(Wishes(), body, body["routes"][0]["vehicle"])
    yield "not this truck", wanted.without_truck(Wishes(), body["routes"][0]["vehicle"])
    key, line = max(totals(body).items(), key=lambda pair: pair[1]["weight_g"])
    yield "half a quantity", wanted.with_line(Wishes(), LinePin(*key, line["quantity"] // 2))
    yield "without a warehouse", wanted.without_warehouse(Wishes(), body["routes"][-1]["depot"])


def measure(engine: Engine, way: Way, code: str, runs: int) -> Iterator[dict[str, Any]]:
    """One row for each kind of edit, asked of the newest plan."""
    with reading(engine) as session:
        kinds = list(wishes_for(look(session, code).body))
    row: dict[str, Any] = {}
    for name, wishes in kinds:
        walls: list[float] = []
        stages: dict[str, list[float]] = defaultdict(list)
        body: dict[str, Any] = {}
        for _ in range(runs):
            code = edit(engine, code, Wishes(), way)
            began = time.perf_counter()
            code = edit(engine, code, wishes, way)
            walls.append(time.perf_counter() - began)
            with reading(engine) as session:
                body = look(session, code).body
            for stage, seconds in body["solver"]["stages_s"].items():
                stages[stage].append(seconds)
        changed = body["edited"]["changes"]
        row = {
            "edit": name, "counties": len(body["situation"]["counties"]),
            "trucks": len(body["routes"]),
            "p50_s": round(quantile(walls, 0.5), 2), "max_s": round(max(walls), 2),
            **{f"{stage}_s": round(quantile(of, 0.5), 2) for stage, of in stages.items()},
            "moved": sum(c["what"] == "truck" for c in changed), "changes": len(changed),
            "peak_mb": peak_mb(),
        }
        yield row
    walls = []
    for _ in range(runs):
        began = time.perf_counter()
        make_alternative(engine, code, "fast", way)
        walls.append(time.perf_counter() - began)
    p50_s, max_s = round(quantile(walls, 0.5), 2), round(max(walls), 2)
    yield {**dict.fromkeys(row, ""), "edit": "one alternative", "p50_s": p50_s, "max_s": max_s}


def main() -> None:
    """Fill a database in a temporary folder, draft, edit, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--counties", type=int, nargs="+", default=[10, 103])
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    rows: list[dict[str, Any]] = []
    for number in given.counties:
        with tempfile.TemporaryDirectory() as folder:
            settings = Settings(f"sqlite:///{folder}/bench.sqlite")
            engine = make_engine(settings.database_url)
            initialise(engine, settings, demo=True)
            with reading(engine) as session:
                counties = [c.adcode for c in list_counties(session)][:number]
            way = Way("duty", FixedClock(START + timedelta(minutes=1)), settings, waits=False)
            ingest(engine, [("bench", document(1, START, counties))], way)
            rows += measure(engine, way, make_drafts(engine, way)[-1], given.runs)
            engine.dispose()
    finish(rows, given.json, runs=given.runs, edit_seconds=Settings("sqlite://").edit_seconds)


if __name__ == "__main__":
    main()
