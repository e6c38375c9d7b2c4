"""The control room with its real processes: clock, injects, people as players, a crash in the middle, the score."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from dispatch.app import create_app
from dispatch.clock import FixedClock, SystemClock, to_local
from dispatch.config import PROJECT_ROOT
from dispatch.db import reading, transaction
from dispatch.demo_time import clock_of
from dispatch.drills import control, rooms
from dispatch.drills.control import Hand
from dispatch.errors import Conflict, NotFound
from dispatch.flow.approve import approve
from dispatch.proposals.queries import get_proposal
from tests.conftest import settings_of
from tests.rooms import furnish_room
from tests.web.conftest import Person

CODE = "2015-04-15-alxa-left-earthquake"
PATIENCE_S = 180.0
LogIn = Callable[[str], Person]


@pytest.fixture
def kind() -> str:
    return "sqlite"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "drills"
    for path in (tmp_path / "drills" / "rooms").glob("*--*"):
        told = rooms.read_room(path)
        for pid in (told.pid, told.desk_pid):
            if rooms.is_of(path.name, pid):
                os.kill(pid, signal.SIGKILL)


@pytest.fixture
def desk(demo: Engine, clock: FixedClock, folder: Path) -> LogIn:
    app = create_app(replace(settings_of(demo), drills_folder=folder), demo, clock)
    return lambda name: Person(app.test_client(), name)


def until(folder: Path, name: str, reached: Callable[[rooms.Room], bool]) -> rooms.Room:
    end = time.monotonic() + PATIENCE_S
    while True:
        room = rooms.look(folder, name, SystemClock().now())
        if reached(room):
            return room
        assert time.monotonic() < end and room.fault == "", (room.fault, room.happened[:5])
        time.sleep(0.3)


def counted(engine: Engine) -> dict[str, int]:
    with reading(engine) as session:
        return {t: int(session.scalar(text(f"SELECT COUNT(*) FROM {t}")) or 0) for t in ("proposal", "waybill", "movement", "situation", "notice")}


def act(person: Person, path: str, **fields: Any) -> Any:
    return person.post(path, f"{path}/clock", **fields)


def test_a_live_drill_is_led_played_by_people_survives_a_crash_and_is_scored(desk: LogIn, folder: Path, demo: Engine) -> None:
    before = counted(demo)
    leader, other = desk("admin"), desk("duty")
    assert other.post(f"/drills/{CODE}", f"/drills/{CODE}/live").status_code == 403
    path = leader.post(f"/drills/{CODE}", f"/drills/{CODE}/live").headers["Location"]
    name = path.rpartition("/")[2]
    assert "正在建立" in leader.get(path) and path in leader.get("/drills/")
    with pytest.raises(Conflict, match="is open, opened by admin"):
        rooms.open_room(folder, CODE, "another", SystemClock().now())
    until(folder, name, lambda room: room.row is not None and bool(room.ahead))

    # the clock: started once, never back; the other one only looks
    assert act(leader, path, act="start", rate="1000").status_code == 302
    assert act(leader, path, act="start").status_code == 409
    assert act(other, path, act="pause").status_code == 403
    assert act(leader, path, act="jump", at="2015-04-15T10:00").status_code == 400
    assert act(leader, path, act="nonsense").status_code == 400
    leader.post(path, f"{path}/players", people="approver")
    page = other.get(path)
    assert "×1,000" in page and "由导调人员控制" in page and "仅导调人员可见" in page and 'name="act"' not in page

    # something thrown in: not for a moment gone by, not half told, and it comes
    at = to_local(rooms.look(folder, name, SystemClock().now()).shown + timedelta(hours=3))  # type: ignore[operator]
    throw = f"{path}/inject"
    assert leader.post(path, throw, kind="close_road", at="2015-04-15T10:00", places="152921").status_code == 400
    assert leader.post(path, throw, kind="phones_down", at=f"{at:%Y-%m-%dT%H:%M}").status_code == 400
    assert leader.post(path, throw, kind="wrong_report", at="now").status_code == 400
    assert leader.post(path, throw, kind="wrong_report", at=f"{at:%Y-%m-%dT%H:%M}", places="152921", measure="dead_missing", figure="77").status_code == 302
    until(folder, name, lambda room: any("死亡和失踪 77" in line.zh for line in room.ahead))

    # a plan waits for a person; the machine does not approve it
    room = until(folder, name, lambda room: any(line.kind == "plan" for line in room.happened))
    act(leader, path, act="pause")
    room = until(folder, name, lambda room: any("起草完成" in line.zh for line in room.happened))
    code = next(re.findall(r"P-\d+-\d+", line.zh)[0] for line in room.happened if "起草完成" in line.zh)
    with rooms.drill_of(folder, name) as engine:
        act(leader, path, act="step", to="hour")
        deadline = time.monotonic() + PATIENCE_S
        while True:
            with reading(engine) as session:
                body = get_proposal(session, code)
            if body["status"] == "submitted":
                break
            assert time.monotonic() < deadline, body["status"]
            time.sleep(0.3)

        # the process is killed: nothing is lost, the page says so, and it goes on
        os.kill(rooms.look(folder, name).told.pid, signal.SIGKILL)
        time.sleep(0.3)
        assert "演练进程不在运行" in leader.get(path)
        approve(engine, code, "approver", body["body_hash"], clock_of(engine))
    told = rooms.look(folder, name).happened_count
    assert leader.post(path, f"{path}/again").status_code == 302
    until(folder, name, lambda room: room.is_alive)
    act(leader, path, act="resume")
    act(leader, path, act="rate", rate="10000")
    room = until(folder, name, lambda room: any("签收" in line.zh for line in room.happened))
    assert room.happened_count > told
    words = [line.zh for line in room.happened]
    assert sum(f"方案 {code} 起草完成" == w for w in words) == 1 and sum(f"方案 {code} 已批准" == w for w in words) == 1
    until(folder, name, lambda room: any("死亡和失踪 77" in line.zh for line in room.happened))

    # its end, its score beside others; live data is as it was
    act(leader, path, act="end")
    until(folder, name, lambda room: room.is_scored)
    assert "演练已结束并评分" in leader.get(path) and rooms.scores(folder)[name].score["scenario"] == CODE
    assert "阿拉善左旗" in leader.get(f"/drills/compare?code={name}")
    assert f"/drills/{name}/coverage.svg" in leader.get(f"/drills/compare?code={name}")
    assert leader.client.get(f"/drills/{name}/coverage.svg").mimetype == "image/svg+xml"
    assert act(leader, path, act="resume").status_code == 409
    assert counted(demo) == before
    with reading(demo) as session:
        acts = list(session.scalars(text("SELECT action FROM audit WHERE action LIKE 'drill.%'")))
    assert {"drill.open", "drill.start", "drill.inject", "drill.again", "drill.end"} <= set(acts)


def test_the_players_desk_is_the_same_pages_under_the_drills_mark(desk: LogIn, folder: Path) -> None:
    leader = desk("admin")
    path = leader.post(f"/drills/{CODE}", f"/drills/{CODE}/live").headers["Location"]
    name = path.rpartition("/")[2]
    until(folder, name, lambda room: room.row is not None)
    assert leader.post(path, f"{path}/desk").status_code == 302
    address = f"http://{rooms.HOST}:{rooms.look(folder, name).told.port}"
    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            page = urllib.request.urlopen(f"{address}/login", timeout=10).read().decode()
            break
        except OSError:
            assert time.monotonic() < end
            time.sleep(0.3)
    assert 'class="is-drill"' in page and "演练——非实况" in page and "2015-04-15 15:39" in page
    shown = leader.get(path)
    assert address in shown and leader.client.get(f"{path}/desk.svg").mimetype == "image/svg+xml"
    with rooms.drill_of(folder, name) as engine, transaction(engine) as session:
        control.start(session, Hand("admin", SystemClock().now()), 1)
    act(leader, path, act="end")
    end = time.monotonic() + PATIENCE_S
    while rooms.is_of(name, rooms.look(folder, name).told.desk_pid):
        assert time.monotonic() < end
        time.sleep(0.2)


OPENER = """
import sys
from pathlib import Path
from dispatch.clock import SystemClock
from dispatch.drills import rooms
from dispatch.errors import Conflict
sys.stdin.readline()
try:
    print(rooms.open_room(Path(sys.argv[1]), sys.argv[2], sys.argv[3], SystemClock().now()))
