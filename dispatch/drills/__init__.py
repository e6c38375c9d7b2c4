"""Drills: past disasters replayed against the running code, and scored."""
