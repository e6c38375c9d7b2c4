"""The course of a situation: what was said, judged and decided, in the order of time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from dispatch.alerts.model import Alert
from dispatch.alerts.reports import MEASURE_NAMES, Report, order
from dispatch.alerts.timeline import Material
from dispatch.plans.ground import Ground
from dispatch.plans.store import list_steps


def course(session: Session, codes: Sequence[str], material: Material, ground: Ground) -> list[dict[str, Any]]:
    """Messages, reports, judgements and changes of level, newest first."""
    rows = [_message(a) for a in material.alerts]
    rows += [_report(r, ground) for r in sorted(material.reports, key=order)]
    rows += [{"at": e.at.isoformat(), "what": "entry", "kind": e.kind, "actor": e.actor,
              "zh": e.note, "en": e.note, "body": e.body} for e in material.entries]
    rows += [{"at": s["at"], "what": "level", "kind": s["change"], "level": s["level"],
              "engine_level": s["engine_level"], "actor": s["actor"], "zh": s["reason"],
              "en": s["answer"]["reasons"][0]["en"] if s["change"] in ("raised", "milder", "again") else s["reason"]}
             for s in list_steps(session, codes)]
    return sorted(rows, key=lambda r: str(r["at"]), reverse=True)


def _message(alert: Alert) -> dict[str, Any]:
    return {"at": alert.sent.isoformat(), "what": "alert", "kind": alert.msg_type, "zh": alert.headline,
            "en": alert.headline, "colour": alert.colour.value if alert.colour else None,
            "actor": alert.sender, "identifier": alert.identifier,
            "expires": alert.expires.isoformat() if alert.expires else None}


def _report(report: Report, ground: Ground) -> dict[str, Any]:
    zh, en = ground.name(report.place)
    said = report.said()
    return {
        "at": report.as_of.isoformat(), "what": "report", "kind": report.kind, "actor": report.reporter,
        "zh": f"{zh}{report.township}：" + ("、".join(f"{MEASURE_NAMES[n][0]} {v:,}" for n, v in said.items()) or "无变化"),
        "en": f"{en} {report.township}: " + (", ".join(f"{MEASURE_NAMES[n][1]} {v:,}" for n, v in said.items()) or "no change"),
        "is_correction": report.is_correction, "certainty": report.certainty, "code": report.code,
        "note": report.note,
    }
