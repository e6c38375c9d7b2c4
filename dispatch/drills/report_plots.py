"""Pictures of a report by matplotlib: no screen, no network, the packaged font, the same bytes each time."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Literal

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, fontManager
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from dispatch.boundaries import simplified
from dispatch.config import PROJECT_ROOT
from dispatch.drills.report_findings import percent
from dispatch.drills.report_input import Told
from dispatch.errors import Unavailable

FONT = PROJECT_ROOT / "maps" / "assets" / "vendor" / "fonts" / "noto-sans-sc-subset.ttf"
OURS, PRACTICE, HISTORY, QUIET = "#0b6e4f", "#b0510a", "#3b3b8f", "#8a94a3"
WIDE = (7.4, 3.2)
DPI = 200
HOUR_S = 3600
COARSE_DEGREES = 0.03
Form = Literal["svg", "png"]
Drawer = Callable[[Told, str], Figure]


@cache
def _font() -> str:
    """The packaged font's family, made known to matplotlib once."""
    if not FONT.exists():
        raise Unavailable("The print font is missing.", remedy="Run ./go setup.", zh="缺少打印字体。", remedy_zh="请运行 ./go setup。")
    fontManager.addfont(str(FONT))
    return str(FontProperties(fname=str(FONT)).get_name())


def draw(name: str, told: Told, lang: str, form: Form) -> bytes:
    """The picture of a name in a language as SVG (letters as outlines) or PNG bytes."""
    settings: Any = {
        "font.family": [_font()], "font.size": 8, "svg.fonttype": "path", "svg.hashsalt": f"report-{name}",
        "axes.unicode_minus": False, "axes.spines.top": False, "axes.spines.right": False,
    }
    with matplotlib.rc_context(settings):
        figure = PICTURES[name](told, lang)
        out = io.BytesIO()
        if form == "svg":
            FigureCanvasSVG(figure)
            figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
        else:
            FigureCanvasAgg(figure)
            figure.savefig(out, format="png", dpi=DPI, metadata={"Software": None})
    return out.getvalue()


def _sheet(size: tuple[float, float] = WIDE) -> tuple[Figure, Axes]:
    figure = Figure(figsize=size, layout="constrained")
    return figure, figure.add_subplot()


def _coverage(told: Told, lang: str) -> Figure:
    """The share of need covered over the hours: ours, nearest first, and the hours that are judged."""
    figure, axes = _sheet()
    zh = lang == "zh"
    greedy = told.score["greedy"].get("coverage_curve", ())
    _curve(axes, greedy, (PRACTICE, "--", "就近调拨" if zh else "nearest first"))
    _curve(axes, told.score["coverage_curve"], (OURS, "-", "系统" if zh else "ours"))
    for hours, share in told.score["coverage"].items():
        if share is not None:
            at = int(hours.removesuffix("h"))
            axes.plot([at], [100 * share], "o", color=OURS, markersize=4)
            axes.annotate(f"{hours} {percent(share)}", (at, 100 * share), xytext=(3, 5), textcoords="offset points", fontsize=7)
    axes.set_ylim(0, 105)
    axes.set_xlim(left=0)
    axes.set_xlabel("首条预警后小时数" if zh else "hours after the first warning")
    axes.set_ylabel("满足需求 %" if zh else "need covered, %")
    axes.grid(visible=True, alpha=0.3)
    axes.legend(frameon=False)
    return figure


def _curve(axes: Axes, points: Iterable[dict[str, Any]], look: tuple[str, str, str]) -> None:
    colour, line, label = look
    hours, shares = zip(*((p["after_s"] / HOUR_S, 100 * p["share"]) for p in points), strict=True) if points else ((), ())
    axes.step(hours, shares, where="post", color=colour, linestyle=line, linewidth=1.6, label=label)


