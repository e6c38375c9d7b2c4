"""Editions of the plan: proposed, decided by a second person, tried on what was."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from dispatch.accounts.tables import AccountRow
from dispatch.audit.tables import AuditRow
from dispatch.clock import FixedClock
from dispatch.db import reading, transaction
from dispatch.errors import Conflict, DispatchError, InvalidInput, NotFound, Refused
from dispatch.flow.editions import difference, get_edition, list_editions
from dispatch.flow.policies import (
    Terms,
    decide_policy,
    preview,
    propose_policy,
    read_text,
    with_head,
)
from dispatch.plans.fault_words import excerpt, read_faults
from dispatch.plans.past import compare, load_past
from dispatch.plans.store import policy_at
from tests.builders import POLICY, plan_text

CLOCK = FixedClock(datetime(2025, 1, 10, 2, 0, tzinfo=UTC))
SHIPPED = POLICY.version
HIGHER = "[1000000, 500000, 120000, 60000]"


@pytest.fixture
def people(demo: Engine) -> Iterator[Engine]:
    """A demo database with an administrator."""
    with transaction(demo) as session:
        session.add(AccountRow(name="admin", display_zh="管理员", role="administrator", place="150000",
                               password_hash="-", is_demo=False))
    yield demo


def propose(engine: Engine, text: str | None = None, actor: str = "duty", terms: Terms | None = None) -> str:
    return propose_policy(engine, text or plan_text(relocated=HIGHER), "门槛偏低", actor, CLOCK, terms or Terms())


def in_force(engine: Engine, day: date) -> str:
    with reading(engine) as session:
        return policy_at(session, day).version


def test_an_approved_edition_is_in_force_from_its_day_on(people: Engine) -> None:
    version = propose(people)
    assert in_force(people, date(2025, 4, 1)) == SHIPPED
    assert decide_policy(people, version, True, "同意", "approver", CLOCK) == "approved"
    assert in_force(people, date(2025, 2, 28)) == SHIPPED
    assert in_force(people, date(2025, 3, 1)) == version
    with reading(people) as session:
        edition, base = get_edition(session, version, date(2025, 4, 1))
        acts = [(a.actor, a.action, a.detail) for a in session.scalars(
            select(AuditRow).where(AuditRow.subject == version).order_by(AuditRow.id))]
    assert acts == [("duty", "policy.proposed", "门槛偏低"), ("approver", "policy.approved", "同意")]
    assert (edition.reason, edition.proposed_by, edition.decided_by, edition.comment) == ("门槛偏低", "duty", "approver", "同意")
    assert base is not None and base.version == SHIPPED
    assert f"+relocated = {HIGHER}" in difference(base.text, edition.text)


def test_a_rejected_edition_never_counts_and_stays_in_the_history(people: Engine) -> None:
    version = propose(people)
    with pytest.raises(InvalidInput, match="comment"):
        decide_policy(people, version, False, " ", "approver", CLOCK)
    assert decide_policy(people, version, False, "依据不足", "approver", CLOCK) == "rejected"
    assert in_force(people, date(2025, 4, 1)) == SHIPPED
    with reading(people) as session:
        assert [(e.version, e.status) for e in list_editions(session, date(2025, 4, 1))] == [(version, "rejected"), (SHIPPED, "shipped")]
    with pytest.raises(Conflict, match="taken"):
        propose(people)


def test_who_may(people: Engine) -> None:
    for actor in ("viewer", "store", "approver"):
        with pytest.raises(Refused):
            propose(people, actor=actor)
    own = propose(people, actor="admin")
    with pytest.raises(Refused, match="cannot decide on it as well"):
        decide_policy(people, own, True, "", "admin", CLOCK)
    for actor in ("viewer", "store", "duty"):
        with pytest.raises(Refused, match="role"):
            decide_policy(people, own, True, "", actor, CLOCK)
    with pytest.raises(NotFound):
        decide_policy(people, "2025-09-09/9", True, "", "approver", CLOCK)


@pytest.mark.parametrize("text,terms,error,words", [
    (plan_text(), Terms("2020-01-01/1"), Conflict, "was made from"),
    (plan_text(valid_from="2024-01-01"), Terms(), InvalidInput, "before"),
    (plan_text(version=SHIPPED), Terms(), Conflict, "taken"),
    (plan_text(version="2024-06-12/1", valid_from="2024-06-12"), Terms(), InvalidInput, "never be in force"),
    (plan_text(version="../x"), Terms(), InvalidInput, "cannot be used as a name"),
    (plan_text(version="v" * 61), Terms(), InvalidInput, "cannot be used as a name"),
    ("x" * 200_001, Terms(), InvalidInput, "longer"),
])
def test_what_cannot_take_its_place_is_refused(people: Engine, text: str, terms: Terms, error: type[DispatchError], words: str) -> None:
    with pytest.raises(error, match=words):
        propose(people, text, terms=terms)
    with reading(people) as session:
        assert len(list_editions(session, date(2025, 1, 1))) == 1


def test_an_earlier_day_and_a_reason_must_be_stated(people: Engine) -> None:
    with pytest.raises(InvalidInput, match="reason"):
        propose_policy(people, plan_text(), "  ", "duty", CLOCK)
    text = plan_text("2024-01-01/1", "2024-01-01")
    assert propose(people, text, terms=Terms(may_predate=True)) == "2024-01-01/1"


def test_two_editions_of_one_base_cannot_both_be_approved(people: Engine) -> None:
    first, second = propose(people), propose(people, plan_text("2025-03-02/1", "2025-03-02"))
    decide_policy(people, first, True, "", "approver", CLOCK)
    with pytest.raises(Conflict, match=f"was made from {SHIPPED}, but on 2025-03-02 {first} is in force"):
        decide_policy(people, second, True, "", "approver", CLOCK)
    assert decide_policy(people, second, False, "基础已变", "approver", CLOCK) == "rejected"


@pytest.mark.parametrize("same", [True, False])
def test_two_approvers_at_once(people: Engine, same: bool) -> None:
    one = propose(people)
    other = one if same else propose(people, plan_text("2025-03-01/2"))
    answers: list[str] = []
    start = threading.Barrier(2)

    def decide(version: str, actor: str) -> None:
        start.wait()
        try:
            answers.append(decide_policy(people, version, True, "", actor, CLOCK))
        except Conflict:
            answers.append("conflict")

    threads = [threading.Thread(target=decide, args=pair) for pair in ((one, "approver"), (other, "admin"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["approved", "conflict"]


def test_the_preview_names_what_changes_and_why(people: Engine) -> None:
    with reading(people) as session:
        rows = preview(session, read_text(plan_text(relocated=HIGHER)), CLOCK)
        same = preview(session, read_text(plan_text()), CLOCK)
    found = {o.code: (o.before, o.after, o.case.real_level) for o in rows}
    assert len(found) == 6 and found["S-20211105-150500-blizzard"][0] is not None
    assert found["2018-07-24"] == (3, 4, 3) and found["2012-06-28"] == (3, 3, 3)
    (change,) = (o for o in rows if o.code == "2018-07-24")
    assert change.decisive[0][0] == "before" and "100,000" in change.decisive[0][1].zh
    assert ("muster_h", 4, 8) in change.actions
    assert not any(o.is_changed for o in same)


def test_a_graver_edition_tells_the_new_criterion() -> None:
    lower = read_text(plan_text(dead_missing="[40, 19, 10, 5]"))
    (row,) = (o for o in compare(load_past(), POLICY, lower) if o.code == "2013-08-23")
    assert (row.before, row.after) == (3, 2)
    assert [side for side, _ in row.decisive] == ["after"] and "19" in row.decisive[0][1].en


def test_the_real_activations_are_met_by_the_plan_in_force() -> None:
    assert [(o.before, o.case.real_level) for o in compare(load_past(), POLICY, POLICY)] == [(3, 3)] * 5
    assert all(case.source for case in load_past())


def test_faults_are_told_with_their_lines_in_both_languages() -> None:
    text = plan_text(relocated="[1, 2, 3, 4]", blue="7")
    with pytest.raises(InvalidInput) as refused:
        read_text(text)
    faults = read_faults(refused.value.facts["faults"])  # type: ignore[arg-type]
    lines = text.splitlines()
    assert [lines[f.line - 1].split(" =")[0] for f in faults] == ["relocated", "blue"]
    assert "重叠" in faults[0].zh and "overlaps" in faults[0].en
    shown = excerpt(text, faults)
    assert [line.number for line in shown if line.faults] == [f.line for f in faults]


SPOILS = (
    (r"^relocated = .*$", "relocated = [1]"), (r"^relocated = .*$", "relocated = [0, 0, 0, 0]"),
    (r"^title_zh = .*$", ""), (r"^from = .*$", "from = 3"), (r"^is_assumption = .*$", "is_assumption = 1"),
    (r"^version = .*$", "nonsense = 1\nversion = 'v'"), (r"^percent = .*$", "percent = 0"), (r"^codes = .*$", "codes = 1"),
    (r"^measures = .*$", 'measures = ["x"]'), (r"^teams_max = .*$", "teams_max = -1"), (r"^source_tiers = .*$", "source_tiers = []"),
    (r"^yellow = .*$", "yellow = 9"), (r"^red = .*$", "red = 4"), (r"^muster_h = .*$", "muster_h = 0"),
    (r"^lead_tier = .*$", 'lead_tier = "x"'), (r"^stock_share_percent = .*$", "stock_share_percent = 101"),
    (r"^duty_zh = .*$", 'duty_zh = ""'), (r"^money_zh = .*$", 'money_zh = "a"\nextra = 1'), (r"^hazard = .*$", "hazard = 1"),
    (r'^tier = "region"$', 'tier = "x"'), (r"^article = .*$", ""), (r"^counts = .*$", "counts = 3"), (r"^hold_h = .*$", "hold_h = 'x'"),
    (r"^teams_to_send = .*$", "teams_to_send = true"), (r"\A", "]]"),
)


@pytest.mark.parametrize("pattern,new", SPOILS)
def test_every_fault_has_chinese_words(pattern: str, new: str) -> None:
    text = re.sub(pattern, lambda _: new, plan_text(), count=1, flags=re.M)
    with pytest.raises(InvalidInput) as refused:
        read_text(text)
    for fault in read_faults(refused.value.facts["faults"]):  # type: ignore[arg-type]
        assert any("\u4e00" <= c <= "\u9fff" for c in fault.zh), fault
        assert 1 <= fault.line <= len(text.splitlines())


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_no_text_breaks_the_reader(data: st.DataObject) -> None:
    lines = plan_text().splitlines()
    at = data.draw(st.integers(0, len(lines) - 1))
    junk = data.draw(st.sampled_from([
        "", "hazard_row = [1]", "x = 1", "[levels.x]", "[tiers.moon]", "[thresholds.moon]", "[[hazard_row]]", "= 1", "[warnings.blue]",
        "warnings = 1", "levels = 3", "[drought.x]", "relocated = 1979-05-27",
    ]) | st.text(max_size=20))
    lines[at] = junk
    try:
        read_text("\n".join(lines))
    except InvalidInput as refused:
        assert refused.message_zh and refused.remedy_zh


def test_the_head_fields_are_written_into_the_text() -> None:
    text = with_head(POLICY.text, "2026-01-01/1", "2026-01-01")
    policy = read_text(text)
    assert (policy.version, policy.valid_from) == ("2026-01-01/1", date(2026, 1, 1))
    assert with_head(POLICY.text, "", "") == POLICY.text
