"""Lists of warnings (Atom, RSS, JSON) → the documents they name."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin
from xml.etree.ElementTree import Element

from dispatch.alerts.cap import plain_xml
from dispatch.alerts.faults import bad
from dispatch.errors import InvalidInput

MAX_ENTRIES = 1000
CAP_TYPE = "application/cap+xml"
LINK_KEYS = ("url", "link", "href", "cap", "capUrl")
CHANGE_KEYS = ("updated", "sent", "effective", "pubDate")


@dataclass(frozen=True, slots=True)
class Entry:
    """A document of a list; ``mark`` tells its versions apart where the list tells."""

    url: str
    mark: str


def read_list(body: bytes, base: str) -> tuple[Entry, ...] | None:
    """The entries of a list, none when the body is no list but a document of its own.

    Addresses are made whole against ``base``.  Raises ``InvalidInput`` for a list that
    names no documents though it has entries, or too many.
    """
    if body.lstrip()[:1] in (b"{", b"["):
        pairs, count = _json_pairs(body)
    else:
        try:
            root = plain_xml(body)
        except InvalidInput:
            return None
        kind = _local(root)
        if kind not in ("feed", "rss", "RDF"):
            return None
        entries = [node for node in _below(root, 2) if _local(node) in ("entry", "item")]
        pairs, count = [_xml_pair(node) for node in entries], len(entries)
    found = [(url, changed) for url, changed in pairs if url]
    if count > MAX_ENTRIES or (count and not found):
        raise _useless(base, count)
    return tuple(dict.fromkeys(_entry(base, url, changed) for url, changed in found))


def _entry(base: str, url: str, changed: str) -> Entry:
    try:
        whole = urljoin(base, url)
    except ValueError:
        # left as written: fetching it tells what is wrong with it
        whole = url
    return Entry(whole[:1000], f"{whole[:1000]} {changed[:60]}".strip())


def _useless(base: str, count: int) -> InvalidInput:
    return bad(
        f"The list {base[:200]} has {count:,} entries; none with a link, or more than {MAX_ENTRIES:,}.",
        "Point to a list of CAP documents.",
        f"列表 {base[:200]} 有 {count:,} 个条目，均无链接或超过 {MAX_ENTRIES:,} 个。",
        "请改用列出 CAP 文件的地址。",
    )


def _json_pairs(body: bytes) -> tuple[list[tuple[str, str]], int]:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise bad("The list is not JSON that can be read.", "Check the address.",
                  "列表不是可读的 JSON。", "请检查地址。") from error
    values = data if isinstance(data, list) else next((v for v in data.values() if isinstance(v, list)), [])
    return [_json_pair(value) for value in values], len(values)


def _json_pair(value: Any) -> tuple[str, str]:
    if isinstance(value, str):
        return value, ""
    fields = value if isinstance(value, dict) else {}
    return _first(fields, LINK_KEYS), _first(fields, CHANGE_KEYS)


def _first(fields: dict[str, Any], keys: tuple[str, ...]) -> str:
    return next((fields[key] for key in keys if isinstance(fields.get(key), str)), "")


def _xml_pair(entry: Element) -> tuple[str, str]:
    links = [node for node in entry if _local(node) in ("link", "enclosure")]
    links.sort(key=lambda node: node.get("type") != CAP_TYPE)
    urls = [(node.get("href") or node.get("url") or node.text or "").strip() for node in links]
    changed = [node.text or "" for node in entry if _local(node) in ("updated", "pubDate", "date")]
    return next((url for url in urls if url), ""), (changed[0].strip() if changed else "")


def _below(root: Element, levels: int) -> list[Element]:
    found: list[Element] = []
    level = [root]
    for _ in range(levels):
        level = [child for node in level for child in node]
        found += level
    return found


def _local(node: Element) -> str:
    return node.tag.rpartition("}")[2]
