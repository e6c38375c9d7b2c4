"""A name is found however it is typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.spelling import rank, read_query, spell


@pytest.mark.parametrize(
    ("typed", "fit"),
    [
        ("呼伦贝尔市", 0), ("150700", 0), ("Hulunbuir", 0), ("hulunbeiershi", 1), ("hū lún bèi ěr shì", 1), ("hu1lun2bei4er3shi4", 1),
        ("Hulun Bei'er Shi", 1), ("hlbes", 1), ("呼伦", 2), ("1507", 2), ("hulunbeier", 3), ("hlbe", 3), ("贝尔", 4), ("lunbei", 4),
        ("呼贝市", 5), ("伦呼", None), ("tongliao", None), ("", None), ("   ", None), ("?", None),
    ],
)
def test_how_well_a_name_fits_what_was_typed(typed: str, fit: int | None) -> None:
    assert rank(read_query(typed), "150700", "呼伦贝尔市", "Hulunbuir") == fit


def test_abbreviations_in_use_are_found() -> None:
    for short, name in (("科左中旗", "科尔沁左翼中旗"), ("察右前旗", "察哈尔右翼前旗"), ("莫旗", "莫力达瓦达斡尔族自治旗")):
        assert rank(read_query(short), "1", name) == 5, short
    assert rank(read_query("科左后旗"), "1", "科尔沁左翼中旗") is None
    assert rank(read_query("kezuozhongqi"), "1", "科尔沁左翼中旗") == 5 and rank(read_query("kezuohouqi"), "1", "科尔沁左翼中旗") is None


def test_readings_are_those_of_the_word_and_u_with_dots_is_v() -> None:
    assert spell("重庆") == ("chong", "qing") and spell("绿豆") == ("lv", "dou") and spell("QUILT-2") == ()
    for typed in ("lǜdòu", "lüdou", "lvdou"):
        assert rank(read_query(typed), "1", "绿豆") == 1, typed


@given(st.text(max_size=80))
def test_anything_may_be_typed(text: str) -> None:
    assert rank(read_query(text), "150521", "科尔沁左翼中旗", "Horqin Left Middle Banner") in (None, 0, 1, 2, 3, 4, 5)
