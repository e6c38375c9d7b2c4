"""Documents that are well, and ways to spoil them; the same seed spoils the same way."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from dispatch.alerts.cap import MAX_BYTES
from dispatch.reference.read import DATA
from tests.builders import cap_xml

TOKEN = re.compile(rb"<[^>]*>|[^<]+")
LEAF = re.compile(rb"<(\w+)>([^<>]*)</\1>")
JUNK = (
    b"", b" ", b"-1", b"NaN", b"inf", b"1e309", b"9" * 400, b"0x10", b"1_000", "\u0663".encode(), "１５０５２２".encode(),
    b"43.0,122.0", b"43.0,122.0 0", b"43,122 1000", b"89.9,0 900", b"0,179.9 1000", b"91,181", b"150000", b"159999", b"15", b"150522" * 50,
    b"0001-01-01T00:00:00+14:00", b"9999-12-31T23:59:59-14:00", b"2021-02-30T00:00:00+08:00", b"20211108155000",
    b"2021-11-08T15:50:00Z", b"2021-11-08T15:50:00-00:00", b"a,b,c", b"w,15050041600000_20211108155000,2021-11-08T15:00:00+08:00",
    b"&#x1F600;", b"&amp;", b"]]&gt;", "\u202e雪".encode(), "雪".encode() * 500, b"none", b"Red", b"0304",
    b"road", b"hazard.magnitude", b"hazard.epicentre", b"loss.affected", b"government.level", b"report.kind", b"report.correction",
    b"hazard.fire_danger_class", b"true", b"150500;3", b"122.2,43.6", b"5.3", b"*;closed;150522", b"G45;slow 0.5;150522;2021-11-09T08:00:00+08:00",
)
NAMES = (
    b"identifier", b"sender", b"sent", b"status", b"msgType", b"scope", b"references", b"info", b"language", b"category",
    b"event", b"urgency", b"severity", b"certainty", b"eventCode", b"expires", b"onset", b"effective", b"headline", b"parameter",
    b"valueName", b"value", b"resource", b"area", b"areaDesc", b"polygon", b"circle", b"geocode", b"altitude", b"ceiling", b"Signature",
)

SHAPES = (
    "<polygon>43.0,122.0 43.5,122.0 43.5,122.5 43.0,122.0</polygon>"
    "<polygon>43.0,121.0 43.5,121.0 43.5,121.5 43.0,121.0</polygon>"
    "<circle>43.6,122.2 30</circle><circle>43.6,122.2 0</circle><altitude>10</altitude><ceiling>20</ceiling>"
)
MEASURES = "".join(
    f"<parameter><valueName>{name}</valueName><value>{value}</value></parameter>"
    for name, value in (
        ("road", "G45;slow 0.5;150522;2021-11-09T08:00:00+08:00"), ("temperature_c", "-35"), ("loss.affected", "5609"),
        ("hazard.magnitude", "5.3"), ("hazard.epicentre", "122.2,43.6"), ("government.level", "150500;3"),
        ("report.kind", "initial"), ("report.correction", "true"),
    )
)


def corpus() -> list[bytes]:
    """The example documents and the template, with and without shapes and measures."""
    examples = [path.read_bytes() for path in sorted((DATA / "examples").rglob("*.xml"))]
    cancel = cap_xml(msg_type="Cancel", references="<references>w,A-1,2021-11-08T15:00:00+08:00</references>")
    return [*examples, cap_xml(), cap_xml(area=SHAPES), cap_xml(parameters=MEASURES), cancel]


def greedy() -> dict[str, bytes]:
    """Documents of nearly the largest size, each made to cost much in one way."""
    room = MAX_BYTES - 2000
    geocode, pair = "<geocode><valueName>a</valueName><value>150522</value></geocode>", "<parameter><valueName>a</valueName><value>1</value></parameter>"
    depth = room // 7
    zigzag = [f"{40 + n % 2},{100 + n / 1000:.3f}" for n in range(19_000)]
    teeth = [f"{37 + 17 * (n % 2)},{97 + n * 29 / 90:.4f}" for n in range(90)]
    comb = "<polygon>" + " ".join([*teeth, "36,126", "36,97", teeth[0]]) + "</polygon>"
    return {
        "combs": cap_xml(area=comb * 200),
        "geocodes": cap_xml(area=geocode * (room // len(geocode))),
        "parameters": cap_xml(parameters=pair * (room // len(pair))),
        "references": cap_xml(references="<references>" + "w,A-1,2021-11-08T15:00:00+08:00 " * (room // 32) + "</references>"),
        "attributes": cap_xml().replace(b"<info>", b"<info " + b" ".join(b'a%d="1"' % n for n in range(room // 13)) + b">"),
        "depth": cap_xml().replace(b"<info>", b'<x xmlns="urn:x">' + b"<y>" * depth + b"</y>" * depth + b"</x><info>"),
        "infos": cap_xml().replace(b"</alert>", b"<info/>" * (room // 7) + b"</alert>"),
        "points": cap_xml(area="<polygon>" + " ".join([*zigzag, zigzag[0]]) + "</polygon>"),
    }


def spoil(document: bytes, chance: random.Random, times: int) -> bytes:
    """The document after so many changes of kinds drawn by chance."""
    for _ in range(times):
        document = chance.choice(CHANGES)(document, chance)
    return document


def _tokens(document: bytes) -> list[bytes]:
    return TOKEN.findall(document) or [b"<"]


def flip(document: bytes, chance: random.Random) -> bytes:
    raw = bytearray(document or b"x")
    for _ in range(chance.randint(1, 8)):
        raw[chance.randrange(len(raw))] = chance.randrange(256)
    return bytes(raw)


def cut(document: bytes, chance: random.Random) -> bytes:
    return document[: chance.randint(0, len(document))]


def drop(document: bytes, chance: random.Random) -> bytes:
    leaves = list(LEAF.finditer(document))
    if not leaves:
        return document
    leaf = chance.choice(leaves)
    return document[: leaf.start()] + document[leaf.end() :]


def double(document: bytes, chance: random.Random) -> bytes:
    leaves = list(LEAF.finditer(document))
    if not leaves:
        return document
    leaf = chance.choice(leaves)
    return document[: leaf.end()] + leaf[0] * chance.choice((1, 1, 3, 300)) + document[leaf.end() :]


def double_block(document: bytes, chance: random.Random) -> bytes:
    name = chance.choice((b"info", b"area", b"parameter", b"geocode"))
    match = re.search(rb"<" + name + rb">.*?</" + name + rb">", document, re.DOTALL)
    if match is None:
        return document
    return document[: match.end()] + match[0] * chance.choice((1, 2, 120)) + document[match.end() :]


def reorder(document: bytes, chance: random.Random) -> bytes:
    leaves = list(LEAF.finditer(document))
    if len(leaves) < 2:
        return document
    one, other = sorted(chance.sample(leaves, 2), key=lambda leaf: leaf.start())
    return (document[: one.start()] + other[0] + document[one.end() : other.start()] + one[0]
            + document[other.end() :])


def swap_tokens(document: bytes, chance: random.Random) -> bytes:
    tokens = _tokens(document)
    i, j = chance.randrange(len(tokens)), chance.randrange(len(tokens))
    tokens[i], tokens[j] = tokens[j], tokens[i]
    return b"".join(tokens)


def fill(document: bytes, chance: random.Random) -> bytes:
    leaves = list(LEAF.finditer(document))
    if not leaves:
        return document
    leaf = chance.choice(leaves)
    return document[: leaf.start(2)] + chance.choice(JUNK) + document[leaf.end(2) :]


def rename(document: bytes, chance: random.Random) -> bytes:
    leaves = list(LEAF.finditer(document))
    if not leaves:
        return document
    leaf, name = chance.choice(leaves), chance.choice(NAMES)
    return document[: leaf.start()] + b"<" + name + b">" + leaf[2] + b"</" + name + b">" + document[leaf.end() :]


def add_attributes(document: bytes, chance: random.Random) -> bytes:
    junk = b" ".join(b'a%d="%s"' % (n, b"x" * chance.randint(0, 40)) for n in range(chance.choice((1, 5, 2000))))
    return document.replace(b"<info>", b"<info " + junk + b">", 1)


def nest(document: bytes, chance: random.Random) -> bytes:
    depth = chance.choice((2, 30, 40, 5000))
    name = chance.choice((b"x", b"info", b'y xmlns="urn:y"'))
    return document.replace(b"<info>", b"<" + name + b">" + b"<z>" * depth + b"</z>" * depth + b"</" + name.split()[0] + b"><info>", 1)


def swap_namespace(document: bytes, chance: random.Random) -> bytes:
    new = chance.choice((b"urn:oasis:names:tc:emergency:cap:1.1", b"", b"urn:x", b"http://www.w3.org/2000/09/xmldsig#"))
    if chance.random() < 0.5:
        return document.replace(b"urn:oasis:names:tc:emergency:cap:1.2", new, 1)
    return document.replace(b"<headline>", b'<headline xmlns="' + new + b'">', 1)


def declare(document: bytes, chance: random.Random) -> bytes:
    name = chance.choice((b"utf-16", b"gbk", b"latin-1", b"ascii", b"utf-7", b"no-such-code", b"idna", b"rot13", b"UTF-8"))
    return document.replace(b'encoding="UTF-8"', b'encoding="' + name + b'"', 1)


def encode(document: bytes, chance: random.Random) -> bytes:
    return document.decode("utf-8", "ignore").encode(chance.choice(("utf-16", "utf-16-be", "gb18030", "utf-8-sig", "utf-32")), "ignore")


def add_entity(document: bytes, chance: random.Random) -> bytes:
    doctype = b'<!DOCTYPE alert [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
    return document.replace(b"?>", b"?>" + doctype, 1) if chance.random() < 0.5 else document.replace(b"<headline>", b"<headline>&b;", 1)


def draw(document: bytes, chance: random.Random) -> bytes:
    ring = [(chance.uniform(36, 54), chance.uniform(96, 127)) for _ in range(chance.choice((3, 4, 12, 400)))]
    points = " ".join(f"{lat:.3f},{lon:.3f}" for lat, lon in [*ring, ring[0]])
    circle = f"<circle>{chance.uniform(-91, 91):.2f},{chance.uniform(-181, 181):.2f} {chance.choice((0, 5, 400, 1000, 1001))}</circle>"
    shapes = f"<polygon>{points}</polygon>{circle}".encode()
    return re.sub(rb"<geocode>.*</geocode>", lambda _: shapes, document, count=1, flags=re.DOTALL)


Change = Callable[[bytes, random.Random], bytes]
CHANGES: tuple[Change, ...] = (
    flip, cut, drop, double, double_block, reorder, swap_tokens, fill, fill, fill, rename, add_attributes, nest,
    swap_namespace, declare, encode, add_entity, draw,
)
