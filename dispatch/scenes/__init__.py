"""From what the database and a proposal say to scenes the map can draw."""

from dispatch.scenes.board import LAYERS, board_layer, board_scene
from dispatch.scenes.facts import Moment
from dispatch.scenes.plan import proposal_scene, situation_scene, warehouse_scene

__all__ = ["LAYERS", "Moment", "board_layer", "board_scene", "proposal_scene", "situation_scene", "warehouse_scene"]
