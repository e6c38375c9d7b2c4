"""Leagues and counties as rows with their polygons."""
