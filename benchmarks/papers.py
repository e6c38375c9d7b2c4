"""A waybill of 40 lines as PDF, and a sheet of 10,000 rows previewed.

    python -m benchmarks.papers [--json FILE]

Aims: a paper in under 2 s, a preview in under 5 s.
"""

from __future__ import annotations

import argparse
import io
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from benchmarks.report import finish, peak_mb, quantile
from dispatch.accounts.store import save_demo_accounts
from dispatch.clock import FixedClock
from dispatch.config import Settings
from dispatch.db import make_engine, transaction
from dispatch.exchange.uploads import Upload, preview
from dispatch.paper import forms
from dispatch.paper.render import render_pdf
from dispatch.reference.setup import initialise

NOW = datetime(2026, 1, 1, tzinfo=UTC)
RUNS = 7


def waybill(lines: int) -> bytes:
    """A waybill in four copies."""
    line = {
        "item_zh": "棉被",
        "item_en": "Cotton quilt",
        "lot": "DEMO-150500-QUILT-A",
        "unit_zh": "床",
        "quantity": 120,
        "weight_g": 360_000,
        "volume_cm3": 2_400_000,
        "to_zh": "奈曼旗",
    }
    body = {
        "code": "WB-20260101-001-001",
        "content_hash": "0" * 64,
        "from_zh": "赤峰",
        "from_en": "Chifeng",
        "stops": [{"place_zh": "奈曼旗", "place_en": "Naiman", "arrives_at": "2026-01-01 12:00"}],
        "basis": "x",
        "vehicle": "V",
        "class_zh": "货车",
        "class_en": "Truck",
        "departs_at": "2026-01-01 08:00",
        "roads": "G45",
        "distance_km": 300,
        "lines": [line] * lines,
    }
    return render_pdf(forms.waybill(body))


def sheet(rows: int) -> bytes:
    """Opening stock with dates."""
    book = Workbook(write_only=True)
    page = book.create_sheet()
    page.append(["仓库", "物资", "数量", "单位", "批次", "有效期至"])
    for number in range(rows):
        page.append(["WH-150500", "棉被", number + 1, "床", f"L-{number}", date(2030, 1, 1)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def measure(name: str, step: Callable[[], Any]) -> dict[str, Any]:
    """One row over several runs."""
    seconds = []
    for _ in range(RUNS):
        began = time.perf_counter()
        step()
        seconds.append(time.perf_counter() - began)
    return {
        "what": name,
        "p50_s": round(quantile(seconds, 0.5), 2),
        "worst_s": round(max(seconds), 2),
        "peak_mb": peak_mb(),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/papers.sqlite"
        engine = make_engine(url)
        initialise(engine, Settings(url, testing=True), demo=False)
        with transaction(engine) as session:
            save_demo_accounts(session)
        upload = Upload("opening", "x.xlsx", sheet(10_000))
        rows = [
            measure("waybill of 40 lines, 4 copies", lambda: waybill(40)),
            measure(
                "preview of 10,000 rows",
                lambda: preview(engine, upload, "store", FixedClock(NOW)),
            ),
        ]
        engine.dispose()
    finish(rows, given.json)


if __name__ == "__main__":
    main()
