"""Telling people: the inbox inside, messages outside, each once and in good order."""
