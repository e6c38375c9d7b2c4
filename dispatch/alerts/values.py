"""Texts of CAP elements → values: times, rings, circles, references.

The one file where CAP's latitude-before-longitude order exists.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from dispatch.alerts.faults import bad
from dispatch.alerts.identifiers import canonical_identifier
from dispatch.clock import LOCAL_ZONE
from dispatch.geo import LonLat

TIME = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[-+]\d\d:\d\d|Z)", re.ASCII
)
BASIC_TIME = re.compile(r"\d{14}", re.ASCII)
NUMBER = re.compile(r"[-+]?\d{1,4}(?:\.\d{1,15})?", re.ASCII)
MAX_RADIUS_KM = 1000


@dataclass(frozen=True, slots=True)
class Circle:
    """A circle on the globe; radius 0 is the point alone."""

    centre: LonLat
    radius_km: float


def read_time(name: str, text: str) -> datetime:
    """Aware UTC, whole seconds.

    CAP's form is 2021-11-08T10:50:00+08:00, with -00:00 for UTC.  Taken as well: ``Z``
    and fractions of a second (both forbidden by CAP and clear in meaning), and the
    national basic form of 14 digits, which is Beijing time.  A time without a zone is
    refused: eight hours' doubt is too much for a warning.
    """
    try:
        if BASIC_TIME.fullmatch(text):
            at = datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=LOCAL_ZONE)
        elif TIME.fullmatch(text):
            at = datetime.fromisoformat(text)
        else:
            raise ValueError("neither form")
        return at.astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError) as error:
        raise bad(
            f"<{name}> is {text[:80]!r}, not a time with a zone.",
            "Write for example 2021-11-08T10:50:00+08:00.",
            f"<{name}> 的值 {text[:80]!r} 不是带时区的时间。",
            "例如 2021-11-08T10:50:00+08:00。",
        ) from error


def read_references(text: str) -> tuple[str, ...]:
    """Identifiers of the messages referred to; the text is sender,identifier,sent triples."""
    found = []
    for triple in text.split():
        parts = triple.split(",")
        if len(parts) != 3 or not all(parts):
            raise bad(
                f"The reference {triple[:120]!r} is not sender,identifier,sent.",
                "Write the three parts with commas.",
                f"引用 {triple[:120]!r} 不是“发送方,标识,时间”。", "请用逗号分隔三部分。",
            )
        read_time("references", parts[2])
        found.append(canonical_identifier(parts[1]))
    return tuple(dict.fromkeys(found))


def read_ring(text: str) -> tuple[LonLat, ...]:
    """A closed ring of at least four points."""
    points = tuple(_read_point(pair, "多边形顶点", "polygon point") for pair in text.split())
    if len(points) < 4 or points[0] != points[-1]:
        raise bad(
            "A polygon needs at least four points and must end where it began.",
            "Repeat the first point at the end.",
            "多边形至少需要四个点，且首尾相同。", "请在末尾重复第一个点。",
        )
    return points


def read_circle(text: str) -> Circle:
    """Centre and radius of ``latitude,longitude radius`` (km)."""
    parts = text.split()
    if len(parts) != 2 or not NUMBER.fullmatch(parts[1]) or not 0 <= float(parts[1]) <= MAX_RADIUS_KM:
        raise bad(
            f"The circle {text[:80]!r} is not latitude,longitude and a radius of 0 to {MAX_RADIUS_KM:,} km.",
            "Write for example 43.62,122.25 30; for larger areas name the counties.",
            f"圆形 {text[:80]!r} 不是“纬度,经度 半径”，半径为 0 到 {MAX_RADIUS_KM:,} 公里。",
            "例如 43.62,122.25 30；范围更大时请列出旗县区划代码。",
        )
    return Circle(_read_point(parts[0], "圆心", "circle's centre"), float(parts[1]))


def _read_point(pair: str, name_zh: str, name_en: str) -> LonLat:
    numbers = pair.split(",")
    if len(numbers) != 2 or not all(NUMBER.fullmatch(number) for number in numbers):
        raise bad(
            f"The {name_en} {pair[:60]!r} is not latitude,longitude.",
            "Write pairs like 43.62,122.25 with spaces between.",
            f"{name_zh} {pair[:60]!r} 不是“纬度,经度”。", "请写作 43.62,122.25，点间用空格。",
        )
    lat, lon = (float(number) for number in numbers)
    if abs(lat) > 90 >= abs(lon):
        raise bad(
            f"The {name_en} {pair!r} has longitude before latitude.",
            "CAP writes latitude first: swap the two numbers.",
            f"{name_zh} {pair!r} 经纬度顺序颠倒。", "CAP 先写纬度再写经度，请对调。",
        )
    return LonLat(lon, lat)
