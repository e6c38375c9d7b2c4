"""Where warnings come from by themselves: a drop folder, or an address that lists them."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dispatch.alerts.cap import MAX_BYTES
from dispatch.alerts.fetch import FetchRule, Known, fetch
from dispatch.alerts.lists import Entry, read_list
from dispatch.errors import DispatchError, Unavailable

TAKEN, QUARANTINED = "taken", "quarantined"
UNFINISHED = (".part", ".tmp", ".crdownload", "~")
MAX_FILES = 200
MAX_FETCHES = 100
EMPTY_FOR_S = 60


@dataclass(frozen=True, slots=True)
class FeedState:
    """What is remembered of an address: its version held, and the marks of what was taken."""

    known: Known = Known()
    seen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gathered:
    """Documents as (name, bytes), what went wrong, and what to remember once they are kept."""

    documents: tuple[tuple[str, bytes], ...]
    problems: tuple[DispatchError, ...]
    state: FeedState


@dataclass(frozen=True, slots=True)
class Dropped:
    """A whole file of a drop folder; ``stamp`` is its size and time of change when read."""

    path: Path
    raw: bytes
    stamp: tuple[int, int]


def gather(url: str, state: FeedState, rule: FetchRule) -> Gathered:
    """What is new at an address: a CAP document, or the documents a list names.

    The version held is only remembered when nothing of the list was left out, so that
    what failed is asked for again.  A body that is neither CAP nor a list is handed on as
    a document: quarantine keeps it with its reason.
    """
    reply = fetch(url, rule, state.known)
    if reply.is_unchanged:
        return Gathered((), (), state)
    entries = read_list(reply.body, url)
    if entries is None:
        mark = hashlib.sha256(reply.body).hexdigest()
        new = () if mark in state.seen else ((url, reply.body),)
        return Gathered(new, (), FeedState(reply.known, (mark,)))
    wanted = [entry for entry in entries if entry.mark not in state.seen]
    documents, problems, taken = _fetch_all(wanted[:MAX_FETCHES], rule)
    seen = tuple(e.mark for e in entries if e.mark in state.seen or e.mark in taken)
    is_whole = len(taken) == len(wanted)
    return Gathered(documents, problems, FeedState(reply.known if is_whole else Known(), seen))


def _fetch_all(
    entries: list[Entry], rule: FetchRule
) -> tuple[tuple[tuple[str, bytes], ...], tuple[DispatchError, ...], set[str]]:
    documents, problems, taken = [], [], set()
    for entry in entries:
        try:
            documents.append((entry.url, fetch(entry.url, rule).body))
            taken.add(entry.mark)
        except DispatchError as error:
            problems.append(error)
    return tuple(documents), tuple(problems), taken


def read_folder(
    folder: Path, settle_s: float, sleep: Callable[[float], None] = time.sleep
) -> tuple[Dropped, ...]:
    """The files of a folder that are whole, by name; the two folders beside them are made first.

    A file is whole when its size and time of change stay the same for ``settle_s`` seconds,
    its name does not say otherwise (.part, .tmp), and, when empty, after a minute.  Raises
    ``Unavailable`` when the folder cannot be read or written.
    """
    try:
        for name in (TAKEN, QUARANTINED):
            (folder / name).mkdir(exist_ok=True)
        before = _stamps(folder)
        if before:
            sleep(settle_s)
        after = _stamps(folder)
        still = sorted(path for path, stamp in after.items() if before.get(path) == stamp)
        found = (_read(path, after[path]) for path in still[:MAX_FILES])
        return tuple(dropped for dropped in found if dropped is not None)
    except OSError as error:
        raise _folder_fault(folder, error) from error


def put_away(dropped: Dropped, is_taken: bool) -> Path | None:
    """Move a file beside into ``taken`` or ``quarantined``, never over another one.

    None when the file changed since it was read (it is new then and stays for the next
    look) or another reader moved it.  Raises ``Unavailable`` when it cannot be moved.
    """
    target = dropped.path.parent / (TAKEN if is_taken else QUARANTINED)
    try:
        if _stamp(dropped.path) != dropped.stamp:
            return None
        free = _reserve(target, dropped.path)
        os.replace(dropped.path, free)
        return free
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _folder_fault(dropped.path.parent, error) from error


def _reserve(folder: Path, path: Path) -> Path:
    number = 0
    while True:
        name = path.name if number == 0 else f"{path.stem}-{number}{path.suffix}"
        try:
            os.close(os.open(folder / name, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
            return folder / name
        except FileExistsError:
            number += 1


def _stamps(folder: Path) -> dict[Path, tuple[int, int]]:
    stamps = {}
    for path in folder.iterdir():
        is_hidden = path.name.startswith(".") or path.name.endswith(UNFINISHED)
        if is_hidden or path.is_symlink() or not path.is_file():
            continue
        stamp = _stamp(path)
        if stamp is not None and (stamp[0] or time.time() - stamp[1] / 1e9 > EMPTY_FOR_S):
            stamps[path] = stamp
    return stamps


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    return stat.st_size, stat.st_mtime_ns


def _read(path: Path, stamp: tuple[int, int]) -> Dropped | None:
    try:
        with path.open("rb") as handle:
            # one byte more than a document may have: enough to be refused, whatever the size
            return Dropped(path, handle.read(MAX_BYTES + 1), stamp)
    except FileNotFoundError:
        return None


def _folder_fault(folder: Path, error: OSError) -> Unavailable:
    return Unavailable(
        f"The folder {folder} cannot be read and written: {error.strerror or error}.",
        remedy="Check that it exists and its rights; files not moved stay where they are.",
        zh=f"文件夹 {folder} 无法读写：{error.strerror or error}。",
        remedy_zh="请检查文件夹是否存在及其权限；未移动的文件保持原位。",
    )
