"""Reference data: typed facts with their source, loaded idempotently."""
