"""Stock work through its forms, downloads, papers and uploads."""

import io
import re
from collections.abc import Callable

import pytest
from pypdf import PdfReader

from dispatch.operations.model import Kind
from tests.exchange.test_uploads import xlsx
from tests.web.conftest import Person

LogIn = Callable[[str], Person]
HERE = "WH-150500"
KEY = re.compile(r'name="key" value="(\w+)"')


def receive(person: Person, **fields: str):  # type: ignore[no-untyped-def]
    page = f"/documents/new/receipt?warehouse={HERE}"
    key = KEY.search(person.get(page))
    assert key
    base = {"warehouse": HERE, "key": key.group(1), "source": "purchase", "party": "厂",
            "item-0": "QUILT", "quantity-0": "10"}
    return person.post(page, "/documents/new/receipt", **{**base, **fields})


@pytest.mark.parametrize("document", list(Kind))
def test_every_form_opens(log_in: LogIn, document: Kind) -> None:
    page = log_in("store").get(f"/documents/new/{document.value}?warehouse={HERE}")
    assert "csrf_token" in page and "<h1>" in page


def test_a_form_posts_once_and_its_paper_can_be_read(log_in: LogIn) -> None:
    store = log_in("store")
    first = receive(store, key="abc")
    again = receive(store, key="abc")
    assert first.status_code == 302 and first.headers["Location"] == again.headers["Location"]
    code = first.headers["Location"].rpartition("/")[2]
    answer = store.client.get(f"/documents/{code}/goods-received.pdf")
    assert answer.mimetype == "application/pdf"
    assert code in PdfReader(io.BytesIO(answer.data)).pages[0].extract_text()
    assert store.client.get(f"/documents/{code}/loss-report.pdf").status_code == 404


