"""Gifts and the 20/30/50 rule, in the same double-entry manner as goods."""
