"""Figures against a tier's table: edges, shares, lowered thresholds, the hazard's own rows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.alerts.model import LossCounts
from dispatch.plans.losses import (
    Table,
    linked_level,
    loss_criteria,
    lowered_criteria,
    reached,
    share_of,
)
from tests.builders import POLICY

EDGES = (100, 50, 20, 10)


def table(hazard: str = "flood", tier: str = "region", population: int | None = None) -> Table:
    return Table(POLICY, hazard, tier, "150000", population)


@pytest.mark.parametrize("observed,level", [(None, None), (9, None), (10, 4), (19, 4), (20, 3), (99, 2), (100, 1)])
def test_bands_are_half_open(observed: int | None, level: int | None) -> None:
    assert reached(observed, EDGES) == level


@given(st.integers(1, 10_000), st.integers(1, 100), st.integers(0, 12_000))
def test_the_share_of_an_edge_told_is_the_figure_that_reaches_it(edge: int, percent: int, observed: int) -> None:
    edges = (edge + 3, edge + 2, edge + 1, edge)
    assert (reached(observed, edges, percent) is not None) == (observed >= share_of(edge, percent))


@given(st.integers(0, 200), st.integers(0, 4), st.integers(1, 4), st.integers(1, 100))
def test_a_link_is_never_above_the_neighbour_nor_below_its_own(observed: int, own: int, neighbour: int, percent: int) -> None:
    level = linked_level(observed, own or None, neighbour, EDGES, percent)
    if level is None:
        return
    assert neighbour <= level < (own or 5)
    assert observed * 100 >= EDGES[level - 1] * percent


def test_a_lowered_threshold_tells_a_figure_that_really_meets_it() -> None:
    # 20 % of a county's 2 dead is 0.4: one death reaches it, none does not
    counties = Table(POLICY, "flood", "county", "150522")
    (found,) = lowered_criteria(counties, LossCounts(dead_missing=1), ("border",))
    assert (found.level, found.threshold, found.observed, found.basis) == (1, 1, 1, "lowered")
    assert lowered_criteria(counties, LossCounts(dead_missing=0), ("border",)) == []


def test_an_unknown_reason_code_lowers_nothing() -> None:
    counts = LossCounts(relocated=20_000)
    assert lowered_criteria(table(), counts, ("because", "")) == []
    assert [c.level for c in lowered_criteria(table(), counts, ("because", "poor"))] == [3]


def test_the_quake_row_stands_beside_the_general_row() -> None:
    found = {c.name: c for c in loss_criteria(table("earthquake"), LossCounts(dead_missing=100))}
    assert found["dead_missing"].level == 1 and found["dead_missing"].met
    assert (found["dead_missing.earthquake"].level, found["dead_missing.earthquake"].threshold) == (2, 50)
    assert "2012" in found["dead_missing.earthquake"].source


def test_a_figure_not_known_is_never_zero() -> None:
    for criterion in loss_criteria(table(), LossCounts()):
        assert criterion.observed is None and not criterion.met
        assert "尚无报告" in criterion.words.zh and "not known" in criterion.words.en


def test_the_drought_share_needs_a_population() -> None:
    shares = [c for c in loss_criteria(table("drought"), LossCounts(need_aid=10)) if c.name == "need_aid_percent"]
    assert [c.observed for c in shares] == [None]
    assert table("drought", population=1_000).observed("need_aid_percent", LossCounts(need_aid=33)) == 10
