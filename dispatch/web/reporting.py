"""Reading reports and judgements back from forms and JSON, every fault with its field."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dispatch.alerts.entries import RANGES
from dispatch.alerts.model import LossCounts
from dispatch.alerts.reports import Report
from dispatch.clock import LOCAL_ZONE
from dispatch.errors import InvalidInput

TEXTS = ("reporter", "unit", "phone", "township", "note")


def read_report(given: Mapping[str, Any], now: datetime) -> Report:
    """A report from named fields; times without a zone are on Inner Mongolia's clocks."""
    kind = str(given.get("kind") or "initial")
    return Report(
        code="", kind=kind, hazard=str(given.get("hazard") or "other"), place=str(given.get("place") or ""),
        as_of=read_time(given.get("as_of"), now), received_at=now,
        counts=LossCounts(**_counts(given)), certainty=str(given.get("certainty") or "reported"),
        is_correction=str(given.get("is_correction") or "") in ("1", "true", "True", "on"),
        **{name: str(given.get(name) or "").strip() for name in TEXTS},
    )


def read_time(value: object, now: datetime) -> datetime:
    """A moment from text; empty means now."""
    text = str(value or "").strip()
    if not text:
        return now
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise _wrong("as_of", text, "a time such as 2021-11-08T16:30", "时间，例如 2021-11-08T16:30") from error
    return at if at.tzinfo else at.replace(tzinfo=LOCAL_ZONE)


def _counts(given: Mapping[str, Any]) -> dict[str, int]:
    found = {}
    nested = given.get("counts")
    source = nested if isinstance(nested, Mapping) else given
    for name in LossCounts.__slots__:
        value = source.get(name)
        if value is None or value == "":
            continue
        found[name] = read_count(name, value)
    return found


def read_count(name: str, value: object) -> int:
    """A whole number from a form or JSON; grouping commas are allowed, nothing else is guessed."""
    text = str(value).replace(",", "").replace("，", "").strip()
    if isinstance(value, bool) or not (text.isascii() and text.isdigit()) or len(text) > 9:
        raise _wrong(name, value, "a whole number of zero or more", "不小于零的整数")
    return int(text)


def read_entry(kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a judgement from a form."""
    if kind == "forecast":
        return _counts(given)
    if kind == "government":
        return {"place": str(given.get("place") or ""), "level": read_count("level", given.get("level") or 0)}
    if kind == "lowered":
        codes = given.getlist("codes") if hasattr(given, "getlist") else given.get("codes") or []
        return {"codes": list(codes)}
    return _measures(given)


def _measures(given: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in RANGES:
        text = str(given.get(name) or "").strip()
        if text:
            found[name] = _number(name, text)
    lon, lat = str(given.get("lon") or "").strip(), str(given.get("lat") or "").strip()
    if lon or lat:
        found["epicentre"] = [_number("lon", lon), _number("lat", lat)]
    return found


def _number(name: str, text: str) -> int | float:
    try:
        value = float(text)
    except ValueError as error:
        raise _wrong(name, text, "a number", "数字") from error
    return int(value) if value == int(value) and name != "magnitude" else value


def _wrong(name: str, value: object, rule: str, rule_zh: str) -> InvalidInput:
    return InvalidInput(f"{name} is {value!r}.", remedy=f"Give {rule}.", zh=f"{name} 的值是 {value!r}。",
                        remedy_zh=f"应为{rule_zh}。", facts={"field": name})
