"""A live drill in the middle, made without its process: for pages that show one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from dispatch.db import transaction
from dispatch.drills import control, room_rows
from dispatch.drills.control import Hand
from dispatch.drills.ground import Stage, open_ground
from dispatch.drills.library import load_scenario, shipped_names
from dispatch.drills.render import render
from dispatch.drills.room_file import RoomFile, write_room
from dispatch.drills.rule import load_drill_rule
from dispatch.drills.run import DrillRoom
from dispatch.drills.tellings import line_of

CODE = "2015-04-15-alxa-left-earthquake"
NAME = f"{CODE}--20211108-230000"
OPENED = datetime(2021, 11, 8, 15, tzinfo=UTC)


def furnish_room(folder: Path) -> str:
    """A paused drill whose process is gone, led by ``admin``; its name."""
    path = folder / "rooms" / NAME
    path.mkdir(parents=True)
    write_room(path, RoomFile(CODE, "admin", OPENED.isoformat(), port=8100))
    scenario = load_scenario(CODE, shipped_names())
    comings = render(scenario, shipped_names(), load_drill_rule()).comings
    with DrillRoom() as room:
        engine = open_ground(path / "drill.sqlite", room.template, Stage(CODE, comings[0].at), OPENED)
    lines = [line_of(coming, shipped_names()) for coming in comings]
    with transaction(engine) as session:
        control.start(session, Hand("admin", OPENED), 10)
        control.pause(session, Hand("admin", OPENED + timedelta(minutes=1)))
        room_rows.set_people(session, ["approver"])
        room_rows.add_happened(session, lines[:1])
        room_rows.set_ahead(session, lines[1:])
        room_rows.beat(session, 0, OPENED, comings[0].at)
    engine.dispose()
    return NAME
