"""Rows as lines: every value of every kind reads back as itself."""

from datetime import UTC

import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st

from dispatch.archive.codec import decode, encode, parents_first

JSONS = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=6)
SHAPES = st.builds(shapely.Point, st.floats(-180, 180), st.floats(-90, 90))
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.text(), st.binary(), st.dates(), st.datetimes(timezones=st.just(UTC)),
    st.floats(allow_nan=False, allow_infinity=False), st.lists(JSONS), st.dictionaries(st.text(), JSONS), SHAPES,
)


@given(st.lists(VALUES))
@example([shapely.Point(0.0, 0.22679210851293874)])
def test_a_row_reads_back_as_itself(row: list[object]) -> None:
    back = decode(encode(row))
    assert back == row and [type(v) for v in back] == [type(v) for v in row]


def test_what_no_column_holds_is_refused() -> None:
    with pytest.raises(TypeError, match="no column holds a complex"):
        encode([1j])


@pytest.mark.parametrize("line", ["{}", "[{}]", '[{"other": 1}]', "[1", '[{"at": "soon"}]', '[{"at": 1, "day": 2}]'])
def test_another_line_is_refused(line: str) -> None:
    with pytest.raises((ValueError, KeyError)):
        decode(line)


@given(st.lists(st.integers(0, 30), max_size=20), st.randoms())
def test_parents_come_before_their_children(parents: list[int], chance) -> None:  # type: ignore[no-untyped-def]
    rows: list[dict[str, object]] = [{"id": n, "of": parent if parent < n else None} for n, parent in enumerate(parents)]
    chance.shuffle(rows)
    seen: set[object] = set()
    for row in parents_first(rows, "id", "of"):
        assert row["of"] is None or row["of"] in seen
        seen.add(row["id"])
    assert len(seen) == len(rows)


def test_a_parent_that_never_comes_is_told() -> None:
    with pytest.raises(ValueError, match="7 is pointed at and is not there"):
        list(parents_first([{"id": 1, "of": 7}], "id", "of"))
