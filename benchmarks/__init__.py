"""Measurements: `python -m benchmarks.NAME --json FILE`; tests never assert a time."""
