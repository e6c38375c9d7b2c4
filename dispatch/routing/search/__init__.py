"""A compiled route search of our own: ruin and recreate, several depots, mixed fleets."""
