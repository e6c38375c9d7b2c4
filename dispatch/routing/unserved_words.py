"""What the cause of an unserved shipment and its way out are called.  Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from dispatch.clock import clock_words
from dispatch.routing.causes import Finding, Hindrance, Place
from dispatch.routing.closures import road_names
from dispatch.routing.model import VehicleClass
from dispatch.routing.problem import RoutingProblem
from dispatch.routing.surroundings import Names
from dispatch.words import Words

HALF_HOUR_S = 1800
SKILLS = {"snow": ("雪地行车", "snow"), "cold_start": ("低温启动", "cold start")}
# code of the cause, code of the way out
CODES = {
    Hindrance.LEFT_OUT: ("route.left_out", "remedy.take_truck_back"),
    Hindrance.PIN: ("route.pinned", "remedy.unpin"),
    Hindrance.SPLIT: ("route.too_large", "remedy.split"),
    Hindrance.CREW: ("route.driving_hours", "remedy.relief_crew"),
    Hindrance.WINDOW: ("route.window", "remedy.extend_window"),
    Hindrance.SKILL: ("route.skill", "remedy.fit_truck"),
    Hindrance.FLEET: ("route.no_truck", "remedy.more_trucks"),
    Hindrance.ROAD: ("route.no_road", "remedy.open_road"),
}
Pair = tuple[Names, Names]


def cause_words(problem: RoutingProblem, finding: Finding) -> tuple[Words, Words]:
    """(cause, way out); rules that only help together are told together."""
    if finding.place is None:
        return _no_way(problem, finding)
    if not finding.lifts:
        return _room(problem, finding, finding.place)
    parts = [(h, SENTENCES[h](problem, finding, finding.place)) for h in Hindrance if h in finding.lifts]
    codes = CODES[parts[-1][0]]
    if finding.loans:
        codes = (codes[0], "remedy.borrow_trucks") if parts[-1][0] is Hindrance.FLEET else codes
    causes, ways = [p[0] for _, p in parts], [p[1] for _, p in parts]
    return (
        Words(codes[0], "；".join(zh for zh, _ in causes), "; ".join(en for _, en in causes)),
        Words(codes[1], "，并且".join(zh for zh, _ in ways), ", and ".join(en for _, en in ways)),
    )


def _lane(problem: RoutingProblem, finding: Finding) -> Pair:
    around, s = problem.around, finding.shipment
    return around.warehouse(s.warehouse_code), around.county(s.county)


def _at(problem: RoutingProblem, at: datetime) -> str:
    return clock_words(at, problem.departs_at)


def _no_way(problem: RoutingProblem, finding: Finding) -> tuple[Words, Words]:
    (w_zh, w_en), (c_zh, c_en) = _lane(problem, finding)
    return (
        Words("route.no_road", f"从{w_zh}到{c_zh}没有可通行的道路，放宽任何规则都不能送达",
              f"no road leads from {w_en} to {c_en}; no rule, if lifted, would bring the goods there"),
        Words("remedy.open_road", "与交通部门核实道路，或申请空中运输",
              "check the roads with the transport office, or ask for air transport"),
    )


def _room(problem: RoutingProblem, finding: Finding, place: Place) -> tuple[Words, Words]:
    zh, en = _truck(problem, finding, place)
    at = _at(problem, place.arrives_at)
    return (
        Words("route.not_placed", f"没有规则阻挡：{zh}还可装运（{at} 到达），计算结束时尚未排入",
              f"no rule is in the way: {en} could take it, there at {at}; the search ended before it was placed"),
        Words("remedy.search_on", "延长计算时间后重新生成", "draft again with more time for the search"),
    )


def _truck(problem: RoutingProblem, finding: Finding, place: Place) -> Names:
    carrier = place.carrier
    if carrier.code:
        return f"车辆 {carrier.code} ", f"truck {carrier.code}"
    kind, (w_zh, w_en) = problem.classes[carrier.class_code], _lane(problem, finding)[0]
    return f"{w_zh}租用{kind.name_zh}", f"a hired {kind.name_en} at {w_en}"


def _left_out(problem: RoutingProblem, finding: Finding, place: Place) -> Pair:
    (w_zh, w_en), code = _lane(problem, finding)[0], place.carrier.code
    at = _at(problem, place.arrives_at)
    return (
        (f"{w_zh}能装运的车辆 {code} 被人工停用", f"truck {code} at {w_en}, which could take it, was left out by a person"),
        (f"恢复使用车辆 {code}（{at} 到达）", f"take truck {code} back in (there at {at})"),
    )


def _pinned(problem: RoutingProblem, finding: Finding, place: Place) -> Pair:
    (w_zh, w_en), (c_zh, c_en) = _lane(problem, finding)
    s = finding.shipment
    trucks = [p.vehicle_code for p in problem.pins.trucks if (p.warehouse_code, p.county) == (s.warehouse_code, s.county)]
    zh, en = _truck(problem, finding, place)
    at = _at(problem, place.arrives_at)
    if trucks:
        pin_zh, pin_en = f"“{w_zh}至{c_zh}由车辆 {trucks[0]} 运输”", f"'{w_en} to {c_en} by truck {trucks[0]}'"
    else:
        pin_zh, pin_en = f"车辆 {place.carrier.code} 的停靠顺序", f"the order of stops of truck {place.carrier.code}"
    return (
        (f"人工固定的{pin_zh}使这批货上不了车", f"the pin {pin_en} keeps this load off"),
        (f"取消固定{pin_zh}，改由{zh}运输（{at} 到达）", f"take away the pin {pin_en}; {en} takes it, there at {at}"),
    )


def _split(problem: RoutingProblem, finding: Finding, place: Place) -> Pair:
    s, at = finding.shipment, _at(problem, place.arrives_at)
    largest = max(problem.classes.values(), key=lambda k: (k.payload_kg, k.code))
    whole = f"{_tonnes(s.load_g)} t"
    if s.load_g > largest.payload_kg * 1000 or s.load_cm3 > largest.volume_cm3:
        cause = (f"整批 {whole} 超过最大车型", f"the load of {whole} is more than the largest truck takes")
    else:
        cause = (f"余下车辆都装不下整批 {whole}", f"no truck left takes the whole load of {whole}")
    part = _tonnes(-(-s.load_g // place.parts))
    return cause, (
        f"拆成 {place.parts} 批，每批约 {part} t（{at} 前到齐）",
        f"split it into {place.parts} loads of about {part} t (all there by {at})",
    )


def _window(problem: RoutingProblem, finding: Finding, place: Place) -> Pair:
    closes = finding.shipment.closes_at
    if closes is None:
        return ("", ""), ("", "")
    c_zh, c_en = _lane(problem, finding)[1]
    until, at = _at(problem, closes), _at(problem, place.arrives_at)
    return (
        (f"{c_zh}收货截止 {until}，最早 {at} 到达", f"{c_en} receives until {until}; the soonest arrival is {at}"),
        _longer(problem, finding),
    )


def _longer(problem: RoutingProblem, finding: Finding) -> Names:
    c_zh, c_en = _lane(problem, finding)[1]
    hours = f"{-(-finding.late_s // HALF_HOUR_S) / 2:g}"
    return f"请{c_zh}延长收货 {hours} 小时", f"ask {c_en} to receive for {hours} h longer"


def _crew(problem: RoutingProblem, finding: Finding, place: Place) -> Pair:
    at = _at(problem, place.arrives_at)
    zh, en = _truck(problem, finding, place)
    ask_zh, ask_en = _longer(problem, finding) if finding.late_s else ("", "")
    return (
        ("途中驾驶员须停车休息，赶不上收货时间", "with the rest that drivers must take, the load misses its hours of receipt"),
        (f"为{zh}增派一班驾驶员途中换班（{at} 到达）" + ("，或" + ask_zh if ask_zh else ""),
         f"send a second crew with {en} to take turns (there at {at})" + (", or " + ask_en if ask_en else "")),
    )


def _skill(problem: RoutingProblem, finding: Finding, place: Place) -> Pair:
    (w_zh, w_en), (c_zh, c_en) = _lane(problem, finding)
    kind = problem.classes[place.carrier.class_code]
    lacks = sorted(problem.skills.get(finding.shipment.county, frozenset()) - frozenset(kind.skills.split()))
    zh, en = "、".join(SKILLS.get(n, (n, n))[0] for n in lacks), ", ".join(SKILLS.get(n, (n, n))[1] for n in lacks)
    truck_zh, truck_en = _truck(problem, finding, place)
    return (
        (f"{w_zh}没有余下能适应{c_zh}条件（{zh}）的车辆", f"no truck left at {w_en} is fit for {c_en} ({en})"),
        (f"为{truck_zh}配备{zh}装备", f"fit {truck_en} out for {en}"),
    )


def _fleet(problem: RoutingProblem, finding: Finding, place: Place) -> Pair:
    w_zh, w_en = _lane(problem, finding)[0]
    kind = finding.kind or problem.classes[place.carrier.class_code]
    cause = (f"{w_zh}装得下的车辆（含可租用的）都已派出或已装满",
             f"all trucks of {w_en} that could take it, hired ones too, are out or full")
    zh, en = [], []
    rest = finding.more
    for loan in finding.loans:
        a_zh, a_en = problem.around.warehouse(loan.warehouse_code)
        size_zh, size_en = _trucks(loan.trucks, problem.classes[loan.class_code])
        hours = f"{loan.drive_s / 3600:.1f}"
        zh.append(f"向{a_zh}借 {size_zh}（行车 {hours} 小时）")
        en.append(f"borrow {size_en} from {a_en}, {hours} h away")
        rest -= loan.trucks
    if rest:
        size_zh, size_en = _trucks(rest, kind)
        zh.append(f"为{w_zh}另找 {size_zh}")
        en.append(f"find {size_en} for {w_en}")
    return cause, ("，".join(zh), ", ".join(en))


def _trucks(number: int, kind: VehicleClass) -> Names:
    tonnes = _tonnes(kind.payload_kg * 1000)
    return f"{number} 辆 × {tonnes} t（{kind.name_zh}）", f"{number} × {tonnes} t ({kind.name_en})"


def _road(problem: RoutingProblem, finding: Finding, place: Place) -> Pair:
    (w_zh, w_en), (c_zh, c_en) = _lane(problem, finding)
    zh, en = road_names(place.opened, problem.around)
    cause = (f"{zh}封闭，{w_zh}的货到不了{c_zh}", f"with {en} closed the goods of {w_en} do not get to {c_en}")
    if (problem.warehouse_county[finding.shipment.warehouse_code], finding.shipment.county) in problem.matrix.duration_s:
        cause = (f"{zh}封闭，{w_zh}的货不能按时到{c_zh}", f"with {en} closed the goods of {w_en} are too late for {c_en}")
    at = _at(problem, place.arrives_at)
    if finding.open_by is None:
        return cause, (f"尽快打通{zh}，立即打通也要 {at} 才到", f"open {en} at once; even so the goods are there at {at}")
    by = _at(problem, finding.open_by)
    aim_zh, aim_en = ("赶上时限", "the deadline") if finding.meets_due else ("赶上收货时间", "the hours of receipt")
    return cause, (
        f"{by} 前打通{zh}，可{aim_zh}（立即打通 {at} 到达）",
        f"open {en} by {by} to meet {aim_en} (opened now, there at {at})",
    )


def _tonnes(grams: int) -> str:
    return f"{grams / 1e6:.2f}".rstrip("0").rstrip(".")


SENTENCES: dict[Hindrance, Callable[[RoutingProblem, Finding, Place], Pair]] = {
    Hindrance.LEFT_OUT: _left_out, Hindrance.PIN: _pinned, Hindrance.SPLIT: _split, Hindrance.WINDOW: _window,
    Hindrance.CREW: _crew, Hindrance.SKILL: _skill, Hindrance.FLEET: _fleet, Hindrance.ROAD: _road,
}
