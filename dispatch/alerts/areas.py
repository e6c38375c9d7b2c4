"""Which counties a warning's areas mean: adcodes first, polygons second."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import shapely
from shapely import STRtree
from shapely.geometry import Point, Polygon
from shapely.geometry.base import BaseGeometry

from dispatch.alerts.cap import CapMessage
from dispatch.alerts.model import Alert
from dispatch.errors import InvalidInput
from dispatch.geo import LonLat
from dispatch.places import REGION_ADCODE, County

LEAST_SHARE = 0.05


def to_alert(
    message: CapMessage, counties: Sequence[County], shapes: Mapping[str, BaseGeometry]
) -> Alert:
    """The message with its areas resolved to adcodes of our counties."""
    found = resolve(message, counties, shapes)
    known = {county.adcode for county in counties}
    notices = message.parameters.roads
    for notice in notices:
        _refuse_unknown([code for code in notice.counties if code not in known])
    return Alert(
        identifier=message.identifier,
        sender=message.sender,
        sent=message.sent,
        status=message.status,
        msg_type=message.msg_type,
        hazard=message.hazard,
        colour=message.colour,
        headline=message.headline,
        description=message.description,
        effective=message.effective,
        expires=message.expires,
        counties=found,
        references=message.references,
        counts=message.parameters.counts,
        roads=notices,
        temperature_c=message.parameters.temperature_c,
    )


def to_alerts(
    message: CapMessage, counties: Sequence[County], shapes: Mapping[str, BaseGeometry]
) -> tuple[Alert, ...]:
    """Shim."""
    return (to_alert(message, counties, shapes),)


def resolve(
    message: CapMessage, counties: Sequence[County], shapes: Mapping[str, BaseGeometry]
) -> tuple[str, ...]:
    """Adcodes hit by the message, sorted; ``InvalidInput`` for unknown codes or bad polygons."""
    if message.msg_type in ("Cancel", "Ack", "Error"):
        return ()
    found = _by_code(message.geocodes, counties)
    if not found:
        for ring in message.polygons:
            found |= _by_polygon(ring, counties, shapes)
    if not found:
        raise InvalidInput(
            "The message names no county of Inner Mongolia.",
            remedy="Give a geocode with adcodes beginning with 15, or a polygon inside the region.",
            zh="该预警没有涉及内蒙古的任何旗县。",
            remedy_zh="请提供以 15 开头的区划代码，或位于自治区内的多边形。",
        )
    return tuple(sorted(found))


def _refuse_unknown(codes: Sequence[str]) -> None:
    if codes:
        listed = ", ".join(codes)
        raise InvalidInput(
            f"Unknown division code(s): {listed}.",
            remedy="Use the six-digit codes of the 12 leagues and 103 counties.",
            zh=f"未知的行政区划代码：{listed}。",
            remedy_zh="请使用 12 个盟市、103 个旗县的六位区划代码。",
            facts={"adcodes": list(codes)},
        )


def _by_code(geocodes: Sequence[str], counties: Sequence[County]) -> set[str]:
    by_league: dict[str, set[str]] = {REGION_ADCODE: {c.adcode for c in counties}}
    for county in counties:
        by_league.setdefault(county.league_adcode, set()).add(county.adcode)
        by_league[county.adcode] = {county.adcode}
    found: set[str] = set()
    unknown = []
    for code in geocodes:
        six = code[:6] if len(code) == 12 and code.isdigit() else code
        if not six.startswith("15"):
            continue
        if six in by_league:
            found |= by_league[six]
        else:
            unknown.append(code)
    _refuse_unknown(unknown)
    return found


def _by_polygon(
    ring: Sequence[LonLat], counties: Sequence[County], shapes: Mapping[str, BaseGeometry]
) -> set[str]:
    area = Polygon([(p.lon, p.lat) for p in ring])
    if not area.is_valid or area.area == 0:
        raise InvalidInput(
            f"A polygon crosses itself or has no area: {shapely.is_valid_reason(area)}.",
            remedy="Draw its points in order around the area.",
            zh=f"多边形自相交或面积为零：{shapely.is_valid_reason(area)}。",
            remedy_zh="请按顺序沿边界列出各点。",
        )
    codes = [county.adcode for county in counties]
    tree = STRtree([shapes[code] for code in codes])
    seats = {county.adcode: Point(county.seat.lon, county.seat.lat) for county in counties}
    return {
        codes[i]
        for i in tree.query(area, predicate="intersects")
        if area.contains(seats[codes[i]])
        or area.intersection(shapes[codes[i]]).area >= LEAST_SHARE * shapes[codes[i]].area
    }
