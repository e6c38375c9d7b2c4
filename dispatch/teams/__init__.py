"""Relief teams and who goes."""
