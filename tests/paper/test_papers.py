"""The papers are read back and held against the ledger."""

import io
import re
from datetime import timedelta

import pytest
from pypdf import PdfReader
from sqlalchemy import Engine

from dispatch.clock import FixedClock
from dispatch.db import reading
from dispatch.flow.approve import approve, submit
from dispatch.flow.money import Gift, give
from dispatch.flow.papers import (
    DOCUMENT_FORMS,
    certificate_paper,
    document_paper,
    packing_list_of_waybill,
    stock_card_paper,
    waybill_paper,
)
from dispatch.operations.desk import advance
from dispatch.operations.model import Kind, Status
from dispatch.paper.model import Column, Paper
from dispatch.paper.render import printable, render_pdf
from dispatch.proposals.queries import get_proposal, list_proposals
from dispatch.waybills.queries import get_waybill
from tests.operations.conftest import HERE, THERE, Store


def words(paper: Paper) -> list[str]:
    """The text of each page."""
    return [page.extract_text() for page in PdfReader(io.BytesIO(render_pdf(paper))).pages]


@pytest.fixture
def store(bare: Engine) -> Store:
    return Store(bare)


def test_a_waybill_has_four_copies_and_the_ledgers_totals(demo: Engine, clock: FixedClock) -> None:
    with reading(demo) as session:
        body = get_proposal(session, list_proposals(session)[0]["code"])
    submit(demo, body["code"], "duty", clock)
    code = approve(demo, body["code"], "approver", body["body_hash"], clock)[0]
    with reading(demo) as session:
        pages = words(waybill_paper(session, code))
        lines = get_waybill(session, code)["lines"]
        packing = "".join(words(packing_list_of_waybill(session, code)))
    copies = [page for page in pages if "第一联" in page or "第二联" in page or "第三联" in page or "第四联" in page]
    assert len(copies) == len(pages) and len(pages) % 4 == 0
    whole = "".join(pages)
    total = sum(line["quantity"] for line in lines)
    for text in (whole, packing):
        assert f"{total:,}" in text and code in text
        assert all(line["lot"].replace("-", "") in re.sub(r"[\s-]", "", text) for line in lines)
    assert f"page 1/{len(pages) // 4}" in whole


def test_every_paper_of_a_transfer(store: Store) -> None:
    store.receive(30)
    code = store.do(Kind.TRANSFER, target=THERE, reason="补库", lines=[{"item": "QUILT", "quantity": 12}])
    for status in (Status.APPROVED, Status.LOADED, Status.RECEIVED):
        advance(store.engine, code, status, "approver", store.clock)
    with reading(store.engine) as session:
        for form in ("requisition", "transfer-order", "pick-list", "packing-list", "goods-received"):
            text = "".join(words(document_paper(session, code, form)))
            assert code in text and "棉被" in text and "12" in text and "签名" in text, form
    assert set(DOCUMENT_FORMS) >= {"requisition", "loss-report"}


def test_a_stock_card_ends_in_the_balance_of_the_book(store: Store) -> None:
    lot = store.receive(30)
    store.do(Kind.PUTAWAY, lines=[{"lot": lot, "quantity": 11, "to_bin": "A"}])
    store.clock.at += timedelta(minutes=1)
    with reading(store.engine) as session:
        text = "".join(words(stock_card_paper(session, lot, f"wh:{HERE}")))
    assert "库存卡" in text and "19" in text and "11" in text and store.units(f"wh:{HERE}", lot) == 19


def test_a_loss_report_and_a_certificate(store: Store) -> None:
    lot = store.receive(5)
    code = store.do(Kind.LOSS, reason="鼠咬", lines=[{"lot": lot, "quantity": 2}])
    gift = give(store.engine, Gift("某公司", 123_456, store.clock.at.date()), "g", "duty", store.clock)
    with reading(store.engine) as session:
        assert "鼠咬" in "".join(words(document_paper(session, code, "loss-report")))
        text = "".join(words(certificate_paper(session, gift)))
    assert "1,234.56" in text and gift in text and "某公司" in text


def test_forty_lines_run_over_pages_with_headings_and_numbers() -> None:
    paper = Paper(
        ("拣货单", "Pick list"), "X-1", "0" * 64, (("仓库", "Warehouse", "通辽"),),
        (Column("物资", "Item", 2), Column("数量", "Quantity", 1, True)),
        tuple((f"棉被\nquilt {n}", f"{n:,}") for n in range(1, 81)),
    )
    pages = words(paper)
    assert len(pages) > 1
    assert all("物资" in page and f"共 {len(pages)} 页" in page for page in pages)
    assert "quilt 80" in pages[-1]


def test_what_the_font_lacks_is_shown_as_a_box() -> None:
    assert printable("䶮棉\x07") == "□棉"
