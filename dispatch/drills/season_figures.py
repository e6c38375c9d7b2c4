"""What many years come to: bands over years, and where help would help most.  Pure, year by year."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from math import ceil
from typing import Any

from dispatch.drills.season_draw import Nature

Row = dict[str, Any]
TOP_SHARES = (0.1, 0.5, 0.9)


def band(values: Iterable[float]) -> dict[str, float] | None:
    """P10, P50 and P90 by nearest rank; None of nothing."""
    ordered = sorted(values)
    if not ordered:
        return None
    return {
        f"p{round(share * 100)}": ordered[max(0, ceil(share * len(ordered)) - 1)] for share in TOP_SHARES
    }


class Shares:
    """Need, sent and in time by a key, year by year; only the years' shares are kept."""

    def __init__(self) -> None:
        self._year: dict[str, list[int]] = {}
        self._covered: dict[str, list[float]] = defaultdict(list)
        self._in_time: dict[str, list[float]] = defaultdict(list)
        self.totals: dict[str, list[int]] = {}

    def add(self, key: str, figures: Iterable[int]) -> None:
        """Adds (need, sent, in time) to the year under way."""
        row = self._year.setdefault(key, [0, 0, 0])
        for n, units in enumerate(figures):
            row[n] += units

    def end_year(self) -> None:
        """Closes the year: keys without need in it say nothing of it."""
        for key, (need, sent, in_time) in self._year.items():
            if need:
                self._covered[key].append(sent / need)
                self._in_time[key].append(in_time / need)
            whole = self.totals.setdefault(key, [0, 0, 0])
            for n, units in enumerate((need, sent, in_time)):
                whole[n] += units
        self._year = {}

    def told(self, key: str) -> Row:
        """Years with a need, and the bands of the share covered and covered in time (0 to 1)."""
        need, sent, in_time = self.totals.get(key, (0, 0, 0))
        return {
            "years": len(self._covered[key]),
            "need": need, "sent": sent, "in_time": in_time,
            "covered": _rounded(band(self._covered[key])),
            "covered_in_time": _rounded(band(self._in_time[key])),
        }

    def known(self) -> list[str]:
        """All keys with a need, in order."""
        return sorted(key for key, found in self._covered.items() if found)


def _rounded(found: dict[str, float] | None) -> dict[str, float] | None:
    return None if found is None else {name: round(value, 4) for name, value in found.items()}


class SeasonTally:
    """Adds up years one at a time; what it holds does not grow with what a year holds."""

    def __init__(self) -> None:
        self.years = 0
        self.groups: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self.quiet = 0
        self.shares = {name: Shares() for name in ("all", "group", "league", "month", "item")}
        self.lists: dict[str, list[float]] = defaultdict(list)
        self.people: dict[str, list[float]] = defaultdict(list)
        self.spots: dict[str, Counter[str]] = {name: Counter() for name in ("ran_out", "below_reserve")}
        self.months: dict[str, dict[str, Counter[int]]] = {name: defaultdict(Counter) for name in self.spots}
        self.help_units: Counter[str] = Counter()
        self.help_years: Counter[str] = Counter()

    def add(self, year: Row) -> None:
        """One year as ``run_year`` tells it."""
        self.years += 1
        disasters = year["disasters"]
        self.quiet += not disasters
        for one in disasters:
            self._disaster(one)
        for shares in self.shares.values():
            shares.end_year()
        self.lists["disasters"].append(len(disasters))
        self.lists["teams_missing"].append(max((d["teams_missing"] for d in disasters), default=0))
        self.lists["without_truck"].append(sum(d["without_truck"] for d in disasters))
        for name in ("trucks_at_once", "own_trucks_at_once", "teams_at_once"):
            self.lists[name].append(year[name])
        for name in self.spots:
            self.lists[name].append(len(year[name]))
            for key, months in year[name].items():
                self.spots[name][key] += 1
                self.months[name][key].update(months)
        for key, units in year["help"].items():
            self.help_units[key] += units
            self.help_years[key] += 1

    def _disaster(self, one: Row) -> None:
        self.groups[one["group"]] += 1
        self.people[one["group"]].append(one["people"])
        self.kinds[one["kind"] if one["people"] else "harmless"] += 1
        for league, figures in one["leagues"].items():
            self.shares["league"].add(league, figures)
        for item, figures in one["items"].items():
            self.shares["item"].add(item, figures)
            self.shares["all"].add("all", figures)
            self.shares["group"].add(one["group"], figures)
            self.shares["month"].add(f"{one['month']:02d}", figures)


