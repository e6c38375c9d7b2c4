"""Pages and the proof on a book of millions of movements."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import Any

from sqlalchemy import insert, text

from benchmarks.report import quantile
from dispatch.accounts.store import DEMO_PASSWORD, save_demo_accounts
from dispatch.app import create_app
from dispatch.clock import SystemClock
from dispatch.config import Settings
from dispatch.db import make_engine, reading, transaction
from dispatch.inventory.proof import find_differences
from dispatch.inventory.tables import LotRow, MovementRow

BATCH = 20_000
TURNS = 40


def time_pages(url: str, wanted: int) -> dict[str, Any]:
    """Fill up to ``wanted`` movements over 2,000 lots, then time pages (p95) and the proof."""
    engine = make_engine(url)
    now = SystemClock().now() - timedelta(days=1)
    with reading(engine) as session:
        have = session.scalar(text("SELECT COUNT(*) FROM movement")) or 0
        houses = list(session.scalars(text("SELECT code FROM warehouse ORDER BY code")))
    with transaction(engine) as session:
        save_demo_accounts(session)
        session.execute(
            insert(LotRow),
            [
                {
                    "code": f"PAGE-{n:04d}",
                    "item_code": "QUILT",
                    "owner": "bench",
                    "condition": "good",
                    "is_demo": True,
                    "inspection": "passed",
                }
                for n in range(2000)
            ],
        )
    rows = _facts(houses, now, wanted - have)
    while batch := list(islice(rows, BATCH)):
        with transaction(engine) as session:
            session.execute(insert(MovementRow), batch)
    with transaction(engine) as session:
        session.execute(
            text(
                "INSERT INTO balance (place, lot_code, on_hand, reserved) "
                "SELECT to_place, lot_code, SUM(quantity), 0 FROM movement "
                "WHERE document = 'PAGES' GROUP BY to_place, lot_code"
            )
        )
        if engine.dialect.name == "postgresql":
            session.execute(text("ANALYZE"))
    with reading(engine) as session:
        began = time.perf_counter()
        proof = find_differences(session)
        verify_s = time.perf_counter() - began
    app = create_app(Settings(url, testing=True), engine)
    client = app.test_client()
    token = re.search(
        r'name="csrf_token" value="([^"]+)"', client.get("/login").get_data(as_text=True)
    )
    client.post(
        "/login",
        data={"name": "duty", "password": DEMO_PASSWORD, "csrf_token": token[1] if token else ""},
    )
    paths = {
        "stock page": f"/stock?warehouse={houses[5]}",
        "stock page by item": "/stock?warehouse=WH-150000&item=QUILT",
        "stock card": f"/lots/PAGE-0007?place=wh:{houses[7]}",
        "movements": "/movements",
        "movements of a place": f"/movements?place=wh:{houses[5]}",
    }
    pages = {name: _p95_ms(client, path) for name, path in paths.items()}
    engine.dispose()
    return {
        "movements": proof["movements"],
        "discrepancies": len(proof["discrepancies"]),
        "verify_s": round(verify_s, 1),
        "p95_ms": pages,
    }


def _facts(houses: list[str], now: Any, count: int) -> Iterator[dict[str, Any]]:
    """Receipts spread evenly; a lot lives in one warehouse, as lots mostly do."""
    for n in range(max(0, count)):
        lot = n % 2000
        yield {
            "lot_code": f"PAGE-{lot:04d}",
            "quantity": 1 + n % 7,
            "from_place": "supplier:bench",
            "to_place": f"wh:{houses[lot % len(houses)]}",
            "occurred_at": now,
            "recorded_at": now,
            "reason": "receipt",
            "actor": "bench",
            "document": "PAGES",
            "idempotency_key": f"page:{n}",
            "reverses_id": None,
        }


def _p95_ms(client: Any, path: str) -> float:
    seconds = []
    for _ in range(TURNS):
        began = time.perf_counter()
        answer = client.get(path)
        seconds.append(time.perf_counter() - began)
        if answer.status_code != 200:
            raise SystemExit(f"{path}: {answer.status_code}")
    return round(quantile(seconds, 0.95) * 1000, 1)
