"""Several blocks: translations joined, different warnings kept apart; hazards and colours by words."""

import pytest

from dispatch.alerts.areas import to_alerts
from dispatch.alerts.cap import CapMessage, parse
from dispatch.alerts.codec import from_json_all, to_json_all
from dispatch.alerts.hazards import load_words
from dispatch.alerts.model import Colour
from dispatch.boundaries import load_boundaries
from dispatch.reference.load import read_counties
from dispatch.reference.read import DATA
from tests.builders import cap_xml

COUNTIES = read_counties()
INFO = """<info><language>{language}</language><category>Met</category><event>{event}</event>
<urgency>Expected</urgency><severity>{severity}</severity><certainty>Likely</certainty>
<expires>2021-11-09T15:50:00+08:00</expires><headline>{headline}</headline>{more}
<area><areaDesc>x</areaDesc>{area}</area></info>"""


def code(adcode: str) -> str:
    return f"<geocode><valueName>adcode</valueName><value>{adcode}</value></geocode>"


def block(**changes: str) -> str:
    fields = {"language": "en-US", "event": "Blizzard", "severity": "Extreme", "headline": "Blizzard red warning",
              "more": "", "area": code("150522")}
    return INFO.format(**{**fields, **changes})


def read(*blocks: str, **changes: str) -> CapMessage:
    return parse(cap_xml(**changes).replace(b"</alert>", ("".join(blocks) + "</alert>").encode()))


def test_a_translation_adds_its_words_and_no_warning() -> None:
    (info,) = read(block()).infos
    assert (info.headline, info.headline_en, info.languages) == ("暴雪红色预警", "Blizzard red warning", ("zh-cn", "en-us"))


def test_chinese_words_come_first_whatever_the_order() -> None:
    text = cap_xml().decode()
    document = text.replace("<info>", block() + "<info>", 1)
    (info,) = parse(document.encode()).infos
    assert (info.headline, info.headline_en) == ("暴雪红色预警", "Blizzard red warning")


def test_a_translation_may_leave_area_and_hazard_out() -> None:
    (info,) = read(block(event="Warning", headline="Stay at home", severity="Unknown", area="")).infos
    assert (info.hazard, info.colour, info.geocodes) == ("blizzard", Colour.RED, ("150522",))


@pytest.mark.parametrize("change", [
    {"event": "Cold wave", "headline": "Cold wave red warning"}, {"severity": "Severe", "headline": "Blizzard orange warning"},
    {"area": code("150523")}, {"language": "zh-CN", "event": "暴雪", "headline": "暴雪橙色预警"},
])
def test_another_hazard_colour_or_area_is_another_warning(change: dict[str, str]) -> None:
    message = read(block(**change))
    assert len(message.infos) == 2
    alerts = to_alerts(message, COUNTIES, load_boundaries())
    assert [alert.part for alert in alerts] == [0, 1]
    assert {alert.identifier for alert in alerts} == {message.identifier}
    assert from_json_all(to_json_all(alerts) or {}) == alerts


def test_two_hazards_in_two_languages_are_two_warnings() -> None:
    ice = {"event": "道路结冰", "headline": "道路结冰橙色预警", "severity": "Severe", "language": "zh-CN"}
    ice_en = {"event": "Road icing", "headline": "Road icing orange warning", "severity": "Severe"}
    infos = read(block(**ice), block(), block(**ice_en)).infos
    assert [(i.hazard, i.headline_en) for i in infos] == [
        ("blizzard", "Blizzard red warning"), ("road_ice", "Road icing orange warning"),
    ]


def test_a_warning_outside_the_region_is_left_out_and_the_other_keeps_its_part() -> None:
    message = read(block(language="zh-CN", event="寒潮", headline="寒潮橙色预警"), area=code("220300"))
    (alert,) = to_alerts(message, COUNTIES, load_boundaries())
    assert (alert.part, alert.hazard, alert.counties) == (1, "cold_wave", ("150522",))


@pytest.mark.parametrize("kind", ["Cancel", "Ack", "Error"])
def test_a_message_that_acts_by_reference_gives_one_alert_without_counties(kind: str) -> None:
    references = "<references>w,A-1,2021-11-08T15:00:00+08:00</references>"
    text = cap_xml(msg_type=kind, references=references).decode()
    bare = text[: text.index("<info>")] + "</alert>"
    for document in (text, bare):
        alert = to_alerts(parse(document.encode()), COUNTIES, load_boundaries())[0]
        assert (alert.counties, alert.references, alert.msg_type) == ((), ("A-1",), kind)


