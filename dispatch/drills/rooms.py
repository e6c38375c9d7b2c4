"""Live drills, each in a folder of its own: opened, looked at, led, taken up again.

``rooms/CODE--DAY-TIME/`` holds ``room.json``, the drill's own database and, after its end, the score.  Two
processes belong to it: one plays (``dispatch.drills.stage``), one serves the players' desk on a port of its own.
"""

from __future__ import annotations

import fcntl
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from dispatch.clock import to_local
from dispatch.db import make_engine, reading
from dispatch.drill_mark import DrillRow
from dispatch.drills import control, room_rows
from dispatch.drills.control import Hand
from dispatch.drills.ground import settings_for
from dispatch.drills.report_input import Told
from dispatch.drills.room_file import FAULT, RoomFile, fault_of, read_room, write_room
from dispatch.drills.room_rows import Line
from dispatch.drills.shelf import lives, read_all
from dispatch.errors import Conflict, NotFound, Unavailable

NAME = re.compile(r"[a-z0-9-]{1,120}--\d{8}-\d{6}")
PORTS = range(8100, 8140)
HOST = "127.0.0.1"


@dataclass(frozen=True)
class Room:
    """A live drill as its page shows it; ``row`` None until its database is there."""

    name: str
    told: RoomFile
    is_alive: bool
    fault: str
    row: DrillRow | None
    shown: datetime | None
    happened: tuple[Line, ...] = ()
    happened_count: int = 0
    ahead: tuple[Line, ...] = ()
    people: frozenset[str] = frozenset()
    played_to: datetime | None = None
    is_scored: bool = False

    @property
    def is_over(self) -> bool:
        """Nothing more happens in it."""
        return self.is_scored or (self.row is not None and self.row.status == "ended")


def folder_of(folder: Path, name: str) -> Path:
    """The folder of a room; ``NotFound`` for a name that is none."""
    if not NAME.fullmatch(name):
        raise NotFound(f"There is no live drill {name[:80]}.", remedy="Choose one from the list of drills.",
                       zh=f"没有实时演练 {name[:80]}。", remedy_zh="请从演练列表中选择。")
    return folder / "rooms" / name


def list_rooms(folder: Path) -> list[Room]:
    """All rooms, the newest first."""
    names = [path.name for path in (folder / "rooms").glob("*--*") if NAME.fullmatch(path.name)]
    found = []
    for name in sorted(names, key=lambda n: n.rpartition("--")[2], reverse=True):
        # a folder that is just being made or cleared away
        with suppress(NotFound):
            found.append(look(folder, name))
    return found


def open_room(folder: Path, code: str, by: str, now: datetime) -> str:
    """Open a live drill of a scenario; its name.

    Raises ``Conflict`` while another one is open, with who opened it: the desk's people can play one.
    """
    with _alone(folder):
        _check_free(folder)
        name = f"{code}--{to_local(now):%Y%m%d-%H%M%S}"
        path = folder_of(folder, name)
        path.mkdir(parents=True)
        write_room(path, RoomFile(code, by, now.isoformat(), port=_free_port()))
        _play(path)
    return name


def take_up(folder: Path, name: str) -> None:
    """Start the process again that is gone; nothing is played twice.

    Raises ``Conflict`` when another drill was opened meanwhile.
    """
    with _alone(folder):
        path = folder_of(folder, name)
        if not is_of(name, read_room(path).pid):
            _check_free(folder)
            (path / FAULT).unlink(missing_ok=True)
            _play(path)


def database_of(folder: Path, name: str) -> Path:
    """The database of a room; ``Unavailable`` while it is being made."""
    path = folder_of(folder, name)
    read_room(path)
    if not (path / "drill.sqlite").exists():
        raise Unavailable("The drill is still being set up.", remedy="Wait some seconds.", zh="演练正在准备。", remedy_zh="请稍候几秒。")
    return path / "drill.sqlite"


