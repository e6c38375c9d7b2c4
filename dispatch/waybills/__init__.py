"""Waybills: one per vehicle, printed from the frozen proposal."""
