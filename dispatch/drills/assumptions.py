"""What a score rests on, in words: no figure is told without them.  Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dispatch.drills.entries import is_replayed
from dispatch.drills.model import Kind, Precision, Scenario
from dispatch.drills.readings import Left
from dispatch.drills.render import Rendered
from dispatch.drills.replay import Log
from dispatch.drills.rule import DrillRule

Pair = tuple[str, str]
WHY = {
    "time": ("时间不明", "nobody knows when"),
    "place": ("地点不在本区或不明确", "their place is not one of ours"),
    "figure": ("没有可录入的数字", "they hold no figure, colour or road that the system takes in"),
}
STANDING: tuple[Pair, ...] = (
    ("仓库、车辆、道路和救援队按现在的资料；当年的实际情况没有查得", "stores, trucks, roads and teams are those of today; those of the time are not known"),
    ("真实的响应和调拨不输入系统，只用来对照", "what was really started and sent does not come in; it is only held against ours"),
    ("历史以公开报道为准，未见报道的物资可能更早到达", "history is what was published; goods nobody wrote about may have come earlier"),
    ("就近调拨与我们用同样的需求、库存、车辆和办理时间，只是由最近的库依次发货、每批一车直达、外雇车不限",
     "practice has the same needs, stock, trucks and office hours; it sends from the nearest store first, one truck straight "
     "for each load, hired without limit"),
    ("覆盖率以历次派发方案中最大的需求为准；各类物资同等计入，各旗县按需求量最大的一类加权",
     "coverage is of the largest need any plan named; items count alike within a county, counties by the item they need most of"),
    ("救援队只派出，不计集结和到场过程", "teams are sent; their mustering and arrival are not played"),
)


@dataclass(frozen=True)
class Case:
    """All that the words are about: the scenario as played (moved by ``years``), what came in, both logs."""

    scenario: Scenario
    rendered: Rendered
    rule: DrillRule
    stock_percent: int
    years: int
    ours: Log
    greedy: Log
    left: Left


def assumptions_of(case: Case) -> tuple[Pair, ...]:
    """(Chinese, English) of everything assumed, the weightiest first."""
    return tuple(dict.fromkeys((
        *_rules(case), *_players(case), *STANDING, *_rough(case), *_marked(case), *_left_out(case), *_refused(case),
        *_bodies(case),
    )))


def _rules(case: Case) -> Iterator[Pair]:
    versions = sorted({body["activation"]["policy_version"] for body in case.left.bodies.values()})
    zh, en = "、".join(versions) or "无方案", ", ".join(versions) or "no plan drafted"
    if case.years:
        yield f"按现行规则重放：事件推后 {case.years} 年，季节不变（预案版本 {zh}）", \
            f"played under the rules of today: moved by {case.years} years, same season (plan policy {en})"
        return
    yield f"按当时日期重放；没有存档的年份以最早的版本代替（预案版本 {zh}）", \
        f"played on the days it happened; where no edition of that time is kept, the oldest stands in (plan policy {en})"


def _players(case: Case) -> Iterator[Pair]:
    rule = case.rule
    submit, approve = int(rule.submit_after.total_seconds() // 60), int(rule.approve_after.total_seconds() // 60)
    yield f"方案生成后 {submit} 分钟提交，再过 {approve} 分钟由另一人批准；装车、行驶和到达按方案（{rule.source}）", \
        f"handed in {submit} minutes after the draft, approved {approve} minutes later by another person; loading, driving and " \
        f"arrival as planned (rule {rule.version}, an assumption)"
    yield f"初始库存为储备规则的演示数量的 {case.stock_percent}%", \
        f"opening stock is {case.stock_percent} % of the demo draw of the stock rule"


def _rough(case: Case) -> Iterator[Pair]:
    counts = {p: sum(e.moment.precision is p for e in case.scenario.events) for p in (Precision.HOUR, Precision.DAY, Precision.MONTH)}
    yield f"时间只精确到小时 {counts[Precision.HOUR]} 条、日 {counts[Precision.DAY]} 条、月 {counts[Precision.MONTH]} 条；按规则的时刻输入，误差计入比较", \
        f"{counts[Precision.HOUR]} facts are known to the hour, {counts[Precision.DAY]} to the day, {counts[Precision.MONTH]} to the " \
        f"month: they come in at the rule's moment (a day at {case.rule.day_hour}:00 or the hour the file gives), and comparisons carry the doubt"


def _marked(case: Case) -> Iterator[Pair]:
    for event in case.scenario.events:
        if event.assumption:
            yield f"第 {event.number} 条为假设：{event.assumption}", f"entry {event.number} is assumed: {event.assumption}"
    bare = [str(e.number) for e in case.scenario.events if not e.source]
    if bare:
        yield f"未注明来源、仅供自用：第 {'、'.join(bare)} 条", f"no source, for private use only: entries {', '.join(bare)}"
    if case.scenario.injects:
        yield f"含导调 {len(case.scenario.injects)} 项", f"{len(case.scenario.injects)} injects of the exercise leader are worked in"


def _left_out(case: Case) -> Iterator[Pair]:
    for why, numbers in case.rendered.left_out.items():
        zh, en = WHY[why]
        yield f"未重放第 {'、'.join(map(str, numbers))} 条：{zh}", f"entries {', '.join(map(str, numbers))} were not replayed: {en}"
    unknown = [str(e.number) for e in case.scenario.events if e.kind is Kind.DISPATCH and not is_replayed(e.moment)]
    if unknown:
        yield f"第 {'、'.join(unknown)} 条调拨时间不明，不参与先后比较", \
            f"the dispatches of entries {', '.join(unknown)} have no known time and are compared with nothing"


def _refused(case: Case) -> Iterator[Pair]:
    for zh, en, log in (("我方", "ours", case.ours), ("就近调拨", "practice", case.greedy)):
        if log.refused:
            first = log.refused[0]
            yield f"{zh}有 {len(log.refused)} 次被系统拒绝或退回，首次：{first[1]}：{first[2]}", \
                f"{en}: refused or sent back {len(log.refused)} times, first {first[1]}: {first[2]}"


def _bodies(case: Case) -> Iterator[Pair]:
    for body in case.left.bodies.values():
        for told in body["assumptions"]:
            yield told["zh"], told["en"]
