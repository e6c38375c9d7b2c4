"""After-action reports: what counts as a finding, the same bytes again, and files that are no score."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from dispatch.drills.report import report_files
from dispatch.drills.report_findings import findings
from dispatch.drills.report_input import Told, as_told, head_of, read_told
from dispatch.drills.report_rules import KINDS, load_report_rules
from dispatch.drills.run import DrillRoom, run
from dispatch.drills.view import as_json
from dispatch.errors import InvalidInput
from tests.drills.files import quake

ON = date(2026, 11, 27)
RULES = load_report_rules()
WHOLE = {
    "coverage": {"24h": 1.0, "48h": 1.0, "72h": 1.0}, "county_coverage": {"152921": 1.0}, "worst_county": "152921", "clocks": [],
    "first_goods": [], "levels": [], "levels_then": [], "reserve_left": 1.0, "gini": 0.0, "decisions_changed": 0,
}
CLOCK = {"name": "goods_there", "tier": "county", "due_at": "2015-04-15T20:00:00+08:00"}
FIRST = {"county": "152921", "ours_at": None, "history_at": None}


@pytest.fixture(scope="module")
def kept(room: DrillRoom) -> dict[str, Any]:
    scenario = quake()
    return {**as_json(run(scenario, room)), **head_of(scenario, room.names, ON)}


@pytest.fixture
def whole(kept: dict[str, Any]) -> Told:
    """A score with nothing to find fault with."""
    told = as_told(kept)
    return replace(told, score={**told.score, **WHOLE, "greedy": {**told.score["greedy"], "coverage": WHOLE["coverage"]}})


@pytest.mark.parametrize(("kind", "changed"), [
    ("coverage", {"coverage": {"72h": 0.4}, "greedy": {"coverage": {}}}), ("worst", {"county_coverage": {"152921": 0.1}}),
    ("clock", {"clocks": [{**CLOCK, "met_at": None}]}), ("clock", {"clocks": [{**CLOCK, "met_at": "2015-04-15T23:30:00+08:00"}]}),
    ("later", {"first_goods": [{**FIRST, "verdict": "later"}]}), ("unknown", {"first_goods": [{**FIRST, "verdict": "unknown"}]}),
    ("level", {"levels_then": [{"level": 2}], "levels": [{"level": 3}]}), ("reserve", {"reserve_left": 0.2}), ("gini", {"gini": 0.5}),
    ("practice", {"greedy": {"coverage": {"24h": 1.2, "48h": 1.0, "72h": None}}}), ("changed", {"decisions_changed": 2}),
])
def test_each_kind_of_finding_has_an_owner_and_a_day(whole: Told, kind: str, changed: dict[str, Any]) -> None:
    assert findings(whole, RULES) == () and kind in KINDS
    (found,) = findings(replace(whole, score={**whole.score, **changed}), RULES)
    rule = RULES.kinds[kind]
    assert (found.number, found.kind, found.owner, found.due) == (1, kind, rule.owner, ON + timedelta(days=rule.days))
    assert all(found.words) and found.words[0] != found.words[1]


def test_the_same_score_gives_the_same_bytes_and_stands_beside_others(kept: dict[str, Any]) -> None:
    told = as_told(kept)
    other = replace(told, title=("别的演练", "Another drill"), on=date(2025, 5, 5), score={**told.score, "scenario": "another"})
    files = report_files(told, [other])
    assert files == report_files(told, [other])
    assert sorted(files) == [f"test-quake.{lang}.{form}" for lang in ("en", "zh") for form in ("html", "pdf")]
    page = files["test-quake.en.html"].decode()
    assert "Another drill" in page and "Test quake" in page and "DRILL — not a real dispatch" in page
    # a file of its own: nothing that runs, nothing from elsewhere
    assert "<script" not in page and "http" not in page.replace("http://www.w3.org", "").split("<h2>Sources")[0].replace("http://purl.org", "").replace(
        "http://creativecommons.org", "").replace("https://matplotlib.org", "")
    for told_en in ("Need covered over time", "First goods in each county", "Findings", "Assumptions"):
        assert told_en in page


@pytest.mark.parametrize(("change", "words"), [
    ({"coverage": [1]}, "coverage is a list"), ({"seed": True}, "seed is a bool"), ({"report": {"on": "2026-11-27"}}, "report.title_zh is missing"),
])
def test_a_file_that_is_no_score_is_told_what_is_wrong(kept: dict[str, Any], tmp_path: Path, change: dict[str, Any], words: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps(kept), "utf-8")
    assert read_told(path) == as_told(kept)
    path.write_text(json.dumps({**kept, **change}), "utf-8")
    with pytest.raises(InvalidInput, match=words) as caught:
        read_told(path)
    assert caught.value.remedy and "x.json" in caught.value.message_zh


def test_an_unreadable_file_is_told(tmp_path: Path) -> None:
    for text in ("{", "[]"):
        (tmp_path / "x.json").write_text(text, "utf-8")
        with pytest.raises(InvalidInput, match="not a stored drill score"):
            read_told(tmp_path / "x.json")
    with pytest.raises(InvalidInput, match="not a stored drill score"):
        read_told(tmp_path / "none.json")
