"""A drill of ten days at full speed, every re-solve included, shipped scenarios, a season of years.

    python -m benchmarks.drills [--scenario CODE ...] [--years 200] [--workers 2] [--seconds S]
                                [--json FILE]

``--years 0`` leaves the season out; ``benchmarks.season`` runs it alone.

The ten days: a blizzard over the seven counties of Tongliao with a warning every morning and a
count every evening that has grown, trunk roads shut for three days.  Invented, so it belongs to
no library; it asks for a new plan whenever the state changed.
"""

from __future__ import annotations

import argparse
import io
import time
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import season
from benchmarks.report import finish, peak_mb, print_table
from dispatch.drills.library import load_scenario, shipped_names
from dispatch.drills.model import Scenario
from dispatch.drills.parse import Asked, parse
from dispatch.drills.practice import practise
from dispatch.drills.render import render
from dispatch.drills.rule import load_drill_rule
from dispatch.drills.run import DrillRoom, Options, all_comings, by_plan, play

DAYS = 10
COUNTIES = ("150502", "150521", "150522", "150523", "150524", "150525", "150526")
COLOURS = ("yellow", "orange", "red", "red", "orange", "orange", "yellow", "yellow", "blue", "blue")
ROADS = {2: "closed", 5: "open"}
TEN_DAYS = "ten days (invented)"
MOST_S = 20


def ten_days() -> Scenario:
    """The invented blizzard."""
    listed = "".join(f"- {{adcode: '{code}'}}\n" for code in COUNTIES)
    facts = []
    for day in range(DAYS):
        date, counts = f"2024-12-{day + 1:02d}", (4000 + 3000 * day, 200 + 150 * day)
        facts.append(_fact(date, 8, "alert", f"level: {COLOURS[day]}"))
        facts.append(_fact(date, 20, "report", "affected: {}, relocated: {}".format(*counts)))
        if day in ROADS:
            facts.append(_fact(date, 10, "road", f"status: {ROADS[day]}, roads: [G45, G2511]"))
    text = (
        "id: ten-days\nname_zh: 十日暴雪\nname_en: Ten days of blizzard\nhazard: blizzard\n"
        f"started_at: '2024-12-01T08:00:00+08:00'\ncounties:\n{listed}timeline:\n"
        + "".join(facts)
    )
    return parse(io.BytesIO(text.encode()), Asked("ten-days.yaml", shipped_names()))


def _fact(date: str, hour: int, kind: str, facts: str) -> str:
    at = f"{date}T{hour:02d}:00:00+08:00"
    return f"- {{at: '{at}', kind: {kind}, area: 通辽市, facts: {{{facts}}}}}\n"


def measure(name: str, scenario: Scenario, room: DrillRoom) -> list[dict[str, Any]]:
    """One row each for our plan and for practice."""
    rule, options = load_drill_rule(), Options()
    comings = all_comings(scenario, render(scenario, room.names, rule))
    rows = []
    for way, solve in (("plan", partial(by_plan, options.seed, rule)), ("practice", practise)):
        began, cpu = time.perf_counter(), time.process_time()
        played = play(scenario, (comings, room, rule), options, solve)
        log, span = played.log, comings[-1].at + rule.after_last - comings[0].at
        rows.append({
            "scenario": name, "way": way, "facts": len(scenario.events),
            "days": round(span.total_seconds() / 86400, 1), "plans": len(log.drafted),
            "approved": len(log.approved), "trucks": len(log.left),
            "s": round(time.perf_counter() - began, 1),
            "cpu s": round(time.process_time() - cpu, 1), "peak MB": peak_mb(),
        })
    return rows


def main() -> None:
    """Print the rows; write the JSON when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenario", nargs="*", default=[])
    parser.add_argument("--years", type=int, default=season.YEARS)
    parser.add_argument("--workers", type=int, default=season.WORKERS)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    with DrillRoom() as room:
        rows = measure(TEN_DAYS, ten_days(), room)
        for name in args.scenario:
            rows += measure(name, load_scenario(name, room.names), room)
    asked = (args.years, args.workers, args.seconds)
    curve, told = season.measure(*asked) if args.years else ([], {})
    finish(rows, args.json, curve=curve, season=told)
    print(f"ten days by our plan: {rows[0]['s']} s, at most {MOST_S} s wanted")
    if curve:
        print_table(curve)
        print(season.sentence(told))


if __name__ == "__main__":
    main()
