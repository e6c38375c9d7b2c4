"""Telephones, plates, certificates: what people write and what is kept."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.errors import InvalidInput
from dispatch.teams.fields import clean_phone, clean_plate, make_certificate, months_after
from dispatch.teams.model import Certificate
from dispatch.teams.rules import load_team_rule

RULE = load_team_rule()
TODAY = date(2021, 11, 8)


@pytest.mark.parametrize("written,kept", [
    ("13812341234", "13812341234"), ("138 1234 1234", "13812341234"), ("138-1234-1234", "13812341234"),
    ("+86 13812341234", "13812341234"), ("008613812341234", "13812341234"), ("8613812341234", "13812341234"),
    ("１３８１２３４１２３４", "13812341234"), (13812341234, "13812341234"), (13812341234.0, "13812341234"),
    ("0471-6912345", "0471-6912345"), ("（0471）6912345", "0471-6912345"), ("+86 471 6912345", "0471-6912345"),
    ("+86 10 69123456", "010-69123456"), ("01069123456", "010-69123456"), ("100-0000-0001", "10000000001"),
])
def test_telephones_are_kept_one_way(written: object, kept: str) -> None:
    assert clean_phone(written) == kept == clean_phone(kept)


@pytest.mark.parametrize("written", ["", None, "6912345", "138123412345", "1381234123", "0471-69", "138****1234", "abc", "+1 2025550100", 1.5])
def test_other_numbers_are_refused(written: object) -> None:
    with pytest.raises(InvalidInput):
        clean_phone(written)


@given(st.text(max_size=30))
def test_any_text_is_kept_or_refused_and_what_is_kept_stays(text: str) -> None:
    try:
        kept = clean_phone(text)
    except InvalidInput:
        return
    assert clean_phone(kept) == kept


def test_plates() -> None:
    assert clean_plate("蒙a·12345") == "蒙A12345" and clean_plate("蒙 AD12345") == "蒙AD12345"
    for wrong in ("", "12345", "蒙A1", "ABC"):
        with pytest.raises(InvalidInput):
            clean_plate(wrong)


def test_the_end_is_worked_out_by_the_rule_unless_given() -> None:
    made = make_certificate(RULE, Certificate("救护员", date(2021, 1, 31), None), TODAY)
    assert (made.skill, made.expires_on) == ("first_aid", months_after(date(2021, 1, 31), RULE.valid_months["first_aid"]))
    ends = date(2022, 1, 1)
    assert make_certificate(RULE, Certificate("first_aid", date(2021, 1, 31), ends), TODAY).expires_on == ends
    assert make_certificate(RULE, Certificate("first_aid", TODAY, None), TODAY, for_life=True).expires_on is None
    assert months_after(date(2020, 2, 29), 12) == date(2021, 2, 28) and months_after(date(2021, 12, 31), 2) == date(2022, 2, 28)


@pytest.mark.parametrize("certificate", [
    Certificate("flying", TODAY, None), Certificate("first_aid", TODAY + timedelta(days=1), None),
    Certificate("first_aid", TODAY, TODAY - timedelta(days=1)), Certificate("first_aid", TODAY, None, "", "x" * 61),
])
def test_certificates_that_cannot_be(certificate: Certificate) -> None:
    with pytest.raises(InvalidInput):
        make_certificate(RULE, certificate, TODAY)
