"""What routes weigh and how crews drive: dated data, checked whole."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from dispatch.errors import InvalidInput

FILE = Path(__file__).resolve().parent.parent / "reference" / "data" / "routing.toml"
HOUR_S = 3600
TONNE_G = 1_000_000


@dataclass(frozen=True, slots=True)
class DrivingRules:
    """Seconds.  After ``rest_after_s`` of driving a truck stands ``rest_s``; when each of
    its ``drivers`` has driven ``driver_day_s`` the crew sleeps ``sleep_s``."""

    rest_after_s: int
    rest_s: int
    drivers: int
    driver_day_s: int
    sleep_s: int

    @property
    def day_s(self) -> int:
        """Driving of the truck between two sleeps."""
        return self.drivers * self.driver_day_s


@dataclass(frozen=True, slots=True)
class Rates:
    """Fen.  The three tuples are by priority 1, 2, … (the last also for all below); a shipment
    lighter than ``least_load_g`` weighs as much as that when it waits or is late.

    ``change_fen``: a shipment on another truck than in the plan before;
    ``move_fen``: a shipment loaded at another warehouse than the one allotted;
    ``hire_most``: trucks of each class that can be hired at a warehouse.
    """

    late_fen_per_tonne_hour: tuple[int, ...]
    arrival_fen_per_tonne_hour: tuple[int, ...]
    unserved_fen: tuple[int, ...]
    change_fen: int
    move_fen: int
    most_sources: int
    hire_factor_percent: int
    hire_most: int
    least_load_g: int

    def late_per_s(self, priority: int, load_g: int) -> float:
        """Fen for each second a shipment is late."""
        return _of(self.late_fen_per_tonne_hour, priority) * self._tonnes(load_g) / HOUR_S

    def arrival_per_s(self, priority: int, load_g: int) -> float:
        """Fen for each second until a shipment arrives."""
        return _of(self.arrival_fen_per_tonne_hour, priority) * self._tonnes(load_g) / HOUR_S

    def _tonnes(self, load_g: int) -> float:
        return max(load_g, self.least_load_g) / TONNE_G

    def unserved(self, priority: int) -> int:
        """Fen for a shipment that no truck takes."""
        return _of(self.unserved_fen, priority)


def _of(by_priority: tuple[int, ...], priority: int) -> int:
    return by_priority[min(priority, len(by_priority)) - 1]


@dataclass(frozen=True, slots=True)
class Mode:
    """A way to weigh a plan; ``alpha`` None = as the allocation has it."""

    code: str
    zh: str
    en: str
    arrival_percent: int
    late_percent: int
    alpha: float | None = None


@dataclass(frozen=True, slots=True)
class RoutingData:
    """The data in force: rates, driving rules, skills by hazard and colour rank, modes, and
    what a tonne costs for a kilometre when sources are compared."""

    rates: Rates
    driving: DrivingRules
    needs_skill: dict[str, tuple[str, ...]]
    modes: dict[str, Mode]
    fen_per_tonne_km: int
    source: str
    is_assumption: bool


@cache
def load_routing(path: Path = FILE) -> RoutingData:
    """The routing data; ``InvalidInput`` when the file is broken."""
    try:
        read = tomllib.loads(path.read_text("utf-8"))
        rates = Rates(
            late_fen_per_tonne_hour=_by_priority(read["late_fen_per_tonne_hour"]),
            arrival_fen_per_tonne_hour=_by_priority(read["arrival_fen_per_tonne_hour"]),
            unserved_fen=_by_priority(read["unserved_fen"]),
            change_fen=_count(read["change_fen"]),
            move_fen=_count(read["move_fen"]),
            most_sources=_count(read["most_sources"]),
            hire_factor_percent=_count(read["hire_factor_percent"], 1),
            hire_most=_count(read["hire_most"]),
            least_load_g=_count(read["least_load_g"], 1),
        )
        driving = DrivingRules(**{name: _count(value, 1) for name, value in read["driving"].items()})
        modes = {code: Mode(code, **fields) for code, fields in read["modes"].items()}
        skills = {hazard: tuple(row) for hazard, row in read["needs_skill"].items()}
        return RoutingData(rates, driving, skills, modes, _count(read["fen_per_tonne_km"]), read["source"], read["is_assumption"])
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise InvalidInput(
            f"The routing data {path.name} cannot be read: {error!r}.", remedy="Mend the file.",
            zh=f"线路参数文件 {path.name} 无法读取：{error!r}。", remedy_zh="请修改该文件。",
        ) from error


def _count(value: object, least: int = 0) -> int:
    if not isinstance(value, int) or value < least:
        raise ValueError(f"{value!r} is not a whole number from {least}")
    return value


def _by_priority(values: list[object]) -> tuple[int, ...]:
    found = tuple(_count(value) for value in values)
    if not found or list(found) != sorted(found, reverse=True):
        raise ValueError(f"{values!r} does not fall with the priority")
    return found


def weighed(rates: Rates, mode: Mode) -> Rates:
    """The rates as a mode sees them."""
    return replace(
        rates,
        late_fen_per_tonne_hour=tuple(v * mode.late_percent // 100 for v in rates.late_fen_per_tonne_hour),
        arrival_fen_per_tonne_hour=tuple(
            v * mode.arrival_percent // 100 for v in rates.arrival_fen_per_tonne_hour
        ),
    )
