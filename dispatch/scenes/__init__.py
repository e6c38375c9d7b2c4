"""From what the database and a proposal say to scenes the map can draw."""

from dispatch.scenes.plan import proposal_scene, situation_scene, warehouse_scene

__all__ = ["proposal_scene", "situation_scene", "warehouse_scene"]
