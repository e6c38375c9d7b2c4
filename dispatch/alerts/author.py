"""Writing a warning as CAP 1.2, for exercises and for others to read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from dispatch.alerts import cap
from dispatch.alerts.faults import bad
from dispatch.alerts.hazards import Hazard, load_words, severity_of
from dispatch.alerts.infos import MAX_HEADLINE, MAX_TEXT, CapInfo
from dispatch.alerts.model import Colour, LossCounts, Observations, RoadNotice
from dispatch.alerts.parameters import Parameters
from dispatch.alerts.schema import CAP, STATUSES
from dispatch.clock import to_local
from dispatch.errors import InvalidInput
from dispatch.geo import LonLat

ADCODE = re.compile(r"15\d{4}", re.ASCII)
AGENCY = re.compile(r"\d{3}", re.ASCII)
# division 6, agency 3, then inner unit 000 and extension 00 by default
UNIT = "00000"
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")
TYPES = ("Alert", "Update", "Cancel")


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who issues: adcode of the place, three-digit agency (416 = weather service), address
    for ``<sender>`` (no spaces or commas), name for people."""

    place: str
    agency: str
    sender: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """An earlier message as ``<references>`` names it."""

    sender: str
    identifier: str
    sent: datetime


@dataclass(frozen=True, slots=True)
class Exercise:
    """A warning to write; times aware, whole seconds.

    ``serial`` (0 to 9) tells messages of one second apart.  ``headline_en`` empty = made
    from hazard and colour; ``area_names`` are Chinese and English, empty = the adcodes.  The status is Exercise unless said otherwise, so that what is
    written can be taken in anywhere and never opens a live proposal.
    """

    issuer: Issuer
    sent: datetime
    hazard: str
    colour: Colour | None
    headline: str
    counties: tuple[str, ...]
    serial: int = 0
    status: str = "Exercise"
    msg_type: str = "Alert"
    references: tuple[Reference, ...] = ()
    headline_en: str = ""
    description: str = ""
    instruction: str = ""
    effective: datetime | None = None
    onset: datetime | None = None
    expires: datetime | None = None
    urgency: str = "Expected"
    certainty: str = "Likely"
    external_code: str | None = None
    area_names: tuple[str, str] = ("", "")
    carried: Parameters = field(default_factory=Parameters)

    @property
    def identifier(self) -> str:
        """The national identifier: 14 digits, Beijing time, serial."""
        issuer = self.issuer
        return f"{issuer.place}{issuer.agency}{UNIT}_{to_local(self.sent):%Y%m%d%H%M%S}_{self.serial}"

    @property
    def english(self) -> str:
        """The English headline, given or made."""
        if self.headline_en:
            return self.headline_en
        colour = f" {self.colour.value} warning" if self.colour else ""
        return f"{load_words().hazards[self.hazard].en.capitalize()}{colour}"


def write(exercise: Exercise) -> bytes:
    """The document, UTF-8; it has been read back and means the same.

    Raises ``InvalidInput`` for what CAP or our own reading would not carry unchanged.
    """
    _check(exercise)
    root = Element("alert", {"xmlns": CAP.strip("{}")})
    for name, text in (
        ("identifier", exercise.identifier), ("sender", exercise.issuer.sender),
        ("sent", _time(exercise.sent)), ("status", exercise.status),
        ("msgType", exercise.msg_type), ("scope", "Public"),
        ("references", " ".join(_reference(r) for r in exercise.references)),
    ):
        _add(root, name, text)
    hazard = load_words().hazards[exercise.hazard]
    _add_info(root, exercise, hazard, ("zh-CN", hazard.zh, exercise.headline))
    _add_info(root, exercise, hazard, ("en-US", hazard.en.capitalize(), exercise.english))
    indent(root)
    document: bytes = tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"
    _read_back(exercise, document)
    return document


def _check(exercise: Exercise) -> None:
    issuer = exercise.issuer
    texts = (exercise.headline, exercise.headline_en, exercise.description, exercise.instruction,
             issuer.name, exercise.external_code or "", *exercise.area_names)
    rules = (
        (bool(ADCODE.fullmatch(issuer.place)), "place", "six digits beginning with 15", "以 15 开头的六位区划代码"),
        (bool(AGENCY.fullmatch(issuer.agency)), "agency", "three digits", "三位数字"),
        (0 <= exercise.serial <= 9, "serial", "0 to 9", "0 到 9"),
        (exercise.hazard in load_words().hazards, "hazard", "one of the hazard list", "灾种表中的一种"),
        (exercise.msg_type in TYPES, "msg_type", ", ".join(TYPES), "、".join(TYPES)),
        (exercise.status in STATUSES, "status", ", ".join(STATUSES), "、".join(STATUSES)),
        (bool(exercise.counties), "counties", "at least one adcode", "至少一个区划代码"),
        (bool(exercise.headline.strip()), "headline", "some words", "标题文字"),
        (exercise.msg_type == "Alert" or bool(exercise.references), "references",
         "the message updated or cancelled", "被更新或解除的消息"),
        (not any(CONTROLS.search(text) for text in texts), "text", "words without control characters",
         "不含控制字符的文字"),
        (exercise.issuer.sender.isprintable(), "sender", "a printable address", "可打印的地址"),
    )
    for holds, name, rule, rule_zh in rules:
        if not holds:
            raise bad(f"The {name} of the warning is not {rule}.", f"Give {rule}.",
                      f"预警的 {name} 应为{rule_zh}。", f"请填写{rule_zh}。")


