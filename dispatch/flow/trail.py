"""The trail of edits of a proposal, kept in the bodies themselves: what one may undo and redo, what was
asked for, and how far the plan is by now from the machine's own.  Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dispatch.flow.compare import changes, figures_of
from dispatch.flow.wanted import Names, chips
from dispatch.flow.wishes import Wishes, wishes_from_json

Body = Mapping[str, Any]
KeptPlan = Sequence[Mapping[str, Any]]
KINDS = ("edit", "undo", "redo", "carry")


@dataclass(frozen=True)
class Change:
    """A change of a plan that somebody asks for.

    ``before``: the plan to change little of, where it is not the one in hand; ``start``: a plan to
    begin the search from.  ``past`` and ``future``: codes of the states one can go back and forth to
    from the new one.  ``dropped``: earlier wishes that could not be carried over, each with a reason;
    ``editors`` had a hand in those that were.
    """

    wishes: Wishes
    kind: str = "edit"
    before: KeptPlan | None = None
    start: KeptPlan | None = None
    past: tuple[str, ...] = ()
    future: tuple[str, ...] = ()
    dropped: tuple[Mapping[str, str], ...] = ()
    editors: tuple[str, ...] = ()


def past_of(code: str, body: Body) -> tuple[str, ...]:
    """The states behind a proposal, the one in front of it last."""
    edited = body.get("edited")
    if edited is None:
        return ()
    return tuple(edited.get("past", (edited["from"],)))


def future_of(body: Body) -> tuple[str, ...]:
    """The states that were undone, the next to do again first."""
    return tuple(body.get("edited", {}).get("future", ()))


def machine_of(code: str, body: Body) -> str:
    """The code of the plan that the machine made and that all edits began from."""
    return str(body.get("edited", {}).get("machine", {}).get("code", code))


def edited_part(
    bodies: tuple[Body, Body, Body], change: Change, made: tuple[str, datetime], names: Names
) -> dict[str, Any]:
    """What the body of an edited plan tells of its making; ``bodies``: the one it was made from, the
    machine's own, the new one; ``made``: by whom and when."""
    seen, machine, body = bodies
    by, at = made
    editors = {*seen.get("edited", {}).get("editors", ()), *change.editors, by}
    return {
        "from": seen["code"], "by": by, "at": at.isoformat(), "kind": change.kind,
        "asked": asked(wishes_from_json(seen["wishes"]), change.wishes, names),
        "editors": sorted(editors),
        "changes": changes(seen, body),
        "past": list(change.past), "future": list(change.future), "dropped": [dict(d) for d in change.dropped],
        "figures": {"before": figures_of(seen).as_dict(), "after": figures_of(body).as_dict()},
        "machine": {
            "code": machine["code"], "figures": figures_of(machine).as_dict(), "changes": changes(machine, body),
            "asked": [{"zh": chip.zh, "en": chip.en} for chip in chips(change.wishes, names)],
        },
    }


def asked(before: Wishes, after: Wishes, names: Names) -> list[dict[str, str]]:
    """What was wished otherwise than before: new wishes, then those taken away."""
    was, now = ({chip.key + chip.zh: chip for chip in chips(w, names)} for w in (before, after))
    added = [{"zh": now[k].zh, "en": now[k].en} for k in now if k not in was]
    gone = [
        {"zh": f"取消“{was[k].zh}”", "en": f"taken away: {was[k].en}"}
        for k in was if k not in now and not any(chip.key == was[k].key for chip in now.values())
    ]
    return added + gone
