"""From flows of lot classes to lines, gaps, aims and the proof of the floor.  Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from dispatch.allocation.arcs import Arcs
from dispatch.allocation.coupled import weighed_kg
from dispatch.allocation.explain import Sources, why_line
from dispatch.allocation.model import (
    AllocationResult,
    Bottleneck,
    Floor,
    Gap,
    SolveStatus,
    Stage,
    SupplyLine,
)
from dispatch.allocation.problem import Offer
from dispatch.allocation.relief import Book, Pick, why_gaps
from dispatch.allocation.trucks import Floats, Headroom, Item, item_mass_g, seconds_of
from dispatch.allocation.view import Bools, Ints, ItemView, World, late_s
from dispatch.words import Words

LARGE = 5e-7
CAUSE_LATER = Words("gap.later", "原因正在查找", "the cause is being looked for")
REMEDY_LATER = Words("remedy.later", "稍后给出", "to follow")


@dataclass(frozen=True)
class Planned:
    """Units ``sent`` on the arcs of an item; per need the promised ``floor``, the fair
    ``share`` without trucks, and whether it is ``binding`` for the smallest share."""

    view: ItemView
    arcs: Arcs
    sent: Ints
    floor: Ints
    share: Floats
    binding: Bools

    @property
    def item(self) -> Item:
        """The part the linear programme knows."""
        return Item(self.view, self.arcs, self.share)

    @property
    def got(self) -> Ints:
        """Units each need receives."""
        return np.bincount(self.arcs.j, weights=self.sent, minlength=len(self.view.needs)).astype(np.int64)


@dataclass(frozen=True)
class Plan:
    """All items; ``bounds`` are the optima of a linear programme by aim, in order."""

    engine: str
    items: tuple[Planned, ...]
    bounds: tuple[tuple[str, float], ...] = ()
    offers: tuple[Offer, ...] = ()
    withheld: tuple[Offer, ...] = ()


def make_result(world: World, plan: Plan) -> AllocationResult:
    """The answer people read, with every line and gap explained."""
    headroom = Headroom(world)
    for planned in plan.items if world.params.explains else ():
        headroom.take(planned.item, planned.sent)
    stages = _stages(world, plan)
    stock = (*plan.offers, *plan.withheld)
    lines: list[SupplyLine] = []
    gaps: list[Gap] = []
    for planned in plan.items:
        picks = picks_of(world, planned)
        lines += _lines(world, planned, picks)
        missing = planned.view.wanted - planned.got
        if np.any(missing) and not world.params.explains:
            gaps += _bare_gaps(planned, missing)
        elif np.any(missing):
            gaps += why_gaps(Book(world, planned.view, stock, picks, headroom), missing)
    costs = {stage.name: stage for stage in stages}
    is_proven = all(stage.gap <= LARGE for stage in stages)
    return AllocationResult(
        status=SolveStatus.OPTIMAL if is_proven else SolveStatus.FEASIBLE,
        lines=tuple(lines),
        gaps=tuple(gaps),
        objective=costs["unmet"].value,
        bound=costs["unmet"].bound,
        runtime_s=0.0,
        engine=plan.engine,
        alpha=world.params.alpha,
        stages=stages,
        floors=tuple(_floors(plan)),
        bottlenecks=tuple(_bottlenecks(plan)),
    )


def _bare_gaps(planned: Planned, missing: Ints) -> Iterable[Gap]:
    """Gaps whose cause is not looked for yet."""
    for need, units in zip(planned.view.needs, missing.tolist(), strict=True):
        if units:
            yield Gap(need.county, planned.view.item_code, units, CAUSE_LATER, REMEDY_LATER)


def picks_of(world: World, planned: Planned) -> list[Pick]:
    """Lots inside a class leave first-expiring first, to whom is reached first."""
    view, arcs = planned.view, planned.arcs
    seconds = seconds_of(world, planned.item)
    used = np.flatnonzero(planned.sent)
    used = used[np.lexsort((arcs.j[used], seconds[used], arcs.o[used]))]
    left = [[lot.quantity for lot in lots] for lots in view.lots]
    at = [0] * len(view.lots)
    found = []
    for o, j, units, driven in zip(
        arcs.o[used].tolist(), arcs.j[used].tolist(), planned.sent[used].tolist(),
        seconds[used].tolist(), strict=True,
    ):
        while units:
            taken = min(units, left[o][at[o]])
            found.append((j, o, at[o], taken, driven))
            left[o][at[o]] -= taken
            units -= taken
            at[o] += not left[o][at[o]]
    return [Pick(j, view.lots[o][lot], taken, driven) for j, o, lot, taken, driven in sorted(found)]


def _lines(world: World, planned: Planned, picks: Iterable[Pick]) -> Iterable[SupplyLine]:
    sources = Sources(world, planned.item, planned.sent)
    for pick in picks:
        yield SupplyLine(
            county=planned.view.needs[pick.j].county,
            item_code=planned.view.item_code,
            lot_code=pick.offer.lot_code,
            warehouse_code=pick.offer.warehouse_code,
            quantity=pick.units,
            arrives_at=world.problem.departs_at + timedelta(seconds=pick.seconds),
            reason=why_line(sources, pick.offer, pick.j, pick.units),
        )


def _stages(world: World, plan: Plan) -> tuple[Stage, ...]:
    """Values of the aims; a flow is its own bound, a linear programme brings its optima.

    The floor counts to within one unit: half a stove cannot be promised.
    """
    values = dict.fromkeys(("unmet", "late", "arrival", "cost"), 0.0)
    coverage = 1.0
    for planned in plan.items:
        view, j, sent = planned.view, planned.arcs.j, planned.sent
        kg, driven = weighed_kg(world, view), seconds_of(world, planned.item)
        values["unmet"] += float((kg * (view.wanted - planned.got)).sum())
        late = late_s(world.params, np.maximum(0, driven - view.due_s[j]))
        values["late"] += float((kg[j] * late * sent).sum()) / 3600
        values["arrival"] += float((kg[j] * driven * sent).sum()) / 3600
        tonnes = item_mass_g(world.problem, view.item_code) / 1e6
        values["cost"] += float((2 * tonnes * driven * sent).sum()) / 3600
        fair = planned.share * view.wanted
        if np.any(fair > 0):
            coverage = min(coverage, float(((planned.got + 1)[fair > 0] / fair[fair > 0]).min()))
    bounds = dict(plan.bounds)
    asked = world.params.alpha * bounds.get("floor", 1.0)
    stages = [Stage("floor", min(coverage, asked), asked if bounds else min(coverage, asked))]
    stages += [Stage(name, value, bounds.get(name, value)) for name, value in values.items()]
    return tuple(stages)


def _floors(plan: Plan) -> Iterable[Floor]:
    for planned in plan.items:
        for need, units in zip(planned.view.needs, planned.floor.tolist(), strict=True):
            if units:
                yield Floor(need.county, planned.view.item_code, units)


def _bottlenecks(plan: Plan) -> Iterable[Bottleneck]:
    if plan.engine != "flow":
        return
    for planned in plan.items:
        if planned.binding.any():
            counties = sorted({n.county for n, b in zip(planned.view.needs, planned.binding, strict=True) if b})
            yield Bottleneck(planned.view.item_code, tuple(counties), float(planned.share[planned.binding].max()))
