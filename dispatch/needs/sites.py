"""Pre-positioning: what the sites in the area lack of what people there may need.  Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from dispatch.clock import to_local
from dispatch.errors import InvalidInput
from dispatch.inventory.fefo import is_sound, usable_days
from dispatch.inventory.model import StockSnapshot, Tier, Warehouse
from dispatch.needs.model import NeedLine
from dispatch.places import REGION_ADCODE
from dispatch.words import Words


@dataclass(frozen=True, slots=True)
class SiteCheck:
    """One item at one site: what may be needed there, what it holds, what it lacks."""

    warehouse_code: str
    item_code: str
    needed: int
    on_hand: int

    @property
    def short(self) -> int:
        """Units the site lacks."""
        return max(0, self.needed - self.on_hand)


def serving(county: str, warehouses: Mapping[str, Warehouse]) -> Warehouse:
    """The site that serves a county: its own, else its league's, else the region's.

    Raises ``InvalidInput`` when there is none of the three.
    """
    for tier, place in ((Tier.COUNTY, county), (Tier.LEAGUE, county[:4] + "00"), (Tier.REGION, REGION_ADCODE)):
        sites = [w for w in warehouses.values() if w.tier is tier and w.serves_adcode == place]
        if sites:
            return min(sites, key=lambda w: w.code)
    raise InvalidInput(f"No warehouse serves county {county}.", remedy="Add a site for its league or the region.",
                       zh=f"没有为旗县 {county} 服务的仓库。", remedy_zh="请为其盟市或自治区添加仓库。")


def check_sites(
    needs: Sequence[NeedLine], warehouses: Mapping[str, Warehouse], stock: StockSnapshot
) -> tuple[SiteCheck, ...]:
    """Every site in the area, item by item, against the forecast need of those it serves.

    Lots that are no longer good on the last day the need is due do not count as held.
    """
    wanted: dict[tuple[str, str], int] = defaultdict(int)
    last: dict[tuple[str, str], date] = {}
    for need in needs:
        key, day = (serving(need.county, warehouses).code, need.item_code), to_local(need.due_at).date()
        wanted[key] += need.quantity
        last[key] = max(day, last.get(key, day))
    held: dict[tuple[str, str], int] = defaultdict(int)
    for line in stock.lines:
        key = line.warehouse_code, line.lot.item_code
        days = usable_days(line.expires_on, last[key]) if key in last else None
        if is_sound(line.lot) and (days is None or days >= 1):
            held[key] += line.available
    return tuple(SiteCheck(code, item, units, held[code, item]) for (code, item), units in sorted(wanted.items()))


def toward_sites(
    needs: Sequence[NeedLine], checks: Sequence[SiteCheck], warehouses: Mapping[str, Warehouse]
) -> tuple[NeedLine, ...]:
    """What would have to move so that each site holds the forecast need of those it serves."""
    first: dict[tuple[str, str], NeedLine] = {}
    for need in needs:
        key = serving(need.county, warehouses).code, need.item_code
        old = first.get(key)
        first[key] = need if old is None or need.due_at < old.due_at else old
    lines = []
    for check in checks:
        if not check.short:
            continue
        site, pattern = warehouses[check.warehouse_code], first[check.warehouse_code, check.item_code]
        words = Words(
            "need.site",
            f"{site.name_zh}：预计需 {check.needed:,}，在库可用 {check.on_hand:,}，缺 {check.short:,}；{pattern.basis.zh}",
            f"{site.name_en}: {check.needed:,} may be needed, {check.on_hand:,} on hand, {check.short:,} short; "
            f"{pattern.basis.en}",
        )
        lines.append(replace(
            pattern, county=site.county_adcode, quantity=check.short, gross=check.needed,
            basis=words, to_warehouse=site.code, dispatched=0, local=0,
        ))
    return tuple(lines)