def test_a_block_without_language_is_chinese_when_its_words_are() -> None:
    document = cap_xml().replace(b"<language>zh-CN</language>", b"")
    assert parse(document).infos[0].languages == ("zh-cn",)


def test_the_examples_are_one_warning_each_with_both_languages() -> None:
    for path in (DATA / "examples").rglob("*.xml"):
        (info,) = parse(path.read_bytes()).infos
        assert info.headline_en and info.headline_en != info.headline


@pytest.mark.parametrize("hazard", load_words().hazards.values(), ids=lambda h: h.code)
def test_every_hazard_is_read_from_its_names_and_type_code(hazard) -> None:  # type: ignore[no-untyped-def]
    for name in (hazard.zh, hazard.en.upper()):
        assert parse(cap_xml(event=name, headline="预警")).infos[0].hazard == hazard.code
    if hazard.type_code:
        pair = f"<eventCode><valueName>type</valueName><value>{hazard.type_code}02</value></eventCode>"
        document = cap_xml(event="气象预警", headline="预警信号", severity="Unknown").replace(b"<expires>", pair.encode() + b"<expires>")
        info = parse(document).infos[0]
        assert (info.hazard, info.colour, info.external_code) == (hazard.code, Colour.YELLOW, f"{hazard.type_code}02")


@pytest.mark.parametrize("event,headline,hazard", [
    ("山洪灾害气象风险", "", "geological"), ("泥石流", "", "geological"), ("黄河凌汛", "", "flood"), ("白灾", "", "snow_disaster"),
    ("气象预警", "海拉尔区霜冻蓝色预警", "frost"), ("Weather", "Frost in Hailar", "frost"), ("Weather", "wheat prices", "other"),
    ("草原火险", "", "wildfire"), ("雷雨大风", "", "gale"), ("沙尘", "", "sandstorm"), ("Earthquake", "snow on the roads", "earthquake"),
    ("洪格尔高勒镇通知", "", "other"),
])
def test_hazard_words(event: str, headline: str, hazard: str) -> None:
    assert parse(cap_xml(event=event, headline=headline or event)).infos[0].hazard == hazard


@pytest.mark.parametrize("headline,colour", [
    ("赤峰市红山区暴雪黄色预警", Colour.YELLOW), ("镶黄旗寒潮蓝色预警", Colour.BLUE), ("红十字会提示：暴雪橙色预警", Colour.ORANGE),
    ("Red Cross: blizzard orange warning", Colour.ORANGE), ("Snow covered roads, reduced sight: blue warning", Colour.BLUE),
    ("暴雪黄色预警升级为橙色", Colour.ORANGE), ("Yellow River ice jam, orange warning", Colour.ORANGE),
    ("通辽市发布暴雪预警[Ⅲ级/较重]", Colour.YELLOW), ("暴雪预警【I级/特别严重】", Colour.RED), ("暴雪预警（Ⅳ级）", Colour.BLUE),
    ("启动暴雪Ⅳ级应急响应", None),
])
def test_colours_of_headlines(headline: str, colour: Colour | None) -> None:
    assert parse(cap_xml(headline=headline, severity="Unknown")).infos[0].colour is colour


@pytest.mark.parametrize("name,value,colour", [
    ("ColorCode", "Orange", Colour.ORANGE), ("颜色", "橙", Colour.ORANGE), ("colour", "01", Colour.BLUE), ("Color", "04", Colour.RED),
    ("ColorCode", "Ⅱ", Colour.ORANGE), ("ColorCode", "none", None), ("ColorCode", "橙色预警", Colour.ORANGE), ("ColorCode", "?", Colour.RED),
])
def test_a_named_colour_goes_before_the_headline(name: str, value: str, colour: Colour | None) -> None:
    pair = f"<parameter><valueName>{name}</valueName><value>{value}</value></parameter>"
    assert parse(cap_xml(parameters=pair)).infos[0].colour is colour


def test_severity_is_the_last_resort() -> None:
    assert parse(cap_xml(headline="暴雪预警", severity="Moderate")).infos[0].colour is Colour.YELLOW
    assert parse(cap_xml(headline="暴雪预警", severity="Unknown")).infos[0].colour is None
