"""How the search's functions are compiled: cached on disk, free of the interpreter lock."""

from __future__ import annotations

from numba import njit

compiled = njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
# Small steps become part of their callers: passing the plan's arrays costs more than they do
inlined = njit(cache=True, nogil=True, error_model="numpy", forceinline=True, _nrt=False)
