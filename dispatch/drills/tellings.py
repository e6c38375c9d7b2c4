"""The words of a control room for what comes in and what happens.  Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from dispatch.alerts.reports import MEASURE_NAMES
from dispatch.alerts.timeline import HAZARD_NAMES
from dispatch.drills.comings import Break, Coming, Reopen, Tell, Warn
from dispatch.drills.replay import Log
from dispatch.drills.room_rows import Line

Names = Mapping[str, tuple[str, str]]
COLOURS = {"blue": ("蓝色", "blue"), "yellow": ("黄色", "yellow"), "orange": ("橙色", "orange"), "red": ("红色", "red")}
MOST_NAMED = 4


def line_of(coming: Coming, names: Names) -> Line:
    """What comes in, in one sentence of each language."""
    if isinstance(coming, Warn) and coming.closes:
        return Line(coming.at, "road", f"封路 {coming.closes}：{_places(coming.counties, names, 0)}", f"Road {coming.closes} closed: {_places(coming.counties, names, 1)}")
    if isinstance(coming, Warn):
        colour = COLOURS.get(coming.colour.value if coming.colour else "", ("", ""))
        hazard = HAZARD_NAMES.get(coming.hazard, (coming.hazard, coming.hazard))
        return Line(coming.at, "alert", f"{hazard[0]}{colour[0]}预警：{_places(coming.counties, names, 0)}",
                    f"{colour[1]} {hazard[1]} warning: {_places(coming.counties, names, 1)}".strip())
    if isinstance(coming, Reopen):
        return Line(coming.at, "road", f"恢复通行 {'、'.join(coming.roads)}", f"Reopened: {', '.join(coming.roads)}")
    if isinstance(coming, Tell):
        said = [(MEASURE_NAMES.get(name, (name, name)), value) for name in coming.counts.__slots__ if (value := getattr(coming.counts, name)) is not None]
        place = names.get(coming.place, (coming.place, coming.place))
        number = f"（第 {coming.event} 条）" if coming.event else "（导调）", f" (fact {coming.event})" if coming.event else " (inject)"
        return Line(coming.at, "report", f"{place[0]}报告{number[0]}：" + "，".join(f"{name[0]} {value}" for name, value in said),
                    f"Report of {place[1]}{number[1]}: " + ", ".join(f"{name[1]} {value}" for name, value in said))
    assert isinstance(coming, Break)
    return Line(coming.at, "truck", "下一辆将到的车辆途中故障", "The next truck to arrive breaks down")


def _places(codes: tuple[str, ...], names: Names, lang: int) -> str:
    shown = ("、", ", ")[lang].join(names.get(code, (code, code))[lang] for code in codes[:MOST_NAMED])
    return shown + (f"……共 {len(codes)} 处" if lang == 0 else f" … {len(codes)} in all") if len(codes) > MOST_NAMED else shown


@dataclass
class Teller:
    """Tells each thing of a log once."""

    names: Names
    told: dict[str, int] = field(default_factory=dict)

    def news(self, log: Log, came: list[Coming]) -> tuple[Line, ...]:
        """What is new in the log and in what came in, in order of time."""
        found = [line_of(coming, self.names) for coming in self._new("came", came)]
        found += [Line(at, "plan", f"方案 {code} 起草完成", f"Plan {code} drafted") for at, code in self._new("drafted", log.drafted)]
        found += [Line(at, "plan", f"方案 {code} 已批准", f"Plan {code} approved") for at, code in self._new("approved", log.approved)]
        found += [Line(at, "truck", f"运单 {code} 发车", f"Truck {code} left") for at, code in self._new("left", log.left)]
        for at, place, code in self._new("reached", log.reached):
            name = self.names.get(place, (place, place))
            found.append(Line(at, "goods", f"{name[0]}签收 {code}", f"{name[1]} signed for {code}"))
        found += [Line(at, "refused", f"{what} 被拒绝：{why}", f"{what} refused: {why}") for at, what, why in self._new("refused", log.refused)]
        return tuple(sorted(found, key=lambda line: line.at))

    def _new(self, what: str, every: list) -> Iterator:  # type: ignore[type-arg]
        before = self.told.get(what, 0)
        self.told[what] = len(every)
        yield from every[before:]
