"""The font of the vertical Mongolian script, from its package, where the machine has npm.

``python -m maps.build_mongolian``, at set-up.  Without npm, or without a way to the registry, pages take a
Mongolian font of the reader's machine ("Mongolian Baiti", "Noto Sans Mongolian").
"""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "assets" / "vendor" / "fonts"
PACKAGE = "@fontsource/noto-sans-mongolian@5.3.0"
"""Noto Sans Mongolian, SIL Open Font License 1.1."""
INTEGRITY = "/0CnBiuUOjfdnE5vZXOiu36iu0ETlXCY40t3/IG1n4n+fL/knRTJ0/jgu/jxELacS301kg4YduK+r9JYJ8/gSA=="
MEMBER = "package/files/noto-sans-mongolian-mongolian-400-normal.woff2"
FONT, SHEET = "mongolian.woff2", "fonts.css"
RULE = '@font-face{font-family:"Packaged Mongolian";src:url("mongolian.woff2") format("woff2");font-display:swap;unicode-range:U+1800-18AF,U+202F,U+11660-1167F}\n'
PATIENCE_S = 120


def build() -> bool:
    """Fetch and check the package, keep its font, say so in the style sheet; False where it cannot be had."""
    npm = shutil.which("npm")
    if npm is None:
        return False
    with tempfile.TemporaryDirectory() as folder:
        try:
            subprocess.run([npm, "pack", "--silent", PACKAGE], cwd=folder, check=True, capture_output=True, timeout=PATIENCE_S)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
            return False
        (packed,) = Path(folder).glob("*.tgz")
        found = base64.b64encode(hashlib.sha512(packed.read_bytes()).digest()).decode()
        if found != INTEGRITY:
            raise SystemExit(f"{PACKAGE} is not what it was: sha512 {found}.")
        with tarfile.open(packed) as archive:
            member = archive.extractfile(MEMBER)
            if member is None:
                raise SystemExit(f"{PACKAGE} has no {MEMBER}.")
            (FOLDER / FONT).write_bytes(member.read())
    with (FOLDER / SHEET).open("a", encoding="ascii") as sheet:
        sheet.write(RULE)
    return True


if __name__ == "__main__":
    print("Mongolian font: " + (PACKAGE if build() else "not to be had here; the reader's own is used"))
