"""Stock: what there is, where, and every movement of it."""
