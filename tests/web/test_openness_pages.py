"""The public pages: open without a login, nothing personal, files that can be read."""

import csv
import io
from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import Engine

from dispatch.clock import FixedClock
from dispatch.flow.money import Gift, give
from tests.web.conftest import Person

LogIn = Callable[[str], Person]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_everybody_sees_it_without_a_login(log_in: LogIn, demo: Engine, clock: FixedClock, lang: str) -> None:
    code = give(demo, Gift("某公司 <script>alert(1)</script>", 12_345, date(2021, 11, 8)), "k", "duty", clock)
    client = log_in("nobody").client
    page = client.get(f"/openness/?lang={lang}")
    text = page.get_data(as_text=True)
    assert page.status_code == 200 and code in text and "¥123.45" in text
    assert "<script>alert" not in text and "退出" not in text
    assert ("科尔沁" in text) is False, "leagues, not counties"
    found = client.get(f"/openness/gifts?code={code.lower()}", follow_redirects=True).get_data(as_text=True)
    assert code in found and "123.45" in found


def test_an_unknown_code_is_told_in_words(log_in: LogIn) -> None:
    answer = log_in("nobody").client.get("/openness/gifts/JZ-NONE")
    assert answer.status_code == 404 and "JZ-NONE" in answer.get_data(as_text=True)
    assert log_in("nobody").client.get("/openness/people.csv").status_code == 404


@pytest.mark.parametrize("name", ["gifts", "stock", "responses"])
def test_files_have_headings_and_tags(log_in: LogIn, name: str) -> None:
    client = log_in("nobody").client
    answer = client.get(f"/openness/{name}.csv")
    heads, tags = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))[:2]
    assert len(heads) == len(tags) and all(tag.startswith("#") for tag in tags) and "max-age" in answer.headers["Cache-Control"]
    assert client.get(f"/openness/{name}.xlsx").data[:2] == b"PK"


def test_it_says_that_it_shows_a_demo(log_in: LogIn) -> None:
    assert "含演示数据" in log_in("nobody").client.get("/openness/").get_data(as_text=True)
