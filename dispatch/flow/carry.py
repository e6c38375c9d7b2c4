"""A new draft of a situation takes over what people wished of the one before, as far as it still makes
sense; what does not is told with its reason."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from functools import reduce
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from dispatch.alerts.situations import codes_of
from dispatch.alerts.situations import get_row as get_situation
from dispatch.db import reading
from dispatch.errors import DispatchError
from dispatch.flow.edit import Seen, apply, edit_params, names_of, resolve
from dispatch.flow.gather import gather
from dispatch.flow.model import Inputs, Way
from dispatch.flow.sense import reasons_against
from dispatch.flow.trail import Change
from dispatch.flow.wanted import Names, check_wishes, chips, dropped
from dispatch.flow.wishes import Wishes, wishes_from_json
from dispatch.proposals.store import editors_of
from dispatch.proposals.tables import ProposalRow

Body = dict[str, Any]
Lost = list[dict[str, str]]


def carry_next(engine: Engine, way: Way) -> str | None:
    """Carry the wishes over to one draft that lacks them; its new code, None when there is none such.

    A draft that somebody edits or submits at this moment is left to them.
    """
    with reading(engine) as session:
        found = _waiting(session)
        if found is None:
            return None
        new, old = found
        names = names_of(session)
        inputs = gather(session, get_situation(session, new["situation"]["code"]).code, way.clock.now())
    seen = Seen(new["code"], new, wishes_from_json(new["wishes"]))
    wishes, lost = sensible(wishes_from_json(old["wishes"]), (inputs, new), names)
    wishes, more = _solvable(wishes, (inputs, new), names, way)
    change = Change(
        wishes, "carry", past=(new["code"],), dropped=(*lost, *more),
        editors=(old["edited"]["by"], *editors_of(old)),
    )
    try:
        return apply(engine, seen, change, way)
    except DispatchError:
        return None


def _waiting(session: Session) -> tuple[Body, Body] | None:
    """(a draft as the machine made it, the edited proposal it took the place of)."""
    rows = session.scalars(
        select(ProposalRow).where(ProposalRow.status == "draft").order_by(ProposalRow.created_at.desc(), ProposalRow.code.desc())
    )
    for row in rows:
        body = json.loads(row.body)
        if "edited" in body or "wishes" not in body:
            continue
        before = session.scalars(
            select(ProposalRow)
            .where(ProposalRow.situation.in_(codes_of(session, row.situation)), ProposalRow.code != row.code,
                   ProposalRow.created_at <= row.created_at)
            .order_by(ProposalRow.created_at.desc(), ProposalRow.code.desc()).limit(1)
        ).first()
        old = json.loads(before.body) if before is not None and before.status == "superseded" else {}
        if "edited" in old and wishes_from_json(old["wishes"]) != Wishes():
            return body, old
    return None


def sensible(wishes: Wishes, known: tuple[Inputs, Body], names: Names) -> tuple[Wishes, Lost]:
    """The wishes that still mean something in a new draft, and those that do not with the reason."""
    against = reasons_against(wishes, known)
    lost = [
        {"zh": chip.zh, "en": chip.en, "why_zh": against[chip.key][0], "why_en": against[chip.key][1]}
        for chip in chips(wishes, names) if chip.key in against
    ]
    return reduce(dropped, against, wishes), lost


def _solvable(wishes: Wishes, known: tuple[Inputs, Body], names: Names, way: Way) -> tuple[Wishes, Lost]:
    """All of the wishes where they can be had together, else one after the other as long as they can."""
    if _fault(wishes, known, names, way) is None:
        return wishes, []
    keys = [chip.key for chip in chips(wishes, names)]
    kept: list[str] = []
    lost = []
    for chip in chips(wishes, names):
        fault = _fault(_only(wishes, keys, {*kept, chip.key}), known, names, way)
        if fault is None:
            kept.append(chip.key)
        else:
            lost.append({"zh": chip.zh, "en": chip.en, "why_zh": fault.message_zh, "why_en": fault.message})
    return _only(wishes, keys, set(kept)), lost


def _only(wishes: Wishes, keys: Sequence[str], kept: Collection[str]) -> Wishes:
    return reduce(dropped, [key for key in keys if key not in kept], wishes)


def _fault(wishes: Wishes, known: tuple[Inputs, Body], names: Names, way: Way) -> DispatchError | None:
    inputs, body = known
    try:
        check_wishes(wishes, names)
        resolve(inputs, wishes, (body["plan"], None), edit_params(way))
    except DispatchError as error:
        return error
    return None
