"""Spoiled warnings through reading and areas: how many are taken, refused, and crash (none may).

    python -m benchmarks.fuzz_cap [--documents 100000] [--seed 1] [--json FILE]

Each document is an example or the tests' template after one to four random changes.
Then documents of the largest size that are made to cost much, with the time each takes.
Exit code 1 when anything but a refusal came out; the seeds of those documents are listed.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
import traceback
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.report import finish, peak_mb
from dispatch.alerts.areas import to_alerts
from dispatch.alerts.cap import parse
from dispatch.alerts.codec import from_json_all, to_json_all
from dispatch.boundaries import load_boundaries
from dispatch.errors import InvalidInput
from dispatch.reference.load import read_counties
from tests.alerts.corpus import corpus, greedy, spoil

KEPT_CRASHES = 20


def judge(document: bytes, counties: Any, shapes: Any) -> str:
    """accepted, or the step that refused; whatever else is raised is a crash."""
    step = "refused_by_parse"
    try:
        message = parse(document)
        step = "refused_by_areas"
        alerts = to_alerts(message, counties, shapes)
    except InvalidInput as error:
        if not (error.remedy and error.message_zh and error.remedy_zh):
            raise AssertionError(f"a refusal without a remedy: {error}") from error
        return step
    fields = to_json_all(alerts)
    if fields is None or from_json_all(fields) != alerts:
        raise AssertionError("the alerts do not come back from JSON")
    return "accepted"


def run(documents: int, seed: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Counts and times over the documents, and what crashed."""
    counties, shapes, originals = read_counties(), load_boundaries(), corpus()
    counts: Counter[str] = Counter(accepted=0, refused_by_parse=0, refused_by_areas=0, crashed=0)
    crashes: list[dict[str, Any]] = []
    slowest = 0.0
    began = time.perf_counter()
    for number in range(documents):
        chance = random.Random(f"{seed}-{number}")
        document = spoil(chance.choice(originals), chance, chance.choice((1, 1, 1, 2, 4)))
        started = time.perf_counter()
        try:
            counts[judge(document, counties, shapes)] += 1
        except Exception:  # noqa: BLE001 - a crash of any kind is what is counted here
            counts["crashed"] += 1
            if len(crashes) < KEPT_CRASHES:
                crashes.append({"number": number, "trace": traceback.format_exc(limit=-3)})
        slowest = max(slowest, time.perf_counter() - started)
    seconds = time.perf_counter() - began
    row = {"documents": documents, **counts, "per_s": round(documents / seconds),
           "slowest_ms": round(slowest * 1000), "wall_s": round(seconds, 1), "peak_mb": peak_mb()}
    return row, crashes


def time_greedy() -> dict[str, int]:
    """Milliseconds for each document made to cost much."""
    counties, shapes = read_counties(), load_boundaries()
    times = {}
    for name, document in greedy().items():
        started = time.perf_counter()
        judge(document, counties, shapes)
        times[name] = round(1000 * (time.perf_counter() - started))
    return times


def main() -> None:
    """Spoil, judge, count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    row, crashes = run(given.documents, given.seed)
    greedy_ms = time_greedy()
    finish([row], given.json, seed=given.seed, greedy_ms=greedy_ms, crashes=crashes)
    print("greedy documents, ms:", greedy_ms)
    for crash in crashes:
        print(crash["number"], crash["trace"], file=sys.stderr)
    sys.exit(1 if row["crashed"] else 0)


if __name__ == "__main__":
    main()
