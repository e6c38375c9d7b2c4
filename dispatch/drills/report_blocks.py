"""The after-action report as headings, texts, tables and pictures, in one language.  Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dispatch.alerts.timeline import HAZARD_NAMES
from dispatch.drills.report_findings import ROMAN, Finding, percent
from dispatch.drills.report_input import Told
from dispatch.plans.clocks import NAMES

Rows = tuple[tuple[str, ...], ...]
WORDS = {
    "title": ("演练复盘报告", "After-action report"), "drill": ("演练——不是真实调度", "DRILL — not a real dispatch"),
    "findings": ("发现的问题", "Findings"), "timeline": ("时间线", "Timeline"), "map": ("各旗县满足率（结束时）", "Share covered by county, at the end"),
    "coverage": ("需求满足曲线", "Need covered over time"), "first_goods": ("各旗县首批物资到达", "First goods in each county"),
    "compared": ("系统、人员、就近调拨与历史", "The system, people, nearest-first and history"), "history": ("当年实际送达", "What history delivered"),
    "levels": ("响应级别", "Levels"), "clocks": ("预案时限", "Deadlines of the plan"), "others": ("与其他演练比较", "Beside other drills"),
    "assumptions": ("假设", "Assumptions"), "sources": ("来源", "Sources"),
}
VERDICTS = {"earlier": ("早于历史", "earlier"), "later": ("晚于历史", "later"), "undecided": ("无法判断", "undecided"), "unknown": ("历史不明", "unknown")}
HOUR_S = 3600


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the second level."""

    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph, or the items of a list."""

    lines: tuple[str, ...]
    is_list: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Column heads and rows of text; ``widths`` are shares of the width."""

    caption: str
    head: tuple[str, ...]
    rows: Rows
    widths: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture by its name in ``report_plots`` with words for who cannot see it."""

    name: str
    alt: str


Block = Heading | Text | Table | Picture


@dataclass(frozen=True)
class Document:
    """One report in one language (zh or en)."""

    lang: str
    title: str
    subtitle: str
    drill: str
    blocks: tuple[Block, ...]


def document(told: Told, found: Sequence[Finding], others: Sequence[Told], lang: str) -> Document:
    """The whole report; ``others`` are scores it is set beside."""
    n = int(lang == "en")

    def head(name: str) -> Heading:
        return Heading(WORDS[name][n])

    blocks: list[Block] = [
        Text(_summary(told, lang)), head("findings"), _finding_table(found, n),
        head("timeline"), Picture("timeline", _alt("timeline", told, n)),
        head("map"), Picture("map", _alt("map", told, n)),
        head("coverage"), Picture("coverage", _alt("coverage", told, n)),
        head("compared"), _compared(told, n),
        head("first_goods"), Picture("first_goods", _alt("first_goods", told, n)), _first_goods(told, lang),
        head("history"), _history(told, lang), head("levels"), _levels(told, lang), head("clocks"), _clocks(told, n),
    ]
    if others:
        blocks += [head("others"), _others((told, *others), n)]
    blocks += [
        head("assumptions"), Text(tuple(a[lang] for a in told.score["assumptions"]), is_list=True),
        head("sources"), Text(tuple(f"{s['code']}  {s['title']}  {s['url'] or ''}".strip() for s in told.score["sources"]), is_list=True),
    ]
    return Document(lang, f"{WORDS['title'][n]}：{told.title[0]}" if n == 0 else f"{WORDS['title'][1]}: {told.title[1]}",
                    f"{told.score['scenario']}  {told.on.isoformat()}", WORDS["drill"][n], tuple(blocks))


def _summary(told: Told, lang: str) -> tuple[str, ...]:
    score, hazard = told.score, HAZARD_NAMES.get(told.hazard, HAZARD_NAMES["other"])
    shares = {h: percent(s) for h, s in score["coverage"].items()}
    if lang == "zh":
        rules = "当时的规则" if score["policy"] == "then" else "现行规则"
        return (f"{hazard[0]}，{len(told.counties)} 个旗县，首条预警 {_clock(score['first_alert_at'])}，输入 {score['alerts']} 条消息；{rules}，"
                f"库存 {score['stock_percent']}%，种子 {score['seed']}。",
                "满足需求：" + "，".join(f"{h[:-1]} 小时 {s}" for h, s in shares.items()) + f"。费用 {score['cost_fen'] / 100:,.0f} 元，{score['truck_hours']:,.0f} 车时。")
    rules = "the rules of the time" if score["policy"] == "then" else "today's rules"
    return (f"{hazard[1].capitalize()}, {len(told.counties)} counties, first warning {_clock(score['first_alert_at'])}, {score['alerts']} messages taken in; {rules}, "
            f"stock {score['stock_percent']} %, seed {score['seed']}.",
            "Need covered: " + ", ".join(f"{s} after {h[:-1]} h" for h, s in shares.items()) + f". Cost {score['cost_fen'] / 100:,.0f} yuan, {score['truck_hours']:,.0f} truck hours.")


def _finding_table(found: Sequence[Finding], n: int) -> Block:
    if not found:
        return Text(("没有达到发现标准的问题。", "Nothing reaches the mark of a finding.")[n:n + 1])
    return Table(
        WORDS["findings"][n], (("序号", "发现", "责任单位", "完成期限"), ("No.", "finding", "owner", "due"))[n],
        tuple((str(f.number), f.words[n], f.owner[n], f.due.isoformat()) for f in found), (6, 56, 22, 16),
    )


def _alt(name: str, told: Told, n: int) -> str:
    """What a picture shows, in words."""
    shares = told.score["county_coverage"]
    if name == "map":
        return ("；" if n == 0 else "; ").join(f"{told.name(c, 'en' if n else 'zh')} {percent(s)}" for c, s in sorted(shares.items()))
    if name == "coverage":
        told_shares = ", ".join(f"{h} {percent(s)}" for h, s in told.score["coverage"].items())
        return (f"系统满足需求 {told_shares}", f"need covered by the system: {told_shares}")[n]
    return WORDS[name][n]


def _compared(told: Told, n: int) -> Table:
    """What the machine proposed, what people did to it, nearest-first, and history."""
    ours, greedy = told.score, told.score["greedy"]
    head = (("项目", "系统方案", "就近调拨", "历史"), ("", "the system", "nearest first", "history"))[n]
    unknown = ("无记录", "not on record")[n]
    first = [datetime.fromisoformat(f["history_to"]) for f in ours["first_goods"] if f["history_to"]]
    rows: list[tuple[str, ...]] = []
    for name, words in (("proposal_after_s", ("首个方案", "first proposal")), ("approval_after_s", ("人员批准", "approved by people")),
                        ("first_truck_after_s", ("首车出发", "first truck leaves"))):
        rows.append((words[n], _after(ours.get(name), n), _after(greedy.get(name), n), unknown))
    rows.append((("首批物资到达", "first goods there")[n], _first_of(told, ours, n), _first_of(told, greedy, n),
                 f"≤ {_after(int((min(first) - told.began).total_seconds()), n)}" if first else unknown))
    for hours, share in ours["coverage"].items():
        rows.append(((f"{hours[:-1]} 小时满足", f"covered after {hours[:-1]} h")[n], percent(share), percent(greedy["coverage"].get(hours)), unknown))
    rows.append((("基尼系数", "Gini")[n], _plain(ours.get("gini")), _plain(greedy.get("gini")), unknown))
    rows.append((("安全库存余", "safety stock left")[n], percent(ours.get("reserve_left")), percent(greedy.get("reserve_left")), unknown))
    rows.append((("费用（元）", "cost, yuan")[n], f"{ours['cost_fen'] / 100:,.0f}", f"{greedy['cost_fen'] / 100:,.0f}", unknown))
    rows.append((("车时", "truck hours")[n], f"{ours['truck_hours']:,.0f}", f"{greedy['truck_hours']:,.0f}", unknown))
    rows.append((("人工修改的决定", "decisions changed by people")[n], str(ours.get("decisions_changed", 0)), "—", "—"))
    return Table(WORDS["compared"][n], head, tuple(rows), (34, 22, 22, 22))


def _first_of(told: Told, figures: Any, n: int) -> str:
    ats = [datetime.fromisoformat(f["ours_at"]) for f in figures["first_goods"] if f["ours_at"]]
    return _after(int((min(ats) - told.began).total_seconds()), n) if ats else "—"


def _after(seconds: int | None, n: int) -> str:
    return "—" if seconds is None else (f"{seconds / HOUR_S:.1f} 小时", f"{seconds / HOUR_S:.1f} h")[n]


def _first_goods(told: Told, lang: str) -> Table:
    n = int(lang == "en")
    other = {f["county"]: f["ours_at"] for f in told.score["greedy"]["first_goods"]}
    return Table(
        WORDS["first_goods"][n], (("旗县", "系统", "就近调拨", "历史", "比较"), ("county", "ours", "nearest first", "history", "verdict"))[n],
        tuple((told.name(f["county"], lang), _clock(f["ours_at"]), _clock(other.get(f["county"])),
               _interval(f["history_from"], f["history_to"]), VERDICTS[f["verdict"]][n]) for f in told.score["first_goods"]),
        (26, 18, 18, 24, 14),
    )


def _interval(low: str | None, high: str | None) -> str:
    if low and high:
        return f"{_clock(low)} – {_clock(high)}"
    return f"≤ {_clock(high)}" if high else f"≥ {_clock(low)}" if low else "—"


def _history(told: Told, lang: str) -> Block:
    n = int(lang == "en")
    if not told.score["history_goods"]:
        return Text(("没有查到当年送了什么。", "Nothing is on record of what was sent then.")[n:n + 1])
    return Table(
        WORDS["history"][n], (("物资", "数量", "去向", "时间", "来源"), ("goods", "units", "to", "when", "source"))[n],
        tuple((g["item"], "—" if g["units"] is None else f"{g['units']:,}",
               "、".join(told.name(p, lang) for p in g["places"]) or "—", _interval(g["after"], g["by"]), g["source"])
              for g in told.score["history_goods"]),
        (28, 12, 24, 26, 10),
    )


def _levels(told: Told, lang: str) -> Table:
    n = int(lang == "en")
    ours = [(s["at"], ("系统", "ours")[n], told.name(s["place"], lang), ROMAN[s["level"]]) for s in told.score["levels"]]
    then = [(h["at"], ("当年", "then")[n], "、".join(told.name(p, lang) for p in h["places"]) or "—", ROMAN[h["level"]])
            for h in told.score["levels_then"]]
    return Table(
        WORDS["levels"][n], (("时间", "谁", "地点", "级别"), ("when", "who", "place", "level"))[n],
        tuple((_clock(at), *rest) for at, *rest in sorted((*ours, *then), key=lambda row: (datetime.fromisoformat(row[0]), row[1]))),
        (26, 16, 42, 16),
    )


def _clocks(told: Told, n: int) -> Table:
    return Table(
        WORDS["clocks"][n], (("时限", "应完成", "完成"), ("deadline", "due", "met"))[n],
        tuple((NAMES.get(c["name"], (c["name"], c["name"]))[n], _clock(c["due_at"]), _clock(c["met_at"])) for c in told.score["clocks"]),
        (44, 28, 28),
    )


def _others(all_of: Sequence[Told], n: int) -> Table:
    hours = sorted({h for told in all_of for h in told.score["coverage"]}, key=lambda h: int(h[:-1]))
    rows = tuple(
        (f"{told.title[n]}（{told.on.isoformat()}，{told.score['policy']}）", *(percent(told.score["coverage"].get(h)) for h in hours),
         _first_of(told, told.score, n), _plain(told.score.get("gini")), percent(told.score.get("reserve_left")),
         f"{told.score['cost_fen'] / 100:,.0f}") for told in all_of
    )
    last = (("首批物资", "基尼系数", "安全库存余", "费用（元）"), ("first goods", "Gini", "stock left", "yuan"))[n]
    return Table(WORDS["others"][n], (("演练", "drill")[n], *hours, *last), rows, (36, *(8 for _ in hours), 12, 10, 10, 14))


def _clock(at: str | None) -> str:
    return "—" if at is None else f"{datetime.fromisoformat(at):%Y-%m-%d %H:%M}"


def _plain(value: float | None) -> str:
    return "—" if value is None else f"{value:.2f}"


def tables_of(shown: Document) -> Iterator[Table]:
    """The tables of a report, in order."""
    yield from (block for block in shown.blocks if isinstance(block, Table))
