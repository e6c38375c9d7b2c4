"""What a gap and its way out are called.  Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from dispatch.allocation.problem import AllocationProblem, ClosedWay, Offer, Rule
from dispatch.clock import clock_words
from dispatch.needs.model import NeedLine
from dispatch.words import Words


@dataclass(frozen=True)
class Freed:
    """``units`` that lifting a rule brings to a county, most of them from ``source``,
    ``seconds`` of travel away; None = from there to others, whose goods then come here.

    ``roads`` names the closed roads to open and ``way`` is the one from the source.
    """

    rule: Rule
    units: int
    source: Offer
    seconds: int | None
    way: ClosedWay | None = None
    roads: tuple[str, str] | None = None


CAUSES = {
    Rule.SAFETY_STOCK: ("gap.withheld", "{item}的库存留作安全库存，其中 {units} 可用于此地",
                        "{item} is kept as safety stock, {units} of it would serve here"),
    Rule.LEVEL: ("gap.withheld", "{item}的库存超出本级可调范围，其中 {units} 可用于此地",
                 "{item} lies beyond what this level may send, {units} of it would serve here"),
    Rule.TIER: ("gap.withheld", "{item}存于本级未启用的上下级仓库，其中 {units} 可用于此地",
                "{item} lies in warehouses this level does not draw on, {units} of it would serve here"),
    Rule.LEFT_OUT: ("gap.left_out", "{item}存于人工排除的仓库，其中 {units} 可用于此地",
                    "{item} lies in warehouses a coordinator left out, {units} of it would serve here"),
    Rule.PINNED: ("gap.pinned", "人工指定了{item}的数量，否则 {units} 可用于此地",
                  "the quantity of {item} was pinned by a person; otherwise {units} would serve here"),
    Rule.TRUCKS: ("gap.trucks", "{item}有库存，但车辆运力已满，{units} 装不上车",
                  "{item} is in stock but the trucks are full: {units} cannot be loaded"),
    Rule.ROAD: ("gap.no_road", "没有可通行的道路把{item}运到该地，通路后可运 {units}",
                "no open road brings {item} there; with one, {units} could come"),
    Rule.DONOR: ("gap.unusable", "{item}的批次捐赠用途或地区不符，涉及 {units}",
                 "lots of {item} are bound by their donors to another purpose or area: {units}"),
    Rule.EXPIRY: ("gap.unusable", "{item}的批次到达时已过期，涉及 {units}",
                  "lots of {item} expire before arrival: {units}"),
}
REMEDIES = {
    Rule.SAFETY_STOCK: ("remedy.open_safety_stock", "批准动用{source}的安全库存：+{units}{far}",
                        "open the safety stock of {source}: +{units}{far}"),
    Rule.LEVEL: ("remedy.raise_level", "提高响应级别，{source}可多调：+{units}{far}",
                 "raise the level so that {source} may send more: +{units}{far}"),
    Rule.TIER: ("remedy.borrow", "向{source}商借 {units}{far}",
                "borrow {units} from {source}{far}"),
    Rule.LEFT_OUT: ("remedy.take_back_in", "重新启用{source}：+{units}{far}",
                    "take {source} back in: +{units}{far}"),
    Rule.TRUCKS: ("remedy.hire_trucks", "为{source}增调车辆：+{units}{far}",
                  "send or hire trucks for {source}: +{units}{far}"),
    Rule.PINNED: ("remedy.unpin", "取消对{source}的数量指定：+{units}{far}",
                  "take away the pinned quantity of {source}: +{units}{far}"),
    Rule.ROAD: ("remedy.open_road", "协调打开到{source}的道路或申请空中运输：+{units}",
                "have a road to {source} opened, or ask for air transport: +{units}"),
    Rule.DONOR: ("remedy.ask_donor", "征得捐赠人书面同意后动用{source}的批次：+{units}{far}",
                 "with the donor's consent in writing use the lots of {source}: +{units}{far}"),
}


CLOSED = ("{roads}封闭，{item}送不到该地，通路后可运 {units}",
          "with {roads} closed no {item} gets there; opened, {units} could come")
OPEN_BY = ("{by} 前打通{roads}，{source}可按时送到 +{units}{far}",
           "open {roads} by {by}: {source} brings +{units} in time{far}")
OPEN_LATE = ("尽快打通{roads}，{source}可送到 +{units}（立即打通 {at} 到达，晚 {late} 小时），并先向总会申请",
             "open {roads} at once: {source} brings +{units}, there at {at}, {late} h late; ask the head office first")
OPEN_AT_ALL = ("打通{roads}，{source}可多运 +{units}{far}", "open {roads}: {source} sends +{units}{far}")


def gap_words(
    problem: AllocationProblem, need: NeedLine, missing: int, freed: Freed | None, is_held: bool
) -> tuple[Words, Words]:
    """(cause, way out): the rule found to bind, or that stock itself is short.

    ``is_held`` tells whether any warehouse has any of the item at all.
    """
    item_zh, item_en = problem.item_names[need.item_code]
    if freed is None:
        return _stock_words((item_zh, item_en), is_held), _buy(missing, item_zh, item_en)
    source = freed.source
    far_zh, far_en = _far(freed.seconds)
    facts = {"units": f"{freed.units:,}"}
    zh = {**facts, "item": item_zh, "source": f"{source.warehouse_zh}（{source.warehouse_code}）", "far": far_zh}
    en = {**facts, "item": item_en, "source": f"{source.warehouse_en} ({source.warehouse_code})", "far": far_en}
    code, cause_zh, cause_en = CAUSES[freed.rule]
    if freed.roads:
        zh, en = {**zh, "roads": freed.roads[0]}, {**en, "roads": freed.roads[1]}
        cause_zh, cause_en = CLOSED
    cause = Words(code, cause_zh.format(**zh), cause_en.format(**en))
    if freed.rule is Rule.EXPIRY:
        return cause, _buy(missing, item_zh, item_en)
    code, way_zh, way_en = REMEDIES[freed.rule]
    if freed.roads:
        way_zh, way_en, hours = _opening(problem, need, freed)
        zh, en = {**zh, **hours}, {**en, **hours}
    rest = missing - freed.units
    rest_zh = f"；其余 {rest:,} 向总会申请或采购" if rest else ""
    rest_en = f"; ask the head office for, or buy, the other {rest:,}" if rest else ""
    return cause, Words(code, way_zh.format(**zh) + rest_zh, way_en.format(**en) + rest_en)


def _far(seconds: int | None) -> tuple[str, str]:
    if seconds is None:
        return "（换出他处同类物资）", ", in exchange for goods that go elsewhere"
    return f"（行车 {seconds / 3600:.1f} 小时）", f", {seconds / 3600:.1f} h away"


def _opening(problem: AllocationProblem, need: NeedLine, freed: Freed) -> tuple[str, str, dict[str, str]]:
    """(way out in Chinese, in English, its hours): until when roads must open to meet the deadline.

    A truck stands at the first closed road from ``reach_s`` on; standing counts as rest, so
    opened later by so much it arrives later by no more.
    """
    if freed.seconds is None or freed.way is None:
        return (*OPEN_AT_ALL, {})
    arrives = problem.departs_at + timedelta(seconds=freed.seconds)
    if arrives > need.due_at:
        late = f"{(arrives - need.due_at).total_seconds() / 3600:.1f}"
        return (*OPEN_LATE, {"at": clock_words(arrives, problem.departs_at), "late": late})
    by = problem.departs_at + timedelta(seconds=freed.way.reach_s) + (need.due_at - arrives)
    return (*OPEN_BY, {"by": clock_words(by, problem.departs_at)})


def _stock_words(names: tuple[str, str], is_held: bool) -> Words:
    zh, en = names
    if not is_held:
        return Words("gap.no_stock", f"全区仓库没有{zh}", f"no warehouse holds {en}")
    return Words("gap.scarce", f"{zh}库存不足，已按公平下限分配，放宽任何一条规则都不能增加",
                 f"{en} is short and was shared with a fair floor; no rule, if lifted alone, would bring more")


def _buy(missing: int, zh: str, en: str) -> Words:
    return Words("remedy.ask_head_office", f"向总会申请或采购 {missing:,} 件{zh}",
                 f"ask the head office for, or buy, {missing:,} of {en}")
