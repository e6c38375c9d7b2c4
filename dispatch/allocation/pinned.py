"""Quantities a person fixed are set aside before anything is solved; what cannot be had is named.  Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import combinations

from dispatch.allocation.model import SupplyLine
from dispatch.allocation.problem import AllocationProblem, Fleet, LinePin, Offer, Rule
from dispatch.clock import to_local
from dispatch.errors import InvalidInput
from dispatch.inventory.fefo import Use, order, why_not
from dispatch.words import Words

HELD = {
    Rule.SAFETY_STOCK: ("安全库存", "safety stock"),
    Rule.TIER: ("本级未启用", "at a tier this level does not draw on"),
    Rule.LEVEL: ("超出本级可调范围", "beyond what this level may send"),
    Rule.LEFT_OUT: ("仓库被人工排除", "left out by a coordinator"),
}
DEFAULT_WEIGHT_G = 1000


@dataclass(frozen=True)
class Limit:
    """What stands in the way: ``most`` units in all of which ``left`` are still free, and who
    shares it (a pin on the same stock, need or trucks)."""

    zh: str
    en: str
    most: int
    left: int
    shares: Callable[[LinePin], bool]


def take_pinned(problem: AllocationProblem) -> tuple[tuple[SupplyLine, ...], AllocationProblem]:
    """(lines of the pinned quantities, what is left to solve).

    Lots leave first-expiring first under every rule that binds the solver.  ``InvalidInput``
    lists the pins that cannot be had and by how much, two by two where two pins share what is
    short.
    """
    if not problem.line_pins:
        return (), problem
    faults = list(_contradictions(problem))
    books = Books(problem)
    lines: list[SupplyLine] = []
    for pin in dict.fromkeys(problem.line_pins) if not faults else ():
        fault = books.fault(pin)
        if fault:
            faults.append(fault)
        elif pin.quantity:
            lines += books.take(pin)
    if faults:
        raise InvalidInput(
            "Pinned quantities cannot be had: " + "; ".join(en for _, en in faults) + ".",
            remedy="Lower or take away one of the quantities named.",
            zh="指定的数量无法满足：" + "；".join(zh for zh, _ in faults) + "。",
            remedy_zh="请减少或取消所列指定数量之一。",
            facts={"faults": [{"zh": zh, "en": en} for zh, en in faults]},
        )
    return tuple(lines), books.rest()


def pin_words(problem: AllocationProblem, pin: LinePin) -> tuple[str, str]:
    """A pin in words: (zh, en)."""
    names = {o.warehouse_code: (o.warehouse_zh, o.warehouse_en) for o in (*problem.offers, *problem.withheld)}
    from_zh, from_en = names.get(pin.warehouse_code, (pin.warehouse_code, pin.warehouse_code))
    to_zh, to_en = problem.county_names.get(pin.county, (pin.county, pin.county))
    item_zh, item_en = problem.item_names.get(pin.item_code, (pin.item_code, pin.item_code))
    return f"{from_zh}→{to_zh} {item_zh} {pin.quantity:,}", f"{from_en} to {to_en}: {pin.quantity:,} {item_en}"


def _contradictions(problem: AllocationProblem) -> Iterable[tuple[str, str]]:
    for pin in problem.line_pins:
        if not isinstance(pin.quantity, int) or isinstance(pin.quantity, bool) or pin.quantity < 0:
            zh, en = pin_words(problem, replace(pin, quantity=0))
            yield f"“{zh}”的数量不是从 0 起的整数", f"'{en}': not a whole number from 0"
    for one, two in combinations(dict.fromkeys(problem.line_pins), 2):
        if replace(one, quantity=two.quantity) == two:
            (a_zh, a_en), (b_zh, b_en) = pin_words(problem, one), pin_words(problem, two)
            yield f"“{a_zh}”与“{b_zh}”矛盾", f"'{a_en}' and '{b_en}'"


class Books:
    """What needs, lots, safety stock and trucks still allow while pins are taken one by one."""

    def __init__(self, problem: AllocationProblem) -> None:
        self.problem = problem
        self.taken: list[LinePin] = []
        self.lots: Counter[tuple[str, str]] = Counter()
        self.at_first = self._state()

    def _state(self) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]]:
        """Units wanted by (county, item) and free above the safety stock by (warehouse, item)."""
        problem = self.problem
        wanted: Counter[tuple[str, str]] = Counter()
        for need in problem.needs:
            wanted[need.county, need.item_code] += need.quantity
        room: Counter[tuple[str, str]] = Counter()
        for offer in (*problem.offers, *problem.withheld):
            room[offer.warehouse_code, offer.item_code] += offer.quantity
        if not problem.is_safety_stock_open:
            for key, units in problem.safety_stock.items():
                room[key] = max(0, room[key] - units)
        return wanted, room

    def fault(self, pin: LinePin) -> tuple[str, str] | None:
        """Why a pin cannot be had as things stand, in words; None when it can."""
        if not pin.quantity:
            return None
        zh, en = pin_words(self.problem, pin)
        if (pin.warehouse_code, pin.county) not in self.problem.travel_s:
            return f"“{zh}”：没有可通行的道路", f"'{en}': no open road"
        limit = min(self._limits(pin), key=lambda one: one.left)
        short = pin.quantity - limit.left
        if short <= 0:
            return None
        others = [p for p in self.taken if limit.shares(p)]
        if limit.most >= pin.quantity and others:
            o_zh, o_en = pin_words(self.problem, others[0])
            return (
                f"“{zh}”与“{o_zh}”合计超出{limit.zh} {limit.most:,}，差 {short:,}",
                f"'{en}' and '{o_en}' together exceed {limit.en} {limit.most:,} by {short:,}",
            )
        held_zh, held_en = self._held(pin)
        return (
            f"“{zh}”：{limit.zh} {limit.left:,}，差 {short:,}{held_zh}",
            f"'{en}': {limit.en} {limit.left:,}, {short:,} short{held_en}",
        )

    def _limits(self, pin: LinePin) -> list[Limit]:
        place, county, item = pin.warehouse_code, pin.county, pin.item_code
        wanted, room = self.at_first
        asked = wanted[county, item]
        has = sum(p.quantity for p in self.taken if (p.county, p.item_code) == (county, item))
        sent = sum(p.quantity for p in self.taken if (p.warehouse_code, p.item_code) == (place, item))
        fit = self._usable(pin)
        whole = min(room[place, item], sum(o.quantity for o in fit))
        free = min(room[place, item] - sent, sum(o.quantity - self.lots[place, o.lot_code] for o in fit))
        return [
            Limit("该旗县需要", "the county needs", asked, asked - has,
                  lambda p: (p.county, p.item_code) == (county, item)),
            Limit("该仓可发", "the warehouse may send", whole, free,
                  lambda p: (p.warehouse_code, p.item_code) == (place, item)),
            *self._truck_limits(pin),
        ]

    def _usable(self, pin: LinePin) -> list[Offer]:
        """Offers of the warehouse that are fit for the county, first-expiring first."""
        problem = self.problem
        at = problem.departs_at + timedelta(seconds=problem.travel_s[pin.warehouse_code, pin.county])
        use = Use(problem.hazard, pin.county, to_local(at).date())
        fit = [
            o for o in problem.offers
            if (o.warehouse_code, o.item_code) == (pin.warehouse_code, pin.item_code) and why_not(o, use) is None
        ]
        return sorted(fit, key=order)

    def _truck_limits(self, pin: LinePin) -> Iterable[Limit]:
        fleet = self.problem.fleet.get(pin.warehouse_code)
        if fleet is None:
            return
        gone = self._used(pin.warehouse_code)
        each = self._use(fleet, replace(pin, quantity=1))
        for name, whole in (("load_g", fleet.load_g), ("load_cm3", fleet.load_cm3), ("truck_s", fleet.truck_s)):
            if whole is not None and each[name]:
                yield Limit("该仓车辆还能装", "its trucks can take", int(whole / each[name]),
                            int((whole - gone[name]) / each[name]),
                            lambda p: p.warehouse_code == pin.warehouse_code)

    def _use(self, fleet: Fleet, pin: LinePin) -> dict[str, float]:
        """Grams, cm3 and truck seconds of a pin, by the names of the limits."""
        problem = self.problem
        grams = pin.quantity * (problem.item_weight_g.get(pin.item_code) or DEFAULT_WEIGHT_G)
        seconds = problem.travel_s[pin.warehouse_code, pin.county]
        return {
            "load_g": grams, "load_cm3": pin.quantity * problem.item_volume_cm3.get(pin.item_code, 0),
            "truck_s": 2 * seconds * grams / fleet.payload_g,
        }

    def _used(self, place: str) -> Counter[str]:
        used: Counter[str] = Counter()
        for pin in self.taken:
            if pin.warehouse_code == place:
                used.update(self._use(self.problem.fleet[place], pin))
        return used

    def _held(self, pin: LinePin) -> tuple[str, str]:
        """What of the item the warehouse holds back, in words."""
        held: Counter[Rule] = Counter()
        for offer in self.problem.withheld:
            if (offer.warehouse_code, offer.item_code) == (pin.warehouse_code, pin.item_code) and offer.held_by:
                held[offer.held_by] += offer.quantity
        parts = [(HELD[rule], units) for rule, units in held.items() if rule in HELD]
        zh = "、".join(f"{names[0]} {units:,}" for names, units in parts)
        en = ", ".join(f"{units:,} {names[1]}" for names, units in parts)
        return (f"（另有{zh}）" if zh else ""), (f" (besides {en})" if en else "")

    def take(self, pin: LinePin) -> Iterable[SupplyLine]:
        """Set the units of a pin aside; its lines."""
        problem = self.problem
        at = problem.departs_at + timedelta(seconds=problem.travel_s[pin.warehouse_code, pin.county])
        zh, en = pin_words(problem, pin)
        why = Words("source.pinned", f"人工指定：{zh}；先到期先出", f"pinned by a person: {en}; first expired first out")
        left = pin.quantity
        lines = []
        for offer in self._usable(pin):
            units = min(left, offer.quantity - self.lots[pin.warehouse_code, offer.lot_code])
            if units > 0:
                self.lots[pin.warehouse_code, offer.lot_code] += units
                left -= units
                lines.append(SupplyLine(
                    pin.county, pin.item_code, offer.lot_code, pin.warehouse_code, units, at, why
                ))
        self.taken.append(pin)
        return lines

    def rest(self) -> AllocationProblem:
        """The problem without what was set aside; its pins stay and close their lanes."""
        problem = self.problem
        had: Counter[tuple[str, str]] = Counter()
        for pin in self.taken:
            had[pin.county, pin.item_code] += pin.quantity
        needs = []
        for need in problem.needs:
            units = min(need.quantity, had[need.county, need.item_code])
            had[need.county, need.item_code] -= units
            needs.append(replace(need, quantity=need.quantity - units) if units else need)
        offers = tuple(
            replace(o, quantity=o.quantity - gone) if (gone := self.lots[o.warehouse_code, o.lot_code]) else o
            for o in problem.offers
        )
        fleet = {code: self._fleet_left(code, one) for code, one in problem.fleet.items()}
        return replace(problem, needs=tuple(needs), offers=offers, fleet=fleet)

    def _fleet_left(self, code: str, fleet: Fleet) -> Fleet:
        used = self._used(code)

        def left(whole: int | None, name: str) -> int | None:
            return None if whole is None else max(0, int(whole - used[name]))

        return Fleet(
            fleet.payload_g, left(fleet.load_g, "load_g"), left(fleet.load_cm3, "load_cm3"),
            left(fleet.truck_s, "truck_s"),
        )
