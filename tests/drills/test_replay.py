"""One small scenario end to end: the same score again, people as fast as the rule, goods by plan."""

from dataclasses import replace
from datetime import datetime
from functools import partial

import pytest

from dispatch.drills.library import shipped_names
from dispatch.drills.model import Score, Verdict
from dispatch.drills.render import render
from dispatch.drills.rule import load_drill_rule
from dispatch.drills.run import (
    DrillRoom,
    Options,
    Rules,
    all_comings,
    by_plan,
    play,
    run,
    years_to_today,
)
from dispatch.drills.table import BEGIN, END, write_table
from dispatch.drills.view import as_json, told
from dispatch.errors import InvalidInput
from tests.drills.files import HEAD, quake, read

RULE = load_drill_rule()


@pytest.fixture(scope="module")
def score(room: DrillRoom) -> Score:
    return run(quake(), room)


def test_the_same_run_gives_the_same_score(score: Score, room: DrillRoom) -> None:
    assert run(quake(), room) == score
    first, again = as_json(score), as_json(run(quake(), room))
    first.pop("runtime_s"), again.pop("runtime_s")
    assert first == again


def test_players_take_their_time_and_goods_come_by_plan(score: Score) -> None:
    ours = score.ours
    assert ours.proposal_after_s == RULE.draft_after.total_seconds()
    assert ours.approval_after_s == (RULE.draft_after + RULE.submit_after + RULE.approve_after).total_seconds()
    assert ours.first_truck_after_s is not None and ours.first_truck_after_s > ours.approval_after_s
    (first,) = [f for f in ours.first_goods if f.county == "152921"]
    assert first.ours_at is not None
    assert (first.ours_at - score.first_alert_at).total_seconds() > ours.first_truck_after_s
    # history's tents came on the 16th, at an hour nobody knows: ours came the evening before
    assert first.verdict is Verdict.EARLIER
    shares = [ours.coverage[h] for h in RULE.score_hours]
    assert shares == sorted(shares) and shares[-1] is not None and 0 < shares[-1] <= 1
    assert [p.share for p in ours.curve] == sorted(p.share for p in ours.curve)


def test_the_plans_own_clocks_are_told(score: Score) -> None:
    met = {clock.name: clock for clock in score.clocks if clock.met_at}
    assert {"goods_on_road", "goods_there"} <= set(met)
    assert met["goods_there"].met_at >= met["goods_on_road"].met_at


def test_practice_costs_more_for_the_same_need(score: Score) -> None:
    assert score.greedy.truck_seconds > score.ours.truck_seconds
    assert score.greedy.cost_fen > score.ours.cost_fen


def test_no_score_without_its_sources_and_assumptions(score: Score) -> None:
    assert [s.title for s in score.sources] == ["测试来源"]
    english = " ".join(en for _, en in score.assumptions)
    for words in ("stores, trucks, roads", "handed in 10 minutes", "opening stock is 100 %", "plan policy 2024-06-12/2"):
        assert words in english
    assert all(zh and en for zh, en in score.assumptions)


def test_the_json_has_the_agreed_names(score: Score) -> None:
    wanted = {"scenario", "policy", "alerts", "levels", "proposals", "first_goods", "coverage", "worst_county", "gini",
              "reserve_left", "cost_fen", "truck_hours", "greedy", "assumptions", "runtime_s"}
    result = as_json(score)
    assert wanted <= set(result)
    assert set(result["coverage"]) == {"24h", "48h", "72h"}
    assert {"at", "tier", "place", "level"} == set(result["levels"][0])
    assert {"county", "ours_at", "history_at"} <= set(result["first_goods"][0])
    same = wanted - {"scenario", "policy", "alerts", "levels", "greedy", "assumptions", "runtime_s"}
    assert same <= set(result["greedy"])
    assert result["first_goods"][0]["ours_at"].endswith("+08:00")
    assert any("2015-04-15" in line for line in told(score, shipped_names()))


def test_under_the_rules_of_today_the_days_told_are_the_real_ones(score: Score, room: DrillRoom) -> None:
    now = run(quake(), room, Options(policy=Rules.NOW))
    assert years_to_today(quake()) == 12  # 15 April 2027 is the first after the newest table
    assert now.policy == "now" and now.first_alert_at == score.first_alert_at
    assert all(step.at.year == 2015 for step in now.levels)
    assert any("moved by 12 years" in en for _, en in now.assumptions)


def test_half_the_stock_covers_no_more_and_leaves_less(score: Score, room: DrillRoom) -> None:
    half = run(quake(), room, Options(stock_percent=50))
    assert half.ours.coverage[72] <= score.ours.coverage[72]
    assert half.ours.reserve_left < score.ours.reserve_left


def test_a_rough_alert_casts_its_doubt_on_the_comparison(room: DrillRoom) -> None:
    exact = quake()
    rough = replace(exact, events=tuple(replace(e, moment=replace(e.moment, precision="day")) for e in exact.events))
    score = run(rough, room)
    assert score.first_alert_spread_s == 12 * 3600
    (first,) = [f for f in score.ours.first_goods if f.county == "152921"]
    assert first.ours_spread_s == 12 * 3600 and first.verdict is Verdict.UNDECIDED


def test_the_truck_due_next_breaks_down_and_only_it_is_late(room: DrillRoom) -> None:
    def arrivals(injects: str) -> dict[tuple[str, str], datetime]:
        scenario = quake(injects)
        comings = all_comings(scenario, render(scenario, room.names, RULE))
        log = play(scenario, (comings, room, RULE), Options(), partial(by_plan, 1, RULE)).log
        assert not log.refused
        return {(waybill, county): at for at, county, waybill in log.reached}

    usual = arrivals("")
    broken = arrivals("injects:\n- {at: '2015-04-15T16:10:00+08:00', kind: break_truck}\n")
    late = {key: broken[key] - at for key, at in usual.items() if broken[key] != at}
    assert set(late.values()) == {RULE.repair}
    assert {waybill for waybill, _ in late} == {min(usual, key=lambda key: (usual[key], key))[0]}


def test_a_scenario_of_which_nothing_comes_in_is_refused(room: DrillRoom) -> None:
    text = HEAD + "timeline:\n- {at: null, at_precision: unknown, kind: report, county: '152921', facts: {deaths: 1}, source: s1}\n"
    with pytest.raises(InvalidInput, match="Nothing of test-quake can come in"):
        run(read(text), room)


def test_the_table_is_written_between_its_marks(score: Score) -> None:
    page = write_table(f"before\n{BEGIN}\nold\n{END}\nafter", [quake()], [score], shipped_names())
    assert page.startswith("before\n") and page.endswith("\nafter") and "old" not in page
    assert "| Test quake | " in page and "Alxa Left Banner: 2015-04-16 00:00 – 2015-04-17 00:00" in page
    assert write_table(page, [quake()], [score], shipped_names()) == page
    with pytest.raises(InvalidInput, match="no place for the table"):
        write_table("nothing here", [quake()], [score], shipped_names())
