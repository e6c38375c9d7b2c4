"""The structure CAP 1.2's schema asks for, checked on the tree.

Every element of the CAP namespace must be known at its place, appear as often as the
schema allows, and hold one of its values.  Where warnings in use are looser than the
schema and the meaning stays clear, the looser form is taken:

- elements may come in any order within their parent;
- an optional element may be there and empty: it counts as absent;
- elements of *other* namespaces (signatures, a provider's extensions) are passed over
  anywhere, unless they bear a CAP name: an ``expires`` in the wrong namespace would be
  lost without a word, so it is refused; attributes are passed over;
- ``severity`` may be a colour word (Red, Orange, Yellow, Blue), as some national feeds have;
- times may end in ``Z`` or be the national 14 digits (see ``values.read_time``).

Refused although a reader could guess: a repeated single element (which one holds?),
words between elements (a tag was lost), a missing urgency, severity or certainty
(``Unknown`` is the word for that), a Private message without addresses, a Restricted one
without restriction, a ceiling without altitude.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from dispatch.alerts.faults import at, bad, missing
from dispatch.alerts.values import read_circle, read_references, read_ring, read_time

CAP = "{urn:oasis:names:tc:emergency:cap:1.2}"
LANGUAGE = re.compile(r"[a-zA-Z]{1,8}(?:-[a-zA-Z0-9]{1,8})*", re.ASCII)
DECIMAL = re.compile(r"[-+]?\d{1,9}(?:\.\d{1,9})?", re.ASCII)
WHOLE = re.compile(r"\d{1,15}", re.ASCII)
# no spaces, commas or markup: references could not name such a message or sender
NAME = re.compile(r"[^\s,<&]+")

STATUSES = ("Actual", "Exercise", "System", "Test", "Draft")
MSG_TYPES = ("Alert", "Update", "Cancel", "Ack", "Error")
SCOPES = ("Public", "Restricted", "Private")
CATEGORIES = ("Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport",
              "Infra", "CBRNE", "Other")
RESPONSES = ("Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess",
             "AllClear", "None")
URGENCIES = ("Immediate", "Expected", "Future", "Past", "Unknown")
SEVERITIES = ("Extreme", "Severe", "Moderate", "Minor", "Unknown")
COLOUR_SEVERITIES = ("Red", "Orange", "Yellow", "Blue")
CERTAINTIES = ("Observed", "Likely", "Possible", "Unlikely", "Unknown")

Check = Callable[[str, str], object]


@dataclass(frozen=True, slots=True)
class Rule:
    """One element: how often (``most`` None = any number), and what it may hold.

    ``is_filled``: empty counts as missing.  ``values`` is a code list, ``check`` raises for
    a text that is not of the form; ``children`` makes it an element of elements.
    """

    name: str
    least: int = 0
    most: int | None = 1
    is_filled: bool = False
    values: tuple[str, ...] = ()
    check: Check | None = None
    children: tuple[Rule, ...] = ()


def check_structure(root: Element) -> None:
    """Raise ``InvalidInput`` for the first place that breaks the structure."""
    _check_children(root, ALERT, "alert")
    _check_scope(root)
    for info_number, info in enumerate(root.findall(CAP + "info"), 1):
        for area_number, area in enumerate(info.findall(CAP + "area"), 1):
            with at(f"alert/info[{info_number}]/area[{area_number}]/ceiling"):
                _check_heights(area)


def text_of(parent: Element, name: str) -> str:
    """The trimmed text of a child, empty when there is none."""
    node = parent.find(CAP + name)
    return ("" if node is None else node.text or "").strip()


def _check_children(parent: Element, rules: tuple[Rule, ...], place: str) -> None:
    by_name = {rule.name: rule for rule in rules}
    seen: Counter[str] = Counter()
    with at(place):
        _refuse_stray_words(parent)
    for child in parent:
        name = _own_name(child, place)
        if name is None:
            continue
        if name not in by_name:
            with at(place):
                raise _unknown(name, rules)
        seen[name] += 1
        rule = by_name[name]
        index = f"[{seen[name]}]" if rule.most is None else ""
        _check_element(child, rule, f"{place}/{name}{index}")
    for rule in rules:
        with at(f"{place}/{rule.name}"):
            _check_number(rule, seen[rule.name])


def _check_element(node: Element, rule: Rule, place: str) -> None:
    if rule.children:
        _check_children(node, rule.children, place)
        return
    text = (node.text or "").strip()
    with at(place):
        if len(node):
            raise bad(
                f"<{rule.name}> holds elements where a text belongs.", "Write the text alone.",
                f"<{rule.name}> 中应为文本，却含有子元素。", "请只填写文本。",
            )
        if not text:
            if rule.is_filled:
                raise missing(rule.name)
            return
        if rule.values and text not in rule.values:
            raise _not_of_list(rule, text)
        if rule.check:
            rule.check(rule.name, text)


def _own_name(child: Element, place: str) -> str | None:
    namespace, _, local = child.tag.rpartition("}")
    if namespace + "}" == CAP:
        return local
    if local in ALL_NAMES:
        with at(place):
            raise bad(
                f"<{local}> is not in the namespace of CAP 1.2.",
                "Put it in urn:oasis:names:tc:emergency:cap:1.2 like the root.",
                f"<{local}> 不在 CAP 1.2 的命名空间内。",
                "请与根元素一样使用 urn:oasis:names:tc:emergency:cap:1.2。",
            )
    return None


def _refuse_stray_words(parent: Element) -> None:
    stray = [parent.text, *(child.tail for child in parent)]
    words = next((text.strip() for text in stray if text and text.strip()), "")
    if words:
        raise bad(
            f"The words {words[:60]!r} stand between elements.",
            "Put them into an element, or take them out.",
            f"文字 {words[:60]!r} 位于元素之间。", "请放入相应元素，或删除。",
        )


def _unknown(name: str, rules: tuple[Rule, ...]) -> Exception:
    known = ", ".join(rule.name for rule in rules)
    return bad(
        f"<{name[:60]}> is no element of CAP 1.2 here.", f"Known here: {known}.",
        f"CAP 1.2 在此处没有元素 <{name[:60]}>。", f"此处可用：{known}。",
    )


def _check_number(rule: Rule, count: int) -> None:
    if count < rule.least:
        raise missing(rule.name)
    if rule.most is not None and count > rule.most:
        raise bad(
            f"<{rule.name}> stands {count} times; once is allowed.", "Keep the one that holds.",
            f"<{rule.name}> 出现 {count} 次，只允许一次。", "请保留有效的一个。",
        )


def _not_of_list(rule: Rule, text: str) -> Exception:
    listed = [value for value in rule.values if value not in COLOUR_SEVERITIES]
    return bad(
        f"<{rule.name}> is {text[:80]!r}.", "Use one of " + ", ".join(listed) + ".",
        f"<{rule.name}> 的值是 {text[:80]!r}。", "应为 " + "、".join(listed) + " 之一。",
    )


def _check_scope(root: Element) -> None:
    needs = {"Restricted": "restriction", "Private": "addresses"}.get(text_of(root, "scope"))
    if needs and not text_of(root, needs):
        with at(f"alert/{needs}"):
            raise missing(needs)


def _check_heights(area: Element) -> None:
    altitude, ceiling = text_of(area, "altitude"), text_of(area, "ceiling")
    if ceiling and (not altitude or float(ceiling) < float(altitude)):
        raise bad(
            "The <ceiling> has no <altitude> below it.", "Give <altitude> too, not above <ceiling>.",
            "<ceiling> 缺少不高于它的 <altitude>。", "请同时填写 <altitude>，且不高于 <ceiling>。",
        )


def _matches(pattern: re.Pattern[str], example: str) -> Check:
    def check(name: str, text: str) -> None:
        if not pattern.fullmatch(text):
            raise bad(
                f"<{name}> is {text[:80]!r}.", f"Write for example {example}.",
                f"<{name}> 的值是 {text[:80]!r}。", f"例如 {example}。",
            )
    return check


def _name_of(most_characters: int) -> Check:
    def check(name: str, text: str) -> None:
        if len(text) > most_characters:
            raise bad(f"<{name}> has {len(text)} characters.", f"Keep it to {most_characters}.",
                      f"<{name}> 有 {len(text)} 个字符。", f"请控制在 {most_characters} 字以内。")
        if not NAME.fullmatch(text):
            raise bad(
                f"<{name}> is {text[:80]!r}; spaces, commas, < and & are not allowed in it.",
                "Take them out: references could not name it.",
                f"<{name}> 的值 {text[:80]!r} 含有空格、逗号、< 或 &。", "请去掉，否则无法被引用。",
            )
    return check


def _one(name: str, *values: str, check: Check | None = None) -> Rule:
    return Rule(name, 1, 1, True, values, check)


PAIR = (Rule("valueName", 1), Rule("value", 1))
AREA = (
    Rule("areaDesc", 1),
    Rule("polygon", 0, None, check=lambda _name, text: read_ring(text)),
    Rule("circle", 0, None, check=lambda _name, text: read_circle(text)),
    Rule("geocode", 0, None, children=PAIR),
    Rule("altitude", check=_matches(DECIMAL, "1200")),
    Rule("ceiling", check=_matches(DECIMAL, "1200")),
)
RESOURCE = (
    Rule("resourceDesc", 1), Rule("mimeType", 1), Rule("size", check=_matches(WHOLE, "20480")),
    Rule("uri"), Rule("derefUri"), Rule("digest"),
)
INFO = (
    Rule("language", check=_matches(LANGUAGE, "zh-CN")),
    Rule("category", 1, None, True, CATEGORIES),
    _one("event"),
    Rule("responseType", 0, None, values=RESPONSES),
    _one("urgency", *URGENCIES),
    _one("severity", *SEVERITIES, *COLOUR_SEVERITIES),
    _one("certainty", *CERTAINTIES),
    Rule("audience"),
    Rule("eventCode", 0, None, children=PAIR),
    Rule("effective", check=read_time), Rule("onset", check=read_time),
    Rule("expires", check=read_time),
    Rule("senderName"), Rule("headline"), Rule("description"), Rule("instruction"),
    Rule("web"), Rule("contact"),
    Rule("parameter", 0, None, children=PAIR),
    Rule("resource", 0, None, children=RESOURCE),
    Rule("area", 0, None, children=AREA),
)
ALERT = (
    _one("identifier", check=_name_of(120)), _one("sender", check=_name_of(140)),
    _one("sent", check=read_time),
    _one("status", *STATUSES), _one("msgType", *MSG_TYPES), Rule("source"),
    _one("scope", *SCOPES), Rule("restriction"), Rule("addresses"),
    Rule("code", 0, None), Rule("note"),
    Rule("references", check=lambda _name, text: read_references(text)), Rule("incidents"),
    Rule("info", 0, None, children=INFO),
)
ALL_NAMES = frozenset(
    rule.name for rules in (ALERT, INFO, AREA, RESOURCE, PAIR) for rule in rules
)
