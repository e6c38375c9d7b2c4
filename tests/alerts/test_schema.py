"""Structure: what the schema refuses is refused with its place, what is harmless is taken."""

import pytest

from dispatch.alerts.cap import parse
from dispatch.alerts.infos import CapInfo
from dispatch.errors import InvalidInput
from tests.builders import cap_xml

SIGNATURE = "<Signature xmlns='http://www.w3.org/2000/09/xmldsig#'><SignedInfo><Reference URI=''/></SignedInfo></Signature>"
RESOURCE = "<resource><resourceDesc>图</resourceDesc><mimeType>image/png</mimeType>{}</resource>"
CODE = "<geocode><valueName>adcode</valueName><value>150522</value></geocode>"


def info_of(document: bytes) -> CapInfo:
    (info,) = parse(document).infos
    return info


def edited(old: str, new: str, **changes: str) -> bytes:
    text = cap_xml(**changes).decode()
    assert old in text
    return text.replace(old, new, 1).encode()


GONE = ["scope", "category", "urgency", "severity", "certainty"]


@pytest.mark.parametrize("name", GONE)
def test_required_elements_are_missed_by_name_and_place(name: str) -> None:
    text = cap_xml().decode()
    start, end = text.index(f"<{name}>"), text.index(f"</{name}>") + len(name) + 3
    with pytest.raises(InvalidInput, match=f"<{name}> is missing") as caught:
        parse((text[:start] + text[end:]).encode())
    assert str(caught.value.facts["place"]).endswith(f"/{name}")


