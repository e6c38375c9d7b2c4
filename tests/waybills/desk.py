"""An approved plan with its trucks, made once for each test that needs one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine

from dispatch.clock import Clock
from dispatch.db import reading
from dispatch.flow.approve import approve, submit
from dispatch.flow.deliver import depart
from dispatch.flow.receive import Outcome, sign
from dispatch.proposals.queries import get_proposal, list_proposals
from dispatch.waybills.queries import get_waybill
from dispatch.waybills.receipts import Counted, Signed


def approved(engine: Engine, clock: Clock) -> list[str]:
    """The waybills of the demo's plan once a second person approved it, by code."""
    with reading(engine) as session:
        body = get_proposal(session, list_proposals(session)[0]["code"])
    submit(engine, body["code"], "duty", clock)
    return sorted(approve(engine, body["code"], "approver", body["body_hash"], clock))


def on_the_road(engine: Engine, clock: Clock, *, stops: int = 1) -> dict[str, Any]:
    """A waybill with at least so many stops whose truck has left."""
    for code in approved(engine, clock):
        with reading(engine) as session:
            found = get_waybill(session, code)
        if len(found["stops"]) >= stops:
            depart(engine, code, "store", clock)
            return found
    raise AssertionError(f"no truck of the demo has {stops} stops")


def receive(engine: Engine, code: str, actor: str, received: Mapping[str, int], clock: Clock) -> Outcome:
    """All stops still open sign at once; ``received`` maps a line that did not come whole to its units."""
    differences = {line: Counted(units) for line, units in received.items()}
    return sign(engine, code, Signed(None, "王收货", clock.now(), "test", differences), actor, clock)
