"""Alert ↔ JSON, for keeping beside the verbatim document."""

from __future__ import annotations

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