def _add_info(
    root: Element, exercise: Exercise, hazard: Hazard, words: tuple[str, str, str]
) -> None:
    language, event, headline = words
    info = SubElement(root, "info")
    for name, text in (
        ("language", language), ("category", hazard.category), ("event", event),
        ("urgency", exercise.urgency), ("severity", severity_of(exercise.colour)),
        ("certainty", exercise.certainty),
    ):
        _add(info, name, text)
    _pair(info, "eventCode", "hazard", hazard.code)
    if exercise.external_code:
        _pair(info, "eventCode", "external", exercise.external_code)
    is_chinese = language.startswith("zh")
    for name, at in (("effective", exercise.effective), ("onset", exercise.onset),
                     ("expires", exercise.expires)):
        _add(info, name, _time(at) if at else "")
    for name, text in (
        ("senderName", exercise.issuer.name), ("headline", headline),
        ("description", exercise.description if is_chinese else ""),
        ("instruction", exercise.instruction if is_chinese else ""),
    ):
        _add(info, name, text)
    _pair(info, "parameter", "ColorCode", exercise.colour.value.capitalize() if exercise.colour else "none")
    for name, value in written_parameters(exercise.carried):
        _pair(info, "parameter", name, value)
    area = SubElement(info, "area")
    names = exercise.area_names[0 if is_chinese else 1]
    SubElement(area, "areaDesc").text = names or " ".join(exercise.counties)
    for county in exercise.counties:
        _pair(area, "geocode", "adcode", county)


def written_parameters(carried: Parameters) -> list[tuple[str, str]]:
    """The pairs that read back to the same ``Parameters``."""
    pairs = [*_slots("loss.", carried.counts), *_slots("hazard.", carried.observations)]
    pairs += [("road", _road(notice)) for notice in carried.roads]
    if carried.temperature_c is not None:
        pairs.append(("temperature_c", str(carried.temperature_c)))
    pairs += [("government.level", f"{place};{level}") for place, level in carried.government]
    if carried.report_kind:
        pairs.append(("report.kind", carried.report_kind))
    if carried.is_correction:
        pairs.append(("report.correction", "true"))
    return pairs


def _slots(prefix: str, value: LossCounts | Observations) -> list[tuple[str, str]]:
    found = ((name, getattr(value, name)) for name in value.__slots__)
    return [(prefix + name, _figure(figure)) for name, figure in found if figure is not None]


def _figure(figure: object) -> str:
    return f"{figure.lon},{figure.lat}" if isinstance(figure, LonLat) else str(figure)


def _road(notice: RoadNotice) -> str:
    state = "closed" if notice.speed_factor == 0 else f"slow {notice.speed_factor}"
    return ";".join((notice.ref, state, ",".join(notice.counties), _time(notice.until) if notice.until else ""))


def _reference(reference: Reference) -> str:
    return f"{reference.sender},{reference.identifier},{_time(reference.sent)}"


def _time(at: datetime) -> str:
    return to_local(at).isoformat(timespec="seconds")


def _add(parent: Element, name: str, text: str) -> None:
    if text:
        SubElement(parent, name).text = text


def _pair(parent: Element, kind: str, name: str, value: str) -> None:
    pair = SubElement(parent, kind)
    SubElement(pair, "valueName").text = name
    SubElement(pair, "value").text = value


def _read_back(exercise: Exercise, document: bytes) -> None:
    message = cap.parse(document)
    differing = [name for name, (wanted, read) in _compared(exercise, message).items() if wanted != read]
    if differing:
        raise _not_carried(differing)


def _compared(exercise: Exercise, message: cap.CapMessage) -> dict[str, tuple[object, object]]:
    if len(message.infos) != 1:
        return {"languages": (1, len(message.infos))}
    info: CapInfo = message.infos[0]
    return {
        "sent": (exercise.sent, message.sent),
        "references": (tuple(dict.fromkeys(r.identifier for r in exercise.references)), message.references),
        "hazard": (exercise.hazard, info.hazard),
        "colour": (exercise.colour, info.colour),
        "headline": (exercise.headline, info.headline),
        "headline_en": (exercise.english, info.headline_en),
        "description": (exercise.description, info.description),
        "instruction": (exercise.instruction, info.instruction),
        "effective": (exercise.effective or exercise.sent, info.effective),
        "onset": (exercise.onset, info.onset),
        "expires": (exercise.expires, info.expires),
        "external_code": (exercise.external_code, info.external_code),
        "counties": (exercise.counties, info.geocodes),
        "parameters": (exercise.carried, info.parameters),
    }


def _not_carried(names: list[str]) -> InvalidInput:
    listed = ", ".join(names)
    return bad(
        f"The warning would read back differently in: {listed}.",
        f"Keep texts trimmed (headline {MAX_HEADLINE}, others {MAX_TEXT} characters), times in whole "
        "seconds, government levels by adcode.",
        f"写出的预警读回后不一致：{listed}。",
        f"请去掉文字首尾空格（标题不超过 {MAX_HEADLINE} 字，其他 {MAX_TEXT} 字），时间精确到秒，政府响应级别按区划代码排序。",
    )
