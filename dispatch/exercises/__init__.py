"""Drills that are planned, who was there, and what was learned until it is closed."""
