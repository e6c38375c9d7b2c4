"""A policy file is taken whole or refused with every fault named."""

from datetime import date
from pathlib import Path

import pytest

from dispatch.errors import InvalidInput
from dispatch.plans.policy import PLANS, load_policy, read_policy

GOOD = next(PLANS.glob("*.toml")).read_text("utf-8")


def refused(tmp_path: Path, text: str) -> str:
    path = tmp_path / "bad.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(InvalidInput) as caught:
        read_policy(path)
    return caught.value.message


def test_the_shipped_policy_is_read_and_marked_as_assumption() -> None:
    policy = load_policy(date(2024, 7, 1))
    assert policy.is_assumption and policy.source
    assert policy.thresholds["region"]["relocated"].edges == (1_000_000, 500_000, 100_000, 50_000)


def test_a_date_before_every_policy_takes_the_first() -> None:
    assert load_policy(date(1999, 1, 1)).version == load_policy(date(2024, 7, 1)).version


@pytest.mark.parametrize("old,new,words", [
    ("dead_missing = [100, 50, 20, 10]", "dead_missing = [100, 50, 60, 10]", "overlaps"),
    ("dead_missing = [100, 50, 20, 10]", "dead_missing = [100, 50]", "four bands"),
    ("dead_missing = [100, 50, 20, 10]", "dead_missing = [100, 50, 20, 0]", "above zero"),
    ("dead_missing = [100, 50, 20, 10]", "", "four bands"),
    ("[levels.4]", "[levels.9]", "a level without a plan"),
    ("red = 2", "red = 7", "warnings.red"),
    ("stock_share_percent = 70", "stock_share_percent = 170", "stock_share_percent"),
    ("[levels.4]", "[levels.4", "cannot be read"),
])
def test_bad_policies_are_refused(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in GOOD
    assert words in refused(tmp_path, GOOD.replace(old, new, 1))


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no plan policy"):
        load_policy(date(2024, 7, 1), tmp_path)
