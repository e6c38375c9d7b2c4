"""CAP documents read, and every fault told with its place and remedy."""

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.alerts.cap import parse
from dispatch.alerts.model import Colour, LossCounts
from dispatch.errors import InvalidInput
from dispatch.reference.read import DATA
from tests.builders import cap_xml

POINTS = "43.0,122.0 43.5,122.0 43.5,122.5 43.0,122.0"


def polygon(points: str) -> str:
    return f"<polygon>{points}</polygon>"


def parameter(name: str, value: str) -> str:
    return f"<parameter><valueName>{name}</valueName><value>{value}</value></parameter>"


def test_a_chinese_warning_is_read() -> None:
    message = parse(cap_xml(parameters=parameter("road", "G45;closed;150522;2021-11-09T08:00:00+08:00")))
    (info,) = message.infos
    assert (info.hazard, info.colour) == ("blizzard", Colour.RED)
    assert info.geocodes == ("150522",)
    assert message.sent.isoformat() == "2021-11-08T07:50:00+00:00"
    (road,) = info.parameters.roads
    assert (road.ref, road.speed_factor) == ("G45", 0.0)


def test_polygon_is_turned_into_lon_lat() -> None:
    (ring,) = parse(cap_xml(area=polygon(POINTS))).infos[0].polygons
    assert (ring[1].lon, ring[1].lat) == (122.0, 43.5)


def test_loss_figures_and_unknown_parameters() -> None:
    pairs = parameter("loss.affected", "5609") + parameter("somebody else", "x")
    assert parse(cap_xml(parameters=pairs)).infos[0].parameters.counts == LossCounts(affected=5609)


def test_the_31_character_identifier_may_lack_its_last_digit() -> None:
    for identifier in ("15050041600000_20211108155000_1", "15050041600000_20211108155000"):
        assert parse(cap_xml(identifier=identifier)).identifier == identifier


@pytest.mark.parametrize("words,colour", [
    ("暴雪黄色预警", Colour.YELLOW), ("Blizzard ORANGE warning", Colour.ORANGE),
    ("暴雪蓝色预警", Colour.BLUE),
])
def test_colour_words(words: str, colour: Colour) -> None:
    assert parse(cap_xml(headline=words)).infos[0].colour is colour


BAD = {
    "malformed": (cap_xml()[:-20], "not well-formed"),
    "empty": (b"", "not well-formed"),
    "doctype": (cap_xml().replace(b"?>", b'?><!DOCTYPE alert [<!ENTITY a "x">]>', 1), "DOCTYPE"),
    "bomb": (
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><a>&b;</a>',
        "DOCTYPE",
    ),
    "encoding": (cap_xml().decode().encode("utf-16")[2:], "not well-formed"),
    "gbk declared as utf-8": (cap_xml().decode().encode("gbk"), "not well-formed"),
    "ten megabytes": (cap_xml(headline="雪" * 3_500_000), "bytes"),
    "other root": (b"<rss/>", "root element"),
    "identifier": (cap_xml(identifier="15050041600000_2021"), "national form"),
    "no sender": (cap_xml(sender=""), "<sender>"),
    "status": (cap_xml(status="Real"), "<status>"),
    "type": (cap_xml(msg_type="Warn"), "<msgType>"),
    "sent without zone": (cap_xml(sent="2021-11-08T15:50:00"), "<sent>"),
    "not a date": (cap_xml(sent="8 Nov 2021"), "<sent>"),
    "ends before it begins": (cap_xml(expires="2021-11-08T10:00:00+08:00"), "expires"),
    "lat and lon swapped": (cap_xml(area=polygon("122.0,43.0 122.0,43.5 122.5,43.5 122.0,43.0")), "longitude before latitude"),
    "words in a polygon": (cap_xml(area=polygon("here there")), "latitude,longitude"),
    "open polygon": (cap_xml(area=polygon("43.0,122.0 43.5,122.0 43.5,122.5 43.1,122.1")), "end where it began"),
    "loss not a number": (cap_xml(parameters=parameter("loss.dead_missing", "-1")), "loss.dead_missing"),
    "loss of unknown name": (cap_xml(parameters=parameter("loss.sheep", "1")), "loss.sheep"),
    "road": (cap_xml(parameters=parameter("road", "G45;shut")), "road"),
    "cold": (cap_xml(parameters=parameter("temperature_c", "-273")), "temperature_c"),
    "reference": (cap_xml(msg_type="Update", references="<references>x</references>"), "reference"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_documents_say_what_and_how_to_mend(name: str) -> None:
    document, words = BAD[name]
    with pytest.raises(InvalidInput, match=words) as caught:
        parse(document)
    assert caught.value.remedy and caught.value.message_zh and caught.value.remedy_zh


@given(st.binary(max_size=400))
def test_rubbish_never_crashes(document: bytes) -> None:
    with pytest.raises(InvalidInput):
        parse(document)


def examples() -> list[Path]:
    return sorted((DATA / "examples").rglob("*.xml"))


@given(st.integers(0, 10**9))
def test_damaged_real_documents_never_crash(seed: int) -> None:
    chance = random.Random(seed)
    raw = bytearray(chance.choice(examples()).read_bytes())
    for _ in range(chance.randint(1, 20)):
        raw[chance.randrange(len(raw))] = chance.randrange(256)
    try:
        parse(bytes(raw))
    except InvalidInput as error:
        assert error.remedy
