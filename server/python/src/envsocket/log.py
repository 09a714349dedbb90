"""The newest output of a session, in order and with its numbers. It is bounded; whom it is kept for is decided
elsewhere."""

from __future__ import annotations

from collections import deque
from itertools import islice

from .frames import Size
from .source import End, Entry, cost


class Log:
    """Entries ``oldest`` to ``last``."""

    def __init__(self, ring: int, tail: int) -> None:
        self._ring = ring
        self._tail = tail
        self._entries: deque[tuple[Entry, int, int]] = deque()
        self._size_before: Size | None = None
        # Of all that was ever appended: each entry knows what it was then.
        self._total = 0
        self.last = 0
        self.cost = 0
        self.ended: End | None = None

    @property
    def oldest(self) -> int:
        """The number of the oldest entry that is kept, or of the next one."""
        return self.last + 1 - len(self._entries)

    def append(self, entry: Entry) -> None:
        """Adds one, and evicts the oldest as far as there is no room."""
        entry_cost = cost(entry)
        self._total += entry_cost
        self._entries.append((entry, entry_cost, self._total))
        self.last += 1
        self.cost += entry_cost
        if isinstance(entry, End):
            self.ended = entry
        while self.cost > self._ring and len(self._entries) > 1:
            self._drop()

    def trim(self, needed: int) -> None:
        """Drops what comes before ``needed`` and is not of the tail, in which the end always is."""
        while self.oldest < min(needed, self.last if self.ended else needed) and self.cost > self._tail:
            self._drop()

    def __getitem__(self, number: int) -> tuple[Entry, int]:
        """An entry that is kept, and its cost."""
        entry, entry_cost, _ = self._entries[number - self.oldest]
        return entry, entry_cost

    def first_of_tail(self) -> int:
        """Where those begin who come new. The end is always in it."""
        first, size = self.last + 1, 0
        for number, (entry, entry_cost, _) in zip(range(self.last, 0, -1), reversed(self._entries), strict=False):
            size += entry_cost
            if size > self._tail and not isinstance(entry, End):
                break
            first = number
        return first

    def cost_after(self, number: int) -> int:
        """What the entries after this one cost, as far as they are kept."""
        if number >= self.last:
            return 0
        return self.cost if number < self.oldest else self._total - self._entries[number - self.oldest][2]

    def size_at(self, number: int) -> Size | None:
        """The terminal's size after this entry, which is kept or the one before the oldest."""
        size = self._size_before
        for entry, _, _ in islice(self._entries, max(0, number + 1 - self.oldest)):
            if isinstance(entry, Size):
                size = entry
        return size

    def _drop(self) -> None:
        entry, entry_cost, _ = self._entries.popleft()
        self.cost -= entry_cost
        if isinstance(entry, Size):
            self._size_before = entry
