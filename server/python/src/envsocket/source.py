"""What stands behind a session: something that has output, and may take input. It knows neither sockets nor who
listens."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from .closing import DELETED
from .frames import Size
from .terms import ENTRY

Message = str | bytes
"""A message of the application. Text stays text, and bytes stay bytes."""


@dataclass(frozen=True)
class End:
    """The source has ended. Whoever has had all its output is closed with 1000 and these words."""

    code: int | None = None
    """What it ended with, if it says so: a whole number of 32 bits."""
    reason: str = "the source has ended"

    def __post_init__(self) -> None:
        if self.code is not None and not -(1 << 31) <= self.code < 1 << 31:
            raise ValueError(f"an end's code must be a whole number of 32 bits, not {self.code}")


@dataclass(frozen=True)
class Gone:
    """The source is no more, and nothing of it is delivered any more: everybody is closed with this at once."""

    code: int = DELETED
    reason: str = "it was deleted"


Entry = str | bytes | Size | End
"""What has a number in the output."""

Output = Entry | Gone
"""What a source says."""


class Source:
    """Something with output. Derive from it, and write ``output``; the rest is for those who need it."""

    def output(self) -> AsyncIterator[Output]:
        """All that it says, in order; asked for once. When it is over, so is the source, as if it had said ``End()``.

        While the source is held back for a slow client nobody asks for the next: let it wait then. The iterator is
        closed, or cancelled where it waits, when the session is no more.
        """
        raise NotImplementedError

    async def take(self, message: Message) -> None:
        """Takes a message of a client, one at a time, in the order in which they came. Once it returns, the message
        counts as consumed: as long as it waits, clients send no more than their credit."""

    async def resize(self, size: Size) -> None:
        """The terminal of the client in charge has this size."""

    async def close(self) -> None:
        """The session is no more; ``output`` and ``take`` have ended. For what the source has to give back."""


def cost(entry: Entry | Size) -> int:
    """What an entry costs."""
    if isinstance(entry, str):
        return ENTRY + (len(entry) if entry.isascii() else len(entry.encode()))
    return ENTRY + (len(entry) if isinstance(entry, bytes) else 0)
