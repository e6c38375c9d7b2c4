"""What a season rests on and what it found, in words.  Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dispatch.drills.season_rules import SeasonRules

TOP = 10
MONTH_NAMES = "月"


def assumptions(rules: SeasonRules) -> list[dict[str, str]]:
    """Every assumption with its value, Chinese and English; never empty."""
    spread, quake, closure = rules.spread, rules.quake, rules.closure
    counted = "；".join(f"{g.zh}：{g.since}—{g.until} 年 {len(g.events)} 次" for g in rules.groups)
    counted_en = "; ".join(f"{g.en}: {len(g.events)} in {g.since}-{g.until}" for g in rules.groups)
    pairs = (
        (f"发生频次按有记载的灾害计，未见报道的小灾不在其中，频次只是下限（{counted}）",
         f"rates count disasters on record; small ones nobody reported are missing, so they are lower bounds ({counted_en})"),
        (f"每次灾害从记载中抽取一次：日期前后最多 {spread.days} 天，受灾旗县数按 P90:P50 = {spread.counties}、需救助人数按 {spread.people} 浮动；"
         f"{spread.elsewhere_percent}% 的抽样发生在其他地方；无人数记载的按首轮估计区间抽取",
         f"each disaster is drawn from one on record: up to {spread.days} days earlier or later, counties spread by P90:P50 = {spread.counties}, "
         f"people in need by {spread.people}; {spread.elsewhere_percent} % strike elsewhere; where nobody counted, from the band of the first estimate"),
        (f"地震震级按古登堡—里克特关系（{quake.complete_from} 级以上，最大 {quake.most} 级），震中在有记载的震中 {quake.wander_km} 公里内",
         f"magnitudes by Gutenberg and Richter from {quake.complete_from} to {quake.most}, epicentres within {quake.wander_km} km of a recorded one"),
        ("红十字会按标准承担全部需求，政府和其他组织的救助不计入", "all need is held against Red Cross stock; what the government and others bring is not counted"),
        (f"发出的物资 {rules.replenish_days('')} 天后补齐（个别物资另定），临期物资按时轮换",
         f"goods sent are back after {rules.replenish_days('')} days (some items otherwise); goods near their end are exchanged in time"),
        (f"{rules.starts_month} 月初库存、车辆、救援队同现在一样；每年相互独立",
         f"in month {rules.starts_month} stock, trucks and teams are as they are now; years do not know each other"),
        (f"道路按预警颜色以 {'/'.join(map(str, closure.percent))}%（蓝/黄/橙/红）的机会封闭 {closure.hours} 小时",
         f"roads shut for {closure.hours} h with a chance of {'/'.join(map(str, closure.percent))} % (blue/yellow/orange/red)"),
        ("每次灾害决策两次（初报、核报），只用最初的线路方案，不再优化；人不改方案",
         "two decisions for each disaster (first report, full count), the first route plan driven as it is; nobody changes a plan"),
    )
    return [{"zh": zh, "en": en} for zh, en in pairs]


def lines(found: Mapping[str, Any]) -> Iterator[str]:
    """The answer as lines for a terminal."""
    bands = found["bands"]
    yield (f"模拟 {found['years']} 年 years，自 from {found['first_day'][:10]}，预案 policy {found['policy']}；"
           f"{found['years_without_disaster']} 年无灾 without a disaster")
    yield "每年 a year（P10 / P50 / P90）"
    for name, words in (
        ("disasters", "灾害 disasters"), ("trucks_at_once", f"同时在外车辆 trucks out at once（自有 own {found['fleet']}）"),
        ("own_trucks_at_once", "  其中自有 of them own"),
        ("teams_at_once", f"同时在外救援队 teams out at once（就绪 ready {found['teams_ready']}）"),
        ("teams_missing", "缺救援队 teams missing"), ("without_truck", "无车可装的批次 loads without a truck"),
        ("ran_out", "用尽的库存项 stock lines used up"), ("below_reserve", "跌破安全库存的项 lines below safety stock"),
    ):
        yield f"  {words}  {_band(bands[name])}"
    yield f"需求满足率 need covered（按件 by units）  {_shares(found['all'])}"
    for name, row in found["by_hazard"].items():
        yield (f"  {row['zh']} {row['en']}（{name}）  {row['disasters']} 次，每年 a year {row['rate_a_year']}；"
               f"需救助 people {_band(row['people'])}；{_shares(row)}")
    yield "各盟市 by league"
    for row in found["by_league"].values():
        yield f"  {row['zh']} {row['en']}  {row['years']} 年 years；{_shares(row)}"
    yield "各月 by month"
    for month, row in found["by_month"].items():
        yield f"  {int(month)} 月  {row['years']} 年 years；{_shares(row)}"
    for row in found["not_held"]:
        yield f"没有任何仓库存有 held nowhere: {row['item_zh']} {row['item_en']}，每年需 needed a year {row['need_a_year']:,}"
    yield "最常用尽的库存 used up most often（按年 of years）"
    for row in found["ran_out"][:TOP]:
        yield f"  {row['warehouse_zh']} {row['item_zh']}  {row['percent']}%（{_months(row['months'])}）"
    yield "再多一份安全库存，最有帮助的地方 where a second safety stock would help most"
    for row in found["help"][:TOP]:
        yield (f"  {row['warehouse_zh']} {row['item_zh']} +{row['pile']:,}：每年按时多送 {row['units_a_year']:,} 件"
               f"（{row['people_a_year'] or 0:,} 人），{row['years_used_percent']}% 的年份用上")


def _band(found: Mapping[str, float] | None) -> str:
    return "—" if found is None else " / ".join(f"{found[name]:,.0f}" for name in ("p10", "p50", "p90"))


def _shares(row: Mapping[str, Any]) -> str:
    if row["covered"] is None:
        return "—"
    covered, in_time = (
        " / ".join(f"{100 * row[key][name]:.1f}%" for name in ("p10", "p50", "p90")) for key in ("covered", "covered_in_time")
    )
    return f"{covered}；按时 in time {in_time}"


def _months(found: Mapping[str, int]) -> str:
    most = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))[:3]
    return "、".join(f"{int(month)}{MONTH_NAMES} {years}" for month, years in most)
