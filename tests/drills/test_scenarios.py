"""The shipped scenarios end to end: golden scores, and the back-test table that shows them."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from dispatch.config import PROJECT_ROOT
from dispatch.drills.library import load_scenario, shipped_files, shipped_names
from dispatch.drills.model import Figures, Score
from dispatch.drills.run import DrillRoom, run
from dispatch.drills.table import BEGIN, END, HEAD, row_of

GOLDEN = Path(__file__).parent / "golden"
PAGE = PROJECT_ROOT / "docs" / "drills.md"
CODES = [path.stem for path in shipped_files()]


def short(figures: Figures) -> dict[str, Any]:
    return {
        "proposals": len(figures.proposals), "coverage": {f"{h}h": s for h, s in figures.coverage.items()},
        "worst_county": figures.worst_county, "gini": figures.gini, "reserve_left": figures.reserve_left,
        "cost_fen": figures.cost_fen, "truck_seconds": figures.truck_seconds,
        "first_goods": {f.county: f"{f.ours_at.isoformat() if f.ours_at else None} {f.verdict}" for f in figures.first_goods},
    }


def golden_of(score: Score) -> dict[str, Any]:
    return {
        "alerts": score.alerts, "levels": [f"{s.at.isoformat()} {s.tier} {s.place} {s.level}" for s in score.levels],
        "ours": short(score.ours), "greedy": short(score.greedy), "assumptions": len(score.assumptions),
    }


@pytest.mark.parametrize("code", CODES)
def test_a_shipped_scenario_scores_as_written_down(code: str, room: DrillRoom) -> None:
    """Run once with GOLDEN=write after a change that is meant, then `dispatch drill table docs/drills.md`;
    read the difference in git."""
    scenario = load_scenario(code, shipped_names())
    score = run(scenario, room)
    path = GOLDEN / f"{code}.json"
    if os.environ.get("GOLDEN") == "write":
        path.write_text(json.dumps(golden_of(score), ensure_ascii=False, indent=1) + "\n", "utf-8")
    assert golden_of(score) == json.loads(path.read_text("utf-8"))
    assert row_of(scenario, score, room.names) in PAGE.read_text("utf-8"), "run `dispatch drill table docs/drills.md`"
    assert score.assumptions and score.sources


def test_the_table_has_a_row_for_each_scenario_and_no_other() -> None:
    page = PAGE.read_text("utf-8")
    table = page[page.index(BEGIN) + len(BEGIN):page.index(END)].strip()
    assert table.startswith(HEAD)
    titles = [load_scenario(code, shipped_names()).title_en for code in CODES]
    assert [line.split(" | ")[0].removeprefix("| ") for line in table.removeprefix(HEAD).splitlines()] == titles


def test_every_golden_score_belongs_to_a_scenario() -> None:
    assert sorted(path.stem for path in GOLDEN.glob("*.json")) == CODES
