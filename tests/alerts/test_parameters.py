"""Figures and measures of parameters: ranges, names, repeats."""

import pytest

from dispatch.alerts.model import LossCounts, Observations
from dispatch.alerts.parameters import RANGES, read_parameters
from dispatch.errors import InvalidInput


@pytest.mark.parametrize("name", RANGES)
def test_measures_keep_to_their_range(name: str) -> None:
    least, most = RANGES[name]
    for value in (least, most):
        read = read_parameters([(f"hazard.{name}", str(value))]).observations
        assert read == Observations(**{name: value})
    for value in (least - 1, most + 1, "x", "1.5", ""):
        with pytest.raises(InvalidInput, match=f"hazard.{name}"):
            read_parameters([(f"hazard.{name}", str(value))])


def test_every_measure_has_a_reader() -> None:
    assert {*RANGES, "magnitude", "epicentre"} == set(Observations.__slots__)


@pytest.mark.parametrize("name,value", [
    ("hazard.magnitude", "10.1"), ("hazard.magnitude", "-1"), ("hazard.magnitude", "nan"), ("hazard.epicentre", "43.6;122.2"),
    ("hazard.epicentre", "43.6,122.2"), ("hazard.snow", "1"), ("report.kind", "final"), ("report.correction", "yes"), ("report.by", "x"),
    ("government.level", "150500;5"), ("government.level", "1505;3"), ("government.response", "3"), ("temperature_c", "３"),
    ("loss.affected", "1_000"), ("loss.affected", "9" * 400), ("road", "G45;slow nan;150522"), ("road", "G45;slow 1;150522"),
    ("road", "G45;closed;150522;2021-11-09T08:00:00"), ("road", ";closed;150522"), ("road", "G45;closed;"),
])
def test_wrong_parameters_say_how_to_write_them(name: str, value: str) -> None:
    with pytest.raises(InvalidInput, match="parameter.1.|on the globe") as caught:
        read_parameters([(name, value)], "info[1]")
    assert caught.value.remedy and caught.value.remedy_zh


def test_a_repeat_must_agree() -> None:
    assert read_parameters([("loss.affected", "5")] * 2).counts == LossCounts(affected=5)
    for pairs in ([("loss.affected", "5"), ("loss.affected", "6")], [("government.level", "150500;3"), ("government.level", "150500;2")]):
        with pytest.raises(InvalidInput, match="given twice"):
            read_parameters(pairs)
