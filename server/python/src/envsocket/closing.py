"""How links end: the codes of the protocol's document, and which of them an attachment outlives."""

from __future__ import annotations

from dataclasses import dataclass

from .terms import MAX_REASON

ENDED = 1000
GOING_AWAY = 1001
TOO_BIG = 1009
BROKE_OFF = 1011
VIOLATION = 4400
UNAUTHORIZED = 4401
FORBIDDEN = 4403
UNKNOWN = 4404
GIVEN_UP = 4408
SUPERSEDED = 4409
DELETED = 4410
TOO_SLOW = 4413
SLOW_DOWN = 4429

NO_HELLO = "no hello in time"
"""The one reason that has a meaning: whoever was late comes back to its session."""


class Refused(Exception):
    """Whoever raises this closes the link, with a code of the document and a reason for people.

    An ``admit`` and a source's factory may raise it: with 4401 for a token that is not good, 4403 for somebody who
    may not, 4404 for what is not there. The reason is sent as it is: nothing secret belongs into it.
    """

    def __init__(self, code: int, reason: str = "") -> None:
        if not (code == 1000 or 1001 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999):
            raise ValueError(f"{code} cannot be sent in a close frame")
        super().__init__(code, reason)
        self.farewell = Farewell(code, reason)


@dataclass(frozen=True)
class Farewell:
    """A close that this end says."""

    code: int
    reason: str = ""

    def words(self) -> str:
        """The reason, cut to what a close frame has room for."""
        cut = self.reason.encode("utf-8", "replace")[:MAX_REASON]
        return cut.decode("utf-8", "ignore")


def violation(why: str) -> Farewell:
    """The client does not keep to the protocol."""
    return Farewell(VIOLATION, why)


def is_for_good(code: int) -> bool:
    """Whether a client that closes with this code of its own will not come back."""
    return code in (1000, 1005) or (3000 <= code <= 4999 and code != GIVEN_UP)
