"""Random numbers of one thread: xorshift in a one-cell array."""

from __future__ import annotations

import numpy as np

from dispatch.routing.search.arrays import Array
from dispatch.routing.search.compiled import inlined


@inlined
def uniform(random: Array) -> float:
    """A number in [0, 1)."""
    x = random[0]
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    random[0] = x
    return np.float64(x >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@inlined
def below(random: Array, most: int) -> int:
    """A whole number in 0..most-1."""
    return int(uniform(random) * most)
