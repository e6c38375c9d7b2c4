"""Many simulated years: in parallel, each kept as a file of its own, so that a run that was cut
goes on where it was.  Every year hangs on the seed and its number alone, so neither the number of
workers nor the order in which they finish changes anything.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from multiprocessing.connection import wait as wait_for
from pathlib import Path
from typing import Any

from dispatch.drills.season_draw import Nature
from dispatch.drills.season_year import run_year
from dispatch.errors import InvalidInput, Unavailable

MANIFEST = "season.json"
AHEAD = 4
MOST_WORKERS = 64
OnYear = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Task:
    """How many years of which seed, by how many processes, kept where; from the state of a moment."""

    years: int
    seed: int
    workers: int
    folder: Path
    at: datetime


def check_task(task: Task, most_years: int) -> None:
    """Raises ``InvalidInput`` for figures no season can be run with."""
    faults = [
        (en, zh) for is_wrong, en, zh in (
            (not 1 <= task.years <= most_years, f"--years {task.years} is not 1 to {most_years:,}",
             f"--years {task.years} 应为 1 至 {most_years:,}"),
            (not 1 <= task.workers <= MOST_WORKERS, f"--workers {task.workers} is not 1 to {MOST_WORKERS}",
             f"--workers {task.workers} 应为 1 至 {MOST_WORKERS}"),
            (not 0 <= task.seed < 2**31, f"--seed {task.seed} is not 0 to 2147483647",
             f"--seed {task.seed} 应为 0 至 2147483647"),
        ) if is_wrong
    ]
    if faults:
        raise InvalidInput(
            "The season cannot be run: " + "; ".join(en for en, _ in faults) + ".",
            remedy="Give figures within these limits; 200 years are usual.",
            zh="无法模拟：" + "；".join(zh for _, zh in faults) + "。", remedy_zh="请在上述范围内取值；一般用 200 年。",
        )


def fingerprint(nature: Nature) -> str:
    """SHA-256 of all that a year hangs on beside seed and number."""
    parts = (nature.base.fingerprint, nature.rules, sorted(nature.record.items()))
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def run_season(nature: Nature, task: Task, on_year: OnYear = lambda done, of: None) -> None:
    """Runs the years that the folder does not hold yet; ``on_year`` hears (done, of).

    Raises ``InvalidInput`` for a folder of another run, ``Unavailable`` when a worker died or the
    folder cannot be written.
    """
    check_task(task, nature.rules.most_years)
    try:
        _open(nature, task)
        missing = [n for n in range(1, task.years + 1) if not year_file(task.folder, n).exists()]
        done = task.years - len(missing)
        on_year(done, task.years)
        for _ in _results(nature, task, missing):
            done += 1
            on_year(done, task.years)
    except BrokenProcessPool as error:
        raise Unavailable(
            "A worker process ended before its year was done, killed perhaps or out of memory.",
            remedy=f"Go on with --resume {task.folder}, if need be with fewer --workers.",
            zh="一个计算进程中途退出，可能被终止或内存不足。",
            remedy_zh=f"请用 --resume {task.folder} 继续，必要时减少 --workers。",
        ) from error
    except OSError as error:
        raise Unavailable(
            f"The folder {task.folder} cannot be used: {error}.", remedy="Name a folder that can be written.",
            zh=f"无法使用文件夹 {task.folder}：{error}。", remedy_zh="请指定可写的文件夹。",
        ) from error


def _open(nature: Nature, task: Task) -> None:
    """Makes the folder, or checks that it is of this very run."""
    task.folder.mkdir(parents=True, exist_ok=True)
    path = task.folder / MANIFEST
    is_ours = {"seed": task.seed, "fingerprint": fingerprint(nature)}
    if not path.exists():
        if any(task.folder.iterdir()):
            raise InvalidInput(
                f"{task.folder} is not empty and holds no season.", remedy="Name an empty or a new folder.",
                zh=f"文件夹 {task.folder} 不为空，也没有模拟结果。", remedy_zh="请指定空文件夹或新文件夹。",
            )
        _write(path, {**is_ours, "at": task.at.isoformat()})
        return
    found = _read(path)
    for name, words, zh in (
        ("seed", "of another seed", "另一个随机种子"),
        ("fingerprint", "from another stock, fleet, roster, policy or rule", "另一份库存、车辆、队伍、预案或规则"),
    ):
        if found.get(name) != is_ours[name]:
            raise InvalidInput(
                f"{task.folder} holds a season {words} ({found.get(name)}, not {is_ours[name]}).",
                remedy="Resume with what it was begun with, or name a new folder.",
                zh=f"{task.folder} 中的模拟来自{zh}（{found.get(name)}，不是 {is_ours[name]}）。",
                remedy_zh="请用原来的参数继续，或指定新文件夹。",
            )


def begun_at(folder: Path) -> datetime | None:
    """The moment whose stock and teams the season in a folder was begun with; None of a new folder.

    Raises ``InvalidInput`` when the folder's own account of it is broken.
    """
    path = folder / MANIFEST
    if not path.exists():
        return None
    try:
        return datetime.fromisoformat(_read(path)["at"])
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInput(
            f"{path} does not say when its season was begun: {error!r}.", remedy="Name a new folder.",
            zh=f"{path} 没有说明模拟的起始时刻：{error!r}。", remedy_zh="请指定新文件夹。",
        ) from error


def year_file(folder: Path, number: int) -> Path:
    """Where a year is kept."""
    return folder / f"year-{number:05d}.json"


def read_years(folder: Path, years: int) -> Iterator[dict[str, Any]]:
    """The years kept, first to last, one at a time.

    Raises ``InvalidInput`` naming a file that is missing or broken.
    """
    for number in range(1, years + 1):
        yield _read(year_file(folder, number))


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
        if not isinstance(found, dict):
            raise ValueError("not an object")
    except (OSError, ValueError) as error:
        raise InvalidInput(
            f"{path} cannot be read: {error}.", remedy="Delete this file and run with --resume again.",
            zh=f"{path} 无法读取：{error}。", remedy_zh="请删除该文件后用 --resume 重新运行。",
        ) from error
    return found


def _write(path: Path, value: dict[str, Any]) -> None:
    """Whole or not at all, also when the machine is cut off."""
    spare = path.with_name(f"{path.name}.{os.getpid()}.part")
    with spare.open("w", encoding="utf-8") as handle:
        json.dump(value, handle, ensure_ascii=False, separators=(",", ":"))
        handle.flush()
        os.fsync(handle.fileno())
    spare.replace(path)


def _results(nature: Nature, task: Task, missing: list[int]) -> Iterator[None]:
    """Runs the years with few handed out ahead, so that memory stays flat."""
    if task.workers == 1:
        for number in missing:
            _write(year_file(task.folder, number), run_year(nature, task.seed, number))
            yield
        return
    context = multiprocessing.get_context("spawn")
    left = iter(missing)
    with ProcessPoolExecutor(task.workers, context, _begin, (nature, task)) as pool:
        waiting: set[Future[None]] = {pool.submit(_run, n) for n in islice(left, task.workers * AHEAD)}
        while waiting:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for one in done:
                one.result()
                yield
            waiting |= {pool.submit(_run, n) for n in islice(left, len(done))}


_GIVEN: list[tuple[Nature, Task]] = []


def _begin(nature: Nature, task: Task) -> None:
    """What a worker process is handed once."""
    _GIVEN[:] = [(nature, task)]
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    """A worker whose parent was killed would wait for ever for its next year."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait_for([parent.sentinel])
        os._exit(1)


def _run(number: int) -> None:
    nature, task = _GIVEN[0]
    _write(year_file(task.folder, number), run_year(nature, task.seed, number))


def clear(folder: Path) -> None:
    """Deletes the files of a season and the folder, if nothing else is in it."""
    for path in (folder / MANIFEST, *sorted(folder.glob("year-*.json*"))):
        path.unlink(missing_ok=True)
    with suppress(OSError):
        folder.rmdir()
