"""The search in slices over a decision that is made whole: each slice searches further than the last."""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from typing import Any

from dispatch.flow.decide import decide
from dispatch.flow.model import Decision, Inputs
from dispatch.routing.problem import RoutingParams

FIRST_SOLUTIONS = 1
SLICE_SOLUTIONS = 8


@dataclass(frozen=True, slots=True)
class SlicedParams(RoutingParams):
    """A budget that is spent in ``slices`` steps."""

    slices: int = 8


@dataclass(frozen=True, slots=True)
class RoutePlan:
    """A plan as the number of solutions that the search needs to find it again, and its cost."""

    solutions: int
    cost_fen: int

    def to_json(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> RoutePlan:
        """The plan that ``to_json`` was asked of."""
        return cls(kept["solutions"], kept["cost_fen"])


@dataclass(frozen=True)
class Prepared:
    """Inputs ready to be searched; ``input_hash`` is equal for equal inputs."""

    inputs: Inputs
    seed: int
    input_hash: str
    _decisions: dict[int, Decision] = field(default_factory=dict, repr=False)

    def decision(self, solutions: int) -> Decision:
        """The decision that a search of so many solutions comes to."""
        if solutions not in self._decisions:
            params = RoutingParams(solution_limit=solutions, seed=self.seed)
            self._decisions[solutions] = decide(self.inputs, params)
        return self._decisions[solutions]

    def spent_s(self) -> float:
        """Seconds that all decisions so far took."""
        return sum(sum(made.stage_seconds.values()) for made in self._decisions.values())


def prepare(inputs: Inputs, params: SlicedParams, *, instant: bool = False) -> Prepared:
    """What the search starts from."""
    text = json.dumps(_plain(inputs), ensure_ascii=False)
    return Prepared(inputs, params.seed, hashlib.sha256(text.encode()).hexdigest())


def first_plan(prepared: Prepared) -> RoutePlan:
    """The first plan that the search meets."""
    cost = prepared.decision(FIRST_SOLUTIONS).routing.objective
    return RoutePlan(FIRST_SOLUTIONS, cost)


def improve(
    prepared: Prepared, plan: RoutePlan, params: SlicedParams, slice_no: int,
    cancel: threading.Event | None,
) -> RoutePlan:
    """One slice further; ``plan`` itself when nothing better was found, the seconds of the budget
    are spent or ``cancel`` is set."""
    if prepared.spent_s() >= params.time_limit_s or (cancel is not None and cancel.is_set()):
        return plan
    solutions = SLICE_SOLUTIONS * slice_no
    cost = prepared.decision(solutions).routing.objective
    return RoutePlan(solutions, cost) if cost < plan.cost_fen else plan


def conclude(prepared: Prepared, plan: RoutePlan) -> Decision:
    """The whole decision for a plan; ``Refused`` when an independent check fails."""
    return prepared.decision(plan.solutions)


def _plain(value: Any) -> Any:
    """A JSON-ready twin with an order of its own, whatever the process."""
    if is_dataclass(value) and not isinstance(value, type):
        return [_plain(getattr(value, f.name)) for f in fields(value)]
    if isinstance(value, dict):
        return sorted(([_plain(k), _plain(v)] for k, v in value.items()), key=json.dumps)
    if isinstance(value, set | frozenset):
        return sorted((_plain(v) for v in value), key=json.dumps)
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value if isinstance(value, int | float | str | None) else str(value)
