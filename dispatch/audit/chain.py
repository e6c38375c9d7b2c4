"""The chain of the audit record: each act carries the hash of itself and of all before it.  Pure.

Whoever changes, takes out, puts in or moves an act has to make every later hash anew; a hash
written down elsewhere (an export, a printed sheet) then no longer fits.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

START = "0" * 64
"""What the first act is chained to."""
FIELDS = ("at", "actor", "action", "subject", "detail", "seen")


@dataclass(frozen=True, slots=True)
class Break:
    """The first link that does not hold: number of the act, counted from 1, its id, what is wrong."""

    number: int
    act_id: int
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a walk along the chain found: acts walked, the hash at the end, the first break or None."""

    acts: int
    chain: str
    broken: Break | None = None

    def as_dict(self) -> dict[str, Any]:
        """For JSON: ok, acts, chain and first_broken."""
        first = self.broken
        return {
            "ok": first is None, "acts": self.acts, "chain": self.chain,
            "first_broken": None if first is None else {"number": first.number, "id": first.act_id, "zh": first.zh, "en": first.en},
        }


def link(before: str, act: Mapping[str, Any]) -> str:
    """The hash of an act behind the hash of the one before it.

    ``act`` holds ``FIELDS``; its time is an aware one or ISO text of one.
    """
    values = [_moment(act["at"]), *(act[name] for name in FIELDS[1:])]
    text = json.dumps([before, *values], ensure_ascii=False, separators=(",", ":"))
    # lone surrogates cannot come from a database, yet an export file may hold anything
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def walk(acts: Iterable[Mapping[str, Any]], head: tuple[int, str] | None = None) -> Verdict:
    """Follow the chain over acts in order (``FIELDS``, ``id`` and ``chain`` each).

    ``head``: (acts, hash) that the end must show; acts cut off at the end are found by it.
    """
    before, number = START, 0
    for number, act in enumerate(acts, 1):
        expected = link(before, act)
        if act["chain"] != expected:
            broken = Break(number, act["id"], f"第 {number} 条记录（编号 {act['id']}）与其校验链不符",
                           f"act {number} (id {act['id']}) does not fit the chain")
            return Verdict(number, before, broken)
        before = expected
    if head is not None and head != (number, before):
        broken = Break(number + 1, 0, f"链尾应为 {head[0]} 条，现有 {number} 条：末尾记录被删除或增加",
                       f"the chain should end after {head[0]} acts and ends after {number}: acts at the end were taken away or added")
        return Verdict(number, before, broken)
    return Verdict(number, before)


def _moment(at: datetime | str) -> str:
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return moment.astimezone(UTC).isoformat()
