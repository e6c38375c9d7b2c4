"""The life of a waybill."""

from __future__ import annotations

from enum import StrEnum


class WaybillStatus(StrEnum):
    """Where the truck and its paper stand."""

    ISSUED = "issued"
    DEPARTED = "departed"
    RECEIVED = "received"


TRANSITIONS: dict[WaybillStatus, frozenset[WaybillStatus]] = {
    WaybillStatus.ISSUED: frozenset({WaybillStatus.DEPARTED}),
    WaybillStatus.DEPARTED: frozenset({WaybillStatus.RECEIVED}),
    WaybillStatus.RECEIVED: frozenset(),
}
