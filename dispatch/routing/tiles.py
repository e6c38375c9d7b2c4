"""Tiles of an OpenStreetMap extract: checked, built, kept with their origin and licence."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from pathlib import Path

from dispatch.errors import InvalidInput, Unavailable
from dispatch.routing.pbf import check_pbf
from dispatch.routing.service import Programs, last_words

RULES = Path(__file__).resolve().parent.parent / "reference" / "data" / "road_import.toml"
MANIFEST = "roads.json"
BUILD_S = 6 * 3600


@dataclass(frozen=True)
class ImportRules:
    """How an extract is taken in; see the data file for the meaning of each."""

    valid_from: date
    source: str
    is_assumption: bool
    differs_percent: int
    snap_m: int
    free_disk_factor: int
    free_disk_mb: int
    attribution: str
    licence: str


@cache
def load_rules(path: Path = RULES) -> ImportRules:
    """The rules of taking an extract in."""
    return ImportRules(**tomllib.loads(path.read_text("utf-8")))


@dataclass(frozen=True)
class Tiles:
    """Tiles in use: from which file, how large, whose data.

    ``differing`` are typed roads the extract disagrees with: (edge id, typed m, found m);
    ``without_road`` the seats with no road near, ``without_way`` the typed roads between
    whose ends the extract has no way.
    """

    folder: str
    source: str
    sha256: str
    source_bytes: int
    tile_bytes: int
    ways: int
    imported_at: str
    program: str
    attribution: str
    licence: str
    compared: int = 0
    compared_m: int = 0
    typed_m: int = 0
    differing: tuple[tuple[int, int, int], ...] = ()
    without_road: tuple[str, ...] = ()
    without_way: tuple[int, ...] = ()


def find_tiles(folder: Path) -> Tiles | None:
    """The tiles in use; None where none were imported.

    Raises ``Unavailable`` when what is kept of them cannot be read.
    """
    path = folder / MANIFEST
    try:
        fields = json.loads(path.read_text("utf-8"))
        found = Tiles(**{
            **fields, "differing": tuple((i, t, f) for i, t, f in fields["differing"]),
            "without_road": tuple(fields["without_road"]), "without_way": tuple(fields["without_way"]),
        })
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise _broken(f"{path} cannot be read ({error})", f"无法读取 {path}") from error
    if not (folder / found.folder).is_dir():
        raise _broken(f"{folder / found.folder} is gone", f"{folder / found.folder} 已不存在")
    return found


def keep_tiles(folder: Path, tiles: Tiles) -> None:
    """Put new tiles to use; those in use before stay for services that still read them."""
    before = _folder_in_use(folder)
    fresh = folder / f"{MANIFEST}.new"
    fresh.write_text(json.dumps(asdict(tiles), ensure_ascii=False, indent=1) + "\n", "utf-8")
    os.replace(fresh, folder / MANIFEST)
    for path in folder.glob("tiles-*"):
        if path.name not in (before, tiles.folder):
            shutil.rmtree(path, ignore_errors=True)


def _folder_in_use(folder: Path) -> str:
    try:
        return str(json.loads((folder / MANIFEST).read_text("utf-8"))["folder"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


@contextmanager
def built_tiles(source: Path, folder: Path, programs: Programs) -> Iterator[tuple[Path, int]]:
    """(folder of new tiles, routable ways) built from an extract; taken away again when the
    work under it fails.

    Raises ``InvalidInput`` for a file that is no extract or has no roads, ``Unavailable``
    without programs or disk space.
    """
    check_pbf(source)
    programs.version()
    rules = load_rules()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _want_disk(source, folder, rules)
        target = Path(tempfile.mkdtemp(prefix="tiles-", dir=folder))
    except OSError as error:
        raise _no_place(f"{folder} cannot be written: {error.strerror}", f"无法写入 {folder}：{error.strerror}") from error
    try:
        yield target, _build(source, target, programs, rules)
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise


def _want_disk(source: Path, folder: Path, rules: ImportRules) -> None:
    wanted = source.stat().st_size * rules.free_disk_factor + rules.free_disk_mb * 1_000_000
    free = shutil.disk_usage(folder).free
    if free < wanted:
        raise _no_place(
            f"{folder} has {free // 1_000_000} MB free, {wanted // 1_000_000} MB are wanted",
            f"{folder} 剩余 {free // 1_000_000} MB，需要 {wanted // 1_000_000} MB",
        )


def _build(source: Path, target: Path, programs: Programs, rules: ImportRules) -> int:
    with tempfile.TemporaryDirectory(prefix="roads-") as folder:
        config = Path(folder) / "valhalla.json"
        config.write_text(json.dumps(programs.settings(target, rules.snap_m)), "utf-8")
        command = [str(programs.build_tiles), "-c", str(config), str(source)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=BUILD_S, check=False)
        except subprocess.TimeoutExpired as error:
            raise _failed(source, f"not done after {BUILD_S} s") from error
    words = done.stdout + done.stderr
    found = re.search(r"Finished with (\d+) routable ways", words)
    if found and found[1] == "0":
        raise InvalidInput(
            f"{source.name} has no roads.", remedy="Take an extract with highways.",
            zh=f"{source.name} 中没有道路。", remedy_zh="请使用包含道路的数据文件。",
        )
    if done.returncode or not found or not any(target.rglob("*.gph")):
        raise _failed(source, last_words(words))
    return int(found[1])


def _failed(source: Path, why: str) -> InvalidInput:
    return InvalidInput(
        f"{source.name} could not be built into roads: {why}.",
        remedy="Fetch the extract again (it may be cut short), then repeat; the roads in use are untouched.",
        zh=f"{source.name} 无法生成路网：{why}。", remedy_zh="请重新获取数据文件（可能不完整）后再试；现用路网未受影响。",
    )


def _no_place(why: str, why_zh: str) -> Unavailable:
    return Unavailable(
        f"No place for the roads: {why}.", remedy="Free disk space, or set DISPATCH_ROADS_FOLDER to another folder.",
        zh=f"路网数据无处存放：{why_zh}。", remedy_zh="请清理磁盘，或用 DISPATCH_ROADS_FOLDER 指定其他目录。",
    )


def _broken(why: str, why_zh: str) -> Unavailable:
    return Unavailable(
        f"The imported roads cannot be used: {why}.", remedy="Import the extract again with `dispatch roads import`.",
        zh=f"导入的路网不可用：{why_zh}。", remedy_zh="请用 dispatch roads import 重新导入。",
    )


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, hexadecimal."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def size_of(folder: Path) -> int:
    """Bytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
