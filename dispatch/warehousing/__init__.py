"""The standard a warehouse is held to, with evidence, grade and room."""
