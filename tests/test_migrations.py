"""The revisions make exactly the tables of the code, and go back."""

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from dispatch.config import PROJECT_ROOT, Settings
from dispatch.db import make_engine
from dispatch.reference.setup import migrate
from dispatch.tables import metadata


def ours(_item: object, name: str | None, kind: str, *_rest: object) -> bool:
    is_spatial_index = kind == "index" and name is not None and name.startswith("idx_")
    return name != "spatial_ref_sys" and not is_spatial_index


def test_migrated_tables_are_those_of_the_code(settings: Settings) -> None:
    engine = make_engine(settings.database_url)
    migrate(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": ours, "compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_up_down_up(settings: Settings) -> None:
    engine = make_engine(settings.database_url)
    migrate(engine)
    config = Config(toml_file=str(PROJECT_ROOT / "pyproject.toml"))
    config.set_main_option("script_location", str(PROJECT_ROOT / "migrations"))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    assert set(inspect(engine).get_table_names()) <= {"alembic_version", "spatial_ref_sys"}
    migrate(engine)
    assert "movement" in inspect(engine).get_table_names()
    engine.dispose()


def test_the_applications_role_may_add_facts_and_never_change_them(settings: Settings, kind: str) -> None:
    if kind == "sqlite":
        pytest.skip("SQLite has no roles; its triggers guard the facts")
    engine = make_engine(settings.database_url)
    migrate(engine)
    for sql in ("UPDATE movement SET quantity = 1", "DELETE FROM movement", "TRUNCATE movement", "DELETE FROM money_movement"):
        with engine.begin() as connection:
            connection.execute(text("SET LOCAL ROLE dispatch_app"))
            connection.execute(text("SELECT COUNT(*) FROM movement"))
            with pytest.raises(DBAPIError, match="permission denied"):
                connection.execute(text(sql))
            connection.rollback()
    with pytest.raises(DBAPIError, match="facts"), engine.begin() as connection:
        connection.execute(text("TRUNCATE movement CASCADE"))
    engine.dispose()


@pytest.mark.parametrize("table", ["county", "warehouse"])
def test_postgis_has_its_spatial_indexes(settings: Settings, kind: str, table: str) -> None:
    if kind == "sqlite":
        pytest.skip("SQLite keeps geometries as bytes")
    engine = make_engine(settings.database_url)
    migrate(engine)
    assert any(i["name"].startswith(f"idx_{table}") for i in inspect(engine).get_indexes(table))
    engine.dispose()


def test_waybills_keep_their_events_when_their_states_become_more(settings: Settings) -> None:
    engine = make_engine(settings.database_url)
    config = Config(toml_file=str(PROJECT_ROOT / "pyproject.toml"))
    config.set_main_option("script_location", str(PROJECT_ROOT / "migrations"))
    at, rows = "2021-11-08 15:00:00+00:00", "SELECT status, detail FROM waybill_event"

    def move(revision: str) -> None:
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            (command.downgrade if revision == "0010" and done else command.upgrade)(config, revision)
            connection.rollback()

    done: list[str] = []
    move("0010")
    with engine.begin() as connection:
        connection.execute(text(
            "INSERT INTO proposal (code, situation, state_hash, status, created_at, created_by, body, body_hash) "
            "VALUES ('P-1', 'S', 'h', 'approved', :at, 'x', '{}', 'h')"), {"at": at})
        connection.execute(text("INSERT INTO waybill VALUES ('WB-1', 'P-1', 'departed', :at, 'x', '{}', 'h')"), {"at": at})
        connection.execute(text("INSERT INTO waybill_event (waybill, at, actor, status, detail) VALUES ('WB-1', :at, 'x', 'departed', 'd')"), {"at": at})
    move("0012")
    done.append("0012")
    with engine.begin() as connection:
        assert connection.execute(text(rows)).all() == [("departed", "d")]
        connection.execute(text("UPDATE waybill SET status = 'stranded'"))
    with pytest.raises(DBAPIError), engine.begin() as connection:
        connection.execute(text("UPDATE waybill SET status = 'lost'"))
    move("0010")
    with engine.begin() as connection:
        assert connection.execute(text(rows)).all() == [("departed", "d")]
        assert connection.scalar(text("SELECT status FROM waybill")) == "departed"
    engine.dispose()
