"""The exposure table: chosen by date, refused by the name of its bad field."""

from datetime import date
from pathlib import Path

import pytest

from dispatch.errors import InvalidInput
from dispatch.needs.exposure_table import EXPOSURE, load_exposure, read_exposure
from dispatch.reference.load import read_counties

GOOD = (EXPOSURE / "2026-first-estimate.toml").read_text("utf-8")


def test_the_table_in_force_is_chosen_by_date(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(GOOD, "utf-8")
    newer = GOOD.replace("from = 2026-11-25", "from = 2027-06-01").replace("2026-11-25/1", "2027/1")
    (tmp_path / "b.toml").write_text(newer, "utf-8")
    for at, version in ((date(1996, 5, 3), "2026-11-25/1"), (date(2027, 5, 31), "2026-11-25/1"),
                        (date(2027, 6, 1), "2027/1")):
        assert load_exposure(at, tmp_path).version == version


def test_an_empty_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no exposure table"):
        load_exposure(date(2026, 12, 1), tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ('version = "2026-11-25/1"', "version = 1", "version"),
        ("from = 2026-11-25", 'from = "2026-11-25"', "from"),
        ("a = 5.7123", 'a = "5.7"', "earthquake.major.a"),
        ("r0_km = 13", "", "earthquake.minor.r0_km"),
        ("sigma = 0.70", "sigma = -1", "earthquake.sigma"),
        ("need_percent = 100", "need_percent = 99", "earthquake.need_percent"),
        ("intensity = 6.5", "intensity = 5.5", "earthquake.damage"),
        ("dead = 2\n", "dead = 0\n", r"earthquake.damage\[2\].dead"),
        ("displaced = 9_000_000", "displaced = 9_000", "earthquake.damage"),
        ("other = 40\n", "other = 140\n", "earthquake.seat_percent.other"),
        ("[0, 50, 500, 2000, 3000]", "[0, 50, 500, 2000]", "snow.herder_need"),
        ("blizzard = [0, 1, 1, 2]", "blizzard = [0, 2, 1, 2]", "snow.colour_grade.blizzard"),
        ("depth_cm = 5\n", "depth = 5\n", "snow.depth"),
        ("household_tenths = 30", "household_tenths = 0", "snow.household_tenths"),
        ("150400 = 20", "150400 = 120", "snow.herder_percent_by_league.150400"),
        ("per_10000 = [0, 2, 5, 10]", "per_10000 = [0, 2, 5, 10_001]", "hazards.other.per_10000"),
        ("spread = 3.0", "spread = 0.5", "hazards.drought.spread"),
        ("grades = { fire_danger_class", "grades = { fire", "hazards.wildfire.grades.fire"),
        ("[hazards.other]", "[hazards.others]", "hazards.other"),
    ],
)
def test_a_bad_field_is_named(old: str, new: str, field: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    assert old in GOOD
    path.write_text(GOOD.replace(old, new), "utf-8")
    with pytest.raises(InvalidInput, match=rf"bad\.toml: {field} ") as caught:
        read_exposure(path)
    assert caught.value.remedy and caught.value.remedy_zh


def test_a_file_that_is_not_toml_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("version = ", "utf-8")
    with pytest.raises(InvalidInput, match=r"bad\.toml is not a TOML file"):
        read_exposure(tmp_path / "bad.toml")


def test_counties_named_in_the_table_exist_once() -> None:
    snow = load_exposure(date(2026, 12, 1)).snow
    known = {c.adcode for c in read_counties()}
    leagues = {c.league_adcode for c in read_counties()}
    assert snow.pastoral | snow.semi_pastoral <= known
    assert not snow.pastoral & snow.semi_pastoral
    assert set(snow.herder_percent_by_league) <= leagues
