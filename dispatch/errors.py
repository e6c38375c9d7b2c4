"""The family of errors people may meet: a sentence, a remedy, the facts.

Every error names what is wrong, where, and how to mend it.  Nothing here
knows HTTP or exit codes; the doors (web, cli) each hold one table for that.
"""

from __future__ import annotations

from collections.abc import Mapping


class DispatchError(Exception):
    """Base of all expected errors.

    ``message`` and ``message_zh`` say what happened and where; ``remedy`` and
    ``remedy_zh`` say how to mend it; ``facts`` are the values involved.
    """

    code = "error"

    def __init__(
        self,
        message: str,
        *,
        remedy: str = "",
        zh: str = "",
        remedy_zh: str = "",
        facts: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.message_zh = zh or message
        self.remedy_zh = remedy_zh or remedy
        self.facts = dict(facts or {})

    def as_dict(self) -> dict[str, object]:
        """JSON-ready form, used by the API and by ``--json``."""
        return {
            "code": self.code,
            "message": self.message,
            "message_zh": self.message_zh,
            "remedy": self.remedy,
            "remedy_zh": self.remedy_zh,
            "facts": self.facts,
        }


class InvalidInput(DispatchError):
    """What came in cannot be understood or breaks a value rule."""

    code = "invalid_input"


class NotFound(DispatchError):
    """The thing named does not exist."""

    code = "not_found"


class Refused(DispatchError):
    """A rule of the house forbids it (four eyes, authority, state)."""

    code = "refused"


class NoRight(Refused):
    """The table of rights does not give this act to who asks."""

    code = "no_right"


class TooMany(Refused):
    """Asked for too often; ``facts`` says after how many seconds (``retry_after_s``) to come again."""

    code = "too_many"


class Conflict(Refused):
    """The world moved on since the caller looked."""

    code = "conflict"


class NotEnoughStock(Conflict):
    """One or more lines ask for more than is available to promise."""

    code = "not_enough_stock"


class Unavailable(DispatchError):
    """A part the work needs (database, file) cannot be reached or written."""

    code = "unavailable"
