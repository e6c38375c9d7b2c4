"""What if: the same answer as the engine gives, needs and reserve, and nothing stored."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select

from dispatch.alerts.model import Colour, LossCounts
from dispatch.config import Settings
from dispatch.db import Base, make_engine, reading
from dispatch.errors import InvalidInput, NotFound
from dispatch.flow.decide import decide
from dispatch.flow.gather import gather, read_ground, read_situation
from dispatch.flow.questions import (
    COUNTS,
    Question,
    moment_of,
    question_of,
    read_question,
    suppose,
)
from dispatch.flow.whatif import (
    Answer,
    Known,
    Pile,
    as_dict,
    usable_units,
    what_if,
)
from dispatch.inventory.model import Tier
from dispatch.needs.estimate import Setting
from dispatch.needs.standards import load_standards
from dispatch.plans.engine import assess
from dispatch.routing.problem import RoutingParams
from tests.builders import GROUND, POLICY, make_situation
from tests.conftest import NOW

SITUATION = "S-20211105-150500-blizzard"


def ask(engine: Engine, **fields: object) -> Answer:
    with reading(engine) as session:
        return what_if(session, Question(**fields), NOW)  # type: ignore[arg-type]


def levels(found: Answer) -> dict[str, int | None]:
    return {p.tier: p.level for p in found.activation.places}


def test_each_tier_is_told_and_the_way_to_the_next_level(demo: Engine) -> None:
    found = ask(demo, place="150500", counts=LossCounts(relocated=6000))
    assert (found.activation.level, levels(found)) == (3, {"region": None, "league": 3})
    step = next(s for s in found.activation.next_up if s.name == "relocated" and s.tier == "league")
    assert (found.activation.next_up_level, step.missing) == (2, 14_000)
    assert levels(ask(demo, place="150522", counts=LossCounts(relocated=6000))) == {"region": None, "league": 3, "county": 1}


def test_a_colour_alone_gives_a_pre_alert_and_nothing_known_only_watches(demo: Engine) -> None:
    warned = ask(demo, place="150500", colour=Colour.RED).activation
    assert (warned.level, warned.stage) == (2, "pre_alert")
    quiet = ask(demo, place="150500")
    assert (quiet.activation.level, quiet.items) == (None, ())


def test_cold_doubles_quilts_and_drought_uses_its_own_rows(demo: Engine) -> None:
    def quilts(celsius: int | None) -> int:
        found = ask(demo, place="150500", counts=LossCounts(relocated=6000), temperature_c=celsius)
        return next(r.need for r in found.items if r.item.code == "QUILT")
    assert (quilts(None), quilts(-25)) == (6000, 12_000)
    dry = ask(demo, place="150000", hazard="drought", counts=LossCounts(need_aid=1_020_000))
    assert dry.activation.level == 3


def test_the_reserve_agrees_with_what_a_proposal_may_take(demo: Engine) -> None:
    with reading(demo) as session:
        inputs = gather(session, SITUATION, NOW)
        decision = decide(inputs, RoutingParams(1, 1))
        situation = read_situation(session, SITUATION, NOW, read_ground(session))
        found = what_if(session, question_of(situation), NOW)
    offered: dict[str, int] = {}
    for offer in decision.allocation_problem.offers:
        offered[offer.item_code] = offered.get(offer.item_code, 0) + offer.quantity
    assert found.activation.level == decision.activation.level
    assert {r.item.code: r.need for r in found.items} == {
        code: sum(n.quantity for n in decision.needs if n.item_code == code) for code in {n.item_code for n in decision.needs}
    }
    assert {r.item.code: r.usable for r in found.items} == {r.item.code: offered[r.item.code] for r in found.items}


def test_a_real_situation_is_laid_under_and_its_other_warnings_stay(demo: Engine) -> None:
    with reading(demo) as session:
        situation = read_situation(session, SITUATION, NOW, read_ground(session))
    question = question_of(situation)
    assert question.situation == SITUATION
    milder = Question(question.place, "blizzard", Colour.BLUE, -12, question.counts, SITUATION)
    with reading(demo) as session:
        assert what_if(session, question, NOW).activation.level == 1
        found = what_if(session, milder, NOW)
    assert found.situation.hazards == {**situation.hazards, "blizzard": Colour.BLUE}
    assert found.activation.level == 3  # road icing is orange still
    county = suppose(Question("150522", "blizzard", None, None, LossCounts(relocated=7000), SITUATION), {"150522": None}, NOW, situation)  # type: ignore[dict-item]
    assert county.counts.relocated == 7000 and county.counts.affected == situation.counts.affected


def test_stock_held_back_and_lots_that_may_not_serve_are_not_usable() -> None:
    situation = make_situation(counts=LossCounts(relocated=6000))
    def pile(lot: str, units: int, **changes: object) -> Pile:
        fields = {"warehouse": "WH-1", "tier": Tier.LEAGUE, "lot_code": lot, "item": "QUILT", "available": units,
                  "expires_on": None, "restriction": None, "area": None, **changes}
        return Pile(**fields)  # type: ignore[arg-type]
    piles = [pile("A", 600), pile("B", 200, expires_on=date(2021, 1, 1)), pile("C", 200, restriction="flood")]
    known = Known({}, GROUND, POLICY, Setting({}, load_standards(date(2024, 7, 1))), {}, piles, {("WH-1", "QUILT"): 300})
    three = assess(make_situation(hazards={}, counts=LossCounts(dead_missing=0, relocated=1500)), POLICY, situation.as_of, GROUND)
    assert (three.level, three.stock_share_percent, three.opens_safety_stock) == (3, 50, False)
    assert usable_units(situation, three, known)["QUILT"] == 500
    one = assess(situation, POLICY, situation.as_of, GROUND)
    assert (one.stock_share_percent, one.opens_safety_stock) == (100, True)
    assert usable_units(situation, one, known)["QUILT"] == 600


def test_nothing_is_written(demo_file: Settings) -> None:
    path = Path(demo_file.database_url.removeprefix("sqlite:///"))
    engine = make_engine(demo_file.database_url)

    def state() -> tuple[str, int]:
        wal = Path(f"{path}-wal")
        return hashlib.sha256(path.read_bytes()).hexdigest(), wal.stat().st_size if wal.exists() else 0

    with reading(engine) as session:
        session.execute(select(1))
    before = state()
    ask(engine, place="150500", colour=Colour.RED, counts=LossCounts(relocated=60_000))
    ask(engine, place="150500", colour=Colour.RED, situation=SITUATION)
    assert state() == before
    engine.dispose()


def test_no_table_gains_a_row(demo: Engine) -> None:
    def rows() -> dict[str, int]:
        with reading(demo) as session:
            return {t.name: session.scalar(select(func.count()).select_from(t)) or 0 for t in Base.metadata.sorted_tables}
    before = rows()
    ask(demo, place="150500", situation=SITUATION, counts=LossCounts(relocated=60_000))
    assert rows() == before


def test_unknown_places_and_situations_are_refused(demo: Engine) -> None:
    with pytest.raises(InvalidInput, match="no place '999999'"):
        ask(demo, place="999999")
    with pytest.raises(NotFound):
        ask(demo, situation="S-none")


@pytest.mark.parametrize("fields,named", [
    ({"relocated": "-5"}, ["relocated"]), ({"rooms": "1.5"}, ["rooms"]), ({"dead_missing": "many"}, ["dead_missing"]),
    ({"affected": "30000001"}, ["affected"]), ({"need_aid": "9" * 40}, ["need_aid"]), ({"households": "٣"}, ["households"]),
    ({"temperature": "-61"}, ["temperature"]), ({"hazard": "dragon"}, ["hazard"]), ({"colour": "green"}, ["colour"]),
    ({"relocated": "x", "colour": "y", "temperature": "z"}, ["relocated", "temperature", "colour"]),
])
def test_every_wrong_field_is_named(fields: dict[str, str], named: list[str]) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_question(fields)
    assert refused.value.facts["fields"] == named
    assert refused.value.message_zh.count("；") == len(named) - 1


def test_empty_is_not_known_and_zero_is_zero() -> None:
    question = read_question({"relocated": "", "rooms": "0", "households": "1,200", "temperature": "−25"})
    assert (question.counts.relocated, question.counts.rooms, question.counts.households, question.temperature_c) == (None, 0, 1200, -25)


def test_the_day_asked_for() -> None:
    assert moment_of("", NOW) == NOW and moment_of("2021-11-08", NOW) == NOW
    assert moment_of("2024-07-01", NOW) == datetime(2024, 7, 1, 4, tzinfo=UTC)
    with pytest.raises(InvalidInput):
        moment_of("summer", NOW)


@given(st.dictionaries(st.sampled_from((*COUNTS, "temperature", "place", "hazard", "colour")), st.text(max_size=12)))
def test_no_form_breaks_the_reader(fields: dict[str, str]) -> None:
    try:
        question = read_question(fields)
    except InvalidInput as refused:
        assert refused.facts["fields"]
    else:
        assert all(n is None or 0 <= n <= 30_000_000 for n in (getattr(question.counts, c) for c in COUNTS))


@given(st.integers(0, 3_000_000), st.integers(0, 3_000_000))
def test_more_people_never_give_a_milder_level(few: int, more: int) -> None:
    few, more = sorted((few, more))
    counties = {"150522": None}
    known = Known({}, GROUND, POLICY, Setting({}, load_standards(date(2024, 7, 1))), {}, [], {})
    def level(n: int) -> int:
        situation = suppose(Question("150000", "flood", None, None, LossCounts(relocated=n)), counties, NOW)  # type: ignore[arg-type]
        return assess(situation, known.policy, NOW, known.ground).level or 5
    assert level(more) <= level(few)


def test_the_answer_is_json_ready(demo: Engine) -> None:
    body = as_dict(ask(demo, place="150500", counts=LossCounts(relocated=6000)))
    assert body.keys() >= {"level", "places", "criteria", "next_up", "items", "stock", "policy"}
    assert body["items"][0].keys() == {"item", "item_zh", "item_en", "need", "usable", "short", "left", "minimum"}
    quilt = next(i for i in body["items"] if i["item"] == "QUILT")
    assert quilt["short"] == max(0, quilt["need"] - quilt["usable"])
