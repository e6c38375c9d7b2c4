"""Warnings: CAP documents in, one folded situation out."""
