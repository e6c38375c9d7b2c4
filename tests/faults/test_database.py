"""The database restarts, is cut off, or has no room: plain words meanwhile, nothing lost, work again by itself."""

from __future__ import annotations

import shutil
import subprocess
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from sqlalchemy import text

from dispatch.audit.queries import verify
from dispatch.db import make_engine, reading, snapshot_of
from dispatch.inventory.proof import find_differences
from tests.conftest import Databases
from tests.faults.cluster import Cluster, Wire, fill_up, mount_small, unmount
from tests.faults.pages import Pages, Visitor
from tests.postgis import BIN
from tests.run import shared_folder

QUEUED = {"X-Queued": "1"}
NIGHT_S = 6.0


def own_folder() -> Path:
    """A folder the database's user may enter."""
    return shared_folder() / f"faults-{uuid.uuid4().hex[:8]}"


def fill_from(databases: Databases, cluster: Cluster) -> str:
    """A demo in a database of the cluster; its name."""
    name = cluster.new_database()
    with databases.lent("postgis", demo=True) as url:
        source = url.replace("postgresql+psycopg://", "postgresql://")
        dump = subprocess.Popen([str(BIN / "pg_dump"), "--no-owner", "--no-privileges", "-d", source], stdout=subprocess.PIPE)
        target = cluster.url(name).replace("postgresql+psycopg://", "postgresql://")
        subprocess.run([str(BIN / "psql"), "-q", "-d", target], stdin=dump.stdout, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        assert dump.wait() == 0
    return name


@pytest.fixture
def cluster(databases: Databases) -> Iterator[Cluster]:
    databases.filled("postgis", demo=True)
    found = Cluster(own_folder())
    found.start()
    yield found
    found.end()
    shutil.rmtree(found.folder, ignore_errors=True)


def report_road(person: Visitor, key: str) -> int:
    """Post one road report; the status, 0 where no answer came."""
    answer = person.post("/roads/new", QUEUED, edge="1", state="slow", percent="50", said_by="养护站", kind="call", form_key=key, words=key)
    return answer.status_code if answer is not None else 0


def until_kept(person: Visitor, key: str) -> None:
    """Send a report as the telephone's queue does: again and again until it is answered."""
    deadline = time.monotonic() + 60
    while report_road(person, key) != 200:
        assert time.monotonic() < deadline
        time.sleep(0.2)


def check_whole(url: str, keys: list[str]) -> None:
    """Each report is there once, and the proofs hold."""
    engine = make_engine(url)
    with reading(snapshot_of(engine)) as session:
        kept = list(session.scalars(text("SELECT words FROM road_report")))
        assert sorted(kept) == sorted(keys)
        assert find_differences(session)["discrepancies"] == []
        assert verify(session).broken is None
    engine.dispose()


def check_plain(page: requests.Response | None) -> None:
    """An answer that says what is the matter, in the person's language, and sends nobody away."""
    assert page is not None and page.status_code == 503, page and (page.status_code, page.url)
    words = page.json()["refused"] if page.headers["Content-Type"] == "application/json" else page.text
    assert "数据库未能完成操作" in words and "没有任何改动" in words and "Traceback" not in words


def test_a_database_that_crashes_and_restarts_under_load_loses_nothing(cluster: Cluster, databases: Databases, tmp_path: Path) -> None:
    name = fill_from(databases, cluster)
    pages = Pages(cluster.url_over_net(name), tmp_path)
    pages.start()
    people = [Visitor(pages, "duty") for _ in range(3)]
    over, keys, strange = threading.Event(), [[] for _ in people], []  # type: ignore[var-annotated]

    def work(person: Visitor, mine: list[str]) -> None:
        while not over.is_set():
            mine.append(uuid.uuid4().hex)
            until_kept(person, mine[-1])
            page = person.get("/roads")
            if page is None or page.status_code not in (200, 503):
                strange.append(page is not None and page.status_code)

    crew = [threading.Thread(target=work, args=pair) for pair in zip(people, keys, strict=True)]
    for one in crew:
        one.start()
    for mode in ("immediate", "fast"):
        time.sleep(NIGHT_S / 3)
        cluster.again(mode)
    time.sleep(NIGHT_S / 3)
    over.set()
    for one in crew:
        one.join(90)
        assert not one.is_alive()
    pages.kill()
    assert not strange, pages.log.read_text()[-4000:]
    assert all(len(mine) > 2 for mine in keys)
    check_whole(cluster.url_over_net(name), [key for mine in keys for key in mine])


def test_a_broken_network_is_told_and_mended_without_hands(cluster: Cluster, databases: Databases, tmp_path: Path) -> None:
    name, wire = fill_from(databases, cluster), Wire(cluster.port)
    pages = Pages(cluster.url_over_net(name, wire.port), tmp_path)
    pages.start()
    duty = Visitor(pages, "duty")
    until_kept(duty, "before")
    wire.cut()
    check_plain(duty.get("/roads"))
    check_plain(duty.post("/roads/new", QUEUED, edge="1", state="slow", percent="50", form_key="lost", words="lost"))
    ready, alive = duty.get("/readyz"), duty.get("/healthz")
    assert ready is not None and ready.status_code == 503 and alive is not None and alive.status_code == 200
    wire.mend()
    page = duty.get("/roads")
    assert page is not None and page.status_code == 200 and "/login" not in page.url, "the person is still logged in"
    until_kept(duty, "after")
    pages.kill()
    wire.end()
    check_whole(cluster.url_over_net(name), ["before", "after"])


def test_a_full_disk_under_the_server_is_told_and_mended_without_hands(databases: Databases, tmp_path: Path) -> None:
    databases.filled("postgis", demo=True)
    disk = own_folder()
    if not mount_small(disk, 400):
        pytest.skip("this user may not mount a small disk")
    disk.chmod(0o711)
    cluster = Cluster(disk / "cluster")
    try:
        cluster.start()
        name = fill_from(databases, cluster)
        pages = Pages(cluster.url_over_net(name), tmp_path)
        pages.start()
        duty, kept = Visitor(pages, "duty"), ["before"]
        until_kept(duty, "before")
        filler = fill_up(disk)
        answers = []
        for number in range(400):
            # a page that still has room takes some more
            answers.append(report_road(duty, f"full-{number}"))
            if answers[-1] == 200:
                kept.append(f"full-{number}")
            elif answers[-1] == 503:
                break
        assert answers[-1] == 503, answers[-5:]
        filler.unlink()
        if not cluster.is_up():
            cluster.up()  # what systemd does for it
        until_kept(duty, "after")
        pages.kill()
        check_whole(cluster.url_over_net(name), [*kept, "after"])
    finally:
        cluster.end()
        unmount(disk)


def test_a_full_disk_under_a_file_is_told_and_mended_without_hands(databases: Databases, tmp_path: Path) -> None:
    disk = own_folder()
    if not mount_small(disk, 64):
        pytest.skip("this user may not mount a small disk")
    try:
        with databases.lent("sqlite", demo=True) as url:
            shutil.copy(url.removeprefix("sqlite:///"), disk / "dispatch.sqlite")
        pages = Pages(f"sqlite:///{disk}/dispatch.sqlite", tmp_path)
        pages.start()
        duty = Visitor(pages, "duty")
        until_kept(duty, "before")
        filler = fill_up(disk)
        kept, answer = ["before"], 200
        for number in range(400):
            answer = report_road(duty, f"full-{number}")
            if answer != 200:
                break
            kept.append(f"full-{number}")
        assert answer == 503
        check_plain(duty.post("/roads/new", QUEUED, edge="1", state="slow", percent="50", form_key="x", words="x"))
        page = duty.get("/roads")
        assert page is not None and page.status_code == 200, "one may still look"
        filler.unlink()
        until_kept(duty, "after")
        pages.kill()
        check_whole(f"sqlite:///{disk}/dispatch.sqlite", [*kept, "after"])
    finally:
        unmount(disk)
