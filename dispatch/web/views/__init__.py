"""One blueprint per file."""
