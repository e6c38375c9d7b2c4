"""A live drill in a process of its own: ``python -m dispatch.drills.stage FOLDER`` (see ``dispatch.drills.rooms``).

It plays up to what the leader's clock shows, works in what is thrown in, and scores when the drill has ended.
Killed and started again it goes on from what stands in the drill's database.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import time
import traceback
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from dispatch.clock import SystemClock, to_local
from dispatch.db import make_engine, reading, transaction
from dispatch.drills import control, room_rows
from dispatch.drills.control import Hand
from dispatch.drills.ground import Stage, open_ground, settings_for
from dispatch.drills.library import load_scenario, shipped_names
from dispatch.drills.live import LiveReplay
from dispatch.drills.readings import read_left
from dispatch.drills.render import render
from dispatch.drills.replay import Setting
from dispatch.drills.room_file import RoomFile, finish, read_room
from dispatch.drills.rule import load_drill_rule
from dispatch.drills.run import DrillRoom, Options, Played, all_comings, by_plan, scored
from dispatch.drills.score import figures
from dispatch.drills.shelf import keep_score
from dispatch.drills.tellings import Teller, line_of
from dispatch.errors import DispatchError

TICK_S = 0.25
EVERY_S = 1.0
AHEAD = 30
DAY = timedelta(days=1)


class StageHand:
    """Plays one live drill."""

    def __init__(self, folder: Path, told: RoomFile, room: DrillRoom) -> None:
        self.folder, self.room, self.rule = folder, room, load_drill_rule()
        self.scenario = load_scenario(told.code, shipped_names())
        self.options = Options(seed=told.seed)
        self.rendered = render(self.scenario, room.names, self.rule)
        self.comings = all_comings(self.scenario, self.rendered)
        first, last = self.comings[0], self.comings[-1]
        self.until = max(first.at + self.rule.least, last.at + self.rule.after_last)
        self.began = time.perf_counter()
        self.engine, is_new = self._database()
        self.replay = LiveReplay(
            Setting(self.engine, settings_for(self.path), self.scenario.hazard, partial(by_plan, told.seed, self.rule),
                    room.names, self.rule, self.until), first, self.scenario)
        self.teller, self.thrown, self.since = Teller(room.names), 0, first.at
        self._open(is_new)

    @property
    def path(self) -> Path:
        """The drill's database."""
        return self.folder / "drill.sqlite"

    def _database(self) -> tuple[Engine, bool]:
        if self.path.exists():
            return make_engine(settings_for(self.path).database_url), False
        part = self.folder / "drill.part"
        for left in self.folder.glob("drill.part*"):
            left.unlink()
        stage = Stage(self.scenario.code, self.comings[0].at, self.options.seed)
        open_ground(part, self.room.template, stage, SystemClock().now()).dispose()
        # closed before the file takes its name: an open one would keep the old name's log for both
        with closing(sqlite3.connect(part)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        part.rename(self.path)
        return make_engine(settings_for(self.path).database_url), True

    def _open(self, is_new: bool) -> None:
        if is_new:
            self.replay.expect(self.comings)
        else:
            with reading(self.engine) as session:
                thrown, beat = control.list_thrown(session), room_rows.last_beat(session)
            self.since = beat[0] if beat else self.since
            self.replay.take_up(self.comings, thrown, self.since)
            self.thrown = len(thrown)
            self.replay.notice(self.since)
        at = self.comings[0].at + DAY
        while at <= self.until:
            if at > self.since:
                self.replay.look_at(at)
            at += DAY
        with transaction(self.engine) as session:
            self._tell(session, self.since)

    def play(self) -> None:
        """Until the drill has ended; then the score."""
        noticed = 0.0
        while True:
            real_now = SystemClock().now()
            with reading(self.engine) as session:
                row = control.the_drill(session)
                status, now = row.status, control.shown(session, Hand("", real_now))
                fresh, people = control.list_thrown(session, self.thrown), room_rows.people(session)
            self.replay.people = people
            for _when, inject in fresh:
                self.replay.throw(inject)
            self.thrown += len(fresh)
            if status == "ready":
                self._beat(self.since)
                time.sleep(TICK_S)
                continue
            now = min(now, self.until)
            self.replay.play_to(now)
            if time.monotonic() - noticed > EVERY_S or status == "ended" or now >= self.until:
                noticed = time.monotonic()
                self.replay.notice(now)
                with transaction(self.engine) as session:
                    self._tell(session, now)
            if status == "ended" or now >= self.until:
                self._score(now)
                return
            time.sleep(TICK_S)

    def _tell(self, session: Session, now: datetime) -> None:
        before = room_rows.told_before(session)
        news = self.teller.news(self.replay.log, self.replay.came)
        room_rows.add_happened(session, [line for line in news if (line.at, line.zh) not in before])
        room_rows.set_ahead(session, [line_of(c, self.room.names) for c in self.replay.ahead[:AHEAD]])
        room_rows.beat(session, os.getpid(), SystemClock().now(), now)

    def _beat(self, now: datetime) -> None:
        with transaction(self.engine) as session:
            room_rows.beat(session, os.getpid(), SystemClock().now(), now)

    def _score(self, now: datetime) -> None:
        left = read_left(self.engine, now)
        ours = Played(self.replay.log, left, figures(self.replay.log, left, (self.scenario, self.rule)))
        score = scored(ours, (self.scenario, self.rendered, self.comings, 0), (self.room, self.rule, self.options), self.began)
        keep_score(self.folder / "score", self.scenario, (score, None), (self.room.names, to_local(SystemClock().now()).date()))
        with transaction(self.engine) as session:
            room_rows.beat(session, os.getpid(), SystemClock().now(), now, is_scored=True)


def main(folder: Path) -> None:
    """Play the room of a folder; whatever goes wrong is written down for the page."""
    try:
        with DrillRoom() as room:
            StageHand(folder, read_room(folder), room).play()
    except DispatchError as error:
        finish(folder, f"{error.message_zh} {error.message}")
    except Exception:
        finish(folder, traceback.format_exc(limit=4))
        raise


if __name__ == "__main__":
    main(Path(sys.argv[1]))
