"""Relief logistics and dispatch for the Inner Mongolia Red Cross."""

__version__ = "0.1.0"
