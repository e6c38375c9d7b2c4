"""Who sees which names and telephones."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.teams.model import Certificate, Member, MemberKind, MemberStatus
from dispatch.teams.privacy import Viewer, is_at_or_below, mask_name, mask_phone, shown_to
from tests.builders import make_team

TEAM = make_team("RT-1", "150502")
REGION = make_team("RT-R", "150102", tier="region", league_adcode="150100")
MEMBER = Member("TM-1", "RT-1", "王小明", MemberKind.STAFF, MemberStatus.ACTIVE, "13812341234", account="wang",
                certificates=(Certificate("first_aid", date(2021, 1, 1), None, "红十字会", "A123"),))


def test_masks() -> None:
    assert (mask_name("王小明"), mask_name(""), mask_name("巴特尔")) == ("王*", "", "巴*")
    assert (mask_phone("13812341234"), mask_phone("12345"), mask_phone(None)) == ("138****1234", "****", "")


@given(st.text(st.characters(categories=["L"]), min_size=2, max_size=60))
def test_no_more_than_the_first_sign_of_a_name_is_left(name: str) -> None:
    assert mask_name(name) == name[0] + "*"


@pytest.mark.parametrize("viewer,name,phone,number", [
    (Viewer("v", "viewer", "150500"), "王*", "138****1234", "****"),
    (Viewer("v", "viewer", "150000"), "王*", "138****1234", "****"),
    (Viewer("s", "storekeeper", "150500"), "王*", "138****1234", "****"),
    (Viewer("c", "viewer", "150900", "RT-1"), "王小明", "13812341234", "****"),
    (Viewer("c", "viewer", "150900", "RT-2"), "王*", "138****1234", "****"),
    (Viewer("p", "planner", "150500"), "王小明", "13812341234", "A123"),
    (Viewer("p", "planner", "150502"), "王小明", "13812341234", "A123"),
    (Viewer("p", "planner", "150900"), "王*", "138****1234", "****"),
    (Viewer("p", "planner", "150503"), "王*", "138****1234", "****"),
    (Viewer("r", "administrator", "150000"), "王小明", "13812341234", "A123"),
])
def test_what_each_sees(viewer: Viewer, name: str, phone: str, number: str) -> None:
    shown = shown_to(viewer, TEAM, MEMBER)
    assert (shown.name, shown.phone, shown.certificates[0].number) == (name, phone, number)
    assert (shown.account is None) == (name == "王*")


def test_the_regions_team_is_the_regions() -> None:
    assert not Viewer("p", "planner", "150100").manages(REGION) and Viewer("p", "planner", "150000").manages(REGION)


def test_places() -> None:
    assert is_at_or_below("150502", "150500") and is_at_or_below("150502", "150000") and is_at_or_below("150502", "150502")
    assert not is_at_or_below("150500", "150502") and not is_at_or_below("150502", "150100")
