"""The shipped scenarios, read once a process."""

from __future__ import annotations

from functools import cache

from dispatch.drills import rooms, shelf
from dispatch.drills.library import load_shipped, shipped_names
from dispatch.drills.model import Scenario
from dispatch.drills.report_input import Told
from dispatch.errors import NotFound
from dispatch.web.state import state


@cache
def scenarios() -> dict[str, Scenario]:
    """All that come with the program, by code."""
    return {scenario.code: scenario for scenario in load_shipped(shipped_names())}


def scenario_of(code: str) -> Scenario:
    """One of them; ``NotFound`` for any other name, so that no page reads a file by a name from outside."""
    found = scenarios().get(code)
    if found is None:
        raise NotFound(f"There is no scenario {code[:80]}.", remedy="Choose one from the list of drills.",
                       zh=f"没有情景 {code[:80]}。", remedy_zh="请从演练列表中选择。")
    return found


def score_of(code: str) -> Told | None:
    """The score kept of a scenario, or of a live drill by its room; ``NotFound`` for any other name."""
    folder = state().settings.drills_folder
    return rooms.scores(folder).get(code) or shelf.standing(folder, scenario_of(code).code).told
