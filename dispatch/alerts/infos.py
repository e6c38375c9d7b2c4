"""The ``<info>`` blocks of a message → warnings: fields read, languages joined."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from xml.etree.ElementTree import Element

from dispatch.alerts.faults import at, bad
from dispatch.alerts.hazards import colour_of, hazard_of, is_own_code, load_words, severity_of
from dispatch.alerts.model import Colour
from dispatch.alerts.parameters import Parameters, read_parameters
from dispatch.alerts.schema import CAP, text_of
from dispatch.alerts.values import Circle, read_circle, read_ring, read_time
from dispatch.geo import LonLat

MAX_HEADLINE, MAX_TEXT = 300, 4000
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class CapInfo:
    """One warning of a message, its languages joined; Chinese words first.

    ``geocodes`` as written, ``polygons`` as lon/lat rings.  ``severity`` is CAP's word even
    where a colour was written; ``external_code`` is the issuer's own event code.
    """

    languages: tuple[str, ...]
    hazard: str
    colour: Colour | None
    headline: str
    headline_en: str
    description: str
    instruction: str
    urgency: str
    severity: str
    certainty: str
    effective: datetime
    onset: datetime | None
    expires: datetime | None
    external_code: str | None
    geocodes: tuple[str, ...]
    polygons: tuple[tuple[LonLat, ...], ...]
    circles: tuple[Circle, ...] = ()
    parameters: Parameters = field(default_factory=Parameters)


def read_info(info: Element, sent: datetime, place: str) -> CapInfo:
    """The fields of one block; without ``effective`` it holds from ``sent``.

    Raises ``InvalidInput`` where times contradict one another or a parameter of ours is wrong.
    """
    event = text_of(info, "event")
    headline = (text_of(info, "headline") or event)[:MAX_HEADLINE]
    codes = _pairs(info, "eventCode")
    parameters = _pairs(info, "parameter")
    severity = text_of(info, "severity")
    language = _language(info, event + headline)
    with at(f"{place}/expires"):
        effective, onset, expires = _times(info, sent)
    areas = info.findall(CAP + "area")
    return CapInfo(
        languages=(language,),
        hazard=hazard_of(event, headline, codes),
        colour=colour_of(headline, severity, parameters + codes),
        headline=headline,
        headline_en=headline if language.startswith("en") else "",
        description=text_of(info, "description")[:MAX_TEXT],
        instruction=text_of(info, "instruction")[:MAX_TEXT],
        urgency=text_of(info, "urgency"),
        severity=_cap_severity(severity),
        certainty=text_of(info, "certainty"),
        effective=effective,
        onset=onset,
        expires=expires,
        external_code=next((value for name, value in codes if value and not is_own_code(name)), None),
        geocodes=_distinct(text_of(g, "value") for a in areas for g in a.findall(CAP + "geocode")),
        polygons=tuple(read_ring(text) for text in _texts(areas, "polygon")),
        circles=tuple(read_circle(text) for text in _texts(areas, "circle")),
        parameters=read_parameters(parameters, place),
    )


def join_languages(infos: Iterable[CapInfo]) -> tuple[CapInfo, ...]:
    """Blocks that say the same in several languages become one warning each.

    A block is taken for a translation when its language is new to the warning and it says
    nothing different: it may leave hazard, colour, areas and parameters out.
    """
    groups: list[list[CapInfo]] = []
    for info in infos:
        group = next((g for g in groups if _is_translation(info, g)), None)
        if group is None:
            groups.append([info])
        else:
            group.append(info)
    return tuple(_joined(group) for group in groups)


def _is_translation(info: CapInfo, group: list[CapInfo]) -> bool:
    if any(_tongue(info) == _tongue(other) for other in group):
        return False
    return all(_agrees(info, other) for other in group)


def _agrees(one: CapInfo, other: CapInfo) -> bool:
    times = (one.effective, one.onset, one.expires) == (other.effective, other.onset, other.expires)
    areas = (_areas(one), _areas(other))
    parameters = (one.parameters, other.parameters)
    return (
        times
        and (one.hazard == other.hazard or "other" in (one.hazard, other.hazard))
        and (one.colour == other.colour or None in (one.colour, other.colour))
        and (areas[0] == areas[1] or ((), (), ()) in areas)
        and (parameters[0] == parameters[1] or Parameters() in parameters)
    )


def _areas(info: CapInfo) -> tuple[object, ...]:
    return tuple(sorted(info.geocodes)), info.polygons, info.circles


def _tongue(info: CapInfo) -> str:
    return info.languages[0].partition("-")[0]


def _joined(group: list[CapInfo]) -> CapInfo:
    first, *others = sorted(group, key=lambda info: _tongue(info) != "zh")
    filled = first
    for info in others:
        filled = replace(
            filled,
            languages=filled.languages + info.languages,
            hazard=info.hazard if filled.hazard == "other" else filled.hazard,
            colour=filled.colour or info.colour,
            headline_en=filled.headline_en or info.headline_en,
            external_code=filled.external_code or info.external_code,
            parameters=info.parameters if filled.parameters == Parameters() else filled.parameters,
        )
        if _areas(filled) == ((), (), ()):
            filled = replace(filled, geocodes=info.geocodes, polygons=info.polygons, circles=info.circles)
    return filled


def _times(info: Element, sent: datetime) -> tuple[datetime, datetime | None, datetime | None]:
    texts = {name: text_of(info, name) for name in ("effective", "onset", "expires")}
    times = {name: read_time(name, text) if text else None for name, text in texts.items()}
    starts, ends = times["effective"] or sent, times["expires"]
    if ends is not None and ends <= starts:
        raise bad(
            f"The warning expires ({texts['expires']}) before it takes effect.",
            "Correct <expires> or <effective>.",
            f"预警失效时间（{texts['expires']}）早于生效时间。", "请更正 <expires> 或 <effective>。",
        )
    return starts, times["onset"], ends


def _language(info: Element, words: str) -> str:
    # CAP's default is en-US, yet national warnings leave the element out and are Chinese
    written = text_of(info, "language").lower()
    return written or ("zh-cn" if CHINESE.search(words) else "en-us")


def _cap_severity(text: str) -> str:
    colour = load_words().colour_words.get(text.lower())
    return severity_of(colour) if colour else text


def _pairs(info: Element, name: str) -> list[tuple[str, str]]:
    return [(text_of(node, "valueName"), text_of(node, "value")) for node in info.findall(CAP + name)]


def _texts(areas: Iterable[Element], name: str) -> list[str]:
    texts = [(node.text or "").strip() for area in areas for node in area.findall(CAP + name)]
    return [text for text in texts if text]


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))
