"""How the search's functions are compiled: kept on disk, free of the interpreter lock.

numba notices a change of the file a kept function stands in, not of those it calls;
so the folder of machine code is named after all sources that are compiled.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import numba
from numba import config, njit

HERE = Path(__file__).resolve().parent


def kept_folder(root: Path) -> Path:
    """Where machine code of just these sources belongs below ``root``."""
    digest = hashlib.sha256(f"{numba.__version__} {sys.version}".encode())
    for path in sorted(HERE.glob("*.py")):
        source = path.read_bytes()
        if b"search.compiled import" in source or path.name in {"arrays.py", "compiled.py"}:
            digest.update(source)
    return root / f"route-search-{digest.hexdigest()[:16]}"


def usable_folder(folder: Path) -> Path:
    """``folder`` when it can be written, which numba asks for even to read it; else a
    folder of this process with a copy of what was kept."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        spare = Path(tempfile.mkdtemp(prefix="route-search-"))
        atexit.register(shutil.rmtree, spare, ignore_errors=True)
        if folder.is_dir():
            shutil.copytree(folder, spare, dirs_exist_ok=True)
        return spare


ROOT = Path(os.environ.get("NUMBA_CACHE_DIR") or HERE / "__pycache__")
setattr(config, "CACHE_DIR", str(usable_folder(kept_folder(ROOT))))  # noqa: B010  (numba types no such name)

# Without reference counts: a call passes some forty arrays, and counting each of them up
# and down costs ten times the work.  All arrays are held by Python for the whole call
OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "_nrt": False}
compiled = njit(cache=True, **OPTIONS)
# Small steps become part of their callers: passing the plan's arrays costs more than they do
inlined = njit(forceinline=True, **OPTIONS)
