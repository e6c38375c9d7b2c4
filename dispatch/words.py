"""A reason or cause in both languages, with a code a program can test."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """One sentence, Chinese and English, under a stable code."""

    code: str
    zh: str
    en: str

    def as_dict(self) -> dict[str, str]:
        """The shape used in JSON output: code, zh, en."""
        return {"code": self.code, "zh": self.zh, "en": self.en}
