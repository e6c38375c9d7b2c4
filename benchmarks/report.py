"""What every benchmark prints: a table for people, JSON for programs, the machine it ran on."""

from __future__ import annotations

import json
import os
import platform
import resource
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` of the values lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def peak_mb() -> int:
    """Most memory this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def machine() -> dict[str, Any]:
    """Where the figures come from."""
    return {
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "system": platform.platform(),
    }


def print_table(rows: Sequence[dict[str, Any]]) -> None:
    """Rows with the same keys as aligned columns."""
    heads = list(rows[0])
    cells = [heads, *([str(row[h]) for h in heads] for row in rows)]
    widths = [max(len(line[i]) for line in cells) for i in range(len(heads))]
    for line in cells:
        print("  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)))


def finish(rows: Sequence[dict[str, Any]], path: Path | None, **more: Any) -> None:
    """Print the table and, when asked, write rows, machine and further facts as JSON."""
    print_table(rows)
    if path:
        body = {"machine": machine(), "rows": list(rows), **more}
        path.write_text(json.dumps(body, ensure_ascii=False, indent=1) + "\n", "utf-8")
