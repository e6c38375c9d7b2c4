"""``python -m dispatch.cli``: the command line where it is not installed under its name."""

from __future__ import annotations

from dispatch.cli import main

main()
