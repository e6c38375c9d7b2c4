"""Why a line comes from where it comes, and why something stays missing.  Pure."""

from __future__ import annotations

from collections.abc import Sequence

from dispatch.allocation.problem import AllocationProblem, Offer
from dispatch.allocation.usable import is_usable
from dispatch.needs.model import NeedLine
from dispatch.words import Words


def _hours(seconds: int) -> str:
    return f"{seconds / 3600:.1f}"


def why_line(
    problem: AllocationProblem, offers: Sequence[Offer], chosen: Offer, county: str
) -> Words:
    """Why this warehouse: its rank by driving time among those with usable stock."""
    times = {
        o.warehouse_code: problem.travel_s[o.warehouse_code, county]
        for o in offers if is_usable(problem, o, county)
    }
    ranked = sorted(times, key=lambda code: (times[code], code))
    names = {o.warehouse_code: (o.warehouse_zh, o.warehouse_en) for o in offers}
    mine = times[chosen.warehouse_code]
    zh, en = names[chosen.warehouse_code]
    lot_zh, lot_en = _lot_words(chosen)
    if ranked[0] == chosen.warehouse_code:
        if len(ranked) == 1:
            tail_zh, tail_en = "没有其他仓库可用", "no other warehouse can send it"
        else:
            n_zh, n_en = names[ranked[1]]
            more = _hours(times[ranked[1]] - mine)
            tail_zh, tail_en = f"次优 {n_zh}，晚 {more} 小时", f"next best {n_en}, {more} h later"
        return Words(
            "source.nearest",
            f"{zh} 最近且有可用库存，行车 {_hours(mine)} 小时；{tail_zh}；{lot_zh}",
            f"{en} is the nearest with usable stock, {_hours(mine)} h of driving; {tail_en}; {lot_en}",
        )
    n_zh, n_en = names[ranked[0]]
    more = _hours(mine - times[ranked[0]])
    return Words(
        "source.further",
        f"{zh} 行车 {_hours(mine)} 小时；较近的 {n_zh}（近 {more} 小时）库存已用于全局更优的去向；{lot_zh}",
        f"{en}, {_hours(mine)} h of driving; the stock of {n_en} ({more} h nearer) does more good "
        f"elsewhere; {lot_en}",
    )


def _lot_words(offer: Offer) -> tuple[str, str]:
    gift_zh = "，定向捐赠用途相符" if offer.restriction else ""
    gift_en = ", a gift bound to this purpose" if offer.restriction else ""
    if offer.expires_on is None:
        return "无保质期" + gift_zh, "does not expire" + gift_en
    day = offer.expires_on.isoformat()
    return f"先到期先出，{day} 到期{gift_zh}", f"first expired first out, good until {day}{gift_en}"


def why_gap(problem: AllocationProblem, need: NeedLine, missing: int) -> tuple[Words, Words]:
    """(cause, way out) found by testing which rule, once lifted, would let stock through."""
    offers = [o for o in problem.offers if o.item_code == need.item_code and o.quantity > 0]
    withheld = sum(u for (_, item), u in problem.withheld.items() if item == need.item_code)
    item_zh, item_en = problem.item_names[need.item_code]
    buy = Words(
        "remedy.ask_head_office",
        f"向总会申请或采购 {missing:,} 件{item_zh}",
        f"ask the head office for, or buy, {missing:,} of {item_en}",
    )
    open_stock = Words(
        "remedy.open_safety_stock",
        f"提高响应级别或批准动用安全库存，最多可放出 {withheld:,}",
        f"raise the level or open safety stock: up to {withheld:,} more",
    )
    reachable = [o for o in offers if (o.warehouse_code, need.county) in problem.travel_s]
    usable = [o for o in offers if is_usable(problem, o, need.county)]
    if not offers and withheld:
        cause = Words("gap.withheld", f"{item_zh}的库存全部为安全库存或超出本级可调比例（{withheld:,}）",
                      f"all stock of {item_en} is safety stock or beyond the share this level may send ({withheld:,})")
        return cause, open_stock
    if not offers:
        return Words("gap.no_stock", f"全区仓库没有{item_zh}", f"no warehouse holds {item_en}"), buy
    if not reachable:
        cause = Words("gap.no_road", "没有可通行的道路到达该地", "no open road leads there")
        return cause, Words("remedy.open_road", "协调打开一条道路或申请空中运输",
                            "have a road opened, or ask for air transport")
    if not usable:
        cause = Words("gap.unusable", f"{item_zh}的批次到达时已过期或捐赠用途不符",
                      f"the lots of {item_en} expire before arrival or are bound to another purpose")
        return cause, buy
    cause = Words("gap.scarce", f"{item_zh}可调库存不足，已按公平下限分配",
                  f"stock of {item_en} that may be sent is short; it was shared with a fair floor")
    return cause, open_stock if withheld else buy
