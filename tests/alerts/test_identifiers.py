"""The national identifier with and without its trailing digit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.alerts.identifiers import same_message, stem_of

BASE = "15050041600000_20211108155000"
IDS = st.sampled_from([BASE, BASE + "_1", BASE + "_2", BASE[:-1] + "1", "A-1", "A-1_1", "", BASE + "_10", BASE + "\n"])


@pytest.mark.parametrize("a,b,same", [
    (BASE, BASE + "_1", True), (BASE + "_1", BASE + "_1", True), (BASE + "_1", BASE + "_2", False),
    (BASE, BASE[:-1] + "1", False), ("A-1", "A-1", True), ("A-1", "A-1_1", False), (BASE, BASE + "_10", False), (BASE, BASE + "\n", False),
])
def test_spellings(a: str, b: str, same: bool) -> None:
    assert same_message(a, b) is same


@given(IDS, IDS)
def test_symmetric_and_never_across_stems(a: str, b: str) -> None:
    assert same_message(a, b) == same_message(b, a)
    assert same_message(a, a)
    assert not same_message(a, b) or stem_of(a) == stem_of(b)
