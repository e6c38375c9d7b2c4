"""Processes of the pages killed in the middle of a decision or a receipt: nothing lost, nothing doubled, no hands needed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from dispatch.audit.queries import verify
from dispatch.db import reading, snapshot_of
from dispatch.demo_time import clock_of
from dispatch.flow.approve import submit
from dispatch.flow.deliver import depart
from dispatch.inventory.proof import find_differences
from dispatch.proposals.queries import get_proposal
from dispatch.waybills.queries import get_waybill
from tests.faults.pages import Pages, Visitor

PLAN = "P-20211108-001"
# the first write, some in the middle, and after all is kept but before anybody was told
MOMENTS = (1, 7, 40, 0)


@pytest.fixture
def pages(demo: Engine, tmp_path: Path) -> Iterator[Pages]:
    served = Pages(demo.url.render_as_string(hide_password=False), tmp_path)
    served.start()
    yield served
    served.kill()


def counted(engine: Engine, query: str) -> int:
    with reading(engine) as session:
        return int(session.scalar(text(query)) or 0)


def check_proofs(engine: Engine) -> None:
    """Ledger and audit record are whole."""
    with reading(snapshot_of(engine)) as session:
        assert find_differences(session)["discrepancies"] == []
        assert verify(session).broken is None


def test_an_approval_whose_process_is_killed_is_whole_or_not_there(pages: Pages, demo: Engine) -> None:
    submit(demo, PLAN, "duty", clock_of(demo))
    with reading(demo) as session:
        body = get_proposal(session, PLAN)
    approver = Visitor(pages, "approver")
    before = counted(demo, "SELECT COUNT(*) FROM reservation")
    for moment in MOMENTS:
        pages.kill_at_write(moment)
        assert approver.post(f"/proposals/{PLAN}/approve", seen_hash=body["body_hash"]) is None, pages.log.read_text()[-2000:]
        assert pages.killed
        status = counted(demo, f"SELECT COUNT(*) FROM proposal WHERE code = '{PLAN}' AND status = 'approved'")
        waybills, reserved = counted(demo, "SELECT COUNT(*) FROM waybill"), counted(demo, "SELECT COUNT(*) FROM reservation")
        assert (status, waybills > 0, reserved > before) == ((1, True, True) if moment == 0 else (0, False, False)), moment
    pages.until_it_answers("/readyz")
    again = approver.post(f"/proposals/{PLAN}/approve", seen_hash=body["body_hash"])
    assert again is not None and again.status_code in (302, 303)
    assert counted(demo, "SELECT COUNT(*) FROM waybill") == waybills == len(body["routes"])
    with reading(demo) as session:
        booked = session.execute(text("SELECT place, lot_code, SUM(quantity) FROM reservation WHERE status = 'held' GROUP BY 1, 2")).all()
    wanted: Counter[tuple[str, int]] = Counter()
    for line in body["lines"]:
        wanted[f"wh:{line['from']}", line["lot"]] += line["quantity"]
    held = {(place, lot): units for place, lot, units in booked}
    short = {key: (units, held.get(key, 0)) for key, units in wanted.items() if held.get(key, 0) != units}
    assert not short
    check_proofs(demo)


def test_a_receipt_whose_process_is_killed_is_booked_once(pages: Pages, demo: Engine) -> None:
    clock = clock_of(demo)
    submit(demo, PLAN, "duty", clock)
    with reading(demo) as session:
        seen = get_proposal(session, PLAN)["body_hash"]
    assert (Visitor(pages, "approver").post(f"/proposals/{PLAN}/approve", seen_hash=seen)) is not None
    with reading(demo) as session:
        code = str(session.scalar(text("SELECT MIN(code) FROM waybill")))
        paper = get_waybill(session, code)
    depart(demo, code, "store", clock)
    store, line = Visitor(pages, "store"), paper["lines"][0]
    fields = {"signed_by": "包文革", "form_key": "one-key", "county": line["to"], f"sent-{line['id']}": str(line["quantity"]),
              f"damaged-{line['id']}": "1", f"why-{line['id']}": "受潮"}
    before = counted(demo, "SELECT COUNT(*) FROM movement")
    for moment in (1, 3, 6, 0):
        pages.kill_at_write(moment)
        assert store.post(f"/waybills/{code}/receive", {"X-Queued": "1"}, **fields) is None and pages.killed
        kept = counted(demo, "SELECT COUNT(*) FROM receipt")
        assert (kept, counted(demo, "SELECT COUNT(*) FROM movement") > before) == ((1, True) if moment == 0 else (0, False)), moment
    after = counted(demo, "SELECT COUNT(*) FROM movement")
    pages.until_it_answers("/readyz")
    again = store.post(f"/waybills/{code}/receive", {"X-Queued": "1"}, **fields)
    assert again is not None and again.status_code == 200 and "没有重复记账" in again.json()["done"]
    assert (counted(demo, "SELECT COUNT(*) FROM receipt"), counted(demo, "SELECT COUNT(*) FROM movement")) == (1, after)
    assert counted(demo, "SELECT SUM(quantity) FROM movement WHERE reason = 'damage'") == 1
    check_proofs(demo)


def test_figures_of_all_processes_are_told_as_one(pages: Pages) -> None:
    person = Visitor(pages, "viewer")
    for _ in range(12):
        assert person.get("/stock") is not None
    told = person.get("/metrics")
    assert told is not None and 'dispatch_answers_total{endpoint="ledger.stock",method="GET",status="200"} 12.0' in told.text
    assert "dispatch_database_up 1.0" in told.text
