"""From what the database and a proposal say to scenes the map can draw."""

from dispatch.scenes.board import LAYERS, board_scene, scene_of
from dispatch.scenes.facts import Moment
from dispatch.scenes.gather import read_facts
from dispatch.scenes.plan import proposal_scene, situation_scene, warehouse_scene

__all__ = ["LAYERS", "Moment", "board_scene", "proposal_scene", "read_facts", "scene_of", "situation_scene", "warehouse_scene"]
