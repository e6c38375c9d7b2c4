"""Slices of the Chinese font: every character once, what our texts use most together."""

from collections import Counter
from itertools import chain

from hypothesis import given
from hypothesis import strategies as st

from maps.build_assets import VENDOR
from maps.build_fonts import SHEET, own_characters, ranges_of, slices, wanted_unicodes

POINTS = st.lists(st.integers(0x20, 0x9FFF), unique=True).map(sorted)


@given(POINTS, st.dictionaries(st.integers(0x20, 0x9FFF), st.integers(1, 9)))
def test_every_character_is_in_one_slice(available: list[int], used: dict[int, int]) -> None:
    found = list(slices(available, Counter(used)))
    assert sorted(chain.from_iterable(found)) == available


def test_characters_used_more_come_in_earlier_slices() -> None:
    used = Counter({ord("区"): 9, ord("鼐"): 1})
    _, often, seldom = slices([ord("a"), *sorted(map(ord, "区鼐爨"))], used)
    assert often == sorted(map(ord, "区鼐")) and seldom == [ord("爨")]


@given(POINTS)
def test_ranges_name_every_point_and_no_other(points: list[int]) -> None:
    named: set[int] = set()
    for run in filter(None, ranges_of(points).split(",")):
        first, _, last = run.removeprefix("U+").partition("-")
        named |= set(range(int(first, 16), int(last or first, 16) + 1))
    assert named == set(points)


def test_the_made_sheet_names_every_slice_that_was_made() -> None:
    sheet = (VENDOR / "fonts" / SHEET).read_text("ascii")
    made = {path.name for path in (VENDOR / "fonts").glob("sc-*.woff2")}
    assert made and all(sheet.count(f'"{name}"') == 1 for name in made) and sheet.count('font-family:"Packaged Sans SC"') == len(made)


def test_our_own_texts_need_no_character_beyond_the_font() -> None:
    beyond = {chr(p) for p in own_characters() if 0x4E00 <= p <= 0x9FFF} - {chr(p) for p in wanted_unicodes()}
    # the last one ends a range of characters in the code
    assert beyond <= {chr(0x9FFF)}, beyond
