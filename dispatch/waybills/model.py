"""The life of a waybill."""

from __future__ import annotations

from enum import StrEnum


class WaybillStatus(StrEnum):
    """Where the truck and its paper stand.

    Cancelled: called off before it left, its stock is free again.  Stranded: broken down on the
    way, the load still on it.  Returned: what was still on it stands in a warehouse again.
    """

    ISSUED = "issued"
    DEPARTED = "departed"
    RECEIVED = "received"
    CANCELLED = "cancelled"
    STRANDED = "stranded"
    RETURNED = "returned"


S = WaybillStatus
TRANSITIONS: dict[WaybillStatus, frozenset[WaybillStatus]] = {
    S.ISSUED: frozenset({S.DEPARTED, S.CANCELLED, S.STRANDED}),
    S.DEPARTED: frozenset({S.RECEIVED, S.STRANDED, S.RETURNED}),
    S.STRANDED: frozenset({S.DEPARTED, S.RECEIVED, S.RETURNED, S.CANCELLED}),
    S.RECEIVED: frozenset(),
    S.CANCELLED: frozenset(),
    S.RETURNED: frozenset(),
}
# goods are on the truck
ON_ROAD = frozenset({S.DEPARTED, S.STRANDED})
# what was promised does not come by this paper any more
CALLED_OFF = frozenset({S.CANCELLED, S.STRANDED, S.RETURNED})
STATUS_NAMES: dict[WaybillStatus, tuple[str, str]] = {
    S.ISSUED: ("待发车", "issued"),
    S.DEPARTED: ("在途", "on the road"),
    S.RECEIVED: ("已签收", "received"),
    S.CANCELLED: ("已取消", "called off"),
    S.STRANDED: ("途中故障", "broken down"),
    S.RETURNED: ("已退库", "back in a warehouse"),
}
