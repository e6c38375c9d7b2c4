"""Everything a truck takes along, read back and held against the ledger and the plan."""

import io
import re

from pypdf import PdfReader
from sqlalchemy import Engine, text

from dispatch.clock import FixedClock
from dispatch.db import reading, transaction
from dispatch.flow.deliver import depart
from dispatch.flow.truck_pack import contacts, pick_places, truck_pack
from dispatch.geography.store import list_names
from dispatch.inventory.book import append_movements
from dispatch.inventory.model import Movement
from dispatch.paper.render import render_pack
from dispatch.waybills.queries import get_waybill
from tests.conftest import NOW
from tests.waybills.desk import approved

LINK = "https://example.invalid/t/x/y"


def packed(engine: Engine, code: str) -> tuple[dict, list[str]]:
    with reading(engine) as session:
        paper = get_waybill(session, code)
        pages = [p.extract_text() for p in PdfReader(io.BytesIO(render_pack(truck_pack(session, code, LINK)))).pages]
    return paper, pages


def bare_text(page: str) -> str:
    return re.sub(r"[\s-]", "", page)


def test_the_pack_has_every_paper_with_the_plans_totals(demo: Engine, clock: FixedClock) -> None:
    codes = approved(demo, clock)
    with reading(demo) as session:
        code = next(c for c in codes if len(get_waybill(session, c)["stops"]) > 1)
        names = list_names(session)
    paper, pages = packed(demo, code)
    of = {title: [p for p in pages if p.startswith(title)] for title in ("拣货单", "装载顺序单", "救灾物资运单", "物资入库（签收）单", "司机卡")}
    assert sum(map(len, of.values())) == len(pages) and all(of.values())
    total = sum(line["quantity"] for line in paper["lines"])
    for title in ("拣货单", "装载顺序单"):
        whole = "".join(of[title])
        assert f"{total:,}" in whole and all(line["lot"].replace("-", "") in bare_text(whole) for line in paper["lines"])
    for copy in ("第一联", "第二联", "第三联", "第四联"):
        assert f"{total:,}" in "".join(p for p in of["救灾物资运单"] if copy in p)
    for stop in paper["stops"]:
        units = sum(line["quantity"] for line in paper["lines"] if line["to"] == stop["place"])
        assert any(stop["place_zh"] in page and f"{units:,}" in page for page in of["物资入库（签收）单"])
    card = "".join(of["司机卡"])
    assert all(leg["refs"].split("/")[0] in card for leg in paper["legs"])
    assert all(names[leg["to"]][0] in card for leg in paper["legs"])
    assert all(c["number"] in card for c in contacts())
    order = "".join(of["装载顺序单"])
    assert order.index(paper["stops"][-1]["place_zh"]) < order.index(paper["stops"][0]["place_zh"])
    assert all("page 1/" in p or "page 2/" in p or "page 3/" in p for p in pages)


def test_places_to_pick_from_are_the_ledgers_before_and_after_leaving(demo: Engine, clock: FixedClock) -> None:
    one, two, *_ = approved(demo, clock)
    with reading(demo) as session:
        paper = get_waybill(session, one)
        asked = pick_places(session, paper)
    for line in paper["lines"]:
        assert sum(units for _place, units in asked[line["id"]]) == line["quantity"]
        assert {place for place, _ in asked[line["id"]]} == {f"wh:{paper['from']}"}
    depart(demo, one, "store", clock)
    with reading(demo) as session:
        assert pick_places(session, paper) == asked
        booked = session.scalar(text("SELECT SUM(quantity) FROM movement WHERE document = :c AND reason = 'issue'"), {"c": one})
    assert booked == sum(units for pieces in asked.values() for _place, units in pieces)


def test_goods_in_two_bins_are_picked_from_both(demo: Engine, clock: FixedClock) -> None:
    with reading(demo) as session:
        lot, place, units = session.execute(text(
            "SELECT lot_code, place, on_hand FROM balance WHERE place = 'wh:WH-150500' AND on_hand > 10 ORDER BY lot_code LIMIT 1")).one()
    with transaction(demo) as session:
        append_movements(session, [Movement(lot, units - 1, place, f"{place}/A-01", NOW, "putaway", "store", "PA-1", "pa-1")], NOW)
    codes = approved(demo, clock)
    with reading(demo) as session:
        for code in codes:
            paper = get_waybill(session, code)
            pieces = pick_places(session, paper)
            assert {line["id"]: line["quantity"] for line in paper["lines"]} == {k: sum(n for _p, n in v) for k, v in pieces.items()}
            for line in paper["lines"]:
                if paper["from"] == "WH-150500" and line["lot"] == lot:
                    assert {p for p, _ in pieces[line["id"]]} <= {place, f"{place}/A-01"}
