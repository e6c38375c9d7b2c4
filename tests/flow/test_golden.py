"""One whole proposal, in short: what changes here changes what coordinators are told."""

import json
import os
from collections import Counter
from pathlib import Path

from dispatch.config import Settings
from dispatch.db import make_engine, reading
from dispatch.proposals.queries import get_proposal

GOLDEN = Path(__file__).parent / "golden" / "tongliao-2021-11.json"


def short(body: dict) -> dict:
    """Level, totals per item, sources, routes and teams without the sentences."""
    sent: Counter[str] = Counter()
    for line in body["lines"]:
        sent[f"{line['item']} {line['from']} > {line['to']}"] += line["quantity"]
    return {
        "level": body["level"],
        "headline": body["headline"]["zh"],
        "met": [c["name"] for c in body["activation"]["criteria"] if c["met"]],
        "needs": {f"{n['county']} {n['item']}": n["quantity"] for n in body["needs"]},
        "sent": dict(sorted(sent.items())),
        "gaps": len(body["gaps"]),
        "routes": [
            f"{r['vehicle']}: {' '.join(s['place'] for s in r['stops'])} {r['distance_m']} m {r['duration_s']} s"
            for r in body["routes"]
        ],
        "teams": {t["team"]: f"{t['county']} {t['arrives_at']}" for t in body["teams"]},
    }


def test_the_tongliao_proposal_is_as_written_down(demo_file: Settings) -> None:
    """Run once with GOLDEN=write after a change that is meant; read the difference in git."""
    with reading(make_engine(demo_file.database_url)) as session:
        found = short(get_proposal(session, "P-20211108-001"))
    if os.environ.get("GOLDEN") == "write":
        GOLDEN.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")
    assert found == json.loads(GOLDEN.read_text("utf-8"))
