"""Which warehouse sends what to which county."""