def test_what_was_typed_stays_when_something_is_wrong(log_in: LogIn) -> None:
    answer = receive(log_in("store"), **{"quantity-0": "十", "party": "某某厂"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 400 and "第 1 行数量" in page and 'value="某某厂"' in page


def test_a_transfer_from_request_to_receipt(log_in: LogIn) -> None:
    store, approver = log_in("store"), log_in("approver")
    page = f"/documents/new/transfer?warehouse={HERE}"
    made = store.post(page, "/documents/new/transfer", **{
        "warehouse": HERE, "key": "t1", "target": "WH-150522", "reason": "补库", "item-0": "COAT", "quantity-0": "3"})
    path = made.headers["Location"]
    assert store.post(path, f"{path}/approved").status_code == 403
    assert approver.post(path, f"{path}/approved").status_code == 302
    assert store.post(path, f"{path}/loaded").status_code == 302
    lot = re.search(r'name="good-([^"]+)"', store.get(path))
    assert lot
    assert store.post(path, f"{path}/received", **{f"good-{lot.group(1)}": "9", f"damaged-{lot.group(1)}": "0"}).status_code == 400
    assert store.post(path, f"{path}/received", **{f"good-{lot.group(1)}": "2", f"damaged-{lot.group(1)}": "1"}).status_code == 302
    assert store.post(path, f"{path}/received").status_code == 409
    assert store.post(path, f"{path}/nonsense").status_code == 404


def test_a_blind_count_shows_no_book(log_in: LogIn) -> None:
    store = log_in("store")
    made = store.post(f"/documents/new/stocktake?warehouse={HERE}", "/documents/new/stocktake",
                      **{"warehouse": HERE, "key": "c", "lot-0": "DEMO-150500-QUILT-A"})
    path = made.headers["Location"]
    page = store.get(path)
    name = re.search(r'name="(count-[^"]+)"', page)
    assert name and '<th class="n">账面' not in page
    for who in ("store", "store2"):
        assert log_in(who).post(path, f"{path}/count", **{name.group(1): "5"}).status_code == 302
    assert log_in("approver").post(path, f"{path}/posted").status_code == 302
    assert '<th class="n">账面' in store.get(path)


def test_a_sheet_is_previewed_booked_and_undone(log_in: LogIn) -> None:
    store = log_in("store")
    token = re.search(r'name="csrf_token" value="([^"]+)"', store.get("/uploads/"))
    assert token
    raw = xlsx([[HERE, "QUILT", 4, "", "LOT-X", None]])
    made = store.client.post("/uploads/", data={
        "csrf_token": token.group(1), "kind": "opening", "file": (io.BytesIO(raw), "表.xlsx")})
    path = made.headers["Location"]
    assert "可读取 1 行" in store.get(path)
    assert store.post(path, f"{path}/commit").status_code == 302
    assert "LOT-X" in store.get("/stock?lot=LOT-X")
    assert store.post(path, f"{path}/undo").status_code == 302
    assert store.client.get("/uploads/template/opening.xlsx").data.startswith(b"PK")


@pytest.mark.parametrize("path", ["/stock?item=QUILT&download=csv", "/movements?download=xlsx"])
def test_downloads_carry_hxl_tags(log_in: LogIn, path: str) -> None:
    answer = log_in("store").client.get(path)
    assert answer.status_code == 200
    if path.endswith("csv"):
        assert "#item+code" in answer.data.decode("utf-8-sig").splitlines()[1]


def test_money_is_given_spent_and_followed(log_in: LogIn) -> None:
    duty, approver = log_in("duty"), log_in("approver")
    given = duty.post("/money", "/money/gifts", donor="某公司", amount="1,000.00", key="g", is_public="1")
    page = duty.get(given.headers["Location"])
    assert "某公司" in page and "¥200.00" in page
    assert duty.client.get(given.headers["Location"] + "/certificate.pdf").data.startswith(b"%PDF")
    code = receive(log_in("store")).headers["Location"].rpartition("/")[2]
    assert approver.post("/money", "/money/reserve", amount="150", basis=code, key="s").status_code == 302
    assert approver.post("/money", "/money/reserve", amount="99999", basis=code, key="t").status_code == 409
    assert approver.post("/money", "/money/reserve", amount="1", basis="X", key="u").status_code == 403
    assert "¥50.00" in approver.get("/money")
    assert log_in("store").post("/stock", "/money/gifts", donor="x", amount="1", key="v").status_code in (400, 403)


def test_a_warehouse_is_checked_with_evidence(log_in: LogIn) -> None:
    store = log_in("store")
    path = f"/warehouses/{HERE}"
    assert store.post(path, f"{path}/checks", criterion="fire", is_met="1").status_code == 400
    assert store.post(path, f"{path}/checks", criterion="moat", is_met="1", evidence="x").status_code == 400
    assert store.post(path, f"{path}/checks", criterion="fire", is_met="1", evidence="照片 12").status_code == 302
    assert "照片 12" in store.get(path)
    assert log_in("viewer").post(path, f"{path}/checks", criterion="fire", is_met="1", evidence="x").status_code == 403


def test_keepers_report_their_own_room(log_in: LogIn) -> None:
    store, path = log_in("store"), f"/warehouses/{HERE}"
    good = {"area_m2": "3000", "volume_m3": "4000", "load_kg": "500000", "storekeeper": "甲", "bookkeeper": "乙"}
    assert store.post(path, f"{path}/facility", **{**good, "area_m2": "big"}).status_code == 400
    assert store.post(path, f"{path}/facility", **good).status_code == 302
    page = store.get(path)
    assert "3,000 m²" in page and "假设</span>" not in page
    assert store.post(path, "/warehouses/WH-999999/facility", **good).status_code == 404


@pytest.mark.parametrize("code,leads", [
    ("WB-20211108-001-001", "/waybills/"), ("GR-20211108-0001", "/documents/"), ("JZ-20211108-0001", "/trace/"),
    ("DEMO-150500-QUILT-A", "/lots/"), ("DEMO-OPENING", "/movements"),
])
def test_a_scanned_code_leads_to_its_page(log_in: LogIn, code: str, leads: str) -> None:
    client = log_in("store").client
    typed = client.get("/w", query_string={"code": f"http://x/w/{code}?h=12"})
    assert typed.headers["Location"].endswith(f"/w/{code}")
    assert leads in client.get(f"/w/{code}").headers["Location"]
