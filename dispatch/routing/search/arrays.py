"""The problem and the search state as flat arrays for compiled code."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

# How much of time matters: nothing, a sum, hard windows, soft costs along the route
PLAIN, SUMMED, WINDOWS, COSTED = 0, 1, 2, 3

STOP = np.dtype(
    [("load_a", "i8"), ("load_b", "i8"), ("service", "i8"), ("open", "i8"), ("close", "i8"),
     ("due", "i8"), ("late", "f8"), ("arrive", "f8"), ("skip", "f8"), ("away", "f8")],
    align=True,
)
GROUP = np.dtype(
    [("depot", "i8"), ("room_a", "i8"), ("room_b", "i8"), ("count", "i8"), ("fixed", "f8"),
     ("per_m", "f8"), ("per_s", "f8"), ("most_s", "i8"), ("most_m", "i8"), ("leaves", "i8"),
     ("back_by", "i8"), ("profile", "i8"), ("family", "i8"),
     ("most_a", "i8"), ("most_b", "i8")],
    align=True,
)
ROUTE = np.dtype(
    [("size", "i8"), ("group", "i8"), ("load_a", "i8"), ("load_b", "i8"), ("metres", "i8"),
     ("seconds", "i8"), ("cost", "f8"), ("soft", "f8"), ("serve", "f8"), ("stamp", "i8")],
    align=True,
)
# Best place of a stop in a route, valid while the route carries the same stamp
PLACE = np.dtype(
    [("stamp", "i8"), ("delta", "f8"), ("metres", "i8"), ("seconds", "i8"), ("at", "i4"),
     ("stop", "i4")],
    align=True,
)

# Positions in State.tally
(
    ROUTES, FREE, BANK, STAMP, DONE, TOUCHED, TODO, BEST_ROUTES, BEST_BANK, FOUND, BEFORE, TRIED,
    NEARBY, MARK, STRIDE,
) = range(15)
# Positions in State.value
COST, BEST = range(2)


class Problem(NamedTuple):
    """Nodes are stops 0..n-1, then depots.  ``to_*`` are the matrices transposed.

    ``serve[stop, group]`` is empty unless ``charged``; ``solo_*[stop]`` are the groups that
    can serve the stop alone, cheapest first; ``mates[group]`` those of the same yard, of
    which the largest has room for ``most_a`` and ``most_b``.
    """

    n: int
    mode: int
    mixed: bool
    restricted: bool
    charged: bool
    metres: Array
    to_metres: Array
    seconds: Array
    to_seconds: Array
    stops: Array
    groups: Array
    allowed: Array
    serve: Array
    near: Array
    solo_group: Array
    solo_cost: Array
    solo_size: Array
    mates: Array


class State(NamedTuple):
    """One thread's plan.  Route k lives in slot ``slot[k]``; a changed route gets a new
    slot and ``old[k]`` keeps the one before (-1 untouched, -2 new route), so that a
    rejected change is undone by pointing back.  ``place`` is a table of a power of two
    of entries: with more stops and slots than that, later ones overwrite earlier ones."""

    seq: Array
    leg: Array
    leaves: Array
    latest: Array
    routes: Array
    slot: Array
    old: Array
    touched: Array
    free: Array
    where: Array
    at: Array
    used: Array
    bank: Array
    todo: Array
    crowded: Array
    nearby: Array
    mark: Array
    key: Array
    place: Array
    tally: Array
    value: Array
    random: Array
    best_stops: Array
    best_group: Array
    best_size: Array
    best_bank: Array
    pool_key: Array
    pool_cost: Array
    pool_group: Array
    pool_size: Array
    pool_stops: Array
