"""A season of many years at full speed: how long, and how much memory as it goes on.

    python -m benchmarks.season [--years 200] [--workers 2] [--seconds S] [--json FILE]

The years are those of `dispatch drill season` on a demo database of its own.  Memory is that of
this process and its workers together, looked at whenever a tenth of the years is done.
``--seconds`` cuts the run short; what all the years would take at that pace is said then.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from benchmarks.report import finish
from dispatch.config import Settings
from dispatch.db import make_engine, reading
from dispatch.demo_time import clock_of
from dispatch.drills.season_draw import Nature
from dispatch.drills.season_ground import read_base
from dispatch.drills.season_record import load_record
from dispatch.drills.season_rules import load_season
from dispatch.drills.season_run import Task, run_season
from dispatch.reference.setup import initialise

YEARS, WORKERS, SEED, STEPS = 200, 2, 1, 10
MOST_S = 600
KB_PER_MB = 1024
Row = dict[str, Any]


class EnoughError(Exception):
    """The time allowed is over."""


class Watch:
    """Time and memory as the years go by."""

    def __init__(self, years: int, seconds: float) -> None:
        self.every, self.until = max(1, years // STEPS), time.monotonic() + seconds
        self.began = time.perf_counter()
        self.done, self.rows = 0, list[Row]()

    def __call__(self, done: int, of: int) -> None:
        """Hear of a year; a row for each tenth and for the last."""
        self.done = done
        is_over = time.monotonic() > self.until
        if done and (done % self.every == 0 or done == of or is_over):
            took = round(time.perf_counter() - self.began, 1)
            self.rows.append({"years": done, "s": took, "MB": memory_mb()})
        if is_over:
            raise EnoughError


def memory_mb() -> int:
    """What this process and its children hold now, in MB (Linux)."""
    own = Path("/proc/self/task")
    children = [pid for task in own.iterdir() for pid in (task / "children").read_text().split()]
    return sum(_rss_kb(Path(f"/proc/{pid}/status")) for pid in ("self", *children)) // KB_PER_MB


def _rss_kb(status: Path) -> int:
    try:
        lines = status.read_text().splitlines()
    except OSError:
        # it ended meanwhile
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS:")), 0)


def nature_of(folder: Path) -> Nature:
    """The demo's stock, trucks and teams, and the record."""
    url = f"sqlite:///{folder / 'demo.sqlite'}"
    engine, rules = make_engine(url), load_season()
    initialise(engine, Settings(url, testing=True), demo=True)
    with reading(engine) as session:
        base = read_base(session, clock_of(engine).now(), rules.starts_month)
    engine.dispose()
    return Nature(base, rules, load_record(rules))


def measure(years: int, workers: int, seconds: float) -> tuple[list[Row], Row]:
    """The rows, and what they come to."""
    with tempfile.TemporaryDirectory(prefix="season-") as spare:
        nature = nature_of(Path(spare))
        watch = Watch(years, seconds)
        task = Task(years, SEED, workers, Path(spare) / "season", nature.base.starts_at)
        with suppress(EnoughError):
            run_season(nature, task, watch)
        took = time.perf_counter() - watch.began
    whole = took / max(1, watch.done) * years
    first, last = watch.rows[0]["MB"], watch.rows[-1]["MB"]
    return watch.rows, {
        "years": years, "done": watch.done, "workers": workers, "s": round(took, 1),
        "s_for_all": round(whole, 1), "within": whole <= MOST_S, "MB_first": first, "MB_last": last,
    }


def sentence(told: dict[str, Any]) -> str:
    """The sum in words."""
    cut = "" if told["done"] == told["years"] else f" (cut after {told['done']}; at that pace)"
    return (f"{told['years']} years by {told['workers']} workers: {told['s_for_all']} s{cut}, "
            f"at most {MOST_S} s wanted; memory {told['MB_first']} → {told['MB_last']} MB")


def main() -> None:
    """Print the curve and the sum."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--years", type=int, default=YEARS)
    parser.add_argument("--workers", type=int, default=WORKERS)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    rows, told = measure(args.years, args.workers, args.seconds)
    finish(rows, args.json, season=told)
    print(sentence(told))


if __name__ == "__main__":
    main()
