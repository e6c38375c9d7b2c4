"""The papers that go with a truck beside its waybill: load plan and driver's card.  Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dispatch.paper.forms import (
    DRIVER,
    ITEM,
    KEEPER,
    LOT,
    NUMBER,
    QUANTITY,
    UNIT,
    VOLUME,
    WEIGHT,
    kg,
    m3,
)
from dispatch.paper.model import Column, Paper, Strip

Row = Mapping[str, Any]
HOUR_S, MINUTE_S = 3600, 60


def load_plan(body: Row) -> Paper:
    """In which order the truck is loaded: the last stop's goods first, at the front of the bed.

    ``body`` carries the waybill with ``volume_cm3`` on its lines, ``payload_kg`` and ``room_cm3``.
    """
    order = [stop["place"] for stop in reversed(body["stops"])]
    lines = sorted(body["lines"], key=lambda line: (order.index(line["to"]), -line["weight_g"]))
    rows = tuple(
        (str(n), f"{line['item_zh']}\n{line['item_en']}", line["lot"], line["unit_zh"], f"{line['quantity']:,}",
         kg(line["weight_g"]), m3(line["volume_cm3"]), line["to_zh"], "")
        for n, line in enumerate(lines, 1)
    )
    grams, room = sum(line["weight_g"] for line in lines), sum(line["volume_cm3"] for line in lines)
    return Paper(
        title=("装载顺序单", "Load plan"), code=body["code"], content_hash=body["content_hash"],
        fields=(
            ("车辆", "Vehicle", f"{body['vehicle']} {body['class_zh']} {body['class_en']}"),
            ("载重", "Weight", f"{kg(grams)} / {body['payload_kg']:,} kg"),
            ("容积", "Volume", f"{m3(room)} / {m3(body['room_cm3'])} m³"),
            ("装车顺序", "Order", "先装后到站的物资 last stop first：" + " → ".join(_stop(body, place) for place in order)),
        ),
        columns=(NUMBER, ITEM, LOT, UNIT, QUANTITY, WEIGHT, VOLUME, Column("站", "Stop", 18), Column("已装", "Loaded", 10)),
        rows=rows,
        totals=("", "合计 Total", "", "", f"{sum(line['quantity'] for line in lines):,}", kg(grams), m3(room), "", ""),
        signers=(KEEPER, DRIVER),
    )


def _stop(body: Row, place: str) -> str:
    return next(f"{s['place_zh']} {s['place_en']}" for s in body["stops"] if s["place"] == place)


def driver_card(body: Row, contacts: Sequence[Row], strip: Strip) -> Paper:
    """Where to, over which roads, whom to call; its QR code opens the truck's own page.

    ``body`` carries the waybill with ``driver_legs`` (from, to, refs, metres, seconds), ``link`` and
    ``silent_after_h``, within which the driver is to be heard of.
    """
    rows = tuple(
        (str(n), leg["from_zh"], leg["to_zh"], leg["refs"] or "—", f"{-(-leg['distance_m'] // 1000):,}", _span(leg["duration_s"]),
         _span(leg["wait_s"]) if leg["wait_s"] else "", "")
        for n, leg in enumerate(body["driver_legs"], 1)
    )
    metres, seconds = (sum(leg[name] for leg in body["driver_legs"]) for name in ("distance_m", "duration_s"))
    stops = "；".join(f"{n}. {s['place_zh']} {s['place_en']}（{s['arrives_at']}）" for n, s in enumerate(body["stops"], 1))
    return Paper(
        title=("司机卡", "Driver's card"), code=body["code"], content_hash=body["content_hash"], link=body["link"],
        fields=(
            ("车辆", "Vehicle", f"{body['vehicle']} {body['class_zh']} {body['class_en']}"),
            ("出发", "From", f"{body['from_zh']} {body['from_en']}（{body['departs_at']}）"),
            ("站点", "Stops", stops),
            ("值班室电话", "Duty desk", ""),
            ("收货人电话", "Consignee", ""),
            *((c["zh"], c["en"], f"{c['number']}") for c in contacts),
        ),
        columns=(NUMBER, Column("从", "From", 22), Column("到", "To", 22), Column("道路", "Road", 22), Column("km", "km", 9, True),
                 Column("行驶", "Drive", 11, True), Column("等候", "Wait", 11, True), Column("路况记录", "Road as found", 24)),
        rows=rows, totals=("", "合计 Total", "", "", f"{-(-metres // 1000):,}", _span(seconds), "", ""),
        notes=(
            f"每 {body['silent_after_h']} 小时之内报一次位置：扫描右上角二维码，或致电值班室。Tell where you are within every {body['silent_after_h']} h: scan the code, or call.",
            "封路、缓行立即报告，不要绕行未列入的道路。Report closed or slow roads at once; take no road that is not listed.",
            "零下 30 度以下停车不要熄火；车辆故障先报位置。Below -30 °C do not switch the engine off; when broken down tell the place first.",
        ),
        strip=strip,
    )


def _span(seconds: int) -> str:
    hours, minutes = divmod(-(-seconds // MINUTE_S), MINUTE_S)
    return f"{hours}:{minutes:02d}"
