"""A coordinator's wishes about roads: which are closed or slowed for this plan.  Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from dispatch.errors import InvalidInput
from dispatch.flow.wishes import Wishes
from dispatch.routing.model import RoadEdge
from dispatch.routing.road_wishes import RoadWish

Names = Mapping[str, tuple[str, str]]


def road_key(edge_id: int) -> str:
    """The key of a road among the names."""
    return f"road:{edge_id}"


def road_names(edges: Sequence[RoadEdge], places: Names) -> dict[str, tuple[str, str]]:
    """Key of a road → its number with the counties it joins."""
    found = {}
    for edge in edges:
        (a_zh, a_en), (b_zh, b_en) = (places.get(c, (c, c)) for c in (edge.from_adcode, edge.to_adcode))
        found[road_key(edge.id)] = (f"{edge.refs or '道路'}（{a_zh}—{b_zh}）", f"{edge.refs or 'road'} ({a_en} to {b_en})")
    return found


def with_road(wishes: Wishes, edge: str, percent: int) -> Wishes:
    """The road closed (0) or slowed; an earlier wish about it is replaced.  ``InvalidInput`` for
    what is no road number or no share of speed."""
    if not (edge.isascii() and edge.isdigit() and len(edge) < 10) or not 0 <= percent < 100:
        raise InvalidInput(
            f"A road {edge[:20]!r} at {percent} % of its speed cannot be.",
            remedy="Choose a road of the list, closed or at 1 to 99 % of its speed.",
            zh=f"道路 {edge[:20]!r} 车速 {percent}% 无法识别。", remedy_zh="请从列表中选择道路，并选择封闭或保留 1 至 99% 的车速。",
            facts={"fields": ["road"]},
        )
    others = tuple(w for w in wishes.roads if w.edge_id != int(edge))
    return replace(wishes, roads=(*others, RoadWish(int(edge), percent)))


def road_free(wishes: Wishes, edge: str) -> Wishes:
    """No wish about the road any more."""
    return replace(wishes, roads=tuple(w for w in wishes.roads if str(w.edge_id) != edge))


def road_words(wishes: Wishes, names: Names) -> Iterable[tuple[str, str, str]]:
    """(key, zh, en) of every wish about a road."""
    for wish in wishes.roads:
        key = road_key(wish.edge_id)
        zh, en = names.get(key, (key, key))
        if wish.percent:
            yield key, f"{zh} 按 {wish.percent}% 车速", f"{en} at {wish.percent} % of its speed"
        else:
            yield key, f"不走 {zh}", f"not by {en}"


def check_roads(wishes: Wishes, names: Names) -> None:
    """``InvalidInput`` for a road there is not."""
    for wish in wishes.roads:
        if road_key(wish.edge_id) not in names:
            raise InvalidInput(
                f"There is no road {wish.edge_id}.", remedy="Choose a road of the list.",
                zh=f"没有编号为 {wish.edge_id} 的道路。", remedy_zh="请从列表中选择。", facts={"fields": ["road"]},
            )
