"""Every fault of a scenario file is named with its line and how to mend it."""

import io
import json
import tracemalloc
from pathlib import Path

import pytest

from dispatch.alerts.model import LossCounts
from dispatch.config import PROJECT_ROOT
from dispatch.drills.entries import EVENT, INJECT
from dispatch.drills.library import load_scenario, load_shipped, shipped_files, shipped_names
from dispatch.drills.model import Bound, InjectKind, Kind, Precision
from dispatch.drills.parse import SCENARIO, Asked, parse
from dispatch.errors import InvalidInput, NotFound
from tests.drills.files import HEAD, QUAKE, quake, read


def faults(text: str, *, shipped: bool = False) -> list[tuple[int, str]]:
    with pytest.raises(InvalidInput) as caught:
        read(text, shipped=shipped)
    error = caught.value
    assert error.remedy and error.remedy_zh and error.message_zh != error.message
    return [(f["line"], f["en"]) for f in error.facts["faults"]]


def test_a_whole_file_is_read() -> None:
    scenario = quake()
    assert [e.kind for e in scenario.events] == [Kind.ALERT, Kind.REPORT, Kind.DISPATCH]
    assert scenario.magnitude == 5.8 and scenario.epicentre is not None
    assert scenario.events[1].facts == {"relocated": 700, "deaths": None}
    assert scenario.events[2].moment.precision is Precision.DAY
    assert scenario.events[2].bound is Bound.AT
    assert [e.line for e in scenario.events] == [13, 17, 22]
    assert not scenario.is_private


@pytest.mark.parametrize(("old", "new", "line", "words"), [
    ("- {adcode: '152921', name: 阿拉善左旗}\n", "", 8, "names no county"),
    ("adcode: '152921'", "adcode: '159999'", 9, "'159999' is not one of ours"),
    ("  county: '152921'\n  facts", "  county: '1529'\n  facts", 19, "'1529' is not one of ours"),
    ("hazard: earthquake", "hazard: quake", 4, "hazard quake is not known"),
    ("started_at: '2015", "ended_at: '2015-04-14T00:00:00+08:00'\nstarted_at: '2015", 5, "ends before it starts"),
    ("{relocated: 700, deaths: null}", "{relocated: 700, affected: 500}", 17, "relocated 700 of affected 500"),
    ("{relocated: 700, deaths: null}", "{relocated: -7}", 17, "which is not a count"),
    ("{relocated: 700, deaths: null}", "{relocated: about 700}", 17, "which is not a count"),
    ("kind: report", "kind: rumour", 18, "kind of entry 2 of the timeline is 'rumour'"),
    ("'2015-04-15T18:00:00+08:00'", "'yesterday'", 17, "which is not a time"),
    ("'2015-04-15T18:00:00+08:00'", "'2019-04-15T18:00:00+08:00'", 17, "more than 400 days"),
    ("  facts: {relocated: 700, deaths: null}\n  source: s1", "  facts: {}\n  source: s9", 21, "source s9 is not listed"),
    ("arrival: at", "arival: at", 28, "arival, which nothing reads"),
    ("qty: 200", "qty: 2.5", 27, "which is not whole"),
    ("id: test-quake\n", "id: test-quake\nid: again\n", 2, "comes twice"),
    ("id: test-quake", "id: &a test-quake", 1, "Anchors and aliases"),
    ("id: test-quake", "id: !!python/object:os.system x", 1, "The tag"),
    ("id: test-quake", "id: [test-quake", 2, "This is not YAML"),
])
def test_a_fault_is_named_with_its_line(old: str, new: str, line: int, words: str) -> None:
    text = HEAD + QUAKE
    assert old in text
    found = faults(text.replace(old, new, 1))
    assert any(at == line and words in what for at, what in found), found


def test_every_fault_is_told_at_once() -> None:
    text = (HEAD + QUAKE).replace("hazard: earthquake", "hazard: quake").replace("qty: 200", "qty: -1")
    assert [line for line, _ in faults(text)] == [4, 27]


def test_an_empty_file_and_a_list_are_refused() -> None:
    assert faults("")[0][0] == 1
    assert faults("- a\n- b\n")


