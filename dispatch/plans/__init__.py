"""The graded response-plan engine."""
