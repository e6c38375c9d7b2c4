"""What a notice may be, whom it reaches, and text that stays on its line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.accounts import tables as accounts
from dispatch.errors import InvalidInput
from dispatch.notices.model import ROLES, Audience, Sight, Subject, Subscription, marked, one_line
from dispatch.words import Words
from tests.builders import make_notice


def test_roles_are_those_of_the_accounts() -> None:
    beside = {"exercise_leader", "auditor"}
    assert tuple(r for r in accounts.ROLES if r not in beside) == ROLES
    for role in beside:
        assert Sight.of("150500", role) == Sight.of("150500", "viewer")


@pytest.mark.parametrize("place,tier,told", [
    ("150502", "county", {"150502", "150500", "150000"}),
    ("150502", "league", {"150500", "150000"}),
    ("150500", "league", {"150500", "150000"}),
    ("150500", "county", {"150502", "150503", "150500", "150000"}),
    ("150000", "region", {"150000"}),
    ("150000", "county", {"150502", "150503", "150402", "150500", "150400", "150000"}),
])
def test_places_told(place: str, tier: str, told: set[str]) -> None:
    audience = Audience(place, tier)
    everyone = ("150000", "150500", "150400", "150502", "150503", "150402")
    assert {p for p in everyone if audience.reaches(p, "viewer")} == told


def test_least_role() -> None:
    told = [role for role in ROLES if Audience("150500", "league", "planner").reaches("150500", role)]
    assert told == ["planner", "approver", "administrator"]


@pytest.mark.parametrize("fields", [
    ("110000", "region"), ("1505", "league"), ("150500", "sumu"), ("150500", "league", "king"), ("150500\n", "league"),
])
def test_no_other_audience(fields: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput):
        Audience(*fields)


@pytest.mark.parametrize("path", ["", "x", "//evil.example/x", "/\\evil.example", "https://evil.example", "/a b", "/a\nb", "/a\n"])
def test_paths_stay_on_this_site(path: str) -> None:
    with pytest.raises(InvalidInput):
        Subject("S-1", path)


@pytest.mark.parametrize("address", [
    "", "a", "a@", "a@b@c", "a@b.c\n", "a@b.c\r\nBcc: x@y.z", "a@b.c,x@y.z", "a@b.c x@y.z", "<a@b.c>", "张@b.c",
])
def test_one_mail_address(address: str) -> None:
    with pytest.raises(InvalidInput):
        Subscription("duty", "email", address)


def test_channels_are_known() -> None:
    with pytest.raises(InvalidInput):
        Subscription("duty", "pigeon", "loft")


@pytest.mark.parametrize("changes", [{"key": ""}, {"key": "k" * 161}, {"words": Words("c", "\n", "x")}])
def test_no_empty_notice(changes: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        make_notice(**changes)  # type: ignore[arg-type]


def test_exercises_are_marked_once() -> None:
    once = marked(Words("c", "启动响应", "Activated"), is_exercise=True)
    assert (once.zh, once.en) == ("【演练】启动响应", "[EXERCISE] Activated")
    assert marked(once, is_exercise=True) == once


@given(st.text())
def test_text_stays_on_its_line(text: str) -> None:
    line = one_line(text)
    assert len(line.splitlines()) <= 1 and line.isprintable() and line == one_line(line)
