"""One entry of a timeline, and one inject of an exercise leader, read and checked.  Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dispatch.alerts.model import LossCounts
from dispatch.drills.areas import resolve
from dispatch.drills.faults import Faults
from dispatch.drills.fields import Fields, as_values
from dispatch.drills.model import Bound, Event, Goods, Inject, InjectKind, Kind, Moment, Precision
from dispatch.drills.nodes import Node

EVENT = frozenset({
    "seq", "at", "at_precision", "kind", "county", "area", "places", "facts", "goods", "teams", "standby",
    "source", "red_cross", "arrival", "assumption",
})
GOODS = frozenset({"item", "qty", "from", "to", "status"})
INJECT = frozenset({"at", "kind", "counties", "road", "event", "measure", "figure", "hours"})
MOST_UNITS = 100_000_000
NEEDS: Mapping[InjectKind, tuple[str, ...]] = {
    InjectKind.CLOSE_ROAD: ("road", "counties"), InjectKind.BREAK_TRUCK: (),
    InjectKind.DOUBLE_FIGURE: ("event",), InjectKind.LATE_REPORT: ("event", "hours"),
    InjectKind.WRONG_REPORT: ("counties", "measure", "figure"), InjectKind.PHONES_DOWN: ("counties", "hours"),
}


@dataclass(frozen=True)
class ReadingEvents:
    """What an entry is read against: the places, the scenario's counties and sources."""

    faults: Faults
    names: Mapping[str, tuple[str, str]]
    counties: tuple[str, ...]
    sources: frozenset[str]
    is_shipped: bool

    def event(self, number: int, node: Node) -> Event | None:
        """A fact of the timeline; None where a fault leaves nothing to go on with."""
        fields = Fields(node, self.faults, f"entry {number} of the timeline")
        fields.known(EVENT)
        kind = fields.choice("kind", Kind)
        precision = fields.choice("at_precision", Precision, Precision.MINUTE)
        moment = fields.moment("at", precision, needed=True)
        if kind is None or moment is None:
            return None
        facts = as_values(fields.at("facts"))
        return Event(
            number=number, line=node.line, moment=moment, kind=kind, places=self._places(fields, kind),
            facts=facts, source=self._source(fields), goods=self._goods(fields),
            bound=fields.choice("arrival", Bound, _usual_bound(facts)) or Bound.BY,
            assumption=fields.text("assumption"),
        )

    def inject(self, number: int, node: Node) -> Inject | None:
        """A thing thrown in; its moment is exact."""
        fields = Fields(node, self.faults, f"inject {number}")
        fields.known(INJECT)
        kind = fields.choice("kind", InjectKind)
        moment = fields.moment("at", Precision.MINUTE, needed=True)
        places = tuple(self._adcode(fields, entry) for entry in fields.items("counties"))
        figure, hours = fields.whole("figure", 0, MOST_UNITS), fields.whole("hours", 1, 720)
        event, measure = fields.whole("event", 1, MOST_UNITS), fields.text("measure")
        if measure and measure not in LossCounts.__slots__:
            listed = ", ".join(LossCounts.__slots__)
            fields.fault(fields.at("measure"), f"The measure {measure[:60]} is not known.", f"指标 {measure[:60]} 不被识别。",
                         f"Use one of {listed}.", f"可用指标：{listed}。")
        for key in NEEDS[kind] if kind else ():
            if fields.at(key).value is None:
                fields.fault(node, f"The inject {kind} needs {key}.", f"导调 {kind} 缺少 {key}。", f"Write {key}.", f"请填写 {key}。")
        if kind is None or moment is None or moment.at is None:
            return None
        return Inject(number, node.line, moment.at, kind, places, fields.text("road") or "*", event, measure, figure, hours or 0)

    def _places(self, fields: Fields, kind: Kind) -> tuple[str, ...]:
        if fields.at("places").value is not None:
            return tuple(self._adcode(fields, node) for node in fields.items("places"))
        if fields.at("county").value is not None:
            return (self._adcode(fields, fields.at("county")),)
        area = fields.text("area")
        if not area and kind is not Kind.RESPONSE:
            fields.fault(fields.node, f"{fields.name} says nowhere where it was.", f"{fields.name} 没有写明地点。",
                         "Write county (an adcode), places (adcodes) or area (names).", "请填写 county、places（区划代码）或 area（地名）。")
        return resolve(area, self.names)

    def _adcode(self, fields: Fields, node: Node) -> str:
        code = str(node.value)
        if code not in self.names:
            fields.fault(node, f"The place {code[:60]!r} is not one of ours.", f"区划代码 {code[:60]!r} 不存在。",
                         "Give the six-digit adcode of a county, a league or the region.", "请填写本区旗县、盟市或自治区的六位区划代码。")
        return code

    def _source(self, fields: Fields) -> str:
        code = fields.text("source")
        if code and code not in self.sources:
            fields.fault(fields.at("source"), f"The source {code[:60]} is not listed.", f"来源 {code[:60]} 没有列出。",
                         "List it under sources with its title.", "请在 sources 下列出该来源及标题。")
        if not code and self.is_shipped:
            fields.fault(fields.node, f"{fields.name} has no source.", f"{fields.name} 没有来源。",
                         "Name its source, or keep the scenario for your own use.", "请注明来源；否则只能自用，不能随程序发布。")
        return code

    def _goods(self, fields: Fields) -> tuple[Goods, ...]:
        found = []
        for number, node in enumerate(fields.items("goods"), 1):
            goods = Fields(node, self.faults, f"goods {number} of {fields.name}")
            goods.known(GOODS)
            found.append(Goods(goods.text("item", needed=True), goods.whole("qty", 0, MOST_UNITS)))
        return tuple(found)


def _usual_bound(facts: Mapping[str, object]) -> Bound:
    return Bound.AFTER if facts.get("status") == "in_transit" else Bound.BY


def is_replayed(moment: Moment) -> bool:
    """False for a moment that nobody knows: such a fact stays a fact and never comes in."""
    return moment.at is not None and moment.precision is not Precision.UNKNOWN