def test_a_fact_without_a_source_is_private_and_never_shipped() -> None:
    text = (HEAD + QUAKE).replace("deaths: null}\n  source: s1", "deaths: null}", 1)
    assert read(text).is_private
    assert faults(text, shipped=True) == [(17, "entry 2 of the timeline has no source.")]


class Endless(io.RawIOBase):
    """A scenario with as many facts as anybody reads."""

    def __init__(self, most: int) -> None:
        self.left, self.waiting = most, HEAD.encode() + b"timeline:\n"

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:
        while self.left and len(self.waiting) < len(buffer):
            self.waiting += b"- {at: null, at_precision: unknown, kind: alert, area: x}\n"
            self.left -= 1
        data, self.waiting = self.waiting[: len(buffer)], self.waiting[len(buffer):]
        buffer[: len(data)] = data
        return len(data)


def test_a_million_facts_are_refused_early_and_in_little_memory() -> None:
    facts = Endless(1_000_000)
    stream = io.BufferedReader(facts)
    tracemalloc.start()
    with pytest.raises(InvalidInput, match="more than 2,000 entries"):
        parse(stream, Asked("huge.yaml", shipped_names()))
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 10_000_000
    # refused after the first few thousand, not at the end
    assert facts.left > 990_000


def test_injects_are_checked() -> None:
    text = HEAD + QUAKE + "injects:\n- {at: '2015-04-15T16:00:00+08:00', kind: late_report, event: 2}\n"
    assert faults(text) == [(31, "The inject late_report needs hours.")]
    text = text.replace("late_report, event: 2", "wrong_report, counties: ['152921'], measure: rumours, figure: 3")
    assert "The measure rumours is not known." in faults(text)[0][1]


def test_the_shipped_scenarios_are_sound() -> None:
    scenarios = load_shipped(shipped_names())
    assert len(scenarios) >= 12
    assert [s.code for s in scenarios] == [path.stem for path in shipped_files()]
    hazards = {s.hazard for s in scenarios}
    assert {"earthquake", "blizzard", "snow_disaster", "flood", "drought", "tornado", "sandstorm"} <= hazards
    assert any(e.facts.get("hazard") == "dam_failure" for s in scenarios for e in s.events)
    for scenario in scenarios:
        assert not scenario.is_private and all(e.source in scenario.sources for e in scenario.events)


def test_an_unknown_name_and_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="There is no scenario"):
        load_scenario("no-such", shipped_names())
    with pytest.raises(InvalidInput, match="cannot be read"):
        load_scenario(str(tmp_path / "none.yaml"), shipped_names())


def test_the_schema_for_editors_names_what_is_read_and_nothing_else() -> None:
    schema = json.loads((PROJECT_ROOT / "docs" / "drills.schema.json").read_text("utf-8"))
    fact, inject = schema["$defs"]["fact"]["properties"], schema["$defs"]["inject"]["properties"]
    assert (set(schema["properties"]), set(fact), set(inject)) == (SCENARIO, EVENT, INJECT)
    assert set(fact["kind"]["enum"]) == set(Kind) and set(fact["arrival"]["enum"]) == set(Bound)
    assert set(inject["kind"]["enum"]) == set(InjectKind) and set(inject["measure"]["enum"]) == set(LossCounts.__slots__)
    assert set(schema["$defs"]["precision"]["enum"]) == set(Precision)


def test_a_scenario_with_every_kind_of_fault_tells_them_all_and_is_not_played() -> None:
    text = (HEAD + QUAKE).replace("- {adcode: '152921', name: 阿拉善左旗}\n", "- {adcode: '999999'}\n")
    text = text.replace("started_at: '2015", "ended_at: '2015-04-01T00:00:00+08:00'\nstarted_at: '2015")
    text = text.replace("{relocated: 700, deaths: null}", "{relocated: 700, affected: 5}").replace("  source: s1\n", "", 1)
    told = " ".join(words for _, words in faults(text, shipped=True))
    for words in ("'999999' is not one of ours", "ends before it starts", "both cannot be right", "has no source"):
        assert words in told