def open_desk(folder: Path, name: str, host: str = HOST) -> None:
    """Serve the players' desk on the drill's database."""
    with _alone(folder):
        path = folder_of(folder, name)
        told = read_room(path)
        if is_of(name, told.desk_pid):
            return
        database_of(folder, name)
        call = [sys.executable, "-m", "dispatch.cli", "serve", "--drill", name, "--host", host, "--port", str(told.port)]
        desk = _begin(call, {"DISPATCH_DRILLS_FOLDER": str(folder.absolute())})
        write_room(path, replace(told, desk_pid=desk))


def close(folder: Path, name: str) -> None:
    """Stop the desk of a room whose drill has ended."""
    path = folder_of(folder, name)
    told = read_room(path)
    if is_of(name, told.desk_pid):
        os.kill(told.desk_pid, signal.SIGTERM)
    write_room(path, replace(told, desk_pid=0))


def look(folder: Path, name: str, real_now: datetime | None = None) -> Room:
    """A room as it is now."""
    path = folder_of(folder, name)
    told = read_room(path)
    bare = Room(name, told, is_of(name, told.pid), fault_of(path), None, None)
    if not (path / "drill.sqlite").exists():
        return bare
    with drill_of(folder, name) as engine, reading(engine) as session:
        row, beat = control.the_drill(session), room_rows.last_beat(session)
        session.expunge(row)
        return replace(
            bare, row=row, shown=control.shown(session, Hand("", real_now)) if real_now else row.at,
            happened=tuple(room_rows.list_happened(session)), happened_count=room_rows.count_happened(session),
            ahead=tuple(room_rows.list_ahead(session)), people=room_rows.people(session),
            played_to=beat[0] if beat else None, is_scored=bool(beat and beat[1]),
        )


@contextmanager
def drill_of(folder: Path, name: str) -> Iterator[Engine]:
    """The database of a room, for a moment."""
    engine = make_engine(settings_for(database_of(folder, name)).database_url)
    try:
        yield engine
    finally:
        engine.dispose()


def scores(folder: Path) -> dict[str, Told]:
    """The scores of live drills by room."""
    found: dict[str, Told] = {}
    for path in sorted((folder / "rooms").glob("*--*/score")):
        for told in read_all(path)[0].values():
            found[path.parent.name] = told
    return found


def is_of(name: str, pid: int) -> bool:
    """True while a process of a room lives; after a restart of the machine its number may be another's."""
    if not lives(pid):
        return False
    try:
        return name.encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        # no such list here, or not ours to read
        return not Path("/proc/self/cmdline").exists()


def _check_free(folder: Path) -> None:
    """One drill at a time: the desk's people can play one."""
    for room in list_rooms(folder):
        if not room.is_over and room.is_alive:
            raise Conflict(
                f"A live drill of {room.told.code} is open, opened by {room.told.by}.", remedy="End that one first, or join it.",
                zh=f"{room.told.code} 的实时演练正在进行，由 {room.told.by} 开设。", remedy_zh="请先结束该演练，或加入其中。",
                facts={"room": room.name, "by": room.told.by},
            )


def _play(path: Path) -> None:
    told = read_room(path)
    write_room(path, replace(told, pid=_begin([sys.executable, "-m", "dispatch.drills.stage", str(path)], {})))


def _begin(call: list[str], settings: dict[str, str]) -> int:
    process = subprocess.Popen(
        call, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        env={**os.environ, **settings},
    )
    return process.pid


def _free_port() -> int:
    for port in PORTS:
        with socket.socket() as tried, suppress(OSError):
            tried.bind((HOST, port))
            return port
    raise Unavailable("No port from 8100 to 8139 is free for the players' desk.", remedy="End drills that are over.",
                      zh="8100 至 8139 端口均被占用，无法开设演练席位。", remedy_zh="请结束已完成的演练。")


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    (folder / "rooms").mkdir(parents=True, exist_ok=True)
    with (folder / "rooms" / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
