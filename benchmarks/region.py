"""Blizzards over the region, from 1 to 103 counties, and allocation for a nation.

    python -m benchmarks.region [--counties 1 10 30 60 103] [--stock scarce ample]
        [--national 1000 2800] [--budget 8] [--seeds 1] [--parts whole,fixed,allocation]
        [--solvers ours,pyvrp,vroom,ortools,practice] [--json FILE]

``whole``: from what is known to a checked decision, sources free, beside today's practice.
``fixed``: the same shipments from the same warehouses for every solver; aim ``money`` (all
can count that) or ``whole`` (with waiting and lateness; OR-Tools can).  Every plan is priced
and checked anew by the timetable and the independent checker.  A process for each run,
solvers take turns in going first.  With ``--json`` runs that the file has are not done again.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.region_instances import STOCK, load_inputs, load_shipments
from benchmarks.region_runs import run
from benchmarks.report import machine, print_table

SOLVERS = ("ours", "pyvrp", "vroom", "ortools", "practice")
AIMS = {"ours": ("money", "whole"), "ortools": ("money", "whole"), "practice": ("money",)}
GRACE_S = 180
TASK = ("part", "counties", "stock", "seed", "solver", "aim", "budget")
SHOWN = (
    "part",
    "counties",
    "stock",
    "seed",
    "solver",
    "aim",
    "first_s",
    "first_cpu_s",
    "final_s",
    "cost_yuan",
    "weighs_yuan",
    "arrival_h",
    "late",
    "shipments",
    "trucks",
    "unserved",
    "gap_%",
    "closed_%",
    "optimal_%",
    "free_gap_%",
    "final_mb",
    "faults",
    "load",
)
Row = dict[str, Any]


def tasks(given: argparse.Namespace) -> Iterator[Row]:
    """Every run that is asked for, the solvers turning."""
    solvers, parts = given.solvers.split(","), given.parts.split(",")
    turn = 0
    for counties in given.counties:
        for stock in given.stock:
            for seed in range(1, given.seeds + 1):
                turn += 1
                place = turn % len(solvers)
                for solver in (*solvers[place:], *solvers[:place]):
                    row = {"counties": counties, "stock": stock, "seed": seed, "solver": solver}
                    if "whole" in parts and solver in ("ours", "practice"):
                        yield {"part": "whole", **row, "aim": "whole", "budget": given.budget}
                    for aim in AIMS.get(solver, ("money",)) if "fixed" in parts else ():
                        yield {"part": "fixed", **row, "aim": aim, "budget": given.budget}
    if "allocation" in parts:
        for counties in (103, *given.national):
            for case in ("flow", "fair") if counties == 103 else ("flow",):
                yield {
                    "part": "allocation",
                    "counties": counties,
                    "stock": case,
                    "seed": 1,
                    "solver": "ours",
                    "aim": "whole",
                    "budget": 0.0,
                }


def run_apart(folder: Path, task: Row) -> Row:
    """The run in a process of its own; what it said when it failed."""
    command = [
        sys.executable,
        "-m",
        "benchmarks.region",
        "--work",
        str(folder),
        "--child",
        json.dumps(task),
    ]
    began = time.perf_counter()
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            timeout=task["budget"] * 3 + GRACE_S,
        )
        told = (
            json.loads(done.stdout.splitlines()[-1])
            if done.returncode == 0
            else {"failed": done.stderr[-300:]}
        )
    except subprocess.TimeoutExpired:
        told = {"failed": "no answer in time"}
    return {**task, **told, "process_s": round(time.perf_counter() - began, 1)}


def compare(rows: list[Row]) -> list[Row]:
    """Our cost against the others' on the same instance and aim, as ratios."""
    found = []
    ours = {
        (r["part"], r["counties"], r["stock"], r["seed"], r["aim"]): r
        for r in rows
        if r["solver"] == "ours"
    }
    for row in rows:
        if row["solver"] == "ours" or "cost_yuan" not in row:
            continue
        own = ours.get((row["part"], row["counties"], row["stock"], row["seed"], row["aim"]), {})
        if "cost_yuan" not in own:
            continue
        each = (
            (own["cost_yuan"] / max(1, own["tonnes"])) / (row["cost_yuan"] / max(1, row["tonnes"]))
            if row["cost_yuan"]
            else 0
        )
        found.append(
            {
                **{key: row[key] for key in ("part", "counties", "stock", "seed", "aim", "solver")},
                "cost_ratio": round(own["cost_yuan"] / row["cost_yuan"], 3)
                if row["cost_yuan"]
                else "-",
                "per_tonne": round(each, 3),
                "weighs_ratio": round(own["weighs_yuan"] / max(1, row["weighs_yuan"]), 3),
                "unserved": row["unserved"],
            }
        )
    return found


def main() -> None:
    """Run what is missing, print, write after each run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--counties", type=int, nargs="*", default=[1, 10, 30, 60, 103])
    parser.add_argument(
        "--stock", nargs="+", choices=sorted(STOCK), default=sorted(STOCK, reverse=True)
    )
    parser.add_argument("--national", type=int, nargs="*", default=[1000, 2800])
    parser.add_argument("--budget", type=float, default=8.0)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--parts", default="whole,fixed,allocation")
    parser.add_argument("--solvers", default=",".join(SOLVERS))
    parser.add_argument("--work", type=Path, help="keeps the instances here between runs")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        print(json.dumps(run(given.work, json.loads(given.child)), default=str))
        return
    with tempfile.TemporaryDirectory() as spare:
        measure(given, given.work or Path(spare))


def measure(given: argparse.Namespace, folder: Path) -> None:
    """All tasks, those already in the file left out."""
    folder.mkdir(parents=True, exist_ok=True)
    known = (
        json.loads(given.json.read_text("utf-8"))["rows"]
        if given.json and given.json.exists()
        else []
    )
    have = {tuple(row[key] for key in TASK) for row in known if "failed" not in row}
    rows = [row for row in known if "failed" not in row]
    for task in tasks(given):
        if tuple(task[key] for key in TASK) in have:
            continue
        if task["part"] != "allocation":
            load_inputs(folder, task["counties"], task["stock"], task["seed"])
        if task["part"] == "fixed":
            load_shipments(folder, task["counties"], task["stock"], task["seed"])
        rows.append(run_apart(folder, task))
        print(
            json.dumps({key: rows[-1][key] for key in (*SHOWN, "s", "failed") if key in rows[-1]}),
            flush=True,
        )
        if given.json:
            body = {"machine": machine(), "rows": rows}
            given.json.write_text(json.dumps(body, ensure_ascii=False, indent=1) + "\n", "utf-8")
    if rows:
        print_table([{key: row.get(key, "") for key in (*SHOWN, "s")} for row in rows])
    ratios = compare(rows)
    if ratios:
        print_table(ratios)


if __name__ == "__main__":
    main()
