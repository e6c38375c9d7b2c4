"""Where scores of drills are kept: one folder, ``CODE.json`` with the reports beside it; who plays what right now.

A replay runs in a process of its own (``dispatch.drills.play``), started by ``begin``.  ``CODE.running`` says by whom
and since when, and is taken by one only; ``CODE.failed`` says why the last replay came to nothing.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from dispatch.clock import clock_words
from dispatch.drills.bands import Bands
from dispatch.drills.model import Scenario, Score
from dispatch.drills.report import report_files
from dispatch.drills.report_input import Told, as_told, head_of, read_told
from dispatch.drills.view import as_json
from dispatch.errors import Conflict, InvalidInput
from dispatch.files import whole_file

Names = Mapping[str, tuple[str, str]]


@dataclass(frozen=True)
class Standing:
    """``running`` by whom and since when; ``failed`` why; ``told`` the score that is kept, if any."""

    running: tuple[str, datetime] | None
    failed: str
    told: Told | None


def keep_score(folder: Path, scenario: Scenario, score: tuple[Score, Bands | None], about: tuple[Names, date]) -> None:
    """Write a score and its reports; each file appears whole or not at all."""
    names, on = about
    _make(folder)
    kept = {**as_json(*score), **head_of(scenario, names, on)}
    _write(folder / f"{scenario.code}.json", json.dumps(kept, ensure_ascii=False, indent=2).encode() + b"\n")
    others, _ = read_all(folder)
    beside = [told for code, told in others.items() if code != scenario.code]
    for name, content in report_files(as_told(kept), beside).items():
        _write(folder / name, content)


def read_all(folder: Path) -> tuple[dict[str, Told], tuple[InvalidInput, ...]]:
    """Every score of the folder by code, and what is wrong with files that are none."""
    found, faults = {}, []
    for path in sorted(folder.glob("*.json")):
        try:
            found[path.stem] = read_told(path)
        except InvalidInput as error:
            faults.append(error)
    return found, tuple(faults)


def standing(folder: Path, code: str) -> Standing:
    """What there is of one scenario; a replay whose process is gone counts as cut off."""
    running, failed = _running(folder, code), folder / f"{code}.failed"
    path = folder / f"{code}.json"
    said = failed.read_text("utf-8") if failed.exists() else ""
    is_cut = running is not None and not lives(running[2])
    return Standing(
        None if running is None or is_cut else running[:2], said or ("回放中断 The replay was cut off." if is_cut else ""),
        read_told(path) if path.exists() else None,
    )


def begin(folder: Path, code: str, by: str, now: datetime) -> None:
    """Start a replay of a shipped scenario in a process of its own.

    Raises ``Conflict`` when one is under way, with who started it and when.
    """
    _make(folder)
    mark = folder / f"{code}.running"
    known = _running(folder, code)
    if known is not None and not lives(known[2]):
        mark.unlink(missing_ok=True)
    try:
        with mark.open("x", encoding="utf-8") as file:
            call = [sys.executable, "-m", "dispatch.drills.play", code, str(folder)]
            process = subprocess.Popen(call, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
            json.dump({"by": by, "since": now.isoformat(), "pid": process.pid}, file)
    except FileExistsError as error:
        who, since, _ = _running(folder, code) or (by, now, 0)
        at = clock_words(since, now)
        raise Conflict(
            f"{code} is being played already, started by {who} at {at}.", remedy="Wait for its score.",
            zh=f"{code} 正在回放，由 {who} 于 {at} 启动。", remedy_zh="请等待评分结果。",
        ) from error


def finish(folder: Path, code: str, failed: str = "") -> None:
    """The replay is over: with a score, or with why there is none."""
    told = folder / f"{code}.failed"
    if failed:
        told.write_text(failed[:2000], "utf-8")
    else:
        told.unlink(missing_ok=True)
    (folder / f"{code}.running").unlink(missing_ok=True)


def _running(folder: Path, code: str) -> tuple[str, datetime, int] | None:
    try:
        told = json.loads((folder / f"{code}.running").read_text("utf-8"))
        return told["by"], datetime.fromisoformat(told["since"]), int(told["pid"])
    except (OSError, ValueError, KeyError):
        return None


def lives(pid: int) -> bool:
    """True while a process is there; one of our own that ended is cleared away."""
    if not pid:
        return False
    # a child of this process that ended is taken off the list of processes here
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _write(path: Path, content: bytes) -> None:
    with whole_file(path) as part:
        part.write_bytes(content)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput(
            f"The folder {folder} cannot be made: {error.strerror}.", remedy="Give another place.",
            zh=f"无法建立文件夹 {folder}：{error.strerror}。", remedy_zh="请指定其他位置。",
        ) from error
