"""The chain itself, one file per moment."""
