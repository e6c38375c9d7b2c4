"""Runs in parallel, killed and gone on with: the same years."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from dispatch.cli.season import season
from dispatch.config import PROJECT_ROOT
from dispatch.drills.season_draw import Nature
from dispatch.drills.season_ground import with_extra
from dispatch.drills.season_run import Task, begun_at, clear, read_years, run_season, year_file
from dispatch.errors import InvalidInput
from tests.conftest import Databases
from tests.drills.season_nature import make_nature, only

YEARS = 4


@pytest.fixture(scope="module")
def nature(databases: Databases) -> Nature:
    """Storms alone and often: every year has a little work."""
    return only(make_nature(databases), "wind", since=2020, until=2022)


def task_of(nature: Nature, folder: Path, **more: int) -> Task:
    return replace(Task(YEARS, 5, 1, folder, nature.base.starts_at), **more)


@pytest.fixture(scope="module")
def alone(nature: Nature, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("alone")
    run_season(nature, task_of(nature, folder))
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("year-*")}


def test_the_number_of_workers_changes_nothing(nature: Nature, alone: Path, tmp_path: Path) -> None:
    heard: list[tuple[int, int]] = []
    run_season(nature, task_of(nature, tmp_path / "two", workers=2), lambda done, of: heard.append((done, of)))
    assert contents(tmp_path / "two") == contents(alone) and len(contents(alone)) == YEARS
    assert heard == [(n, YEARS) for n in range(YEARS + 1)]


def test_what_is_there_is_not_done_again_and_more_years_are_added(nature: Nature, alone: Path, tmp_path: Path) -> None:
    folder = tmp_path / "part"
    run_season(nature, task_of(nature, folder, years=2))
    first = year_file(folder, 1).stat().st_mtime_ns
    heard: list[int] = []
    run_season(nature, task_of(nature, folder), lambda done, of: heard.append(done))
    assert heard == [2, 3, 4] and year_file(folder, 1).stat().st_mtime_ns == first
    assert contents(folder) == contents(alone)
    assert [year["year"] for year in read_years(folder, YEARS)] == [1, 2, 3, 4]


@pytest.mark.parametrize(("more", "told"), [
    ({"years": 0}, "--years 0"), ({"years": -3}, "--years -3"), ({"years": 10**7}, "--years 10000000"),
    ({"workers": 0}, "--workers 0"), ({"seed": -1}, "--seed -1"),
])
def test_figures_no_season_can_be_run_with(nature: Nature, tmp_path: Path, more: dict[str, int], told: str) -> None:
    with pytest.raises(InvalidInput, match=told) as caught:
        run_season(nature, task_of(nature, tmp_path / "none", **more))
    assert caught.value.remedy and told in caught.value.message_zh and not (tmp_path / "none").exists()


def test_a_folder_of_something_else_is_left_alone(nature: Nature, alone: Path, tmp_path: Path) -> None:
    before = contents(alone)
    with pytest.raises(InvalidInput, match="another seed"):
        run_season(nature, task_of(nature, alone, seed=6))
    richer = replace(nature, base=with_extra(nature.base, {("WH-150100", "BED"): 1}))
    with pytest.raises(InvalidInput, match="another stock"):
        run_season(richer, task_of(nature, alone))
    (tmp_path / "letter.txt").write_text("x")
    with pytest.raises(InvalidInput, match="holds no season"):
        run_season(nature, task_of(nature, tmp_path))
    assert contents(alone) == before and [p.name for p in tmp_path.iterdir()] == ["letter.txt"]


def test_a_broken_year_is_named_with_the_way_out(nature: Nature, tmp_path: Path) -> None:
    run_season(nature, task_of(nature, tmp_path, years=1))
    year_file(tmp_path, 1).write_text('{"year": 1, "dis')
    with pytest.raises(InvalidInput, match="year-00001.json") as caught:
        list(read_years(tmp_path, 1))
    assert "--resume" in caught.value.remedy
    assert begun_at(tmp_path) == nature.base.starts_at
    (tmp_path / "season.json").write_text("[]")
    with pytest.raises(InvalidInput, match="season.json"):
        begun_at(tmp_path)
    clear(tmp_path)
    assert not tmp_path.exists()


def start(url: str, folder: Path) -> subprocess.Popen[bytes]:
    code = "from dispatch.cli.season import season\nif __name__ == '__main__': season()"
    script = folder.parent / "season_child.py"
    script.write_text(code, "utf-8")
    environment = {**os.environ, "DISPATCH_DATABASE_URL": url, "PYTHONPATH": str(PROJECT_ROOT)}
    command = [sys.executable, str(script), "--years", "8", "--seed", "11", "--workers", "2", "--json", "--resume", str(folder)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def children_of(pid: int) -> list[int]:
    return [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def until(holds: object, seconds: int = 240) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():  # type: ignore[operator]
            return True
        time.sleep(0.05)
    return False


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks at processes in /proc")
def test_killed_in_the_middle_and_gone_on_with(databases: Databases, tmp_path: Path) -> None:
    url = databases.filled("sqlite", demo=True)
    cut, whole = tmp_path / "cut", tmp_path / "whole"
    child = start(url, cut)
    assert until(lambda: len(contents(cut)) >= 2)
    workers = children_of(child.pid)
    child.send_signal(signal.SIGKILL)
    child.wait()
    # workers see that nobody waits for them any more
    assert workers and until(lambda: not any(map(is_alive, workers)))
    kept = {name: body for name, body in contents(cut).items() if name.endswith(".json")}
    assert len(kept) >= 2
    again = start(url, cut)
    out, _ = again.communicate(timeout=600)
    told = json.loads(out)
    assert again.returncode == 0 and told["years"] == 8
    assert all(contents(cut)[name] == body for name, body in kept.items())
    other = start(url, whole)
    out, _ = other.communicate(timeout=600)
    unbroken = json.loads(out)
    assert {**told, "runtime_s": 0} == {**unbroken, "runtime_s": 0}


def test_the_command_refuses_what_it_cannot_read() -> None:
    for given, told in ((["--extra", "QUILT=5"], "WAREHOUSE:ITEM"), (["--years", "0"], "--years 0")):
        result = CliRunner().invoke(season, given)
        assert isinstance(result.exception, InvalidInput) and told in result.exception.message
