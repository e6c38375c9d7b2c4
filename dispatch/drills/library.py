"""The scenarios that come with the program, and those of a file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from dispatch.drills.model import Scenario
from dispatch.drills.parse import Asked, parse
from dispatch.drills.rule import FOLDER
from dispatch.errors import InvalidInput, NotFound
from dispatch.places import REGION_ADCODE
from dispatch.reference.load import read_counties, read_leagues

Names = Mapping[str, tuple[str, str]]


@cache
def shipped_names() -> dict[str, tuple[str, str]]:
    """adcode → (Chinese, English) of the counties, leagues and the region, without a database."""
    leagues = {x.adcode: (x.name_zh, x.name_en) for x in read_leagues()}
    counties = {x.adcode: (x.name_zh, x.name_en) for x in read_counties()}
    return {REGION_ADCODE: ("内蒙古自治区", "Inner Mongolia"), **leagues, **counties}


def shipped_files(folder: Path = FOLDER) -> tuple[Path, ...]:
    """The files of the shipped scenarios, by name: that is by date."""
    return tuple(sorted(folder.glob("*.yaml")))


def load_shipped(names: Names, folder: Path = FOLDER) -> tuple[Scenario, ...]:
    """Every shipped scenario, each checked whole with all its sources."""
    return tuple(read_scenario(path, names, is_shipped=True) for path in shipped_files(folder))


def load_scenario(name: str, names: Names) -> Scenario:
    """A shipped scenario by its code, or the one of a ``.yaml`` file; ``NotFound`` lists the codes."""
    if name.endswith((".yaml", ".yml")):
        return read_scenario(Path(name), names)
    shipped = {path.stem: path for path in shipped_files()}
    if name not in shipped:
        raise NotFound(
            f"There is no scenario {name}.",
            remedy="`dispatch drill list` shows the codes there are; a file is named with its .yaml.",
            zh=f"没有情景 {name}。", remedy_zh="可用 `dispatch drill list` 查看编号；文件请带上 .yaml。",
        )
    return read_scenario(shipped[name], names, is_shipped=True)


def read_scenario(path: Path, names: Names, *, is_shipped: bool = False) -> Scenario:
    """The scenario of a file; ``InvalidInput`` with every fault, or why it cannot be read."""
    try:
        with path.open("rb") as stream:
            return parse(stream, Asked(path.name, names, is_shipped))
    except OSError as error:
        raise InvalidInput(
            f"{path} cannot be read: {error.strerror}.", remedy="Check the name and the rights of the file.",
            zh=f"无法读取 {path}：{error.strerror}。", remedy_zh="请检查文件名和权限。",
        ) from error
