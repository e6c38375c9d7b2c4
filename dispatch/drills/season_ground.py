"""What every simulated year starts from: stock, fleet, teams and places as they are now."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time

from sqlalchemy.orm import Session

from dispatch.clock import LOCAL_ZONE, to_local
from dispatch.errors import InvalidInput
from dispatch.flow.gather import grades_on, ground_of
from dispatch.geography.store import list_counties, list_names
from dispatch.inventory.fefo import is_sound
from dispatch.inventory.model import Item, StockLine, StockSnapshot, Warehouse
from dispatch.inventory.store import list_items, list_kits, list_warehouses, snapshot
from dispatch.needs.exposure_table import ExposureTable, load_exposure
from dispatch.needs.standards import Standards, load_standards
from dispatch.places import County
from dispatch.plans.ground import Ground
from dispatch.plans.policy import Policy
from dispatch.plans.store import policy_at
from dispatch.routing.model import RoadEdge, Vehicle, VehicleClass
from dispatch.routing.speeds import SpeedTable, load_speeds
from dispatch.routing.store import list_classes, list_edges, list_vehicles
from dispatch.teams.candidates import candidates
from dispatch.teams.problem import Candidate
from dispatch.teams.rules import TeamRule, load_team_rule
from dispatch.teams.store import list_rosters

NOTHING_RECENT: dict[str, int] = {}


@dataclass(frozen=True)
class Base:
    """Plain values, no session.

    ``stock`` holds what can be promised today with its expiry struck out: goods near their end
    are taken to be exchanged in time.  ``candidates`` are as ready as they are today and at home.
    ``starts_at`` is the first moment of the simulated year.
    """

    starts_at: datetime
    counties: dict[str, County]
    names: dict[str, tuple[str, str]]
    items: dict[str, Item]
    warehouses: dict[str, Warehouse]
    stock: StockSnapshot
    edges: tuple[RoadEdge, ...]
    classes: dict[str, VehicleClass]
    vehicles: tuple[Vehicle, ...]
    candidates: tuple[Candidate, ...]
    policy: Policy
    standards: Standards
    exposure: ExposureTable
    speeds: SpeedTable
    kit_versions: dict[str, str]
    ground: Ground
    teams: TeamRule

    @property
    def fingerprint(self) -> str:
        """SHA-256 of what a year starts from; another stock, fleet or roster has another."""
        lines = [(line.warehouse_code, line.lot_code, line.on_hand) for line in self.stock.lines]
        teams = [(c.team.code, c.readiness, c.is_ready, c.has_vehicle) for c in self.candidates]
        parts = (
            self.starts_at, sorted(lines), sorted(self.stock.minimum.items()), sorted(v.code for v in self.vehicles),
            teams, self.policy.version, self.standards.version, self.exposure.version, self.edges,
        )
        return hashlib.sha256(repr(parts).encode()).hexdigest()


def year_start(at: datetime, month: int) -> datetime:
    """The first local midnight of ``month`` at or after a moment."""
    local = to_local(at).date()
    year = local.year if local <= date(local.year, month, 1) else local.year + 1
    return datetime.combine(date(year, month, 1), time(), LOCAL_ZONE).astimezone(UTC)


def read_base(session: Session, at: datetime, starts_month: int) -> Base:
    """Reads everything once; nothing is written.

    Raises ``InvalidInput`` where the database holds no stock.
    """
    counties, names, rule = list_counties(session), list_names(session), load_team_rule()
    starts_at = year_start(at, starts_month)
    day = to_local(starts_at).date()
    now = snapshot(session, at)
    stock = replace(now, at=starts_at, lines=tuple(_kept(line) for line in now.lines if _is_good(line, to_local(at).date())))
    if not stock.lines:
        raise InvalidInput("There is no stock to simulate a season with.", remedy="Book the stock, or run: dispatch init --demo.",
                           zh="没有库存，无法模拟。", remedy_zh="请先登记库存，或运行 dispatch init --demo。")
    return Base(
        starts_at=starts_at,
        counties={c.adcode: c for c in counties},
        names=names,
        items={i.code: i for i in list_items(session)},
        warehouses={w.code: w for w in list_warehouses(session)},
        stock=stock,
        edges=list_edges(session),
        classes=list_classes(session),
        vehicles=tuple(list_vehicles(session)),
        candidates=tuple(
            _at_home(c) for c in candidates(list_rosters(session), rule, to_local(at).date(), NOTHING_RECENT)
        ),
        policy=policy_at(session, day),
        standards=load_standards(day),
        exposure=load_exposure(day),
        speeds=load_speeds(),
        kit_versions={
            kit.item_code: kit.version
            for kit in sorted(list_kits(session), key=lambda k: k.valid_from) if kit.valid_from <= day
        },
        ground=replace(ground_of(counties, names), grades=grades_on(day)),
        teams=rule,
    )


def _is_good(line: StockLine, day: date) -> bool:
    return line.available > 0 and is_sound(line.lot) and (line.expires_on is None or line.expires_on > day)


def _kept(line: StockLine) -> StockLine:
    return replace(line, lot=replace(line.lot, expires_on=None), on_hand=line.available, reserved=0)


def _at_home(candidate: Candidate) -> Candidate:
    return replace(candidate, team=replace(candidate.team, status="available", rested_at=None))


def with_extra(base: Base, extra: dict[tuple[str, str], int]) -> Base:
    """The same with more units of an item at a warehouse, added to the largest free lot there.

    Raises ``InvalidInput`` for a place or item that is not known, or that holds none.
    """
    lines = list(base.stock.lines)
    for (place, item), units in sorted(extra.items()):
        found = [
            n for n, line in enumerate(lines)
            if (line.warehouse_code, line.lot.item_code) == (place, item) and line.restriction is None and line.area is None
        ]
        if not found or units < 1:
            raise InvalidInput(
                f"{units} more of {item} cannot be put into {place}: it is no warehouse that holds it, or no count.",
                remedy="Write WAREHOUSE:ITEM=UNITS with a warehouse that keeps the item, for example WH-150500:QUILT=500.",
                zh=f"无法在 {place} 增加 {item} {units}：仓库不存有该物资，或数量不对。",
                remedy_zh="请写作 仓库:物资=数量，例如 WH-150500:QUILT=500。",
            )
        largest = max(found, key=lambda n: (lines[n].on_hand, lines[n].lot_code))
        lines[largest] = replace(lines[largest], on_hand=lines[largest].on_hand + units)
    return replace(base, stock=replace(base.stock, lines=tuple(lines)))
