"""What a plan gives and gives up in figures, and what changed from one plan to the next in words.  Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from dispatch.allocation.params import load_params
from dispatch.clock import to_local

Body = Mapping[str, Any]
FEN = 100
MOST_CHANGES = 40
# an arrival that moves by less is not worth a line
WORTH_TELLING = timedelta(minutes=15)
SMALL = 0.05


@dataclass(frozen=True, slots=True)
class Figures:
    """A plan in a row of a table.

    ``half_first_h`` and ``all_first_h``: hours until half and all of the weight of priority 1
    that is sent has arrived (None when none is); ``arrival_h``: mean arrival weighed by weight
    and priority; ``unmet_percent`` of the units asked; ``least_percent``: the county with the
    lowest share of its units, named.
    """

    cost_fen: int
    trucks: int
    half_first_h: float | None
    all_first_h: float | None
    arrival_h: float | None
    late_lines: int
    unmet_percent: float
    least_percent: float
    least_zh: str
    least_en: str

    def as_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def figures_of(body: Body) -> Figures:
    """The figures of a proposal's body."""
    needs = {(n["county"], n["item"]): n for n in body["needs"]}
    start = datetime.fromisoformat(body["situation"]["as_of"])
    first: list[tuple[float, int]] = []
    total, heavy, late = 0.0, 0.0, 0
    for line in body["lines"]:
        need = needs[line["to"], line["item"]]
        hours = (datetime.fromisoformat(line["arrives_at"]) - start).total_seconds() / 3600
        late += datetime.fromisoformat(line["arrives_at"]) > datetime.fromisoformat(need["due_at"])
        weight = load_params().weight(need["priority"]) * line["weight_g"]
        total, heavy = total + weight * hours, heavy + weight
        if need["priority"] == 1:
            first.append((hours, line["weight_g"]))
    asked = sum(n["quantity"] for n in body["needs"])
    sent = sum(line["quantity"] for line in body["lines"])
    least, zh, en = _least_covered(body)
    return Figures(
        cost_fen=sum(r["cost_fen"] for r in body["routes"]), trucks=len(body["routes"]),
        half_first_h=_hours_until(first, 0.5), all_first_h=_hours_until(first, 1.0),
        arrival_h=round(total / heavy, 2) if heavy else None, late_lines=late,
        unmet_percent=round(100 * (asked - sent) / asked, 1) if asked else 0.0,
        least_percent=least, least_zh=zh, least_en=en,
    )


def _hours_until(arrivals: list[tuple[float, int]], share: float) -> float | None:
    wanted = share * sum(grams for _, grams in arrivals)
    arrived = 0
    for hours, grams in sorted(arrivals):
        arrived += grams
        if arrived >= wanted:
            return round(hours, 2)
    return None


def _least_covered(body: Body) -> tuple[float, str, str]:
    asked: Counter[str] = Counter()
    sent: Counter[str] = Counter()
    names = {}
    for need in body["needs"]:
        asked[need["county"]] += need["quantity"]
        names[need["county"]] = (need["county_zh"], need["county_en"])
    for line in body["lines"]:
        sent[line["to"]] += line["quantity"]
    shares = sorted((100 * sent[c] / units, c) for c, units in asked.items() if units)
    if not shares:
        return 100.0, "", ""
    share, county = shares[0]
    return round(share, 1), *names[county]


