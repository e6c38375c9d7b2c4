"""Backup, restore and moving between databases, on real files and servers."""

import json
import shutil
import threading
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, text

from dispatch.archive.read import copy, read_backup
from dispatch.archive.write import MANIFEST, lines_of, write_backup
from dispatch.audit.queries import verify
from dispatch.audit.store import Act, record
from dispatch.audit.tables import AuditRow
from dispatch.db import make_engine, reading, snapshot_of, transaction
from dispatch.errors import InvalidInput, Refused, Unavailable
from dispatch.inventory.proof import find_differences
from dispatch.reference.setup import migrate
from dispatch.tables import metadata
from tests.conftest import NOW, Databases


def everything(engine: Engine) -> dict[str, list[str]]:
    with snapshot_of(engine).connect() as connection:
        return {t.name: list(lines_of(connection, t)) for t in metadata.sorted_tables}


def fresh(databases: Databases, kind: str) -> Engine:
    engine = make_engine(databases.empty(kind))
    migrate(engine)
    return engine


@pytest.mark.parametrize("target_kind", ["sqlite", "postgis"])
def test_a_backup_brings_everything_back_on_either_database(demo: Engine, databases: Databases, target_kind: str, tmp_path: Path) -> None:
    there = fresh(databases, target_kind)
    manifest = write_backup(demo, tmp_path / "b.zip", NOW)
    assert manifest["tables"]["movement"]["rows"] > 100 and read_backup(tmp_path / "b.zip", there) == manifest
    assert everything(there) == everything(demo)
    with reading(there) as session:
        assert find_differences(session)["discrepancies"] == [] and verify(session).broken is None
    # the next act takes the next number
    with transaction(there) as session:
        record(session, Act("tester", "test.act", "after"), NOW)
    with reading(there) as session:
        assert verify(session).broken is None
        assert session.scalar(select(func.max(AuditRow.id))) == manifest["tables"]["audit"]["rows"] + 1
    there.dispose()


@pytest.mark.parametrize("target_kind", ["sqlite", "postgis"])
def test_moving_to_another_database(demo: Engine, databases: Databases, target_kind: str) -> None:
    there = fresh(databases, target_kind)
    counts = copy(demo, there)
    assert everything(there) == everything(demo) and counts["warehouse"] == 93
    with pytest.raises(Refused, match="already holds something"):
        copy(demo, there)
    there.dispose()


def test_a_backup_is_of_one_moment_while_others_write(demo: Engine, databases: Databases, tmp_path: Path) -> None:
    stop, written = threading.Event(), []

    def write() -> None:
        while not stop.is_set():
            with transaction(demo) as session:
                record(session, Act("tester", "test.act", f"n-{len(written)}"), NOW + timedelta(seconds=len(written)))
            written.append(1)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while len(written) < 3:
            pass
        write_backup(demo, tmp_path / "b.zip", NOW)
    finally:
        stop.set()
        writer.join()
    there = fresh(databases, "sqlite")
    read_backup(tmp_path / "b.zip", there)
    with reading(there) as session:
        assert verify(session).broken is None, "the head of the chain fits the acts"
    there.dispose()


def change(path: Path, name: str, edit: Callable[[bytes], bytes]) -> None:
    """The same archive with one file of it changed."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(path.with_suffix(".new"), "w") as new:
        for entry in old.namelist():
            new.writestr(entry, edit(old.read(entry)) if entry == name else old.read(entry))
    shutil.move(path.with_suffix(".new"), path)


@pytest.mark.parametrize(
    ("name", "edit", "words"),
    [
        ("movement.jsonl", lambda raw: raw.replace(b'"', b"'", 1), "movement was changed or cut"),
        ("audit.jsonl", lambda raw: raw[:-20], "audit was changed or cut"),
        (MANIFEST, lambda raw: raw.replace(b"dispatch-backup-1", b"dispatch-backup-9"), "its format is"),
        (MANIFEST, lambda raw: raw.replace(b'"on_hand"', b'"in_hand"'), "the columns of balance are others"),
        (MANIFEST, lambda _: b"[]", "not a whole backup"),
    ],
)
def test_a_changed_backup_is_refused_and_nothing_is_written(
    demo: Engine, databases: Databases, tmp_path: Path, name: str, edit: Callable[[bytes], bytes], words: str
) -> None:
    path, there = tmp_path / "b.zip", fresh(databases, "sqlite")
    write_backup(demo, path, NOW)
    change(path, name, edit)
    before = everything(there)
    with pytest.raises(InvalidInput, match=words):
        read_backup(path, there)
    assert everything(there) == before
    there.dispose()


@pytest.mark.parametrize("raw", [b"", b"PK", b"no archive at all"])
def test_a_file_that_is_no_backup(databases: Databases, tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "b.zip").write_bytes(raw)
    there = fresh(databases, "sqlite")
    with pytest.raises(InvalidInput, match="not a whole backup"):
        read_backup(tmp_path / "b.zip", there)
    with pytest.raises(InvalidInput, match="not a whole backup"):
        read_backup(tmp_path / "nothing.zip", there)
    there.dispose()


def test_a_row_that_breaks_a_rule_undoes_the_whole_restore(demo: Engine, databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, there = tmp_path / "b.zip", fresh(databases, "sqlite")
    write_backup(demo, path, NOW)
    before = everything(there)
    # what a power cut in the middle does: the last table never comes
    monkeypatch.setattr("dispatch.archive.read._count_on", lambda _session, table: 1 / 0 if table.name == "movement" else None)
    with pytest.raises(ZeroDivisionError):
        read_backup(path, there)
    assert everything(there) == before
    there.dispose()


def test_another_revision_is_refused(demo: Engine, databases: Databases, tmp_path: Path) -> None:
    path, there = tmp_path / "b.zip", fresh(databases, "sqlite")
    write_backup(demo, path, NOW)
    with there.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    with pytest.raises(Refused, match="of revision 0001"):
        read_backup(path, there)
    there.dispose()


def test_where_it_cannot_be_written_an_older_backup_stays(demo: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "b.zip"
    path.write_bytes(b"older")
    with pytest.raises(InvalidInput, match="cannot be written"):
        write_backup(demo, tmp_path / "no" / "b.zip", NOW)

    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("dispatch.files.os.fsync", full)
    with pytest.raises(Unavailable, match="No space left"):
        write_backup(demo, path, NOW)
    assert path.read_bytes() == b"older" and [p.name for p in tmp_path.iterdir()] == ["b.zip"]


def test_the_manifest_tells_what_is_inside(demo: Engine, tmp_path: Path) -> None:
    write_backup(demo, tmp_path / "b.zip", NOW)
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        manifest = json.loads(archive.read(MANIFEST))
        assert set(archive.namelist()) == {MANIFEST} | {f"{name}.jsonl" for name in manifest["tables"]}
    assert manifest["at"] == NOW.isoformat() and manifest["revision"]
