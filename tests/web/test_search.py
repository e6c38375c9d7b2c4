"""The search box: names, pinyin, codes; one exact thing opens at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from dispatch.db import reading
from dispatch.flow.find import find, single
from tests.web.conftest import Person

FOUND = (
    ("通辽市", "county", "150500"), ("tongliaoshi", "county", "150500"), ("kezuozhongqi", "county", "150521"),
    ("keqzyzq", "county", "150521"), ("150521", "county", "150521"), ("科左中旗", "county", "150521"),
    ("P-20211108-001", "proposal", "P-20211108-001"), ("p20211108001", "proposal", "P-20211108-001"),
    ("mianbei", "item", "QUILT"), ("quilt", "item", "QUILT"), ("WH-150500", "warehouse", "WH-150500"),
    ("RT-150500", "team", "RT-150500"), ("S-20211105-150500-blizzard", "situation", "S-20211105-150500-blizzard"),
)


@pytest.mark.parametrize(("text", "kind_of", "code"), FOUND)
@pytest.mark.parametrize("kind", ["sqlite"])
def test_what_is_typed_finds_its_thing(demo: Engine, text: str, kind_of: str, code: str) -> None:
    with reading(demo) as session:
        hits = find(session, text)
    assert (kind_of, code) in [(hit.kind, hit.code) for hit in hits[:5]], hits[:5]


def test_one_exact_thing_is_single_and_signs_of_patterns_are_signs(demo: Engine) -> None:
    with reading(demo) as session:
        exact = single(find(session, "P-20211108-001"), "p-20211108-001")
        assert exact is not None and exact.code == "P-20211108-001"
        assert single(find(session, "tong"), "tong") is None
        assert single(find(session, "通辽市"), "通辽市") is None
        assert find(session, "") == () and find(session, "%%%") == () and find(session, "___") == ()
        assert len(find(session, "2021")) >= 2


def test_an_exact_code_opens_its_page_and_many_are_listed_by_kind(log_in: Callable[[str], Person]) -> None:
    viewer = log_in("viewer")
    assert viewer.client.get("/search?q=p-20211108-001").location == "/proposals/P-20211108-001"
    assert viewer.client.get("/search?q=150521").location == "/?focus=county:150521"
    page = viewer.get("/search?q=tongliao")
    assert "旗县与盟市" in page and "通辽市" in page and "/warehouses/WH-150500" in page
    assert "没有找到" in viewer.get("/search?q=qqqq")
    assert "<script>x" not in viewer.get("/search?q=<script>x</script>")
    hits = viewer.client.get("/search.json?q=tongliao").get_json()["hits"]
    assert 0 < len(hits) <= 8 and {"kind", "name", "code", "path"} == set(hits[0])
    assert viewer.client.get("/search.json?q=x&lang=en").status_code == 200
    viewer.post("/", "/logout")
    assert viewer.client.get("/search.json?q=x").status_code == 302
