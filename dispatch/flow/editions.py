"""The editions of the plan as people read them: shipped and proposed, with their history."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from dispatch.errors import DispatchError, NotFound
from dispatch.flow.policies import read_text
from dispatch.plans.policy import Policy, shipped_policies
from dispatch.plans.store import list_policy_rows, policy_at


@dataclass(frozen=True)
class Edition:
    """An edition with who proposed and decided on it, when and why; ``status`` is shipped,
    proposed, approved or rejected; ``policy`` None when its text cannot be read any more."""

    version: str
    valid_from: date
    status: str
    text: str
    policy: Policy | None
    base_version: str = ""
    reason: str = ""
    proposed_by: str = ""
    proposed_at: datetime | None = None
    decided_by: str = ""
    decided_at: datetime | None = None
    comment: str = ""
    is_in_force: bool = False

    @property
    def counts(self) -> bool:
        """True for an edition that takes effect by its date."""
        return self.status in ("shipped", "approved")


def list_editions(session: Session, at: date) -> tuple[Edition, ...]:
    """Every edition, the latest first; the one in force on a day is marked."""
    current = policy_at(session, at).version
    shipped = sorted(shipped_policies(), key=lambda p: (p.valid_from, p.version))
    found = [
        Edition(p.version, p.valid_from, "shipped", p.text, p, before.version if before else "",
                is_in_force=p.version == current)
        for before, p in zip([None, *shipped], shipped, strict=False)
    ]
    for row in list_policy_rows(session):
        found.append(Edition(
            row.version, row.valid_from, row.status, row.body, _policy(row.body), row.base_version, row.reason,
            row.proposed_by, row.proposed_at, row.decided_by or "", row.decided_at, row.comment,
            row.status == "approved" and row.version == current,
        ))
    return tuple(sorted(found, key=lambda e: (e.valid_from, e.version), reverse=True))


def _policy(text: str) -> Policy | None:
    try:
        return read_text(text)
    except DispatchError:
        return None


def get_edition(session: Session, version: str, at: date) -> tuple[Edition, Edition | None]:
    """An edition and the one it was made from; ``NotFound`` with a remedy."""
    known = {edition.version: edition for edition in list_editions(session, at)}
    if version not in known:
        raise NotFound(f"There is no edition {version[:60]!r}.", remedy="The plan page lists the editions.",
                       zh=f"没有版本 {version[:60]!r}。", remedy_zh="预案页面列出了全部版本。")
    return known[version], known.get(known[version].base_version)


def difference(old: str, new: str) -> tuple[str, ...]:
    """The unified difference of two texts, without its file heads."""
    lines: Sequence[str] = list(difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=2))
    return tuple(lines[2:])
