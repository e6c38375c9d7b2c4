"""The file of a live drill's folder: what is played, who opened it, which processes belong to it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from dispatch.errors import NotFound
from dispatch.files import whole_file

NAME = "room.json"
FAULT = "fault.txt"


@dataclass(frozen=True)
class RoomFile:
    """``code`` of the scenario; ``pid`` of the playing process and ``desk_pid`` of the players' desk
    (0 = none), which listens on ``port``."""

    code: str
    by: str
    since: str
    seed: int = 1
    pid: int = 0
    desk_pid: int = 0
    port: int = 0

    @property
    def opened_at(self) -> datetime:
        """When the room was opened."""
        return datetime.fromisoformat(self.since)


def read_room(folder: Path) -> RoomFile:
    """What stands in a room's file; ``NotFound`` where there is none."""
    try:
        return RoomFile(**json.loads((folder / NAME).read_text("utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise NotFound(f"There is no live drill {folder.name[:80]}.", remedy="Choose one from the list of drills.",
                       zh=f"没有实时演练 {folder.name[:80]}。", remedy_zh="请从演练列表中选择。") from error


def write_room(folder: Path, told: RoomFile) -> None:
    """Write it whole."""
    with whole_file(folder / NAME) as part:
        part.write_text(json.dumps(asdict(told), ensure_ascii=False), "utf-8")


def finish(folder: Path, fault: str) -> None:
    """Say why the playing process came to an end."""
    (folder / FAULT).write_text(fault[:2000], "utf-8")


def fault_of(folder: Path) -> str:
    """Why it ended, or nothing."""
    path = folder / FAULT
    return path.read_text("utf-8") if path.exists() else ""
