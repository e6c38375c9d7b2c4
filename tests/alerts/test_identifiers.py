"""The two spellings of a national identifier."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from dispatch.alerts.identifiers import (
    canonical_identifier,
    is_among,
    same_message,
    spellings,
    stem,
)
from dispatch.alerts.store import Arrival, accepted_key, find_alert, is_known, save
from dispatch.db import transaction
from tests.builders import AT, make_alert

STEM = "15050041600000_20211108155000"


@pytest.mark.parametrize("a,b,same", [
    (STEM, STEM, True), (f"{STEM}_1", STEM, True), (STEM, f"{STEM}_1", True), (f" {STEM}_1\n", f"{STEM}_1", True),
    (f"{STEM}_0", f"{STEM}_1", False), (f"{STEM}_1", "15050041600000_20211108155001_1", False),
    ("A", "A", True), ("A", "A_1", False), ("", "", True), (STEM.replace("_", "＿"), f"{STEM}_3", True),
])
def test_same_message(a: str, b: str, same: bool) -> None:
    assert same_message(a, b) is same is same_message(b, a)
    assert is_among(a, ("other", b)) is same
    assert not same or stem(a) == stem(b)


def test_the_serial_is_neither_dropped_nor_guessed() -> None:
    assert canonical_identifier(STEM) == STEM and canonical_identifier(f"{STEM}_1") == f"{STEM}_1"
    assert len(spellings(STEM)) == 11 and spellings(f"{STEM}_1") == (f"{STEM}_1", STEM)
    keys = {accepted_key(make_alert(identifier=i)) for i in (STEM, f"{STEM}_0", f"{STEM}_1", f" {STEM}_1")}
    assert len(keys) == 3


def test_the_other_spelling_is_a_duplicate_when_it_says_the_same(bare: Engine) -> None:
    kept = make_alert(identifier=f"{STEM}_1")
    with transaction(bare) as session:
        save(session, Arrival("a.xml", b"x", AT), "accepted", [kept])
        assert is_known(session, kept)
        assert is_known(session, make_alert(identifier=STEM))
        assert not is_known(session, make_alert(identifier=f"{STEM}_2"))
        assert not is_known(session, make_alert(identifier=STEM, headline="another"))
        assert not is_known(session, make_alert(identifier=f"{STEM}_1", sent=AT + timedelta(hours=1)))
        assert find_alert(session, STEM) == kept and find_alert(session, "A-9") is None
