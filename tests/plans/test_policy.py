"""A policy file is taken whole or refused with every fault named."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.errors import InvalidInput
from dispatch.plans.policy import PLANS, load_policy, parse_policy, read_policy

GOOD = next(PLANS.glob("*.toml")).read_text("utf-8")


def refused(tmp_path: Path, text: str) -> str:
    path = tmp_path / "bad.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(InvalidInput) as caught:
        read_policy(path)
    return caught.value.message


def test_the_shipped_policy_is_read_and_marked_as_assumption() -> None:
    policy = load_policy(date(2024, 7, 1))
    assert policy.is_assumption and policy.source
    assert policy.thresholds["region"]["relocated"].edges == (1_000_000, 500_000, 100_000, 50_000)


def test_a_date_before_every_policy_takes_the_first() -> None:
    assert load_policy(date(1999, 1, 1)).version == load_policy(date(2024, 7, 1)).version


@pytest.mark.parametrize("old,new,words", [
    ("dead_missing = [100, 50, 20, 10]", "dead_missing = [100, 50, 60, 10]", "overlaps"),
    ("dead_missing = [100, 50, 20, 10]", "dead_missing = [100, 50]", "four bands"),
    ("dead_missing = [100, 50, 20, 10]", "dead_missing = [100, 50, 20, 0]", "above zero"),
    ("dead_missing = [100, 50, 20, 10]", "", "four bands"),
    ("[levels.4]", "[levels.9]", "a level without a plan"),
    ("red = 2", "red = 7", "warnings.red"),
    ("stock_share_percent = 70", "stock_share_percent = 170", "stock_share_percent"),
    ("[levels.4]", "[levels.4", "cannot be read"),
])
def test_bad_policies_are_refused(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in GOOD
    assert words in refused(tmp_path, GOOD.replace(old, new, 1))


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no plan policy"):
        load_policy(date(2024, 7, 1), tmp_path)


LINES = GOOD.splitlines()
TWICE = '[[hazard_row]]\nhazard = "earthquake"\ntier = "region"\ndead_missing = [300, 50, 10, 1]\narticle = "x"\n\n'


def line(text: str, needle: str, nth: int = 0) -> int:
    """The number of the nth line that begins with ``needle``."""
    return [n for n, row in enumerate(text.splitlines(), 1) if row.startswith(needle)][nth]


@pytest.mark.parametrize("old,new,where,words", [
    # an overlap in the league's table, not in the first table that has the measure
    ("dead_missing = [10, 5, 3, 1]", "dead_missing = [10, 5, 5, 1]", ("dead_missing", 1), "thresholds.league.dead_missing overlaps"),
    ("rooms = [1000, 500, 150, 30]", "rooms = [30, 150, 500, 1000]", ("rooms", 2), "thresholds.county.rooms overlaps"),
    ("households = [400, 200, 50, 10]\n", "", ("[thresholds.county]", 0), "thresholds.county.households needs four bands"),
    ("[levels.3]", "[levels.6]", ("version", -1), "levels.3 is missing"),
    ("[levels.3]", "[levels.6]", ("[levels.6]", 0), "levels.6 is not known"),
    ("rooms = [5000, 2000, 1000, 300]", 'rooms = "many"', ("rooms", 1), "thresholds.league.rooms needs four bands"),
    ("rooms = [5000, 2000, 1000, 300]", "rooms = [5000, 2000, 1000.5, 300]", ("rooms", 1), "not a whole number"),
    ("is_assumption = true\n", "is_assumption = 1\n", ("is_assumption", 0), "must be true or false"),
    ("from = 2024-06-12", "from = 2024-06-12T08:00:00", ("from", 0), "from is missing"),
    ("# People needing aid", TWICE + "# People needing aid", ("dead_missing", 4), "given twice"),
    ("# People needing aid", TWICE.replace("x", "x\"\nnonsense = \"y") + "# People needing aid", ("nonsense", 0), "hazard_row.nonsense is not known"),
    ("first_report_h = 4", "first_report_h = 4\nsecond_report_h = 5", ("second_report_h", 0), "levels.4.second_report_h is not an action"),
    ("title_zh =", "titel = 1\ntitle_zh =", ("titel", 0), "titel is not known"),
    ("[linked]", "[linked]\npersent = 70", ("persent", 0), "linked.persent is not known"),
    ("[drought]", "[village]\nx = 1\n\n[drought]", ("[village]", 0), "village is not known"),
    ("[drought]", "[[village]]\nx = 1\n\n[drought]", ("[[village]]", 0), "village is not known"),
    ("[tiers.county]", "[tiers.village]\nx = 1\n\n[tiers.county]", ("[tiers.village]", 0), "tiers.village is not known"),
    ("[thresholds.county]", "[thresholds.village]\nx = 1\n\n[thresholds.county]", ("[thresholds.village]", 0), "thresholds.village is not known"),
    ("orange = 3", "orange = 4\npurple = 1", ("purple", 0), "warnings.purple is not a colour"),
    ("yellow = 4\norange = 3", "yellow = 3\norange = 4", ("[warnings]", 0), "a stronger colour a milder level"),
    ("percent = 80", "percent = 180", ("percent", 1), "linked.percent must be"),
    ('measures = ["dead_missing"]', 'measures = ["dead"]', ("measures", 0), "names dead"),
    ("hold_h = 24", "hold_h = true", ("hold_h", 0), "step_down.hold_h"),
    ('source = "假设"', "", ("[step_down]", 0), "step_down.source is missing"),
])
def test_a_fault_names_its_line(tmp_path: Path, old: str, new: str, where: tuple[str, int], words: str) -> None:
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    message = refused(tmp_path, text)
    number = 1 if where[1] < 0 else line(text, *where)
    faults = [part for part in message.split("; ") if words in part]
    assert faults and f"line {number}: " in faults[0], message


def test_every_fault_is_told_at_once_in_both_languages(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(GOOD.replace("red = 2", "red = 9").replace("hold_h = 24", "hold_h = -1").replace("teams_max = 6", ""), "utf-8")
    with pytest.raises(InvalidInput) as caught:
        read_policy(path)
    assert len(caught.value.facts["faults"]) == 3
    assert "bad.toml" in caught.value.message_zh and caught.value.remedy_zh


@pytest.mark.parametrize("text", [
    "", "levels = 3", "hazard_row = 3", "hazard_row = [1]", "[hazard_row]\nx = 1", "thresholds = []", "warnings = 1", "tiers = 'x'",
    "[levels]\n1 = 2", "[warnings]\nblue = 'x'\nyellow = []\nred = 1", "[lowered]\ncodes = [1]", "= 1", "\x00",
])
def test_a_text_of_another_shape_is_refused_not_crashed_on(tmp_path: Path, text: str) -> None:
    assert "is refused" in refused(tmp_path, text)


@settings(deadline=None)
@given(st.data())
def test_a_policy_with_any_line_taken_out_or_doubled_is_whole_or_refused(data: st.DataObject) -> None:
    """Nothing that is accepted may be short of a band, a level or a source."""
    number = data.draw(st.integers(0, len(LINES) - 1))
    times = data.draw(st.sampled_from([0, 2]))
    text = "\n".join([*LINES[:number], *[LINES[number]] * times, *LINES[number + 1:]])
    try:
        policy = parse_policy(text, "changed.toml")
    except InvalidInput as refusal:
        assert "line" in refusal.message and refusal.remedy_zh
        return
    assert set(policy.levels) == {1, 2, 3, 4} and set(policy.thresholds) == set(policy.tiers) == {"region", "league", "county"}
    assert all(policy.sources.values())


@pytest.mark.parametrize("table", ["tiers.moon", "thresholds.moon", "levels.9"])
def test_a_table_nothing_reads_is_refused_with_its_line(tmp_path: Path, table: str) -> None:
    text = GOOD + f"\n[{table}]\nx = 1\n"
    line = 1 + text.splitlines().index(f"[{table}]")
    assert f"line {line}: {table} is not known" in refused(tmp_path, text)
