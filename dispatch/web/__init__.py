"""The web door: Flask, and only here."""
