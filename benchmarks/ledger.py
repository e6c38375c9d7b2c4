"""Concurrent writing: how fast, and does a single unit get lost or doubled.

    python -m benchmarks.ledger --database URL --workers N --operations N
        [--kill-every S] [--peers] [--pages] [--json FILE]

Workers are processes.  Each operation is one transaction on random lots of 20
warehouses: receive, issue, move between stores, reserve, release, reverse, or a
double submit of what was just done.  ``--kill-every`` kills a worker in mid-flight
with SIGKILL and starts another.  At the end every movement is summed anew, and
every operation a worker saw committed is looked for.  ``--peers`` shows how
long two common ways of writing stay right.  ``--pages N`` fills N movements and
times the pages.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import signal
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from benchmarks.ledger_pages import time_pages
from benchmarks.ledger_peers import race_peers
from benchmarks.report import finish, quantile
from dispatch.config import Settings
from dispatch.db import make_engine, reading, run_in_transaction, transaction
from dispatch.errors import Conflict, DispatchError, NotEnoughStock, Unavailable
from dispatch.inventory.book import append_movements, reverse_movements, warehouse_place
from dispatch.inventory.model import Lot, Movement
from dispatch.inventory.proof import find_differences
from dispatch.inventory.service import Claim, release, reserve
from dispatch.inventory.store import save_lots
from dispatch.reference.setup import initialise

HOUSES = [f"WH-1501{n:02d}" for n in range(21, 26)] + ["WH-150100", "WH-150000", "WH-150500"]
LOTS = [f"BENCH-{n:03d}" for n in range(40)]
MOST_KILLS = 40
START = datetime(2026, 1, 1, tzinfo=UTC)


def prepare(url: str) -> None:
    """Reference data, the lots, and a first receipt of each everywhere."""
    engine = make_engine(url)
    initialise(engine, Settings(url, testing=True), demo=False)
    with transaction(engine) as session:
        save_lots(session, [Lot(code, "QUILT", None, None, "bench") for code in LOTS])
        opening = [
            step(f"open:{house}:{lot}", lot, ("supplier:bench", warehouse_place(house)), 500)
            for house in HOUSES
            for lot in LOTS
        ]
        append_movements(session, opening, START)
    engine.dispose()


def step(key: str, lot: str, leg: tuple[str, str], units: int) -> Movement:
    """One fact with its key."""
    return Movement(lot, units, leg[0], leg[1], START, "bench", "bench", "BENCH", key)


def operate(engine: Engine, chance: random.Random, name: str) -> list[str]:
    """One random operation; returns the keys that must now be in the book."""
    house, other = chance.sample(HOUSES, 2)
    lots = chance.sample(LOTS, chance.randint(1, 3))
    kind = chance.choices(
        ("receive", "issue", "move", "reserve", "release", "reverse"), (30, 25, 25, 10, 5, 5)
    )[0]
    if kind in ("reserve", "release"):
        owner = f"P-{chance.randrange(40)}"
        claims = [Claim(house, lot, chance.randint(1, 5)) for lot in lots]
        if kind == "reserve":
            run_in_transaction(engine, lambda s: reserve(s, claims, owner, START))
        else:
            run_in_transaction(engine, lambda s: release(s, owner))
        return []
    if kind == "reverse":
        return reverse_one(engine, chance)
    ends = {
        "receive": ("supplier:bench", warehouse_place(house)),
        "issue": (warehouse_place(house), "recipient:bench"),
        "move": (warehouse_place(house), warehouse_place(other)),
    }[kind]
    steps = [step(f"{name}:{lot}", lot, ends, chance.randint(1, 20)) for lot in lots]
    for _ in range(2 if chance.random() < 0.1 else 1):  # one in ten is submitted twice
        run_in_transaction(engine, lambda s: append_movements(s, steps, START))
    return [movement.idempotency_key for movement in steps]


def reverse_one(engine: Engine, chance: random.Random) -> list[str]:
    """Reverse one of the newest movements, if that can still be done."""
    with reading(engine) as session:
        last = session.scalar(text("SELECT MAX(id) FROM movement")) or 1
    number = max(1, last - chance.randrange(200))
    try:
        run_in_transaction(
            engine, lambda s: reverse_movements(s, [number], "bench", "BENCH", START)
        )
    except Conflict:
        return []
    return [f"reverse:{number}"]


def work(url: str, number: int, operations: int, folder: str) -> None:
    """One worker: operate, write down what was committed and how long it took."""
    engine = make_engine(url)
    chance = random.Random(number)
    with open(f"{folder}/{number}.log", "w", encoding="utf-8") as log:
        for turn in range(operations):
            began = time.perf_counter()
            result, keys = "done", []
            try:
                keys = operate(engine, chance, f"{number}:{turn}")
            except NotEnoughStock:
                result = "short"
            except Unavailable:
                result = "gave up"
            except DispatchError:
                result = "refused"
            line = {"s": round(time.perf_counter() - began, 5), "r": result, "k": keys}
            log.write(json.dumps(line) + "\n")
            log.flush()
    engine.dispose()


def run(url: str, workers: int, operations: int, kill_every: float, folder: str) -> float:
    """Start the workers, kill some on the way when asked; returns the seconds taken."""
    share = operations // workers
    context = multiprocessing.get_context("fork")
    count = 0

    def begin() -> Any:
        nonlocal count
        process = context.Process(target=work, args=(url, count, share, folder))
        process.start()
        count += 1
        return process

    began = time.perf_counter()
    alive = [begin() for _ in range(workers)]
    while any(process.is_alive() for process in alive):
        time.sleep(kill_every or 0.2)
        running = [p for p in alive if p.is_alive()]
        if kill_every and running and count < workers + MOST_KILLS:
            victim = random.choice(running)
            os.kill(victim.pid, signal.SIGKILL)
            victim.join()
            alive.remove(victim)
            alive.append(begin())
    return time.perf_counter() - began


def judge(url: str, folder: str) -> dict[str, Any]:
    """Read the logs and the book: what was promised, what is there."""
    seconds: list[float] = []
    results: dict[str, int] = {}
    promised: list[str] = []
    for path in sorted(Path(folder).glob("*.log")):
        for line in path.read_text("utf-8").splitlines():
            try:
                found = json.loads(line)
            except ValueError:
                continue  # the line a killed worker was writing
            seconds.append(found["s"])
            results[found["r"]] = results.get(found["r"], 0) + 1
            promised += found["k"]
    engine = make_engine(url)
    with reading(engine) as session:
        keys = set(session.scalars(text("SELECT idempotency_key FROM movement")))
        rows = session.scalar(text("SELECT COUNT(*) FROM movement"))
        began = time.perf_counter()
        proof = find_differences(session)
        verify_s = time.perf_counter() - began
    engine.dispose()
    return {
        "operations": len(seconds),
        **results,
        "lost": len(set(promised) - keys),
        "doubled": rows - len(keys),
        "discrepancies": len(proof["discrepancies"]),
        "movements": proof["movements"],
        "p50_ms": round(quantile(seconds, 0.5) * 1000, 2),
        "p99_ms": round(quantile(seconds, 0.99) * 1000, 2),
        "verify_s": round(verify_s, 2),
    }


def main() -> None:
    """Parse, prepare, run, judge, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--database", help="SQLAlchemy address of an empty database; default an SQLite file"
    )
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--operations", type=int, default=5000)
    parser.add_argument("--kill-every", type=float, default=0)
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--pages", type=int, default=0)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = given.database or f"sqlite:///{folder}/ledger.sqlite"
        prepare(url)
        took = run(url, given.workers, given.operations, given.kill_every, folder)
        figures = {"workers": given.workers, **judge(url, folder)}
        figures["operations_per_s"] = round(figures["operations"] / took, 1)
        more = {}
        if given.peers:
            more["peers"] = race_peers(url)
        if given.pages:
            more["pages"] = time_pages(url, given.pages)
        finish([figures], given.json, **figures, **more)
        for name, part in more.items():
            print(name, json.dumps(part, ensure_ascii=False))
    if figures["discrepancies"] or figures["lost"] or figures["doubled"]:
        raise SystemExit(3)


if __name__ == "__main__":
    main()