except Conflict as error:
    print("refused", error.message)
"""


def test_of_two_leaders_who_open_in_the_same_moment_one_is_refused(folder: Path) -> None:
    pressing = [
        subprocess.Popen([sys.executable, "-c", OPENER, str(folder), CODE, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                         env={**os.environ, "PYTHONPATH": str(PROJECT_ROOT)})
        for name in ("first", "second")
    ]
    for process in pressing:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    answers = [process.communicate(timeout=PATIENCE_S)[0].strip() for process in pressing]
    (won,) = [answer for answer in answers if rooms.NAME.fullmatch(answer)]
    by = rooms.look(folder, won).told.by
    assert [answer for answer in answers if answer != won] == [f"refused A live drill of {CODE} is open, opened by {by}."]
    assert [room.name for room in rooms.list_rooms(folder)] == [won]
    # cut off, it keeps nobody from another drill; and it is not gone on with beside that one
    os.kill(rooms.look(folder, won).told.pid, signal.SIGKILL)
    end = time.monotonic() + PATIENCE_S
    while rooms.look(folder, won).is_alive:
        assert time.monotonic() < end
        time.sleep(0.1)
    later = rooms.open_room(folder, CODE, "third", SystemClock().now() + timedelta(minutes=1))
    with pytest.raises(Conflict, match="opened by third"):
        rooms.take_up(folder, won)
    assert later != won


def test_a_drill_whose_process_is_gone_takes_the_leaders_word_and_can_be_ended(desk: LogIn, folder: Path, demo: Engine) -> None:
    before, path = counted(demo), f"/drills/rooms/{furnish_room(folder)}"
    leader, other = desk("admin"), desk("viewer")
    page = leader.get(path)
    assert "演练进程不在运行" in page and "实战数据未受影响" in page and f'action="{path}/again"' in page
    assert f'action="{path}/again"' not in other.get(path) and other.post(path, f"{path}/again").status_code == 403
    gone_by = leader.post(path, f"{path}/inject", kind="break_truck", at="2015-04-15T10:00")
    assert gone_by.status_code == 400 and "早于演练时钟" in gone_by.get_data(as_text=True)
    # the page is told again only when something changed
    tag = leader.client.get(path, headers={"X-Live": "1"}).get_etag()[0]
    assert leader.client.get(path, headers={"X-Live": tag}).status_code == 304
    assert leader.post(path, f"{path}/inject", kind="break_truck", at="2015-04-15T20:00").status_code == 302
    assert act(leader, path, act="rate", rate="20000").status_code == 400
    assert act(leader, path, act="end").status_code == 302
    assert leader.client.get(path, headers={"X-Live": tag}).status_code == 200
    page = leader.get(path)
    assert "演练已结束" in page and 'value="resume"' not in page and f'action="{path}/again"' in page
    assert counted(demo) == before


@pytest.mark.parametrize(("host", "address"), [("127.0.0.1", "http://127.0.0.1:8100/"), ("0.0.0.0", "http://relief.example:8100/")])
def test_players_are_shown_the_address_they_can_reach(demo: Engine, clock: FixedClock, folder: Path, host: str, address: str) -> None:
    name = furnish_room(folder)
    path = folder / "rooms" / name
    rooms.write_room(path, replace(rooms.read_room(path), desk_pid=os.getpid()))
    # the number of a process that is not this room's
    assert not rooms.look(folder, name).is_alive and not rooms.is_of(name, os.getpid())
    standing_in = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", name])
    rooms.write_room(path, replace(rooms.read_room(path), desk_pid=standing_in.pid))
    app = create_app(replace(settings_of(demo), drills_folder=folder, drill_host=host), demo, clock)
    person = Person(app.test_client(), "admin")
    shown = person.client.get(f"/drills/rooms/{name}", base_url="http://relief.example").get_data(as_text=True)
    # another host, another session: asked to log in there, nothing is told
    assert "8100" not in shown
    client = app.test_client()
    token = re.findall(r'name="csrf_token" value="([^"]+)"', client.get("/login", base_url="http://relief.example").get_data(as_text=True))[0]
    client.post("/login", base_url="http://relief.example", data={"name": "admin", "password": "demo-2026", "csrf_token": token})
    assert f'href="{address}"' in client.get(f"/drills/rooms/{name}", base_url="http://relief.example").get_data(as_text=True)
    standing_in.kill()
    standing_in.wait()
    assert f"dispatch serve --drill {name} --host 0.0.0.0 --port 8100" in person.get(f"/drills/rooms/{name}")


@pytest.mark.parametrize("name", ["none", "../x--20260101-000000", f"{CODE}--20260101-000000", "x.yaml"])
def test_a_room_there_is_not(desk: LogIn, folder: Path, name: str) -> None:
    assert desk("admin").client.get(f"/drills/rooms/{name}").status_code == 404
    with pytest.raises(NotFound):
        rooms.look(folder, name)


def test_only_shipped_scenarios_are_opened(desk: LogIn, tmp_path: Path) -> None:
    admin = desk("admin")
    assert admin.post("/drills/", "/drills/x.yaml/live").status_code == 404
