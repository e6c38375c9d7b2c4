"""Drafts as durable workflows: their steps are kept in a store beside the database, so that a
workflow whose process died is gone on with from its last finished step.

The draft's row is the truth; this store only knows which steps have run, and may be deleted.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from dbos import DBOS, DBOSClient
from sqlalchemy import inspect, text
from sqlalchemy.engine import make_url

from dispatch.clock import SystemClock
from dispatch.db import make_engine
from dispatch.flow.solve import Solver

QUEUE = "drafts"
WORKFLOW = "draft"
# raised when the order of the steps changes; workflows of an older version are not gone on with
VERSION = "drafts-1"
SCHEMA = "dispatch_work"
ROLE = "dispatch_app"
LOOK_S = 0.05
# whoever took a workflow up has said so in the draft's row by then
SETTLED = timedelta(seconds=15)


def store_address(database_url: str) -> str:
    """Where steps are kept: a schema of its own in the same PostgreSQL, a file beside SQLite's."""
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite":
        return database_url
    name = url.database or "dispatch"
    return f"sqlite:///{name.removesuffix('.sqlite')}-work.sqlite"


def make_store(database_url: str) -> None:
    """Make the store's tables or bring them up to date; takes the rights of the database's owner.
    The application's role, where there is one, is let in."""
    address = store_address(database_url)
    engine = make_engine(address)
    with engine.connect() as connection:
        role = None if address.startswith("sqlite") else connection.scalar(
            text("SELECT rolname FROM pg_roles WHERE rolname = :role"), {"role": ROLE}
        )
    engine.dispose()
    DBOS.migrate(address, schema=SCHEMA, application_role=role)


def has_store(database_url: str) -> bool:
    """True when the store's tables are there."""
    address = store_address(database_url)
    engine = make_engine(address)
    schema = None if address.startswith("sqlite") else SCHEMA
    found = inspect(engine).has_table("workflow_status", schema=schema)
    engine.dispose()
    return found


def serve(solver: Solver, database_url: str) -> Callable[[], None]:
    """Take drafts from the queue one by one, in threads of this process; the answer ends it."""
    DBOS(config={
        "name": "dispatch", "system_database_url": store_address(database_url),
        "dbos_system_schema": SCHEMA, "executor_id": solver.name, "application_version": VERSION,
        "run_migrations": False, "console_log_level": "ERROR", "use_listen_notify": False, "sys_db_pool_size": 4,
    })

    def kept(name: str, step: Callable[..., Any], *arguments: Any) -> Any:
        return DBOS.run_step({"name": name}, step, *arguments)

    @DBOS.workflow(name=WORKFLOW)
    def draft(number: int) -> str | None:
        return solver.draft(number, kept)

    DBOS.launch()
    DBOS.register_queue(QUEUE, worker_concurrency=1, polling_interval_sec=LOOK_S)
    return DBOS.destroy


class Runs:
    """The workflows of drafts, seen from the supervisor."""

    def __init__(self, database_url: str) -> None:
        if not has_store(database_url):
            make_store(database_url)
        self._client = DBOSClient(
            system_database_url=store_address(database_url), dbos_system_schema=SCHEMA,
            retry_connection_errors=False,
        )

    def state(self, name: str) -> tuple[str, str | None, datetime] | None:
        """(status, executor, last change) of a workflow; None when there is none."""
        found = self._client.list_workflows(workflow_ids=[name], load_input=False, load_output=False)
        if not found:
            return None
        changed = datetime.fromtimestamp((found[0].updated_at or 0) / 1000, SystemClock().now().tzinfo)
        return found[0].status, found[0].executor_id, changed

    def enqueue(self, name: str, number: int) -> None:
        """Ask for a draft to be made; asking twice under one name is one run."""
        self._client.enqueue(
            {"workflow_name": WORKFLOW, "queue_name": QUEUE, "workflow_id": name, "app_version": VERSION},
            number,
        )

    def resume(self, name: str) -> None:
        """Let a workflow whose process is gone be taken up from its last finished step."""
        self._client.resume_workflow(name, queue_name=QUEUE)

    def close(self) -> None:
        """Let go of the store."""
        self._client.destroy()


def run_name(number: int, asked: int) -> str:
    """The name of the workflow of a draft's ``asked``-th wish."""
    return f"draft-{number}-{asked}"
