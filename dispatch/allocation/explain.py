"""Why a line comes from where it comes, and not from the next best source.  Pure."""

from __future__ import annotations

from datetime import date

import numpy as np

from dispatch.allocation.problem import Offer
from dispatch.allocation.trucks import Item, item_mass_g, seconds_of
from dispatch.allocation.view import Ints, World
from dispatch.words import Words

FEN = 100
GRAM_METRES = 10**9


class Sources:
    """For each need of an item its two nearest usable warehouses; who got what of each."""

    def __init__(self, world: World, item: Item, sent: Ints) -> None:
        self.world, self.item, self.sent = world, item, sent
        self.names = {
            lots[0].warehouse_code: (lots[0].warehouse_zh, lots[0].warehouse_en) for lots in item.view.lots
        }
        seconds, place = seconds_of(world, item), item.view.place[item.arcs.o]
        ranked = np.lexsort((place, seconds, item.arcs.j))
        self.best: list[list[tuple[str, int]]] = [[] for _ in item.view.needs]
        j = item.arcs.j[ranked]
        first = np.searchsorted(j, np.arange(len(item.view.needs) + 1))
        codes = world.grid.warehouses
        places, driven = place[ranked], seconds[ranked]
        for need, best in enumerate(self.best):
            for arc in range(first[need], first[need + 1]):
                code = codes[places[arc]]
                if not best or best[-1][0] != code:
                    best.append((code, int(driven[arc])))
                if len(best) == 2:
                    break

        self.spent, self.taker = self._use()
        self.lot_words: dict[tuple[date | None, bool], tuple[str, str]] = {}

    def _use(self) -> tuple[list[bool], list[int]]:
        """Per warehouse: whether all it may send is sent, and the need that gets most of it."""
        view, arcs = self.item.view, self.item.arcs
        rows = len(self.world.grid.warehouses)
        place = view.place[arcs.o]
        held = np.bincount(view.place, weights=view.units, minlength=rows)
        gone = np.bincount(place, weights=self.sent, minlength=rows)
        ranked = np.lexsort((-arcs.j, self.sent, place))
        taker = np.zeros(rows, dtype=np.int64)
        taker[place[ranked]] = arcs.j[ranked]
        return (gone >= held).tolist(), taker.tolist()


def _hours(seconds: int) -> str:
    return f"{seconds / 3600:.1f}"


def why_line(sources: Sources, chosen: Offer, j: int, quantity: int) -> Words:
    """Why this warehouse: its rank by driving time, and what the other choice would cost."""
    code = chosen.warehouse_code
    row, column = sources.world.grid.row[code], sources.item.view.column[j]
    mine = int(sources.world.grid.seconds[row, column])
    zh, en = sources.names[code]
    terms = (chosen.expires_on, chosen.restriction is not None or chosen.area is not None)
    if terms not in sources.lot_words:
        sources.lot_words[terms] = _lot_words(*terms)
    lot_zh, lot_en = sources.lot_words[terms]
    nearest = sources.best[j][0]
    if nearest[1] < mine:
        return _why_further(sources, chosen, (nearest, mine), (lot_zh, lot_en))
    others = [place for place in sources.best[j] if place[0] != code]
    if not others:
        tail_zh, tail_en = "没有其他仓库可用", "no other warehouse can send it"
    else:
        other, seconds = others[0]
        n_zh, n_en = sources.names[other]
        more = _hours(seconds - mine)
        yuan_zh, yuan_en = _dearer(sources, (code, other), j, quantity)
        tail_zh, tail_en = f"次优 {n_zh}，晚 {more} 小时{yuan_zh}", f"next best {n_en}, {more} h later{yuan_en}"
    return Words(
        "source.nearest",
        f"{zh} 最近且有可用库存，行车 {_hours(mine)} 小时；{tail_zh}；{lot_zh}",
        f"{en} is the nearest with usable stock, {_hours(mine)} h of driving; {tail_en}; {lot_en}",
    )


def _why_further(
    sources: Sources, chosen: Offer, times: tuple[tuple[str, int], int], lot: tuple[str, str]
) -> Words:
    (nearer, seconds), mine = times
    zh, en = sources.names[chosen.warehouse_code]
    n_zh, n_en = sources.names[nearer]
    more = _hours(mine - seconds)
    row = sources.world.grid.row[nearer]
    if sources.spent[row]:
        taker = sources.item.view.needs[sources.taker[row]].county
        c_zh, c_en = sources.world.problem.county_names[taker]
        why_zh = f"较近的 {n_zh}（近 {more} 小时）库存已用于全局更优的去向，主要为{c_zh}"
        why_en = f"the stock of {n_en} ({more} h nearer) does more good elsewhere, mostly in {c_en}"
    else:
        why_zh = f"较近的 {n_zh}（近 {more} 小时）车辆或批次顺序所限"
        why_en = f"{n_en} ({more} h nearer) is held by its trucks or the order of its lots"
    return Words(
        "source.further",
        f"{zh} 行车 {_hours(mine)} 小时；{why_zh}；{lot[0]}",
        f"{en}, {_hours(mine)} h of driving; {why_en}; {lot[1]}",
    )


def _dearer(sources: Sources, places: tuple[str, str], j: int, quantity: int) -> tuple[str, str]:
    """Yuan that the other warehouse would cost more for so many units; empty without rates."""
    problem = sources.world.problem
    county = sources.item.view.needs[j].county
    if problem.distance_m is None or problem.fen_per_tonne_km is None:
        return "", ""
    mine, other = (problem.distance_m.get((place, county)) for place in places)
    if mine is None or other is None:
        return "", ""
    grams = quantity * item_mass_g(problem, sources.item.view.item_code)
    yuan = (other - mine) * grams * problem.fen_per_tonne_km // GRAM_METRES // FEN
    if yuan < 0:
        return f"，省 {-yuan:,} 元", f", {-yuan:,} yuan cheaper"
    return f"，多 {yuan:,} 元", f", {yuan:,} yuan dearer"


def _lot_words(expires_on: date | None, is_bound: bool) -> tuple[str, str]:
    gift_zh = "，定向捐赠用途相符" if is_bound else ""
    gift_en = ", a gift bound to this purpose" if is_bound else ""
    if expires_on is None:
        return "无保质期" + gift_zh, "does not expire" + gift_en
    day = expires_on.isoformat()
    return f"先到期先出，{day} 到期{gift_zh}", f"first expired first out, good until {day}{gift_en}"
