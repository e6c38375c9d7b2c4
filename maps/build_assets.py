"""Brings the browser assets from installed packages into ``maps/assets/vendor``.

Run at set-up (``python -m maps.build_assets``); what it makes is never committed.
"""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path

from maps.build_fonts import build_fonts

VENDOR = Path(__file__).resolve().parent / "assets" / "vendor"


def _package_folder(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(f"The package {name} is not installed; run ./go setup.")
    return Path(next(iter(spec.submodule_search_locations)))


def build() -> None:
    """Copy Leaflet, make the fonts; prints what it made."""
    shutil.rmtree(VENDOR, ignore_errors=True)
    leaflet = next(_package_folder("xstatic").rglob("leaflet.js"))
    shutil.copytree(leaflet.parent, VENDOR / "leaflet")
    build_fonts(next(_package_folder("noto_cjk_sans_otc").rglob("*Regular*.[ot]t[cf]")), VENDOR / "fonts")
    for path in sorted(p for p in VENDOR.rglob("*") if p.is_file()):
        print(f"{path.relative_to(VENDOR)}  {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    build()
