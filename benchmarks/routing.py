"""Route search on public instances, side by side with other solvers.

    python -m benchmarks.routing --instances DIR [--only NAME,NAME]
        [--solvers ours,ortools,pyvrp,vroom] [--budget 1,5] [--seeds N] [--json FILE]

Every run is a process of its own (solvers of one thread get two at once, the better
counts), solvers take turns in going first, every answer is re-costed and checked
from the instance.  A solver that is not installed is named and left out.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.metadata
import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from benchmarks.instances import Instance, load_instances
from benchmarks.peers import SOLVERS
from benchmarks.report import machine, print_table, quantile
from benchmarks.routing_check import faults, total_cost

PACKAGES = {"ours": "numba", "ortools": "ortools", "pyvrp": "pyvrp", "vroom": "pyvroom"}
GRACE_S = 120


def run_one(folder: Path, name: str, solver: str, budget: float, seed: int) -> None:
    """In the child: solve one instance, print the answer and the seconds it took."""
    (instance,) = load_instances(folder, {name})
    module = importlib.import_module(SOLVERS[solver][0])
    began = time.perf_counter()
    answer = module.solve(instance, budget, seed)
    print(json.dumps({"seconds": time.perf_counter() - began, "answer": answer}))


def run(folder: Path, instance: Instance, solver: str, budget: float, seed: int) -> dict[str, Any]:
    """One row: the best of the solver's processes, started together."""
    lanes = SOLVERS[solver][1]
    children = [
        subprocess.Popen(
            [sys.executable, "-m", "benchmarks.routing", "--instances", str(folder), "--child",
             json.dumps([instance.name, solver, budget, lanes * (seed - 1) + 1 + lane])],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )
        for lane in range(lanes)
    ]
    best: float | None = None
    took = 0.0
    for child in children:
        try:
            out, _ = child.communicate(timeout=budget + GRACE_S)
            found = json.loads(out.splitlines()[-1])
        except (subprocess.TimeoutExpired, IndexError, json.JSONDecodeError):
            child.kill()
            continue
        answer = [(int(fleet), tuple(stops)) for fleet, stops in found["answer"]]
        took = max(took, found["seconds"])
        if not faults(instance, answer):
            cost = total_cost(instance, answer)
            best = cost if best is None else min(best, cost)
    known = instance.best_known
    gap = 100 * (best / known - 1) if best is not None and known else None
    return {
        "instance": instance.name, "family": instance.family, "solver": solver, "budget": budget,
        "seed": seed, "cost": best, "best_known": known, "gap": gap,
        "seconds": round(took, 3), "valid": best is not None,
    }


def available(wanted: list[str]) -> dict[str, str]:
    """Versions of the installed solvers; the missing are told."""
    found = {}
    for solver in wanted:
        try:
            found[solver] = importlib.metadata.version(PACKAGES[solver])
        except importlib.metadata.PackageNotFoundError:
            print(f"{solver} is not installed and left out: pip install {PACKAGES[solver]}")
    return found


def tell(row: dict[str, Any]) -> None:
    """One line as soon as a run is done."""
    worth = f"gap {row['gap']:.3f} %" if row["gap"] is not None else f"cost {row['cost']}"
    head = f"{row['instance']:12} {row['solver']:8} {row['budget']:5g} s  seed {row['seed']}"
    print(f"{head}  {worth}", flush=True)


def summary(results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Gaps in percent per family, solver and budget; a run without a valid answer counts
    as no gap and is shown."""
    cells = defaultdict(list)
    for row in results:
        if row["best_known"]:
            cells[row["family"], row["budget"], row["solver"]].append(row)
    rows = []
    for (family, budget, solver), group in sorted(cells.items()):
        gaps = [r["gap"] for r in group if r["valid"]]
        rows.append({
            "family": family, "budget_s": budget, "solver": solver, "runs": len(group),
            "mean_%": round(sum(gaps) / len(gaps), 3) if gaps else "-",
            "median_%": round(quantile(gaps, 0.5), 3) if gaps else "-",
            "worst_%": round(max(gaps), 3) if gaps else "-",
            "invalid": sum(not r["valid"] for r in group),
            "longest_s": max(r["seconds"] for r in group),
        })
    return rows


def main() -> None:
    """Run, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--instances", type=Path, required=True)
    parser.add_argument("--only", default="")
    parser.add_argument("--solvers", default=",".join(SOLVERS))
    parser.add_argument("--budget", default="1,5")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        name, solver, budget, seed = json.loads(given.child)
        run_one(given.instances, name, solver, budget, seed)
        return
    versions = available(given.solvers.split(","))
    results: list[dict[str, Any]] = []
    turn = 0
    for instance in load_instances(given.instances, set(filter(None, given.only.split(",")))):
        for budget in (float(b) for b in given.budget.split(",")):
            for seed in range(1, given.seeds + 1):
                order = list(versions)
                turn += 1
                for solver in order[turn % len(order):] + order[: turn % len(order)]:
                    results.append(run(given.instances, instance, solver, budget, seed))
                    tell(results[-1])
    print_table(summary(results))
    if given.json:
        body = {
            "machine": {**machine(), "load": os.getloadavg()}, "versions": versions,
            "results": results,
        }
        given.json.write_text(json.dumps(body, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