def differences(one: Figures, base: Figures) -> list[dict[str, str]]:
    """What ``one`` gives and gives up against ``base``, in words; nothing where they are alike."""
    found: list[dict[str, str]] = []

    def tell(zh: str, en: str) -> None:
        found.append({"zh": zh, "en": en})

    yuan = round((one.cost_fen - base.cost_fen) / FEN)
    if yuan:
        tell(f"{'多' if yuan > 0 else '省'} {abs(yuan):,} 元", f"{yuan:+,} yuan")
    if one.trucks != base.trucks:
        more = one.trucks - base.trucks
        tell(f"{'多' if more > 0 else '少'} {abs(more)} 车", f"{more:+} trucks")
    for zh, en, mine, other in (
        ("一半急需物资（优先级 1）", "half of the priority-1 goods", one.half_first_h, base.half_first_h),
        ("全部急需物资（优先级 1）", "all priority-1 goods", one.all_first_h, base.all_first_h),
        ("全部物资加权平均", "goods on average", one.arrival_h, base.arrival_h),
    ):
        if mine is not None and other is not None and abs(mine - other) >= SMALL:
            tell(f"{zh}{'晚' if mine > other else '早'} {abs(mine - other):.1f} 小时",
                 f"{en} {abs(mine - other):.1f} h {'later' if mine > other else 'sooner'}")
    if one.late_lines != base.late_lines:
        late = one.late_lines - base.late_lines
        tell(f"逾期{'多' if late > 0 else '少'} {abs(late)} 项", f"{late:+} late lines")
    if abs(one.unmet_percent - base.unmet_percent) >= SMALL:
        more_p = one.unmet_percent - base.unmet_percent
        tell(f"缺口{'多' if more_p > 0 else '少'} {abs(more_p):.1f} 个百分点", f"{more_p:+.1f} points unmet")
    if abs(one.least_percent - base.least_percent) >= SMALL:
        up = one.least_percent - base.least_percent
        tell(f"最低旗县满足率{'高' if up > 0 else '低'} {abs(up):.1f} 个百分点", f"lowest county {up:+.1f} points")
    return found


def changes(before: Body, after: Body) -> list[dict[str, str]]:
    """What an edit changed: cost, trucks, quantities, arrivals, gaps; the largest first."""
    found = [
        *_cost_changes(before, after), *_truck_changes(before, after), *_line_changes(before, after),
        *_gap_changes(before, after), *_team_changes(before, after), *_arrival_changes(before, after),
    ]
    rest = len(found) - MOST_CHANGES
    if rest <= 0:
        return found
    more = {"what": "more", "zh": f"其余 {rest} 项变化见下表", "en": f"{rest} more changes, see the tables"}
    return [*found[:MOST_CHANGES], more]


def _change(what: str, zh: str, en: str) -> dict[str, str]:
    return {"what": what, "zh": zh, "en": en}


def _cost_changes(before: Body, after: Body) -> Iterable[dict[str, str]]:
    was, now = (sum(r["cost_fen"] for r in body["routes"]) for body in (before, after))
    yuan = round((now - was) / FEN)
    if yuan:
        yield _change("cost", f"运费 {yuan:+,} 元（¥{was // FEN:,} → ¥{now // FEN:,}）",
                      f"transport {yuan:+,} yuan (¥{was // FEN:,} to ¥{now // FEN:,})")


def _truck_changes(before: Body, after: Body) -> Iterable[dict[str, str]]:
    was, now = ({r["vehicle"]: r for r in body["routes"]} for body in (before, after))
    for code in sorted(now.keys() - was.keys()):
        yield _change("truck", f"新增车辆 {code}：{_stops(now[code], 'zh')}", f"truck {code} added: {_stops(now[code], 'en')}")
    for code in sorted(was.keys() - now.keys()):
        yield _change("truck", f"不再使用车辆 {code}", f"truck {code} no longer used")
    for code in sorted(was.keys() & now.keys()):
        a, b = was[code], now[code]
        if [s["place"] for s in a["stops"]] != [s["place"] for s in b["stops"]]:
            yield _change("truck", f"车辆 {code}：{_stops(a, 'zh')} 改为 {_stops(b, 'zh')}",
                          f"truck {code}: {_stops(a, 'en')} becomes {_stops(b, 'en')}")


def _stops(route: Body, lang: str) -> str:
    return ("、" if lang == "zh" else ", ").join(s[f"place_{lang}"] for s in route["stops"])


def totals(body: Body) -> dict[tuple[str, str, str], dict[str, Any]]:
    """(warehouse, county, item) → a line with the quantity of all its lots and trucks."""
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    for line in body["lines"]:
        key = (line["from"], line["to"], line["item"])
        known = found.setdefault(key, {**line, "quantity": 0, "weight_g": 0})
        known["quantity"] += line["quantity"]
        known["weight_g"] += line["weight_g"]
    return found


