"""The board's map: facts → layers → scene.  Pure but for ``board_scene``, which reads."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from dispatch.boundaries import simplified
from dispatch.scenes.areas import alert_layer, county_layer
from dispatch.scenes.facts import MapFacts, Moment
from dispatch.scenes.gather import read_facts
from dispatch.scenes.places import team_layer, warehouse_layer
from dispatch.scenes.roads import road_layer
from dispatch.scenes.traffic import route_layer, truck_layer
from maps.scene import Bounds, Layer, Scene

LAYERS: dict[str, Callable[[MapFacts, str], Layer]] = {
    "levels": county_layer, "alerts": alert_layer, "roads": road_layer, "routes": route_layer,
    "warehouses": warehouse_layer, "teams": team_layer, "trucks": truck_layer,
}


def board_scene(session: Session, moment: Moment, lang: str) -> Scene:
    """Every layer of the board at a moment; ``lang`` zh or en."""
    return scene_of(read_facts(session, moment), lang)


def scene_of(facts: MapFacts, lang: str) -> Scene:
    """The scene of gathered facts, looking at what is affected."""
    return Scene(tuple(layer(facts, lang) for layer in LAYERS.values()), affected(facts))


def affected(facts: MapFacts) -> Bounds | None:
    """The box around the counties of open situations, or around the region when nothing is open."""
    shapes = simplified()
    hit = {code for event in facts.events for code in event.situation.counties}
    boxes = [shape.bounds for code, shape in shapes.items() if not hit or code in hit]
    if not boxes:
        return None
    return (min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes))
