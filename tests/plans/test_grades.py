"""Hazard grades: what the tables say, what is not known, and what never may happen."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.alerts.model import Observations
from dispatch.alerts.warnings import hazard_names
from dispatch.errors import InvalidInput
from dispatch.plans.grade_table import GRADES, MEASURES, load_grades, read_grades
from dispatch.plans.grades import hazard_criteria
from dispatch.plans.model import Criterion

TABLE = load_grades(date(2024, 7, 1))
OLD = load_grades(date(1996, 5, 3))
HAZARDS = sorted({hazard for rule in TABLE.rules for hazard in rule.hazards})
CITY = {"150203": 2582.6, "150222": 33.0}
STEPPE = {"150422": 42.9, "150421": 21.6}


def tried(hazard: str, density: dict[str, float | None] | None = None, **seen: float) -> dict[str, Criterion]:
    found = hazard_criteria(hazard, Observations(**seen), TABLE, density)  # type: ignore[arg-type]
    return {c.name: c for c in found}


def level(criteria: tuple[Criterion, ...]) -> int | None:
    return min((c.level for c in criteria if c.met), default=None)


def single(hazard: str, **seen: float) -> int | None:
    return level(tuple(tried(hazard, STEPPE, **seen).values()))


@pytest.mark.parametrize("hazard,measure,levels", [
    ("earthquake", "magnitude", {3.9: None, 4.0: 4, 4.9: 4, 5.0: 3, 5.9: 3, 6.0: 2, 6.9: 2, 7.0: 1, 8.0: 1}),
    ("flood", "return_period_years", {4: None, 5: 4, 9: 4, 10: 3, 19: 3, 20: 2, 49: 2, 50: 1, 500: 1}),
    ("drought", "dry_area_percent", {0: None, 9: None, 10: 4, 30: 4, 31: 3, 50: 3, 51: 2, 80: 2, 81: 1, 100: 1}),
    ("drought", "short_of_water_percent", {0: None, 9: None, 10: 4, 20: 4, 21: 3, 40: 3, 41: 2, 60: 2, 61: 1}),
    ("drought", "city_supply_short_percent", {4: None, 5: 4, 9: 4, 10: 3, 20: 3, 90: 3}),
    ("wildfire", "fire_danger_class", {1: None, 2: None, 3: 4, 4: 3, 5: 2}),
])
def test_single_measures_by_the_edges_of_their_bands(
    hazard: str, measure: str, levels: dict[float, int | None]
) -> None:
    assert {value: single(hazard, **{measure: value}) for value in levels} == levels


@pytest.mark.parametrize("grass,days,area,expected", [
    (29, 60, 90, None), (30, 10, 20, 4), (40, 10, 20, 4), (41, 10, 20, 3), (51, 10, 40, 2), (70, 10, 60, 2),
    (71, 10, 60, 1), (95, 12, 60, 1),
    (30, 9, 20, None), (41, 9, 20, 4), (51, 7, 20, 3), (71, 7, 40, 2), (90, 9, 60, 2), (91, 7, 60, 1),
    (91, 6, 60, None), (51, 10, 39, 3), (71, 10, 59, 2), (80, 10, 30, 3), (80, 10, 19, None),
])
def test_pastoral_snow_disaster_by_both_columns(
    grass: int, days: int, area: int, expected: int | None
) -> None:
    found = tried("snow_disaster", grass_buried_percent=grass, snow_days=days, snow_area_percent=area)
    assert set(found) == {"grade.snow_10_days", "grade.snow_7_days"}
    assert level(tuple(found.values())) == expected


def test_the_blank_cell_filled_by_the_pattern_says_so() -> None:
    seven = tried("blizzard", grass_buried_percent=80, snow_days=8, snow_area_percent=50)["grade.snow_7_days"]
    assert seven.met and seven.level == 2
    assert "原表此格天数空缺" in seven.words.zh and "blank in the source" in seven.words.en


def test_every_rule_unknown_is_open_and_never_met() -> None:
    for hazard in HAZARDS:
        found = hazard_criteria(hazard, Observations(), TABLE)
        assert found and all(c.observed is None and not c.met for c in found)
        assert all("尚无" in c.words.zh and "not known yet" in c.words.en for c in found)
    assert hazard_criteria("meteor", Observations(magnitude=9.0), TABLE) == ()


def test_what_is_missing_of_measures_needed_together_is_named() -> None:
    found = tried("snow_disaster", grass_buried_percent=80, snow_days=12)["grade.snow_10_days"]
    assert found.observed is None and not found.met
    assert "不能判定" in found.words.zh and "尚无报告：积雪面积占比" in found.words.zh
    assert "cannot be judged" in found.words.en and "not known yet: area under snow (" in found.words.en


def test_a_known_measure_too_low_is_said_even_when_others_are_missing() -> None:
    found = tried("snow_disaster", grass_buried_percent=10)["grade.snow_10_days"]
    assert "未达到" in found.words.zh and "does not reach" in found.words.en and "尚无报告" in found.words.zh


@pytest.mark.parametrize("depth,days,expected", [
    (4, 30, None), (5, 2, None), (5, 3, 4), (12, 4, 4), (10, 5, 3), (15, 5, 3), (15, 7, 2), (90, 90, 2),
])
def test_depth_and_days_stand_in_and_never_reach_the_highest(depth: int, days: int, expected: int | None) -> None:
    found = tried("snow_disaster", snow_depth_cm=depth, snow_days=days)["grade.snow_depth"]
    assert (found.level if found.met else None) == expected
    assert "不是国家标准" in found.words.zh and "not the standard" in found.words.en


@pytest.mark.parametrize("seen,stands_in", [
    ({"snow_depth_cm": 20}, True),
    ({"snow_days": 9}, False),
    ({"snow_depth_cm": 20, "snow_days": 9, "grass_buried_percent": 80}, True),
    ({"snow_depth_cm": 20, "snow_days": 9, "grass_buried_percent": 29}, False),
    ({"snow_depth_cm": 20, "snow_days": 9, "snow_area_percent": 19}, False),
    ({"snow_depth_cm": 20, "snow_days": 9, "grass_buried_percent": 80, "snow_area_percent": 50}, False),
])
def test_the_stand_in_leaves_once_the_standard_can_answer(seen: dict[str, int], stands_in: bool) -> None:
    assert ("grade.snow_depth" in tried("snow_disaster", **seen)) is stands_in


@pytest.mark.parametrize("magnitude,dense", [(3.9, None), (4.0, 3), (4.9, 3), (5.0, 2), (5.9, 2), (6.0, 1)])
def test_a_dense_area_asks_one_grade_more(magnitude: float, dense: int | None) -> None:
    found = tried("earthquake", CITY, magnitude=magnitude)["grade.magnitude_dense"]
    assert (found.level if found.met else None) == dense


@pytest.mark.parametrize("density,shown,judged", [
    (None, True, False), ({}, True, False), ({"a": None}, True, False), ({"a": 10.0, "b": None}, True, False),
    ({"a": 299.9}, False, False), ({"a": 300.0}, True, True), ({"a": 300.0, "b": None}, True, True),
])
def test_density_not_known_leaves_the_dense_rule_open(
    density: dict[str, float | None] | None, shown: bool, judged: bool
) -> None:
    found = tried("earthquake", density, magnitude=6.4)
    assert found["grade.magnitude"].level == 2 and found["grade.magnitude"].met
    dense = found.get("grade.magnitude_dense")
    assert (dense is not None) is shown
    if dense is not None:
        assert dense.met is judged and (dense.observed is not None) is judged
        assert judged or ("人口密度尚无数据" in dense.words.zh and "density" in dense.words.en)


def test_a_city_shortage_beyond_the_source_claims_nothing_more() -> None:
    beyond = tried("drought", city_supply_short_percent=20)["grade.city_supply"]
    assert beyond.level == 3 and "超出来源所列范围" in beyond.words.zh
    assert "beyond" not in tried("drought", city_supply_short_percent=19)["grade.city_supply"].words.en


def test_assumptions_are_told_in_the_sentence() -> None:
    assert "对应为假设" in tried("flood", return_period_years=30)["grade.return_period"].words.zh
    assert "10% 为假设" in tried("drought", dry_area_percent=2)["grade.dry_area"].words.zh
    assert "假设" not in tried("earthquake", STEPPE, magnitude=6.4)["grade.magnitude"].words.zh


# ---- disasters that were ----

def test_2011_heavy_snow_is_open_until_the_grass_is_known() -> None:
    """Snow on 700,000 of 1,183,000 km² (59 %), lying up to 80 days; 230,000 km² graded heavy."""
    known = {"snow_days": 80, "snow_area_percent": 59}
    found = tried("snow_disaster", **known)
    assert level(tuple(found.values())) is None and "grade.snow_depth" not in found
    assert all(c.observed is None and "草被掩埋比例" in c.words.zh for c in found.values())
    heavy = {grass: single("snow_disaster", grass_buried_percent=grass, **known) for grass in (50, 51, 100)}
    # 59 % of the area is short of the 60 % that an extreme disaster asks
    assert heavy == {50: 3, 51: 2, 100: 2}


def test_2019_bayannur_is_open_without_the_days() -> None:
    """15 cm, 59 % of the pasture; how long it lay is not reported."""
    found = tried("snow_disaster", snow_depth_cm=15, snow_area_percent=59)
    assert not any(c.met for c in found.values())
    assert "积雪天数" in found["grade.snow_depth"].words.zh and found["grade.snow_depth"].observed is None
    lying = {days: single("snow_disaster", snow_depth_cm=15, snow_area_percent=59, snow_days=days)
             for days in (2, 3, 5, 7)}
    assert lying == {2: None, 3: 4, 5: 3, 7: 2}


def test_2008_thirteen_centimetres_are_open_without_the_days() -> None:
    found = tried("snow_disaster", snow_depth_cm=13)
    assert set(found) == {"grade.snow_10_days", "grade.snow_7_days", "grade.snow_depth"}
    assert not any(c.met for c in found.values())
    # thirteen centimetres never pass for heavy, however long they lie
    assert single("snow_disaster", snow_depth_cm=13, snow_days=60) == 3


@pytest.mark.parametrize("at,magnitude,density,expected", [
    (date(1996, 5, 3), 6.4, CITY, 3),     # the earliest scheme stands in for older dates; no dense area
    (date(2003, 8, 16), 5.9, STEPPE, 4),
    (date(2012, 8, 27), 6.4, CITY, 3),
    (date(2012, 8, 28), 6.4, CITY, 1),
    (date(2024, 7, 1), 6.4, CITY, 1),     # Baotou's districts hold over 2,500 people per km²
    (date(2024, 7, 1), 6.4, None, 2),     # at least, while the density is not known
    (date(2024, 7, 1), 5.9, STEPPE, 3),
])
def test_1996_baotou_and_2003_bairin_left_under_the_scheme_of_a_date(
    at: date, magnitude: float, density: dict[str, float | None] | None, expected: int
) -> None:
    found = hazard_criteria("earthquake", Observations(magnitude=magnitude), load_grades(at), density)
    assert level(found) == expected


# ---- what never may happen ----

def values(measure: str) -> st.SearchStrategy[float | None]:
    numbers: st.SearchStrategy[float] = (
        st.floats(0, 10, allow_nan=False) if measure == "magnitude" else st.integers(0, 120)
    )
    return st.none() | numbers


observations = st.builds(Observations, **{m: values(m) for m in MEASURES})
densities = st.none() | st.dictionaries(st.sampled_from("abc"), st.none() | st.floats(0, 3000), max_size=3)


@given(st.sampled_from(HAZARDS), observations, st.sampled_from(sorted(MEASURES)),
       st.integers(0, 60), densities, st.booleans())
def test_more_of_a_measure_is_never_milder(
    hazard: str, seen: Observations, measure: str, more: int,
    density: dict[str, float | None] | None, old: bool,
) -> None:
    value = getattr(seen, measure)
    if value is None:
        return
    table = OLD if old else TABLE
    worse = replace(seen, **{measure: value + more})
    before = level(hazard_criteria(hazard, seen, table, density))
    after = level(hazard_criteria(hazard, worse, table, density))
    assert before is None or (after is not None and after <= before)


@given(st.floats(0, 10), st.floats(0, 3000), st.floats(0, 3000))
def test_denser_is_never_milder(magnitude: float, people: float, more: float) -> None:
    seen = Observations(magnitude=magnitude)
    before = level(hazard_criteria("earthquake", seen, TABLE, {"a": people}))
    after = level(hazard_criteria("earthquake", seen, TABLE, {"a": people + more}))
    assert before is None or (after is not None and after <= before)


@given(st.sampled_from(HAZARDS), observations, densities)
def test_nothing_is_met_by_what_is_not_known(
    hazard: str, seen: Observations, density: dict[str, float | None] | None
) -> None:
    for criterion in hazard_criteria(hazard, seen, TABLE, density):
        assert not criterion.met or criterion.observed is not None
        assert 1 <= criterion.level <= 4 and criterion.source and criterion.words.zh and criterion.words.en


# ---- the files ----

GOOD = (GRADES / "earthquake-2012.toml").read_text("utf-8")
SNOW = (GRADES / "snow.toml").read_text("utf-8")


def test_rules_speak_of_hazards_and_measures_there_are() -> None:
    assert set(HAZARDS) <= set(hazard_names())
    assert set(MEASURES) < set(Observations.__slots__)
    assert all(row.source for rule in TABLE.rules for row in rule.rows)
    assert {rule.tier for rule in TABLE.rules} == {"region"}


def refused(tmp_path: Path, text: str) -> str:
    path = tmp_path / "bad.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(InvalidInput) as caught:
        read_grades(path)
    assert "bad.toml" in caught.value.message and "bad.toml" in caught.value.message_zh
    return caught.value.message


@pytest.mark.parametrize("text,old,new,words", [
    (GOOD, "to = 6.0", "to = 6.5", "grade.magnitude row 3 (level II) overlaps the row before, which ends at 6.5"),
    (GOOD, "to = 6.0", "to = 5.5", "grade.magnitude row 3 (level II) leaves a gap: the row before ends at 5.5"),
    (GOOD, "to = 6.0\n", "", "row 3 (level II) overlaps the row before, which ends at no figure"),
    (GOOD, "to = 6.0", "to = 4.5", "row 2 (level III) ends at 4.5"),
    (GOOD, "level = 3", "level = 1", "wrong order"),
    (GOOD, "level = 1", "level = 2", "has no row for level I"),
    (GOOD, "levels = [4, 3, 2, 1]", "levels = [3, 2, 1]", "row 1 has the level 4"),
    (GOOD, "levels = [4, 3, 2, 1]", "levels = [1, 2, 3, 4]", "from mild to severe"),
    (GOOD, "from = 5.0", 'from = "5.0"', "not a number"),
    (GOOD, "from = 5.0", "from = nan", "not a number"),
    (GOOD, 'measures = ["magnitude"]', 'measures = ["noise_db"]', "noise_db"),
    (GOOD, 'tier = "region"', 'tier = "world"', "'world'"),
    (GOOD, "people_per_km2 = 300", "people_per_km2 = 0", "dense_from_people_per_km2"),
    (GOOD, 'source = "国家地震应急预案2012年版（转引）"', 'source = ""', "row 1 (level IV) needs a source"),
    (GOOD, 'source = "国家地震应急预案2012年版（转引）"\n', "", "row 1 (level IV) lacks source"),
    (GOOD, "\nis_assumption = false", '\nis_assumption = "no"', "row 1 (level IV) needs a source, and is_assumption"),
    (GOOD, "\nis_assumption = false", "", "row 1 (level IV) lacks is_assumption"),
    (GOOD, "\nis_assumption = false", "\nis_assumption = false\nremark = 1", "row 1 (level IV) has unknown fields: remark"),
    (GOOD, "level_is_assumption = false", 'level_is_assumption = "no"', "level_is_assumption that is not"),
    (GOOD, 'tier = "region"\n', "", "grade.magnitude lacks tier"),
    (GOOD, 'name = "grade.magnitude_dense"', 'name = "grade.magnitude"', "is there twice"),
    (GOOD, "from = 2012-08-28", 'from = "2012"', "from is not a date"),
    (GOOD, "version =", "edition =", "missing"),
    (GOOD, "[[rule]]", "[[rule", "cannot be read"),
    (SNOW, "snow_area_percent = 40", "snow_area_percent = 10", "asks less snow_area_percent than the milder row"),
    (SNOW, "with = { snow_days = 10, snow_area_percent = 40 }", "with = { snow_days = 10 }", "row 3 (level II) needs exactly these"),
])
def test_bad_grades_are_refused(tmp_path: Path, text: str, old: str, new: str, words: str) -> None:
    assert old in text
    assert words in refused(tmp_path, text.replace(old, new, 1))


def test_a_row_taken_out_is_a_missing_level(tmp_path: Path) -> None:
    start = GOOD.index("[[rule.row]]\nlevel = 3")
    text = refused(tmp_path, GOOD[:start] + GOOD[GOOD.index("[[rule.row]]\nlevel = 2"):])
    assert "grade.magnitude has no row for level III" in text and "leaves a gap" in text


def test_an_empty_folder_and_two_versions_of_one_day_are_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no hazard grades"):
        load_grades(date(2024, 7, 1), tmp_path)
    for name in ("a", "b"):
        (tmp_path / f"{name}.toml").write_text(GOOD.replace("earthquake-2012", name), "utf-8")
    with pytest.raises(InvalidInput, match="a and b both grade earthquake from 2012-08-28"):
        load_grades(date(2024, 7, 1), tmp_path)


def test_each_subject_has_the_version_of_the_date() -> None:
    assert "earthquake-2006" in OLD.versions and "earthquake-2012" in TABLE.versions
    assert len(OLD.versions) == len(TABLE.versions) == 5
