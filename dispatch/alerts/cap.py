"""CAP 1.2 XML → fields, in named steps: safe tree, required fields, value rules.

The one file where CAP's latitude-before-longitude order exists.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from dispatch.alerts.model import Colour
from dispatch.alerts.parameters import Parameters, read_parameters
from dispatch.errors import InvalidInput
from dispatch.geo import LonLat

MAX_BYTES = 1024 * 1024
CAP = "{urn:oasis:names:tc:emergency:cap:1.2}"
STATUSES = ("Actual", "Exercise", "System", "Test", "Draft")
MSG_TYPES = ("Alert", "Update", "Cancel", "Ack", "Error")
SCOPES = ("Public", "Restricted", "Private")
CHINESE_CLAIM = re.compile(r"^\d{11,}_\d")
CHINESE_IDENTIFIER = re.compile(r"^\d{14}_\d{14}(_\d)?$")
COLOUR_WORDS = (
    ("red", Colour.RED), ("红", Colour.RED), ("extreme", Colour.RED),
    ("orange", Colour.ORANGE), ("橙", Colour.ORANGE), ("severe", Colour.ORANGE),
    ("yellow", Colour.YELLOW), ("黄", Colour.YELLOW), ("moderate", Colour.YELLOW),
    ("blue", Colour.BLUE), ("蓝", Colour.BLUE), ("minor", Colour.BLUE),
)
HAZARD_WORDS = (
    ("暴雪", "blizzard"), ("snowstorm", "blizzard"), ("blizzard", "blizzard"),
    ("白灾", "snow_disaster"), ("雪灾", "snow_disaster"), ("寒潮", "cold_wave"),
    ("cold wave", "cold_wave"), ("道路结冰", "road_ice"), ("road ic", "road_ice"),
    ("暴雨", "rainstorm"), ("rainstorm", "rainstorm"), ("沙尘暴", "sandstorm"),
    ("sandstorm", "sandstorm"), ("大风", "gale"), ("gale", "gale"), ("干旱", "drought"),
    ("drought", "drought"), ("洪", "flood"), ("flood", "flood"), ("地震", "earthquake"),
    ("earthquake", "earthquake"), ("火险", "wildfire"), ("wildfire", "wildfire"),
)


@dataclass(frozen=True, slots=True)
class CapMessage:
    """A CAP message after reading; ``geocodes`` as written, ``polygons`` as lon/lat rings."""

    identifier: str
    sender: str
    sent: datetime
    status: str
    msg_type: str
    references: tuple[str, ...]
    hazard: str
    colour: Colour | None
    headline: str
    description: str
    effective: datetime
    expires: datetime | None
    geocodes: tuple[str, ...]
    polygons: tuple[tuple[LonLat, ...], ...]
    parameters: Parameters = field(default_factory=Parameters)


def parse(document: bytes) -> CapMessage:
    """Read one document; every fault is an ``InvalidInput`` that says what and how to mend."""
    root = safe_tree(document)
    identifier = _text(root, "identifier")
    if CHINESE_CLAIM.match(identifier) and not CHINESE_IDENTIFIER.match(identifier):
        raise _bad(
            f"The identifier {identifier} is not of the national form.",
            "Write 14 digits, _, 14 digits of time, and _N at the end (31 characters).",
            f"预警标识 {identifier} 不符合国家格式。",
            "应为 14 位编码_14 位时间_1 位序号，共 31 个字符。",
        )
    infos = root.findall(CAP + "info")
    sent = _time(root, "sent")
    msg_type = _one_of(root, "msgType", MSG_TYPES)
    if not infos and msg_type not in ("Cancel", "Ack", "Error"):
        raise _missing("info")
    info = _chinese_first(infos)
    return CapMessage(
        identifier=identifier,
        sender=_text(root, "sender"),
        sent=sent,
        status=_one_of(root, "status", STATUSES),
        msg_type=msg_type,
        references=_references(root),
        **_info_fields(root, info, sent),
    )


def safe_tree(document: bytes) -> Element:
    """The root of a small, plain, well-formed CAP 1.2 document; DOCTYPE is refused."""
    if len(document) > MAX_BYTES:
        raise _bad(
            f"The document has {len(document):,} bytes; a warning has less than {MAX_BYTES:,}.",
            "Send the CAP document alone.",
            f"文件有 {len(document):,} 字节，超过上限 {MAX_BYTES:,}。",
            "请只发送 CAP 文件本身。",
        )
    try:
        root: Element = ElementTree.fromstring(document, forbid_dtd=True)
    except DefusedXmlException as error:
        raise _bad(
            "The document declares a DOCTYPE or entities, which is not accepted.",
            "Send plain CAP 1.2 XML without a DOCTYPE.",
            "文件含有 DOCTYPE 或实体声明，不予接收。",
            "请发送不含 DOCTYPE 的 CAP 1.2 XML。",
        ) from error
    except (ParseError, ValueError, LookupError) as error:
        raise _bad(
            f"The document is not well-formed XML: {error}.",
            "Check the place named and that the encoding declared is the one used (UTF-8).",
            f"文件不是格式正确的 XML：{error}。",
            "请检查所指位置，并确认声明的编码与实际一致（UTF-8）。",
        ) from error
    if root.tag != CAP + "alert":
        raise _bad(
            f"The root element is {root.tag!r}, not a CAP 1.2 alert.",
            "Use <alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\">.",
            f"根元素是 {root.tag!r}，不是 CAP 1.2 的 alert。",
            "请使用 CAP 1.2 命名空间的 <alert>。",
        )
    return root


def _bad(en: str, remedy: str, zh: str, remedy_zh: str) -> InvalidInput:
    return InvalidInput(en, remedy=remedy, zh=zh, remedy_zh=remedy_zh)


def _missing(name: str) -> InvalidInput:
    return _bad(
        f"The element <{name}> is missing or empty.",
        f"Add <{name}> as CAP 1.2 asks.",
        f"缺少元素 <{name}> 或其内容为空。",
        f"请按 CAP 1.2 补充 <{name}>。",
    )


def _find(parent: Element | None, name: str) -> str:
    node = None if parent is None else parent.find(CAP + name)
    return ("" if node is None else node.text or "").strip()


def _text(parent: Element, name: str) -> str:
    text = _find(parent, name)
    if not text:
        raise _missing(name)
    if len(text) > 300:
        raise _bad(f"<{name}> has {len(text)} characters.", "Keep it under 300.",
                   f"<{name}> 有 {len(text)} 个字符。", "请控制在 300 字以内。")
    return text


def _one_of(parent: Element, name: str, allowed: tuple[str, ...]) -> str:
    text = _text(parent, name)
    if text not in allowed:
        raise _bad(
            f"<{name}> is {text!r}.", "Use one of " + ", ".join(allowed) + ".",
            f"<{name}> 的值是 {text!r}。", "应为 " + "、".join(allowed) + " 之一。",
        )
    return text


def _time(parent: Element, name: str) -> datetime:
    return _to_time(name, _text(parent, name))


def _to_time(name: str, text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            raise ValueError("no zone")
        return at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _bad(
            f"<{name}> is {text!r}, not a time with a zone.",
            "Write for example 2021-11-08T10:50:00+08:00.",
            f"<{name}> 的值 {text!r} 不是带时区的时间。",
            "例如 2021-11-08T10:50:00+08:00。",
        ) from error


def _references(root: Element) -> tuple[str, ...]:
    found = []
    for triple in _find(root, "references").split():
        parts = triple.split(",")
        if len(parts) != 3:
            raise _bad(
                f"The reference {triple!r} is not sender,identifier,sent.",
                "Write the three parts with commas.",
                f"引用 {triple!r} 不是“发送方,标识,时间”。", "请用逗号分隔三部分。",
            )
        found.append(parts[1])
    return tuple(found)


def _chinese_first(infos: list[Element]) -> Element | None:
    ranked = sorted(infos, key=lambda i: not (_find(i, "language") or "zh-CN").startswith("zh"))
    return ranked[0] if ranked else None


def _info_fields(root: Element, info: Element | None, sent: datetime) -> dict[str, Any]:
    effective = _find(info, "effective")
    expires = _find(info, "expires")
    starts = _to_time("effective", effective) if effective else sent
    ends = _to_time("expires", expires) if expires else None
    if ends is not None and ends <= starts:
        raise _bad(
            f"The warning expires ({expires}) before it takes effect.",
            "Correct <expires> or <effective>.",
            f"预警失效时间（{expires}）早于生效时间。", "请更正 <expires> 或 <effective>。",
        )
    areas = [area for i in root.findall(CAP + "info") for area in i.findall(CAP + "area")]
    event = _find(info, "event")
    headline = _find(info, "headline") or event
    return {
        "hazard": _hazard(event + headline),
        "colour": _colour(info, headline),
        "headline": headline[:300],
        "description": _find(info, "description")[:4000],
        "effective": starts,
        "expires": ends,
        "geocodes": tuple(dict.fromkeys(
            code for area in areas for code in (_find(g, "value") for g in area.findall(CAP + "geocode"))
        )),
        "polygons": tuple(
            _ring(p.text or "") for area in areas for p in area.findall(CAP + "polygon")
        ),
        "parameters": read_parameters(_pairs(info, "parameter")),
    }


def _pairs(info: Element | None, name: str) -> list[tuple[str, str]]:
    nodes = [] if info is None else info.findall(CAP + name)
    return [(_find(node, "valueName"), _find(node, "value")) for node in nodes]


def _hazard(words: str) -> str:
    lower = words.lower()
    return next((hazard for word, hazard in HAZARD_WORDS if word in lower), "other")


def _colour(info: Element | None, headline: str) -> Colour | None:
    if info is None:
        return None
    named = [v for n, v in _pairs(info, "parameter") + _pairs(info, "eventCode") if "colo" in n.lower()]
    if "none" in (value.lower() for value in named):
        return None
    for text in (*named, headline, _find(info, "severity")):
        lower = text.lower()
        for word, colour in COLOUR_WORDS:
            if word in lower:
                return colour
    return None


def _ring(text: str) -> tuple[LonLat, ...]:
    points = []
    for pair in text.split():
        try:
            lat, lon = (float(number) for number in pair.split(","))
        except ValueError as error:
            raise _bad(
                f"The polygon point {pair!r} is not latitude,longitude.",
                "Write pairs like 43.62,122.25 with spaces between.",
                f"多边形顶点 {pair!r} 不是“纬度,经度”。", "请写作 43.62,122.25，点间用空格。",
            ) from error
        points.append(_point(lat, lon, pair))
    if len(points) < 4 or points[0] != points[-1]:
        raise _bad(
            "A polygon needs at least four points and must end where it began.",
            "Repeat the first point at the end.",
            "多边形至少需要四个点，且首尾相同。", "请在末尾重复第一个点。",
        )
    return tuple(points)


def _point(lat: float, lon: float, pair: str) -> LonLat:
    if abs(lat) > 90 >= abs(lon):
        raise _bad(
            f"The polygon point {pair!r} has longitude before latitude.",
            "CAP writes latitude first: swap the two numbers.",
            f"多边形顶点 {pair!r} 经纬度顺序颠倒。", "CAP 先写纬度再写经度，请对调。",
        )
    return LonLat(lon, lat)
