"""Pages, doors and headers."""

import gzip
import re
from collections.abc import Callable

import brotli
import pytest

from tests.builders import cap_xml
from tests.web.conftest import Person

LogIn = Callable[[str], Person]
CODE = "P-20211108-001"
LOT = "DEMO-150500-QUILT-A"
PAGES = (
    "/", "/alerts", "/proposals/", f"/proposals/{CODE}", "/stock", "/stock?item=QUILT", "/waybills", "/roads", "/roads/new", "/claims", "/phone", "/phone/queue",
    f"/lots/{LOT}", "/movements", "/movements?shift=1", "/health", "/documents/", "/warehouses/",
    "/warehouses/WH-150500", "/money", "/uploads/",
)
BASIC = {"Authorization": "Basic ZHV0eTpkZW1vLTIwMjY="}  # duty / demo-2026


@pytest.mark.parametrize("path", PAGES)
def test_every_page_loads_nothing_from_elsewhere(log_in: LogIn, path: str) -> None:
    page = log_in("duty").get(path)
    assert not re.findall(r"(?:src|href)=[\"'](?:https?:)?//", page)
    nonces = set(re.findall(r"<script nonce=\"([^\"]+)\"", page))
    assert len(nonces) <= 1 and "<script>" not in page


def test_english_pages_have_no_chinese_words_of_ours(log_in: LogIn) -> None:
    person = log_in("duty")
    person.get("/?lang=en")
    for path in PAGES:
        page = re.sub(r"<script.*?</script>|<option.*?</option>", "", person.get(path), flags=re.S)
        body = re.sub(r"<[^>]+>", " ", page)
        own = re.sub(r"值班员（演示）|中文", "", body)
        left = re.findall(r"[一-鿿]+", own)
        allowed = path in ("/alerts", "/health", "/warehouses/WH-150500", "/money") or path.startswith(("/proposals/P", "/lots"))
        assert not left or allowed, (path, left)


def test_pages_need_a_login_and_paths_stay_inside(log_in: LogIn) -> None:
    client = log_in("nobody").client
    answer = client.get("/stock")
    assert answer.status_code == 302 and "/login" in answer.headers["Location"]
    person = log_in("nobody")
    moved = person.post("/login", "/login?next=//evil.example", name="duty", password="demo-2026")
    assert moved.headers["Location"] == "/"


def test_a_form_without_its_token_is_refused(log_in: LogIn) -> None:
    assert log_in("duty").client.post(f"/proposals/{CODE}/submit").status_code == 400


def test_headers_keep_strangers_out(log_in: LogIn) -> None:
    headers = log_in("duty").client.get("/").headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe-eval" not in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"


def test_from_submission_to_receipt(log_in: LogIn) -> None:
    duty, approver, store = log_in("duty"), log_in("approver"), log_in("store")
    page = f"/proposals/{CODE}"
    assert duty.post(page, f"{page}/submit").status_code == 302
    seen = re.search(r'name="seen_hash" value="(\w+)"', approver.get(page))
    assert seen
    assert duty.post(page, f"{page}/approve", seen_hash=seen.group(1)).status_code == 403
    assert approver.post(page, f"{page}/approve", seen_hash="0").status_code == 303
    assert "与您看到的内容已不一致" in approver.get(page)
    assert approver.post(page, f"{page}/approve", seen_hash=seen.group(1)).status_code == 303
    bill = "/waybills/WB-20211108-001-001"
    assert "待" not in store.get(bill).split("<h1>")[1][:30]
    name = {"signed_by": "王收货"}
    assert store.post(bill, f"{bill}/receive", **name).status_code == 409
    assert store.post(bill, f"{bill}/depart").status_code == 302
    sent = re.search(r'name="sent-(L\d+)" value="(\d+)"', store.get(f"{bill}/receive"))
    assert sent
    line, units = sent.group(1), int(sent.group(2))
    assert store.post(bill, f"{bill}/receive").status_code == 400
    assert store.post(bill, f"{bill}/receive", **name, **{f"good-{line}": "half"}).status_code == 400
    assert store.post(bill, f"{bill}/receive", **name, **{f"good-{line}": str(units + 1)}).status_code == 400
    assert store.post(bill, f"{bill}/receive", **name, **{f"good-{line}": str(units)}).status_code == 302
    again = store.post(bill, f"{bill}/receive", **name)
    assert again.status_code == 302 and "没有重复记账" in store.get(bill)


def test_a_viewer_sees_and_moves_nothing(log_in: LogIn) -> None:
    viewer = log_in("viewer")
    assert "提交审批" not in viewer.get(f"/proposals/{CODE}")
    assert viewer.post("/stock", f"/proposals/{CODE}/submit").status_code == 403


def test_the_api_takes_warnings_in(log_in: LogIn) -> None:
    client = log_in("nobody").client
    assert client.post("/api/alerts", data=cap_xml()).status_code == 403
    answer = client.post("/api/alerts", data=cap_xml(status="Exercise"), headers=BASIC)
    assert answer.status_code == 200 and answer.json["alerts"][0]["status"] == "exercise"
    bad = client.post("/api/alerts", data=b"x" * 10_000_000, headers=BASIC)
    assert bad.status_code == 400
    assert bad.json["alerts"][0]["error"]["remedy"]
    huge = client.post("/api/alerts", data=b"x" * 40_000_000, headers=BASIC)
    assert huge.status_code == 413 and huge.json["error"]["remedy_zh"]


def test_unknown_pages_and_codes_are_404_with_words(log_in: LogIn) -> None:
    client = log_in("duty").client
    for path in ("/proposals/P-NONE", "/waybills/WB-NONE", "/nowhere"):
        answer = client.get(path)
        assert answer.status_code == 404 and "没有" in answer.get_data(as_text=True)


@pytest.mark.parametrize("coding", ["br", "gzip"])
def test_pages_and_scripts_come_compressed_where_the_browser_can(log_in: LogIn, coding: str) -> None:
    duty = log_in("duty").client
    for path in ("/stock", "/static/css/forms.css", "/assets/vendor/leaflet/leaflet.js"):
        plain = duty.get(path, headers={"Accept-Encoding": "identity"})
        packed = duty.get(path, headers={"Accept-Encoding": coding})
        assert plain.headers.get("Content-Encoding") is None and packed.headers["Content-Encoding"] == coding
        assert len(packed.data) < len(plain.data) / 2
        text = brotli.decompress(packed.data) if coding == "br" else gzip.decompress(packed.data)
        # the form token is new in each answer
        assert len(text) == pytest.approx(len(plain.data), rel=0.02)


def test_an_answer_known_already_is_304_compressed_or_not(log_in: LogIn) -> None:
    duty = log_in("duty").client
    first = duty.get("/static/live.js", headers={"Accept-Encoding": "br"})
    again = duty.get("/static/live.js", headers={"Accept-Encoding": "br", "If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304 and not again.data