REFUSED = {
    "unknown element": (edited("<headline>", "<expire>x</expire><headline>"), "info.1.: <expire> is no element"),
    "element at the wrong place": (edited("<info>", "<headline>x</headline><info>"), "<headline> is no element"),
    "repeated": (edited("<headline>", "<headline>x</headline><headline>"), "<headline> stands 2 times"),
    "category": (edited("<category>Met<", "<category>Weather<"), "info.1./category.1.: <category> is 'Weather'"),
    "urgency": (edited("<urgency>Expected<", "<urgency>expected<"), "<urgency> is 'expected'"),
    "severity": (cap_xml(severity="Terrible"), "<severity> is 'Terrible'"),
    "certainty": (edited("<certainty>Likely<", "<certainty>Very Likely<"), "<certainty>"),
    "response": (edited("<urgency>", "<responseType>Flee</responseType><urgency>"), "<responseType> is 'Flee'"),
    "scope": (edited("<scope>Public<", "<scope>World<"), "<scope> is 'World'"),
    "restricted without words": (edited("<scope>Public<", "<scope>Restricted<"), "<restriction> is missing"),
    "private without addresses": (edited("<scope>Public<", "<scope>Private<"), "<addresses> is missing"),
    "language": (edited("<language>zh-CN<", "<language>中文<"), "<language> is '中文'"),
    "time with a space": (cap_xml(sent="2021-11-08 15:50:00+08:00"), "<sent> is"),
    "time without seconds": (cap_xml(sent="2021-11-08T15:50+08:00"), "<sent> is"),
    "week date": (cap_xml(sent="2021-W45-1T15:50:00+08:00"), "<sent> is"),
    "no such day": (cap_xml(sent="2021-02-30T15:50:00+08:00"), "<sent> is"),
    "before the calendar": (cap_xml(sent="0001-01-01T00:00:00+14:00"), "<sent> is"),
    "onset": (edited("<expires>", "<onset>noon</onset><expires>"), "info.1./onset: <onset> is 'noon'"),
    "reference without a time": (cap_xml(msg_type="Update", references="<references>w,A-1,noon</references>"), "alert/references"),
    "cancel of nothing": (cap_xml(msg_type="Cancel"), "<references> is missing"),
    "stray words": (edited("<headline>", "失效时间<headline>"), "stand between elements"),
    "markup in a text": (edited("暴雪红色预警<", "<b>暴雪</b><"), "holds elements where a text belongs"),
    "namespace lost": (edited("<expires>", '<expires xmlns="">'), "<expires> is not in the namespace"),
    "older namespace": (edited("<severity>", '<severity xmlns="urn:oasis:names:tc:emergency:cap:1.1">'), "namespace of CAP 1.2"),
    "identifier with a comma": (cap_xml(identifier="A,1"), "<identifier> is 'A,1'"),
    "sender with a space": (cap_xml(sender="weather service"), "<sender>"),
    "endless identifier": (cap_xml(identifier="A" * 121), "121 characters"),
    "area without description": (edited("<areaDesc>测试区</areaDesc>", ""), "area.1./areaDesc: The element <areaDesc>"),
    "geocode without value": (cap_xml(area="<geocode><valueName>adcode</valueName></geocode>"), "geocode.1./value"),
    "parameter with two values": (cap_xml(parameters="<parameter><valueName>a</valueName><value>1</value><value>2</value></parameter>"), "<value> stands 2"),
    "resource without type": (edited("<area>", "<resource><resourceDesc>x</resourceDesc></resource><area>"), "<mimeType>"),
    "resource size": (edited("<area>", RESOURCE.format("<size>big</size>") + "<area>"), "<size> is 'big'"),
    "ceiling alone": (cap_xml(area=CODE + "<ceiling>100</ceiling>"), "no <altitude>"),
    "ceiling below": (cap_xml(area=CODE + "<altitude>200</altitude><ceiling>100</ceiling>"), "no <altitude>"),
    "altitude": (cap_xml(area=CODE + "<altitude>high</altitude>"), "<altitude> is 'high'"),
    "circle": (cap_xml(area="<circle>43.6,122.2</circle>"), "area.1./circle.1."),
    "circle too wide": (cap_xml(area="<circle>43.6,122.2 1001</circle>"), "radius of 0 to 1,000"),
    "circle swapped": (cap_xml(area="<circle>122.2,43.6 5</circle>"), "longitude before latitude"),
    "numbers of the machine": (cap_xml(area="<circle>nan,inf 5</circle>"), "not latitude,longitude"),
    "deep": (edited("<info>", '<x xmlns="urn:x">' + "<y>" * 60 + "</y>" * 60 + "</x><info>"), "nested more than"),
    "many infos": (cap_xml().replace(b"</alert>", b"<info/>" * 101 + b"</alert>"), "102 <info> blocks"),
    "many shapes": (cap_xml(area="<circle>43,122 1</circle>" * 201), "201 polygons and circles"),
    "many points": (cap_xml(area="<polygon>" + "43.0,122.0 " * 20_001 + "</polygon>"), "20,001 polygon points"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_schema_refuses(name: str) -> None:
    document, words = REFUSED[name]
    with pytest.raises(InvalidInput, match=words) as caught:
        parse(document)
    assert caught.value.remedy and caught.value.message_zh != caught.value.message and caught.value.remedy_zh


TAKEN = {
    "order": edited("<urgency>Expected</urgency>", "", parameters="<urgency>Expected</urgency>"),
    "utc by minus zero": cap_xml(sent="2021-11-08T07:50:00-00:00"),
    "utc by Z": cap_xml(sent="2021-11-08T07:50:00Z"),
    "fraction": cap_xml(sent="2021-11-08T15:50:00.250+08:00"),
    "national time": cap_xml(sent="20211108155000"),
    "signature": edited("</alert>", SIGNATURE + "</alert>"),
    "extension": edited("<headline>", "<x:level xmlns:x='urn:x'>3</x:level><headline>"),
    "attribute": edited("<info>", "<info id='1'>"),
    "prefix": cap_xml().replace(b"<", b"<c:").replace(b"<c:/", b"</c:").replace(b"<c:?", b"<?").replace(b"xmlns=", b"xmlns:c="),
    "empty option": edited("<headline>", "<onset/><headline>"),
    "comment": edited("<info>", "<!-- x --><info>"),
    "all texts": edited("<area>", "<web>http://example.invalid/</web><contact>值班室</contact>" + RESOURCE.format("<size>1</size><uri>a.png</uri>") + "<area>"),
    "restricted": edited("<scope>Public</scope>", "<scope>Restricted</scope><restriction>内部</restriction>"),
    "heights": cap_xml(area=CODE + "<altitude>0</altitude><ceiling>100.5</ceiling>"),
}


@pytest.mark.parametrize("name", TAKEN)
def test_what_is_harmless_is_taken(name: str) -> None:
    message = parse(TAKEN[name])
    assert message.sent.isoformat() == "2021-11-08T07:50:00+00:00"
    assert (message.infos[0].hazard, message.infos[0].geocodes) == ("blizzard", ("150522",))


def test_a_colour_as_severity_is_read_as_the_word_of_cap() -> None:
    info = info_of(cap_xml(severity="Orange", headline="暴雪预警"))
    assert (info.colour, info.severity) == ("orange", "Severe")


def test_the_second_block_is_named_by_number() -> None:
    text = cap_xml().decode()
    info = text[text.index("<info>"):text.index("</alert>")]
    document = text.replace("</alert>", info.replace("<urgency>Expected", "<urgency>Soon") + "</alert>")
    with pytest.raises(InvalidInput) as caught:
        parse(document.encode())
    assert caught.value.facts["place"] == "alert/info[2]/urgency"
    assert caught.value.message_zh.startswith("alert/info[2]/urgency：")
