"""Sheets, theme and frame of the pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from dispatch.web.shown import by_name
from dispatch.web.state import local_path
from tests.web.conftest import Person

CSS = Path(__file__).resolve().parents[2] / "dispatch" / "web" / "static" / "css"
LogIn = Callable[[str], Person]


def values(block: str) -> dict[str, str]:
    return dict(re.findall(r"(--[\w-]+|color-scheme):\s*([^;]+);", block))


def blocks() -> list[str]:
    """The blocks of tokens.css: light and common, dark by system, dark by wish, narrow."""
    return re.findall(r":root[^{]*\{([^{}]*)\}", (CSS / "tokens.css").read_text("utf-8"))


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    full = digits if len(digits) == 6 else "".join(d * 2 for d in digits)
    parts = [int(full[n:n + 2], 16) / 255 for n in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_dark_is_the_same_by_system_and_by_wish() -> None:
    _, by_system, by_wish, _ = blocks()
    assert values(by_system) and values(by_system) == values(by_wish)


@pytest.mark.parametrize("which", [0, 1])
def test_inks_can_be_read_on_their_grounds(which: int) -> None:
    tokens = values(blocks()[0]) | values(blocks()[which])
    for ground in ("--ground", "--sheet"):
        for ink in ("--ink", "--quiet", "--accent", "--alarm", "--warn"):
            assert contrast(tokens[ink], tokens[ground]) >= 4.5, (ink, ground)
        # borders of fields
        assert contrast(tokens["--edge"], tokens[ground]) >= 3, ground
    assert contrast(tokens["--accent-ink"], tokens["--accent"]) >= 4.5
    for colour in ("red", "orange", "yellow", "blue", "violet"):
        assert contrast(tokens[f"--on-{colour}"], tokens[f"--{colour}"]) >= 4.5, colour


def test_warning_colours_are_the_same_in_both_themes_and_on_the_map() -> None:
    dark = values(blocks()[1])
    assert not {"--red", "--orange", "--yellow", "--blue"} & set(dark)


def test_names_used_in_the_sheets_are_defined() -> None:
    defined = {name for block in blocks() for name in values(block)}
    for sheet in CSS.glob("*.css"):
        used = set(re.findall(r"var\((--[\w-]+)", sheet.read_text("utf-8")))
        assert used <= defined, (sheet.name, used - defined)


def test_a_theme_is_kept_on_the_device_and_written_by_the_server(log_in: LogIn) -> None:
    duty = log_in("duty")
    assert 'data-theme="auto"' in duty.get("/stock")
    answer = duty.post("/stock", "/theme", theme="dark", next="/stock?item=QUILT")
    assert answer.status_code == 302 and answer.headers["Location"] == "/stock?item=QUILT"
    page = duty.get("/stock")
    assert 'data-theme="dark"' in page and 'name="theme" value="light"' in page
    assert duty.post("/stock", "/theme", theme="pink", next="/").status_code == 400
    assert duty.post("/stock", "/theme", theme="auto", next="//evil.example").headers["Location"] == "/"


@pytest.mark.parametrize("text", ["//evil.example", "/\\evil.example", "https://evil.example", "", "stock", "/a\nb"])
def test_nobody_is_sent_elsewhere(text: str) -> None:
    assert local_path(text) == "/"


@pytest.mark.parametrize(("path", "section"), [
    ("/", "态势"), ("/alerts", "预警"), ("/reports/new", "预警"), ("/health", "库存"), ("/trace?code=x", None), ("/nowhere", None),
])
def test_the_section_one_is_in_is_marked(log_in: LogIn, path: str, section: str | None) -> None:
    page = log_in("duty").client.get(path).get_data(as_text=True)
    here = re.findall(r'aria-current="true">([^<]+)<', page)
    assert here == ([section] if section else here) and len(here) <= 1


def test_the_frame_tells_who_where_and_that_it_is_a_demo(log_in: LogIn) -> None:
    page = log_in("approver").get("/stock")
    assert "审批人" in page and "内蒙古自治区" in page and 'class="occasion demo"' in page and 'class="skip" href="#main"' in page
    english = log_in("approver").get("/stock?lang=en")
    assert "Approver" in english and "Inner Mongolia" in english


def test_names_are_sorted_by_pinyin_in_chinese(log_in: LogIn) -> None:
    client = log_in("duty").client
    with client.application.test_request_context("/"):
        names = ["扎鲁特旗", "磴口县", "阿荣旗", "霍林郭勒市", "多伦县", "额济纳旗"]
        assert by_name(names, str) == ["阿荣旗", "磴口县", "多伦县", "额济纳旗", "霍林郭勒市", "扎鲁特旗"]
