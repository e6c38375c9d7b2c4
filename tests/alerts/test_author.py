"""What is written is read back to the same values."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.alerts.areas import to_alerts
from dispatch.alerts.author import Exercise, Issuer, Reference, write
from dispatch.alerts.cap import parse
from dispatch.alerts.hazards import load_words
from dispatch.alerts.model import Alert, Colour, LossCounts, Observations, RoadNotice
from dispatch.alerts.parameters import MAX_COUNT, RANGES, REPORT_KINDS, Parameters
from dispatch.alerts.schema import CERTAINTIES, STATUSES, URGENCIES
from dispatch.boundaries import load_boundaries
from dispatch.errors import InvalidInput
from dispatch.geo import LonLat
from dispatch.reference.load import read_counties
from tests.builders import AT, make_exercise

COUNTIES = read_counties()
CODES = sorted(county.adcode for county in COUNTIES)
words = st.text(st.characters(exclude_categories=["C"]), max_size=60).map(str.strip)
some_words = words.filter(bool)
times = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(lambda at: at.replace(microsecond=0, tzinfo=UTC))
codes = st.lists(st.sampled_from(CODES), min_size=1, max_size=4, unique=True).map(tuple)
degrees = st.integers(-8000, 8000).map(lambda n: n / 100)
measures = {name: st.none() | st.integers(*bounds) for name, bounds in RANGES.items()}
observations = st.builds(
    Observations, magnitude=st.none() | st.integers(0, 100).map(lambda n: n / 10),
    epicentre=st.none() | st.builds(LonLat, degrees, degrees), **measures,
)
roads = st.builds(
    RoadNotice, st.sampled_from(["G45", "S208", "*"]), codes, st.sampled_from([0.0, 0.25, 0.5, 0.9]), st.none() | times
)
parameters = st.builds(
    Parameters,
    st.builds(LossCounts, **{name: st.none() | st.integers(0, MAX_COUNT) for name in LossCounts.__slots__}),
    st.lists(roads, max_size=3).map(tuple), st.none() | st.integers(-70, 60), observations,
    st.dictionaries(st.sampled_from(["150000", "150500", *CODES[:5]]), st.integers(1, 4), max_size=3).map(lambda d: tuple(sorted(d.items()))),
    st.sampled_from(["", *REPORT_KINDS]), st.booleans(),
)
hazard_codes = st.sampled_from(sorted(load_words().hazards))
references = st.builds(Reference, st.just("w@example.invalid"), st.sampled_from(["A-1", "15050041600000_20211108155000_1", "15050041600000_20211108155000"]), times)


@st.composite
def exercises(draw: st.DrawFn) -> Exercise:
    sent, kind = draw(times), draw(st.sampled_from(["Alert", "Update", "Cancel"]))
    wait = draw(st.integers(0, 72))
    return Exercise(
        issuer=Issuer(draw(st.sampled_from(["150000", "150500"])), draw(st.from_regex(r"\A[0-9]{3}\Z")), "drill@example.invalid", draw(words)),
        sent=sent, hazard=draw(hazard_codes), colour=draw(st.none() | st.sampled_from(Colour)), headline=draw(some_words),
        counties=draw(codes), serial=draw(st.integers(0, 9)), status=draw(st.sampled_from(STATUSES)), msg_type=kind,
        references=tuple(draw(st.lists(references, min_size=1, max_size=3))) if kind != "Alert" else (),
        headline_en=draw(words), description=draw(words), instruction=draw(words),
        effective=draw(st.none() | st.just(sent + timedelta(hours=wait))), onset=draw(st.none() | times),
        expires=draw(st.none() | st.just(sent + timedelta(hours=wait + draw(st.integers(1, 300))))),
        urgency=draw(st.sampled_from(URGENCIES)), certainty=draw(st.sampled_from(CERTAINTIES)),
        external_code=draw(st.none() | st.just("11B03")), carried=draw(parameters),
    )


def told(exercise: Exercise) -> Alert:
    """The alert the exercise means."""
    carried = exercise.carried
    return Alert(
        identifier=exercise.identifier, sender=exercise.issuer.sender, sent=exercise.sent, status=exercise.status,
        msg_type=exercise.msg_type, hazard=exercise.hazard, colour=exercise.colour, headline=exercise.headline,
        headline_en=exercise.english, description=exercise.description, instruction=exercise.instruction,
        effective=exercise.effective or exercise.sent, onset=exercise.onset, expires=exercise.expires,
        counties=() if exercise.msg_type == "Cancel" else tuple(sorted(exercise.counties)),
        references=tuple(dict.fromkeys(r.identifier for r in exercise.references)),
        counts=carried.counts, roads=carried.roads, temperature_c=carried.temperature_c, observations=carried.observations,
        government=carried.government, report_kind=carried.report_kind, is_correction=carried.is_correction,
        urgency=exercise.urgency, certainty=exercise.certainty, external_code=exercise.external_code,
        severity={Colour.RED: "Extreme", Colour.ORANGE: "Severe", Colour.YELLOW: "Moderate", Colour.BLUE: "Minor"}.get(exercise.colour, "Unknown"),  # type: ignore[arg-type]
    )


@settings(max_examples=200, deadline=None)
@given(exercises())
def test_what_is_written_is_read_back(exercise: Exercise) -> None:
    document = write(exercise)
    assert to_alerts(parse(document), COUNTIES, load_boundaries())[0] == told(exercise)
    assert write(exercise) == document


def test_the_identifier_is_of_the_national_form_in_beijing_time() -> None:
    assert make_exercise(serial=3).identifier == "15050000000000_20211108160000_3"


def test_an_exercise_is_written_unless_said_otherwise() -> None:
    document = write(make_exercise()).decode()
    assert "<status>Exercise</status>" in document and "<language>en-US</language>" in document
    assert "<headline>Blizzard red warning</headline>" in document


@pytest.mark.parametrize("change,words", [
    ({"headline": " "}, "headline"), ({"headline": "x\x00"}, "control characters"), ({"headline": " x"}, "read back differently in: headline"),
    ({"description": "x\r\n"}, "control"), ({"description": "x" * 4001}, "description"), ({"hazard": "plague"}, "hazard"),
    ({"counties": ()}, "counties"), ({"serial": 10}, "serial"), ({"msg_type": "Update"}, "references"), ({"status": "Real"}, "status"),
    ({"sent": AT.replace(microsecond=5)}, "sent"), ({"expires": AT}, "expires"), ({"urgency": "Soon"}, "urgency"),
    ({"issuer": Issuer("1505", "000", "d@example.invalid")}, "place"), ({"issuer": Issuer("150500", "1", "d@example.invalid")}, "agency"),
    ({"issuer": Issuer("150500", "000", "a b")}, "sender"), ({"carried": Parameters(temperature_c=99)}, "temperature_c"),
    ({"carried": Parameters(counts=LossCounts(dead_missing=-1))}, "loss.dead_missing"),
    ({"carried": Parameters(government=(("150500", 3), ("150000", 2)))}, "parameters"),
])
def test_what_would_not_be_carried_is_refused(change: dict[str, object], words: str) -> None:
    with pytest.raises(InvalidInput, match=words) as caught:
        write(make_exercise(**change))
    assert caught.value.remedy and caught.value.remedy_zh
