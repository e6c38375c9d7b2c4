"""One round over folders and addresses: gather, take in, then put away and remember."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from dispatch.alerts.feed_store import get_state, save_state
from dispatch.alerts.feeds import gather, put_away, read_folder
from dispatch.alerts.fetch import FetchRule, check_address
from dispatch.db import reading, transaction
from dispatch.errors import DispatchError
from dispatch.flow.model import Way
from dispatch.flow.respond import ingest

SETTLE_S = 1.0


def poll(
    engine: Engine, sources: Sequence[str], way: Way, rule: FetchRule, settle_s: float = SETTLE_S
) -> dict[str, list[dict[str, Any]]]:
    """Take in what is new at each folder or address.

    Answers ``alerts`` as ``ingest`` does, and ``problems`` (source, error) for sources and
    entries that could not be read; one source never stops the next.
    """
    result: dict[str, list[dict[str, Any]]] = {"alerts": [], "problems": []}
    for source in sources:
        try:
            if "://" in source:
                _poll_address(engine, source, way, rule, result)
            else:
                _poll_folder(engine, Path(source), way, settle_s, result)
        except DispatchError as error:
            result["problems"].append({"source": source, "error": error.as_dict()})
    return result


def _poll_folder(
    engine: Engine, folder: Path, way: Way, settle_s: float, result: dict[str, list[dict[str, Any]]]
) -> None:
    for dropped in read_folder(folder, settle_s):
        (answer,) = ingest(engine, [(dropped.path.name, dropped.raw)], way)
        result["alerts"].append(answer)
        # only what the database holds leaves the folder
        put_away(dropped, answer["status"] != "quarantined")


def _poll_address(
    engine: Engine, url: str, way: Way, rule: FetchRule, result: dict[str, list[dict[str, Any]]]
) -> None:
    check_address(url, rule)
    with reading(engine) as session:
        state = get_state(session, url)
    gathered = gather(url, state, rule)
    result["alerts"] += ingest(engine, gathered.documents, way)
    result["problems"] += [{"source": url, "error": p.as_dict()} for p in gathered.problems]
    if gathered.state != state:
        with transaction(engine) as session:
            save_state(session, url, gathered.state, way.clock.now())
