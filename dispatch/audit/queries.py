"""Reading the audit record: looking things up, walking the chain, taking it along."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.audit.chain import FIELDS, Verdict, walk
from dispatch.audit.tables import AuditHeadRow, AuditRow
from dispatch.errors import InvalidInput

BATCH = 5_000
FORMAT = "dispatch-audit-1"


def verify(session: Session) -> Verdict:
    """Walk the whole chain; memory does not grow with it.

    The session looks at one moment (``db.snapshot_of``), or acts written meanwhile seem added to the end.
    """
    return walk(_acts(session), _head(session))


def export(session: Session) -> Iterator[str]:
    """The record as lines of JSON: first what the file is and where the chain ends, then each act.

    The session looks at one moment, as for ``verify``.
    """
    acts, chain = _head(session)
    yield json.dumps({"format": FORMAT, "acts": acts, "chain": chain})
    for act in _acts(session):
        yield json.dumps({**act, "at": act["at"].isoformat()}, ensure_ascii=False)


def verify_export(lines: Iterable[str]) -> Verdict:
    """Walk the chain of an export, without any database; raises ``InvalidInput`` for another file."""
    source = iter(lines)
    try:
        head = json.loads(next(source, ""))
        if head["format"] != FORMAT:
            raise KeyError
        return walk((_read(line) for line in source), (head["acts"], head["chain"]))
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidInput(
            f"This is not an export of the audit record ({type(error).__name__}: {error}).",
            remedy="Give the file that `dispatch audit export` wrote, whole.",
            zh="该文件不是审计记录的导出文件，或已损坏。", remedy_zh="请提供 `dispatch audit export` 写出的完整文件。",
        ) from error


def list_acts(session: Session, wanted: dict[str, str], before: int | None = None, most: int = 100) -> list[dict[str, Any]]:
    """Newest acts first; ``wanted`` maps actor, action or subject to how it begins; ``before`` an id."""
    query = select(AuditRow).order_by(AuditRow.id.desc()).limit(most)
    for name, start in wanted.items():
        if start:
            query = query.where(getattr(AuditRow, name).startswith(start, autoescape=True))
    if before is not None:
        query = query.where(AuditRow.id < before)
    return [_as_dict(row) for row in session.scalars(query)]


def _head(session: Session) -> tuple[int, str]:
    row = session.scalars(select(AuditHeadRow)).one()
    return row.acts, row.chain


def _acts(session: Session) -> Iterator[dict[str, Any]]:
    columns = [AuditRow.id, *(getattr(AuditRow, name) for name in FIELDS), AuditRow.chain]
    last = 0
    while True:
        rows = session.execute(select(*columns).where(AuditRow.id > last).order_by(AuditRow.id).limit(BATCH)).all()
        if not rows:
            return
        last = rows[-1].id
        yield from (dict(row._mapping) for row in rows)


def _as_dict(row: AuditRow) -> dict[str, Any]:
    return {"id": row.id, **{name: getattr(row, name) for name in FIELDS}, "chain": row.chain}


def _read(line: str) -> dict[str, Any]:
    act = json.loads(line)
    return {name: act[name] for name in ("id", *FIELDS, "chain")}