def _first_goods(told: Told, lang: str) -> Figure:
    """When the first goods came to each county: ours, practice, and history as an interval."""
    zh, rows = lang == "zh", told.score["first_goods"]
    figure, axes = _sheet((WIDE[0], max(1.8, 0.26 * len(rows) + 1.0)))
    other = {f["county"]: f for f in told.score["greedy"]["first_goods"]}
    for y, f in enumerate(rows):
        if (ours := _hours(told, f["ours_at"])) is not None:
            axes.errorbar([ours], [y], xerr=[f["ours_spread_s"] / HOUR_S], fmt="o", color=OURS, markersize=4, capsize=2)
        if (practice := _hours(told, other.get(f["county"], {}).get("ours_at"))) is not None:
            axes.plot([practice], [y], "x", color=PRACTICE, markersize=5)
        _history(axes, y, told, f)
    for mark, colour, words in (("o", OURS, "系统" if zh else "ours"), ("x", PRACTICE, "就近调拨" if zh else "nearest first"),
                                ("_", HISTORY, "历史（已知范围）" if zh else "history (as far as known)")):
        axes.plot([], [], mark, color=colour, label=words)
    axes.set_yticks(range(len(rows)), [told.name(f["county"], lang) for f in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(left=0)
    axes.set_xlabel("首条预警后小时数" if zh else "hours after the first warning")
    axes.grid(visible=True, axis="x", alpha=0.3)
    axes.legend(frameon=False, fontsize=7, ncols=3, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    return figure


def _hours(told: Told, at: str | None) -> float | None:
    return None if at is None else (datetime.fromisoformat(at) - told.began).total_seconds() / HOUR_S


def _history(axes: Axes, y: int, told: Told, f: dict[str, Any]) -> None:
    """From "not before" to "not after"; an open end is an arrow."""
    low, high = _hours(told, f["history_from"]), _hours(told, f["history_to"])
    if low is None and high is None:
        return
    if low is not None and high is not None:
        axes.plot([low, high], [y + 0.22, y + 0.22], "|-", color=HISTORY)
        return
    known = low if low is not None else high
    assert known is not None
    axes.annotate("", xy=(known + (8 if high is None else -8), y + 0.22), xytext=(known, y + 0.22),
                  arrowprops={"arrowstyle": "->", "color": HISTORY})
    axes.plot([known], [y + 0.22], "|", color=HISTORY)


def _timeline(told: Told, lang: str) -> Figure:
    """What happened in which lane, hours after the first warning."""
    zh = lang == "zh"
    lanes = timeline_lanes(told)
    figure, axes = _sheet((WIDE[0], 2.6))
    for y, (_, colour, hours) in enumerate(lanes):
        axes.plot(hours, [y] * len(hours), "o", color=colour, markersize=5, alpha=0.8)
        for hour in hours[:1]:
            axes.annotate(f"{hour:.0f} h", (hour, y), xytext=(0, 6), textcoords="offset points", fontsize=7, ha="center")
    axes.set_yticks(range(len(lanes)), [words[not zh] for words, _, _ in lanes])
    axes.set_ylim(len(lanes) - 0.5, -0.7)
    axes.set_xlabel("首条预警后小时数" if zh else "hours after the first warning")
    axes.grid(visible=True, axis="x", alpha=0.3)
    return figure


def timeline_lanes(told: Told) -> list[tuple[tuple[str, str], str, list[float]]]:
    """(words, colour, hours) of each lane that has something."""
    score = told.score
    seconds = [score.get(name) for name in ("proposal_after_s", "approval_after_s", "first_truck_after_s")]
    first = [f["ours_at"] for f in score["first_goods"]]
    lanes = [
        (("系统级别", "levels here"), OURS, [s["at"] for s in score["levels"]]),
        (("当年响应", "levels then"), HISTORY, [h["at"] for h in score["levels_then"]]),
        (("首个方案", "first proposal"), OURS, [_after(told, seconds[0])]),
        (("首次批准", "first approval"), OURS, [_after(told, seconds[1])]),
        (("首车出发", "first truck"), OURS, [_after(told, seconds[2])]),
        (("物资到旗县", "goods in counties"), OURS, first),
        (("当年物资", "goods then"), HISTORY, [g["by"] or g["after"] for g in score["history_goods"]]),
        (("时限", "deadlines"), QUIET, [c["due_at"] for c in score["clocks"]]),
    ]
    told_hours = [(words, colour, sorted(h for at in ats if (h := _hours(told, at)) is not None)) for words, colour, ats in lanes]
    return [lane for lane in told_hours if lane[2]]


def _after(told: Told, seconds: int | None) -> str | None:
    return None if seconds is None else (told.began + timedelta(seconds=seconds)).isoformat()


def _map(told: Told, lang: str) -> Figure:
    """The region, counties concerned filled by the share covered at the end."""
    figure, axes = _sheet((WIDE[0], 4.4))
    shares = told.score["county_coverage"]
    scale = matplotlib.colormaps["YlGn"]
    concerned = set(told.counties) | set(shares)
    for code, shape in simplified(COARSE_DEGREES).items():
        share = shares.get(code)
        colour = "#f4f5f7" if code not in concerned else "#d9dde3" if share is None else to_hex(scale(0.15 + 0.75 * min(1.0, share)))
        axes.add_patch(PathPatch(_outline(shape), facecolor=colour, edgecolor="#6b7684", linewidth=0.3))
    for code in sorted(concerned):
        if code in (shapes := simplified(COARSE_DEGREES)):
            place = shapes[code].representative_point()
            axes.annotate(f"{told.name(code, lang)}\n{percent(shares.get(code))}", (place.x, place.y), ha="center", va="center", fontsize=4)
    axes.autoscale_view()
    axes.set_aspect(1.35)
    axes.set_axis_off()
    return figure


def _outline(shape: BaseGeometry) -> Outline:
    parts: Sequence[Polygon] = shape.geoms if isinstance(shape, MultiPolygon) else [shape]
    rings = [ring for part in parts for ring in (part.exterior, *part.interiors)]
    return Outline.make_compound_path(*(Outline(list(ring.coords), closed=True) for ring in rings))


PICTURES: dict[str, Drawer] = {"coverage": _coverage, "first_goods": _first_goods, "timeline": _timeline, "map": _map}
