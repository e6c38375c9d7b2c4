"""Spoiled documents are taken or refused with a remedy; nothing else comes out."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.fuzz_cap import judge, run
from dispatch.alerts.cap import MAX_BYTES, parse
from dispatch.alerts.lists import read_list
from dispatch.alerts.parameters import read_parameters
from dispatch.boundaries import load_boundaries
from dispatch.errors import InvalidInput
from dispatch.reference.load import read_counties
from tests.alerts.corpus import CHANGES, corpus, greedy, spoil
from tests.builders import cap_xml

COUNTIES, SHAPES, CORPUS = read_counties(), load_boundaries(), corpus()
ANSWERS = {"accepted", "refused_by_parse", "refused_by_areas"}


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(CORPUS), st.integers(0, 2**32), st.integers(1, 5))
def test_spoiled_documents(document: bytes, seed: int, times: int) -> None:
    assert judge(spoil(document, random.Random(seed), times), COUNTIES, SHAPES) in ANSWERS


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["identifier", "sender", "sent", "event", "severity", "expires", "headline", "area", "parameters", "references"]),
       st.text(max_size=200))
def test_any_text_in_any_place(name: str, text: str) -> None:
    assert judge(cap_xml(**{name: text.encode("utf-8", "ignore").decode()}), COUNTIES, SHAPES) in ANSWERS


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["road", "temperature_c", "loss.affected", "hazard.magnitude", "hazard.epicentre", "government.level", "report.kind"]),
       st.text(max_size=80))
def test_any_text_in_a_parameter(name: str, value: str) -> None:
    try:
        read_parameters([(name, value)])
    except InvalidInput as error:
        assert error.remedy and error.remedy_zh


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300) | st.sampled_from([b"[" * 100_000, b'{"a":' * 50_000, b"[1,null,{}]", b'{"alerts":[{"url":5}]}', b'["http://[x"]']))
def test_any_bytes_as_a_list(body: bytes) -> None:
    try:
        entries = read_list(body, "http://a.invalid/list")
    except InvalidInput as error:
        assert error.remedy
    else:
        assert entries is None or all(entry.url and entry.mark for entry in entries)


def test_every_change_changes_something() -> None:
    for change in CHANGES:
        assert any(change(doc, random.Random(n)) != doc for n, doc in enumerate(CORPUS * 3)), change.__name__


def test_the_originals_are_accepted_and_the_run_is_repeatable() -> None:
    assert {judge(document, COUNTIES, SHAPES) for document in CORPUS} == {"accepted"}
    one, other = run(60, 7)[0], run(60, 7)[0]
    counted = ("accepted", "refused_by_parse", "refused_by_areas", "crashed")
    assert [one[name] for name in counted] == [other[name] for name in counted]
    assert one["crashed"] == 0 and one["accepted"] > 0


def test_documents_made_to_cost_much_are_judged_like_others() -> None:
    documents = greedy()
    assert all(0.6 * MAX_BYTES < len(d) <= MAX_BYTES for d in documents.values() if b"<polygon>" not in d)
    answers = {name: judge(document, COUNTIES, SHAPES) for name, document in documents.items()}
    assert answers == {
        "combs": "accepted", "geocodes": "accepted", "parameters": "accepted", "attributes": "accepted", "references": "accepted",
        "depth": "refused_by_parse", "infos": "refused_by_parse", "points": "refused_by_areas",
    }


def test_a_document_of_the_largest_size_is_still_read() -> None:
    filler = "雪" * ((MAX_BYTES - len(cap_xml())) // 3 - 10)
    document = cap_xml(area="<geocode><valueName>a</valueName><value>150522</value></geocode>").replace(b"</headline>", f"</headline><description>{filler}</description>".encode())
    assert len(parse(document).infos[0].description) == 4000
