"""Which counties a warning's areas mean: adcodes first, polygons and circles second."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import asin, atan2, cos, degrees, pi, radians, sin

import shapely
from shapely import STRtree
from shapely.geometry import Point, Polygon
from shapely.geometry.base import BaseGeometry

from dispatch.alerts.cap import WITHOUT_INFO, CapMessage
from dispatch.alerts.infos import CapInfo
from dispatch.alerts.model import Alert
from dispatch.alerts.values import Circle
from dispatch.errors import InvalidInput
from dispatch.geo import EARTH_RADIUS_M, LonLat
from dispatch.places import REGION_ADCODE, County

# a county is meant when the area holds its seat, this share of the county, or when the
# county holds this share of the area (a small area inside a county as large as a country)
LEAST_SHARE = 0.05
LEAST_PART = 0.2
CODE_LENGTHS = (6, 9, 12)
CIRCLE_POINTS = 96


def to_alerts(
    message: CapMessage, counties: Sequence[County], shapes: Mapping[str, BaseGeometry]
) -> tuple[Alert, ...]:
    """One alert for each warning of the message, its areas resolved to our adcodes.

    A warning wholly outside the region is left out when another one is inside; its
    ``part`` stays unused.  A Cancel, Ack or Error acts by its references and gives one
    alert without counties.  Raises ``InvalidInput`` when nothing is inside the region or
    an adcode of it is unknown.
    """
    if message.msg_type in WITHOUT_INFO:
        return (_alert(message, message.infos[0] if message.infos else None, 0, ()),)
    alerts = []
    for part, info in enumerate(message.infos):
        _check_codes(info, counties)
        found = resolve(info, counties, shapes)
        if found:
            alerts.append(_alert(message, info, part, found))
    if not alerts:
        raise InvalidInput(
            "The message names no county of Inner Mongolia.",
            remedy="Give a geocode with adcodes beginning with 15, or a polygon inside the region.",
            zh="该预警没有涉及内蒙古的任何旗县。",
            remedy_zh="请提供以 15 开头的区划代码，或位于自治区内的多边形。",
        )
    return tuple(alerts)


def _alert(message: CapMessage, info: CapInfo | None, part: int, counties: tuple[str, ...]) -> Alert:
    bare = Alert(
        identifier=message.identifier, sender=message.sender, sent=message.sent,
        status=message.status, msg_type=message.msg_type, references=message.references,
        hazard="other", colour=None, headline="", description="",
        effective=message.sent, expires=None, counties=counties, part=part,
    )
    if info is None:
        return bare
    carried = info.parameters
    return replace(
        bare,
        hazard=info.hazard,
        colour=info.colour,
        headline=info.headline,
        headline_en=info.headline_en,
        description=info.description,
        instruction=info.instruction,
        urgency=info.urgency,
        severity=info.severity,
        certainty=info.certainty,
        effective=info.effective,
        onset=info.onset,
        expires=info.expires,
        external_code=info.external_code,
        counts=carried.counts,
        roads=carried.roads,
        temperature_c=carried.temperature_c,
        observations=carried.observations,
        government=carried.government,
        report_kind=carried.report_kind,
        is_correction=carried.is_correction,
    )


def resolve(
    info: CapInfo, counties: Sequence[County], shapes: Mapping[str, BaseGeometry]
) -> tuple[str, ...]:
    """Adcodes hit by the warning, sorted, none when it lies outside the region.

    Raises ``InvalidInput`` for unknown codes of ours and for polygons that enclose nothing.
    """
    found = _by_code(info.geocodes, _members(counties))
    if not found and (info.polygons or info.circles):
        codes = [county.adcode for county in counties]
        tree = STRtree([shapes[code] for code in codes])
        seats = {county.adcode: Point(county.seat.lon, county.seat.lat) for county in counties}
        for area in _drawn(info):
            near = [codes[i] for i in tree.query(area, predicate="intersects")]
            found |= {code for code in near if _is_meant(area, shapes[code], seats[code])}
    return tuple(sorted(found))


def _members(counties: Sequence[County]) -> dict[str, set[str]]:
    members: dict[str, set[str]] = {REGION_ADCODE: {c.adcode for c in counties}}
    for county in counties:
        members.setdefault(county.league_adcode, set()).add(county.adcode)
        members[county.adcode] = {county.adcode}
    return members


def _check_codes(info: CapInfo, counties: Sequence[County]) -> None:
    members = _members(counties)
    named = [code for notice in info.parameters.roads for code in notice.counties
             if members.get(code) != {code}]
    _refuse_unknown(named + [code for code, _ in info.parameters.government if code not in members])


def _refuse_unknown(codes: Sequence[str]) -> None:
    if codes:
        listed = ", ".join(code[:40] for code in codes[:20])
        raise InvalidInput(
            f"Unknown division code(s): {listed}.",
            remedy="Use the six-digit codes of the 12 leagues and 103 counties.",
            zh=f"未知的行政区划代码：{listed}。",
            remedy_zh="请使用 12 个盟市、103 个旗县的六位区划代码。",
            facts={"adcodes": list(codes[:20])},
        )


def _by_code(geocodes: Sequence[str], members: Mapping[str, set[str]]) -> set[str]:
    # 6 digits of county, 9 with the sumu or town, 12 with the village; the county is meant
    found: set[str] = set()
    unknown = []
    for code in geocodes:
        is_longer = len(code) in CODE_LENGTHS and code.isascii() and code.isdigit()
        six = code[:6] if is_longer else code
        if not six.startswith("15"):
            continue
        if six in members:
            found |= members[six]
        else:
            unknown.append(code)
    _refuse_unknown(unknown)
    return found


def _drawn(info: CapInfo) -> list[BaseGeometry]:
    # a circle means the county of its centre, however small it is
    centres = [Point(circle.centre.lon, circle.centre.lat) for circle in info.circles]
    rings = [_ring_around(circle) for circle in info.circles if circle.radius_km]
    return [*(_polygon(ring) for ring in info.polygons), *centres, *(r for r in rings if r.is_valid)]


def _is_meant(area: BaseGeometry, county: BaseGeometry, seat: Point) -> bool:
    if area.area == 0 or area.contains(seat):
        return True
    common = area.intersection(county).area
    return bool(common >= LEAST_SHARE * county.area or common >= LEAST_PART * area.area)


def _polygon(ring: Sequence[LonLat]) -> BaseGeometry:
    area = Polygon([(p.lon, p.lat) for p in ring])
    if not area.is_valid or area.area == 0:
        why = shapely.is_valid_reason(area)
        raise InvalidInput(
            f"A polygon crosses itself or has no area: {why}.",
            remedy="Draw its points in order around the area.",
            zh=f"多边形自相交或面积为零：{why}。",
            remedy_zh="请按顺序沿边界列出各点。",
        )
    return area


def _ring_around(circle: Circle) -> BaseGeometry:
    """Great-circle distances around the centre; not valid around a pole, far from the region."""
    angle = circle.radius_km * 1000 / EARTH_RADIUS_M
    phi, points = radians(circle.centre.lat), []
    for step in range(CIRCLE_POINTS):
        bearing = 2 * pi * step / CIRCLE_POINTS
        sine = sin(phi) * cos(angle) + cos(phi) * sin(angle) * cos(bearing)
        there = asin(max(-1.0, min(1.0, sine)))
        east = atan2(sin(bearing) * sin(angle) * cos(phi), cos(angle) - sin(phi) * sin(there))
        points.append((circle.centre.lon + degrees(east), degrees(there)))
    return Polygon(points)
