"""Fast, fair, frugal beside the plan in hand: what each gives and gives up."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from dispatch.alerts.situations import get_row as get_situation
from dispatch.db import reading, retried, transaction
from dispatch.errors import DispatchError, InvalidInput
from dispatch.flow.compare import Figures, differences, figures_of
from dispatch.flow.compose import compose
from dispatch.flow.edit import edit, edit_params, look, resolve
from dispatch.flow.gather import gather
from dispatch.flow.model import Way
from dispatch.flow.wanted import weighed
from dispatch.flow.wishes import Wishes, wishes_from_json
from dispatch.proposals import alternatives as kept
from dispatch.proposals.store import get_row
from dispatch.routing.rates import load_routing


def weighed_as(wishes: Wishes, mode: str) -> Wishes:
    """The same wishes under another mode; a mode that sets the fair floor itself keeps its own."""
    own = load_routing().modes.get(mode)
    was = load_routing().modes[wishes.mode]
    alpha = None if (own and own.alpha is not None) or was.alpha is not None else wishes.alpha
    return weighed(wishes, mode, alpha)


def modes_missing(session: Session, code: str) -> list[str]:
    """Ways of weighing whose answer is not there yet, the plan's own left out."""
    mine = json.loads(get_row(session, code).body)["wishes"]["mode"]
    known = kept.list_answers(session, code)
    return [mode for mode in load_routing().modes if mode != mine and mode not in known]


def make_alternative(engine: Engine, code: str, mode: str, way: Way) -> None:
    """Work one alternative out and keep it; what stands in its way is kept in its place.

    One short search: see ``edit_params``.
    """
    if mode not in load_routing().modes:
        raise _unknown(mode)
    with reading(engine) as session:
        seen = look(session, code)
        inputs = gather(session, get_situation(session, seen.body["situation"]["code"]).code, way.clock.now())
    answer: dict[str, Any]
    try:
        decision = resolve(inputs, weighed_as(seen.wishes, mode), (seen.body["plan"], None), edit_params(way))
    except DispatchError as error:
        answer = {"error": {"zh": error.message_zh, "en": error.message}}
    else:
        body = compose(code, inputs, decision, way.actor)
        answer = {"figures": figures_of(body).as_dict(), "plan": body["plan"]}
    _keep(engine, (code, mode), answer, way)


@retried
def _keep(engine: Engine, key: tuple[str, str], answer: dict[str, Any], way: Way) -> None:
    with transaction(engine) as session:
        kept.keep(session, key, answer, way.clock.now())


def make_next(engine: Engine, way: Way) -> str | None:
    """One alternative that is missing of a proposal nobody has decided on; ``proposal mode``, or
    None when there is nothing to do."""
    with reading(engine) as session:
        for code in kept.list_undecided(session):
            missing = modes_missing(session, code)
            if missing:
                break
        else:
            return None
    make_alternative(engine, code, missing[0], way)
    return f"{code} {missing[0]}"


def table(session: Session, code: str) -> list[dict[str, Any]]:
    """One row for each way of weighing, the plan's own among them with its figures; rows not
    worked out yet have neither ``figures`` nor ``error``."""
    body = json.loads(get_row(session, code).body)
    answers = kept.list_answers(session, code)
    wishes = wishes_from_json(body["wishes"])
    mine = figures_of(body)
    rows = []
    for mode, of in load_routing().modes.items():
        is_mine = mode == wishes.mode
        answer = {"figures": mine.as_dict()} if is_mine else answers.get(mode, {})
        figures = answer.get("figures")
        rows.append({
            "mode": mode, "zh": of.zh, "en": of.en, "is_current": is_mine, "figures": figures,
            "error": answer.get("error"),
            "differences": differences(Figures(**figures), mine) if figures and not is_mine else [],
        })
    return rows


def choose(engine: Engine, code: str, mode: str, way: Way) -> str:
    """Take an alternative: an edit with its weighing that begins from its plan; the new code."""
    if mode not in load_routing().modes:
        raise _unknown(mode)
    with reading(engine) as session:
        wishes = look(session, code).wishes
        plan = kept.list_answers(session, code).get(mode, {}).get("plan")
    return edit(engine, code, weighed_as(wishes, mode), way, plan)


def _unknown(mode: str) -> InvalidInput:
    modes = ", ".join(load_routing().modes)
    return InvalidInput(
        f"There is no alternative {mode[:20]!r}.", remedy=f"Choose one of {modes}.",
        zh=f"没有名为 {mode[:20]!r} 的备选方案。", remedy_zh=f"可选：{modes}。",
    )
