"""Alerts ↔ JSON, for keeping beside the verbatim document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from dispatch.alerts.model import Alert, Colour, LossCounts, Observations, RoadNotice
from dispatch.geo import LonLat


def to_json(alert: Alert) -> dict[str, Any]:
    """A JSON-ready dictionary; times as ISO text."""
    def plain(value: Any) -> Any:
        if isinstance(value, datetime):
            return value.isoformat()
        if isinstance(value, dict):
            return {key: plain(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [plain(item) for item in value]
        return value

    return {key: plain(value) for key, value in asdict(alert).items()}


def to_json_all(alerts: Sequence[Alert]) -> dict[str, Any] | None:
    """All warnings of one message: the first one's fields, the others under ``parts``."""
    if not alerts:
        return None
    first, *others = (to_json(alert) for alert in alerts)
    return {**first, "parts": others} if others else first


def from_json_all(fields: dict[str, Any]) -> tuple[Alert, ...]:
    """The warnings of one message again, in their order."""
    first = {name: value for name, value in fields.items() if name != "parts"}
    return tuple(from_json(one) for one in (first, *fields.get("parts", ())))


def from_json(fields: dict[str, Any]) -> Alert:
    """The alert again."""
    def time(text: str | None) -> datetime | None:
        return None if text is None else datetime.fromisoformat(text)

    roads = tuple(
        RoadNotice(r["ref"], tuple(r["counties"]), r["speed_factor"], time(r["until"]))
        for r in fields["roads"]
    )
    return Alert(
        **{
            **fields,
            "sent": datetime.fromisoformat(fields["sent"]),
            "effective": datetime.fromisoformat(fields["effective"]),
            "expires": time(fields["expires"]),
            "onset": time(fields.get("onset")),
            "government": tuple((place, level) for place, level in fields.get("government") or ()),
            "colour": None if fields["colour"] is None else Colour(fields["colour"]),
            "counties": tuple(fields["counties"]),
            "references": tuple(fields["references"]),
            "counts": LossCounts(**fields["counts"]),
            "roads": roads,
            "observations": _observations(fields.get("observations") or {}),
        }
    )


def _observations(fields: dict[str, Any]) -> Observations:
    epicentre = fields.get("epicentre")
    return Observations(**{**fields, "epicentre": LonLat(**epicentre) if epicentre else None})
