"""The warning table is taken whole or refused by name; its sentences say its figures."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.alerts.hazards import load_words
from dispatch.alerts.model import Colour
from dispatch.alerts.warnings import (
    WARNINGS,
    WarningTable,
    colour_of,
    explain,
    hazard_names,
    load_warning_table,
    read_warning_table,
    triple_of,
)
from dispatch.errors import InvalidInput

GOOD = next(WARNINGS.glob("*.toml")).read_text("utf-8")
AT = date(2021, 11, 8)
TABLE = load_warning_table(AT)
BLUE, YELLOW, ORANGE, RED = Colour


def thresholds(hazard: str, table: WarningTable = TABLE) -> dict[Colour, tuple[float, ...]]:
    return {c: tuple(s.thresholds.values()) for c, s in table.hazards[hazard].signals.items()}


@pytest.mark.parametrize("hazard,figures", [
    ("blizzard", {BLUE: (12, 4), YELLOW: (12, 6), ORANGE: (6, 10), RED: (6, 15)}),
    ("cold_wave", {BLUE: (48, 8, 4, 5), YELLOW: (24, 10, 4, 6), ORANGE: (24, 12, 0, 6), RED: (24, 16, 0, 6)}),
    ("rainstorm", {BLUE: (12, 50), YELLOW: (6, 50), ORANGE: (3, 50), RED: (3, 100)}),
    ("gale", {BLUE: (24, 6, 7), YELLOW: (12, 8, 9), ORANGE: (6, 10, 11), RED: (6, 12, 13)}),
    ("sandstorm", {YELLOW: (12, 1000), ORANGE: (6, 500), RED: (6, 50)}),
    ("drought", {ORANGE: (1, 25, 40), RED: (2, 50, 60)}),
    ("heat", {YELLOW: (3, 35), ORANGE: (24, 37), RED: (24, 40)}),
    ("hail", {ORANGE: (6, 1), RED: (2, 3)}),
    ("frost", {BLUE: (48, 0), YELLOW: (24, -3), ORANGE: (24, -5)}),
    ("fog", {YELLOW: (12, 500), ORANGE: (6, 200), RED: (2, 50)}),
    ("road_ice", {YELLOW: (12, 1), ORANGE: (6, 2), RED: (2, 3)}),
    ("lightning", {YELLOW: (6, 1), ORANGE: (2, 2), RED: (2, 3)}),
])
def test_national_signals_have_their_published_figures(
    hazard: str, figures: dict[Colour, tuple[float, ...]]
) -> None:
    assert thresholds(hazard) == figures
    assert {s.mark for s in TABLE.hazards[hazard].signals.values()} == {"quoted"}


def test_figures_not_read_anywhere_are_marked_as_assumptions() -> None:
    assumed = {n for n, h in TABLE.hazards.items() for s in h.signals.values() if s.mark == "assumption"}
    assert assumed == {"haze", "snow_disaster", "wildfire", "earthquake"}


def test_codes_of_the_public_client() -> None:
    codes = {h.code: n for n, h in TABLE.hazards.items() if h.code}
    assert [codes[f"{n:02}"] for n in range(1, 15)] == [
        "typhoon", "rainstorm", "blizzard", "cold_wave", "gale", "sandstorm", "heat", "drought",
        "lightning", "hail", "frost", "fog", "haze", "road_ice",
    ]


def test_names_cover_every_hazard_with_and_without_colours() -> None:
    names = hazard_names()
    assert names["blizzard"] == ("暴雪", "blizzard") and names["other"] == ("突发事件", "emergency")
    assert {"tornado", "dam_failure", "flood", "earthquake"} <= set(names)


def test_hazards_of_one_event_are_joined() -> None:
    assert TABLE.group_of("road_ice") == ("blizzard", "snow_disaster", "cold_wave", "road_ice", "gale")
    assert TABLE.group_of("rainstorm")[0] == "flood"
    assert TABLE.group_of("heat") == ("heat",) and TABLE.group_of("meteor") == ("meteor",)


def test_the_words_messages_are_read_by_know_the_same_hazards_under_the_same_names() -> None:
    assert {h.code: (h.zh, h.en) for h in load_words().hazards.values()} == TABLE.names()


@given(st.text(), st.text(), st.sampled_from(Colour))
def test_any_question_has_an_answer(text: str, name: str, colour: Colour) -> None:
    assert TABLE.group_of(text)
    words = TABLE.explain(name, colour)
    assert words.zh and words.en


def test_a_criterion_is_explained_with_figures_and_source() -> None:
    words = explain("blizzard", Colour.RED, AT)
    assert words.code == "warning.criterion.blizzard.red"
    assert "6小时内" in words.zh and "15毫米" in words.zh and "第16号" in words.zh and "转引" in words.zh
    assert "15 mm" in words.en and "within 6 h" in words.en and "quoted" in words.en


def test_a_colour_that_does_not_exist_is_said_not_invented() -> None:
    assert Colour.BLUE not in TABLE.hazards["drought"].signals
    assert "没有蓝色" in explain("drought", Colour.BLUE, AT).zh
    assert "no blue" in explain("drought", Colour.BLUE, AT).en


@pytest.mark.parametrize("name", sorted(TABLE.hazards))
def test_every_sentence_is_filled(name: str) -> None:
    for signal in TABLE.hazards[name].signals.values():
        assert not set("{}") & set(signal.zh + signal.en)
        assert signal.source_zh and signal.source_en


def test_colours_and_cap_words_go_both_ways() -> None:
    assert triple_of(Colour.RED) == ("Immediate", "Extreme", "Likely")
    assert [colour_of(triple_of(c)[1]) for c in Colour] == list(Colour)
    assert colour_of("Unknown") is None and colour_of("") is None
    assert [TABLE.colours[c].level for c in Colour] == [4, 3, 2, 1]
    assert [TABLE.colours[c].pre_alert for c in Colour] == [0, 4, 3, 2]


def refused(tmp_path: Path, text: str) -> str:
    path = tmp_path / "bad.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(InvalidInput) as caught:
        read_warning_table(path)
    assert "bad.toml" in caught.value.message and "bad.toml" in caught.value.message_zh
    return caught.value.message


RED_ROW = "red = { window_h = 6, snow_mm = 15 }"
LINE = 1 + next(n for n, line in enumerate(GOOD.splitlines()) if line == RED_ROW)
FROST = 'code = "11"\nsource = "CMA16"\nmark = "quoted"'


@pytest.mark.parametrize("old,new,words", [
    (RED_ROW, "red = { window_h = 6, snow_mm = 9 }", f"hazards.blizzard.red (line {LINE}) is milder in snow_mm than orange"),
    (RED_ROW, "red = { window_h = 12, snow_mm = 15 }", "milder in window_h than orange"),
    (RED_ROW, "red = { window_h = 6, snow_mm = 10 }", "does not rise above orange"),
    (RED_ROW, 'red = { window_h = 6, snow_mm = "15" }', "not a number"),
    (RED_ROW, "red = { window_h = 6, snow_mm = nan }", "not a number"),
    (RED_ROW, "red = { window_h = 6 }", "does not say exactly its figures: snow_mm"),
    (RED_ROW, "red = { window_h = 6, snow_mm = 15, hail_mm = 1 }", "hail_mm, which is not listed"),
    (RED_ROW, "red = 15", "wrong kind"),
    (RED_ROW, "purple = { window_h = 6, snow_mm = 15 }", f"hazards.blizzard.purple (line {LINE}) is neither a colour"),
    (RED_ROW, 'red = { window_h = 6, snow_mm = 15, source = "X" }', "red (line"),
    (FROST, 'code = "11"\nmark = "quoted"', "hazards.frost.blue (line"),
    (FROST, 'code = "11"\nsource = "CMA16"', "hazards.frost.yellow (line"),
    (FROST, FROST.replace("quoted", "heard"), "has no mark"),
    ("visibility_m = { worse = \"lower\" }", "visibility_m = { worse = \"down\" }", "wrong kind"),
    ("effect = 3", "effect = 4", "no place in its scale of 3"),
    ("[colours.red]", "[colours.purple]", "exactly blue, yellow, orange and red"),
    ("pre_alert = 2", "pre_alert = 4", "pre_alert"),
    ("pre_alert = 2", "pre_alert = 9", "pre_alert"),
    ('urgency = "Immediate"', 'urgency = "Soon"', "colours.red.urgency"),
    ('severity = "Extreme"', 'severity = "Severe"', "severity must rise"),
    ('"dam_failure", "rainstorm"]', '"dam_burst", "rainstorm"]', "groups names dam_burst"),
    ('"dam_failure", "rainstorm"]', '"gale", "rainstorm"]', "groups has gale twice"),
    ("[hazards.other]", "[hazards.others]", "hazards.other is missing"),
    ("from = 2007-06-12", 'from = "2007"', "from is not a date"),
    ("version =", "edition =", "missing"),
    ("{snow_mm}毫米", "{snow_mm}毫米{}", "missing or of the wrong kind"),
    ("[hazards.other]", "[hazards.other", "cannot be read"),
])
def test_bad_tables_are_refused(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in GOOD
    assert words in refused(tmp_path, GOOD.replace(old, new, 1))


def test_a_missing_source_is_named(tmp_path: Path) -> None:
    text = refused(tmp_path, GOOD.replace(FROST, 'code = "11"\nmark = "quoted"'))
    assert text.count("hazards.frost") == text.count("has no source") == 3


def test_a_file_that_is_not_there_or_not_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be read"):
        read_warning_table(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(InvalidInput, match="cannot be read"):
        read_warning_table(tmp_path / "latin.toml")
    with pytest.raises(InvalidInput, match="no warning table"):
        load_warning_table(AT, tmp_path / "empty")


def test_the_version_is_chosen_by_date_and_an_edit_is_seen(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(GOOD, "utf-8")
    later = GOOD.replace("from = 2007-06-12", "from = 2026-02-01").replace(RED_ROW, RED_ROW.replace("15", "20"))
    (tmp_path / "b.toml").write_text(later, "utf-8")
    by_date = [thresholds("blizzard", load_warning_table(at, tmp_path))[RED]
               for at in (date(1999, 1, 1), date(2026, 1, 31), date(2026, 2, 1))]
    assert by_date == [(6, 15), (6, 15), (6, 20)]
    (tmp_path / "b.toml").write_text(later.replace("snow_mm = 20", "snow_mm = 250"), "utf-8")
    assert thresholds("blizzard", load_warning_table(date(2026, 2, 1), tmp_path))[RED] == (6, 250)
