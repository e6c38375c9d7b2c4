"""The speed table: what is refused, and that the shipped one says the same of every class."""

from pathlib import Path

import pytest

from dispatch.errors import InvalidInput
from dispatch.routing.speeds import FILE, load_speeds
from tests.builders import SPEEDS


def test_the_shipped_factors_hold_for_every_class() -> None:
    assert {tuple(SPEEDS.weather_percent("blizzard", name)) for name in SPEEDS.km_per_h} == {(100, 90, 80, 65, 50)}
    assert SPEEDS.weather_percent("earthquake", "county") == [100] * 5


def test_a_line_for_a_class_goes_before(tmp_path: Path) -> None:
    path = tmp_path / "speeds.toml"
    path.write_text(FILE.read_text("utf-8") + "county = {blizzard = [100, 85, 70, 50, 35]}\n", "utf-8")
    table = load_speeds(path)
    assert table.weather_percent("blizzard", "county")[4] == 35
    assert table.weather_percent("blizzard", "national")[4] == 50
    assert table.weather_percent("gale", "county")[4] == 70


@pytest.mark.parametrize(("old", "new", "said"), [
    ("national = 58", "national = 0", "km_per_h.national is 0"),
    ("gale = [100, 95, 90, 80, 70]", "gale = [100, 95, 90]", "factor_percent.gale is .100, 95, 90."),
    ("flood = [100, 90, 80, 65, 50]", "flood = [100, 90, 80, 65, 0]", "factor_percent.flood"),
    ("load_s = 3600", "load_s = 0", "load_s is not above zero"),
    ("load_s = 3600", "loading = 3600", "loading"),
    ("load_s = 3600", "load_s =", "Invalid value"),
    ("[class_factor_percent]", "[class_factor_percent]\nlane = {gale = [100, 90, 80, 70, 60]}", "class_factor_percent.lane is no road class"),
])
def test_a_table_nobody_can_drive_by_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = tmp_path / "speeds.toml"
    text = FILE.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(InvalidInput, match=said):
        load_speeds(path)