def _team_changes(before: Body, after: Body) -> Iterable[dict[str, str]]:
    was, now = ({t["team"]: t for t in body["teams"]} for body in (before, after))
    for code in sorted(now.keys() | was.keys()):
        old, new = was.get(code), now.get(code)
        if new and (not old or old["county"] != new["county"]):
            yield _change("team", f"{new['team_zh']} → {new['county_zh']}", f"{new['team_en']} to {new['county_en']}")
        elif old and not new:
            yield _change("team", f"{old['team_zh']}不再派出", f"{old['team_en']} is no longer sent")


def _line_changes(before: Body, after: Body) -> Iterable[dict[str, str]]:
    was, now = totals(before), totals(after)
    moved = []
    for key in was.keys() | now.keys():
        a, b = was.get(key), now.get(key)
        known = b or a or {}
        units = (b["quantity"] if b else 0) - (a["quantity"] if a else 0)
        if units:
            grams = abs((b["weight_g"] if b else 0) - (a["weight_g"] if a else 0))
            moved.append((-grams, key, units, a["quantity"] if a else 0, known))
    for _grams, _key, units, had, line in sorted(moved, key=lambda m: (m[0], m[1])):
        yield _change(
            "line",
            f"{line['from_zh']}→{line['to_zh']} {line['item_zh']} {units:+,} {line['unit_zh']}（{had:,} → {had + units:,}）",
            f"{line['from_en']} to {line['to_en']}: {line['item_en']} {units:+,} {line['unit_en']} ({had:,} to {had + units:,})",
        )


def _gap_changes(before: Body, after: Body) -> Iterable[dict[str, str]]:
    was, now = _gaps(before), _gaps(after)
    for key in sorted(was.keys() | now.keys()):
        a, b = was.get(key), now.get(key)
        had, has = (a["quantity"] if a else 0), (b["quantity"] if b else 0)
        gap = b or a or {}
        if had != has:
            yield _change("gap", f"缺口 {gap['county_zh']} {gap['item_zh']} {had:,} → {has:,}",
                          f"missing in {gap['county_en']}: {gap['item_en']} {had:,} to {has:,}")


def _gaps(body: Body) -> dict[tuple[str, str], dict[str, Any]]:
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for gap in body["gaps"]:
        known = found.setdefault((gap["county"], gap["item"]), {**gap, "quantity": 0})
        known["quantity"] += gap["quantity"]
    return found


def _arrival_changes(before: Body, after: Body) -> Iterable[dict[str, str]]:
    """Counties whose last goods come at another time, counted from when each plan was made."""
    was, now = _last_arrivals(before), _last_arrivals(after)
    for county in sorted(was.keys() & now.keys()):
        by, (at, line) = now[county][0] - was[county][0], now[county]
        if abs(by) >= WORTH_TELLING:
            moment = to_local(datetime.fromisoformat(after["situation"]["as_of"]) + at)
            hours = abs(by.total_seconds()) / 3600
            yield _change("arrival", f"{line['to_zh']} 末批{'晚' if by > timedelta() else '早'} {hours:.1f} 小时（{moment:%m-%d %H:%M}）",
                          f"last goods for {line['to_en']} {hours:.1f} h {'later' if by > timedelta() else 'sooner'} ({moment:%m-%d %H:%M})")


def _last_arrivals(body: Body) -> dict[str, tuple[timedelta, dict[str, Any]]]:
    start = datetime.fromisoformat(body["situation"]["as_of"])
    found: dict[str, list[tuple[timedelta, str, dict[str, Any]]]] = defaultdict(list)
    for line in body["lines"]:
        found[line["to"]].append((datetime.fromisoformat(line["arrives_at"]) - start, line["id"], line))
    return {county: (max(lines)[0], max(lines)[2]) for county, lines in found.items()}