def figures(tally: SeasonTally, nature: Nature) -> Row:
    """The answer as JSON values, the same on every machine for the same years."""
    base, rules = nature.base, nature.rules
    groups = {g.name: g for g in rules.groups}
    return {
        "years": tally.years,
        "first_day": base.starts_at.isoformat(),
        "policy": base.policy.version, "rules": rules.version, "source": rules.source,
        "years_without_disaster": tally.quiet,
        "answered": dict(sorted(tally.kinds.items())),
        "bands": {name: band(values) for name, values in sorted(tally.lists.items())},
        "fleet": len(base.vehicles), "teams_ready": sum(c.is_ready for c in base.candidates),
        "all": tally.shares["all"].told("all"),
        "by_hazard": {
            name: {
                "zh": groups[name].zh, "en": groups[name].en, "rate_a_year": round(groups[name].rate, 3),
                "disasters": tally.groups[name], "people": band(tally.people[name]),
                **tally.shares["group"].told(name),
            } for name in groups
        },
        "by_league": {
            code: {"zh": base.names[code][0], "en": base.names[code][1], **tally.shares["league"].told(code)}
            for code in tally.shares["league"].known()
        },
        "by_month": {month: tally.shares["month"].told(month) for month in tally.shares["month"].known()},
        "by_item": {
            code: {"zh": base.items[code].name_zh, "en": base.items[code].name_en, **tally.shares["item"].told(code)}
            for code in tally.shares["item"].known()
        },
        "not_held": _not_held(tally, nature),
        "ran_out": _spots(tally, "ran_out", nature),
        "below_reserve": _spots(tally, "below_reserve", nature),
        "help": _help(tally, nature),
    }


def _not_held(tally: SeasonTally, nature: Nature) -> list[Row]:
    """Goods that were needed and that no warehouse holds at all, with the units needed a year."""
    held = {line.lot.item_code for line in nature.base.stock.lines}
    return [
        {"item": code, "item_zh": nature.base.items[code].name_zh, "item_en": nature.base.items[code].name_en,
         "need_a_year": round(tally.shares["item"].totals[code][0] / tally.years)}
        for code in tally.shares["item"].known() if code not in held
    ]


def _place(key: str, nature: Nature) -> Row:
    place, item = key.split(":")
    warehouse, goods = nature.base.warehouses[place], nature.base.items[item]
    return {
        "warehouse": place, "warehouse_zh": warehouse.name_zh, "warehouse_en": warehouse.name_en,
        "item": item, "item_zh": goods.name_zh, "item_en": goods.name_en,
    }


def _spots(tally: SeasonTally, name: str, nature: Nature) -> list[Row]:
    """Warehouse and item, in how many years, in which months; most often first."""
    return [
        {**_place(key, nature), "years": years, "percent": round(100 * years / tally.years, 1),
         "months": {f"{m:02d}": n for m, n in sorted(tally.months[name][key].items())}}
        for key, years in sorted(tally.spots[name].items(), key=lambda pair: (-pair[1], pair[0]))
    ]


def _help(tally: SeasonTally, nature: Nature) -> list[Row]:
    """What a second safety stock at a site would bring in time a year; most people served first.

    Goods that do not serve a number of people by the piece come after those that do.
    """
    found = []
    for key, units in tally.help_units.items():
        place, item = key.split(":")
        each = nature.base.items[item].persons_per_unit
        found.append({
            **_place(key, nature),
            "pile": nature.base.stock.minimum[place, item],
            "units_a_year": round(units / tally.years, 1),
            "people_a_year": round(units * each / tally.years, 1) if each else None,
            "years_used_percent": round(100 * tally.help_years[key] / tally.years, 1),
        })
    return sorted(found, key=_most_help)


def _most_help(row: Mapping[str, Any]) -> tuple[float, float, str, str]:
    return (-(row["people_a_year"] or 0), -row["units_a_year"], row["warehouse"], row["item"])
