"""The board's map as a PDF of the server."""

from __future__ import annotations

import io
from collections.abc import Callable

import pypdf
import pytest

from tests.web.conftest import Person


@pytest.mark.parametrize("kind", ["sqlite"])
def test_the_map_of_the_board_prints(log_in: Callable[[str], Person]) -> None:
    viewer = log_in("viewer")
    answer = viewer.client.get("/map.pdf?size=A4")
    assert answer.mimetype == "application/pdf" and "map-2021-11-08T2300-A4.pdf" in answer.headers["Content-Disposition"]
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.data)).pages)
    for words in ("救灾态势图", "通辽市", "级响应", "科尔沁左翼中旗", "数据截至 2021-11-08 23:00", "演示数据", "现况"):
        assert words in text, words
    assert "/map.pdf?size=A3" in viewer.get("/")


@pytest.mark.parametrize("kind", ["sqlite"])
def test_what_cannot_be_printed_is_told(log_in: Callable[[str], Person]) -> None:
    viewer = log_in("viewer")
    wrong = viewer.client.get("/map.pdf?size=A0")
    assert wrong.status_code == 400 and "只能打印为 A3 或 A4" in wrong.get_data(as_text=True)
    assert viewer.client.get("/map.pdf?at=yesterday").status_code == 400
    assert "按计划推演" in "".join(
        page.extract_text() for page in pypdf.PdfReader(io.BytesIO(viewer.client.get("/map.pdf?at=2021-11-09T08:00").data)).pages[:1])
