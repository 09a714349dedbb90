"""Channels that everybody gets every message of, with a bounded history of those that were chosen for one.

On the wire, as JSON texts over ``envsocket.v1`` or a plain WebSocket: ``{"channel": "<name>", "data": <any>}``. Whoever
connects gets one message first with all that is remembered, oldest first, and then what is published from that moment
on: ``{"channel": "hub:history", "data": [{"channel": …, "data": …}, …]}``. Nothing is missing between the two, and
nothing is in both.

All of it runs in one event loop.
"""

from __future__ import annotations

import json
import logging
from collections import deque
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .closing import TOO_SLOW
from .names import checked
from .source import Gone, Output, Source, cost
from .waiting import Bell

log = logging.getLogger("envsocket.hub")

HISTORY = "hub:history"
"""The channel of the first message. Names of its kind are no names for others."""


@dataclass
class _History:
    """The newest messages of a channel, each with its place among all that was ever published."""

    most: int
    most_bytes: int
    messages: deque[tuple[int, str]] = field(default_factory=deque)
    bytes: int = 0

    def add(self, place: int, text: str) -> None:
        self.messages.append((place, text))
        self.bytes += cost(text)
        while len(self.messages) > self.most or self.bytes > self.most_bytes:
            self.bytes -= cost(self.messages.popleft()[1])


class Hub:
    """Publishes to all who are connected."""

    def __init__(
        self,
        *,
        history: Mapping[str, int] | None = None,
        history_bytes: int = 256 << 10,
        backlog: int = 1 << 20,
    ) -> None:
        """``history`` says how many messages of which channels are remembered, each of them with ``history_bytes`` at
        most. A subscriber for whom more than ``backlog`` bytes wait is dropped: its client comes back to the
        history."""
        self._history: dict[str, _History] = {}
        for channel, most in (history or {}).items():
            if most < 1:
                raise ValueError(f"the history of {channel!r} must have room for a message, not {most}")
            self._history[_channel(channel)] = _History(most, history_bytes)
        self._backlog = backlog
        self._published = 0
        self._subscribers: set[_Subscriber] = set()

    def __len__(self) -> int:
        """How many subscribers there are."""
        return len(self._subscribers)

    def source(self) -> Source:
        """A subscriber, which ``Sessions.serve`` makes of it: ``source=hub.source``."""
        subscriber = _Subscriber(self, self._backlog, self._remembered())
        self._subscribers.add(subscriber)
        log.info("a subscriber came, %d are here", len(self))
        return subscriber

    def publish(self, channel: str, data: Any) -> int:
        """Sends it to everybody, waits for nobody, and says how many took it. Raises ``TypeError`` or ``ValueError``
        for what is not fit for JSON, and for what is no name."""
        text = json.dumps({"channel": _channel(channel), "data": data}, allow_nan=False)
        self._published += 1
        history = self._history.get(channel)
        if history:
            history.add(self._published, text)
        size = cost(text)
        return sum(subscriber.offer(text, size) for subscriber in list(self._subscribers))

    def history(self, channel: str) -> list[Any]:
        """What is remembered of a channel, oldest first."""
        history = self._history.get(channel)
        return [json.loads(text)["data"] for _, text in history.messages] if history else []

    def forget(self, channel: str) -> None:
        """Forgets what is remembered of a channel."""
        history = self._history.get(channel)
        if history:
            self._history[channel] = _History(history.most, history.most_bytes)

    def _remembered(self) -> str | None:
        messages = sorted(one for history in self._history.values() for one in history.messages)
        if not messages:
            return None
        return f'{{"channel": "{HISTORY}", "data": [{", ".join(text for _, text in messages)}]}}'

    def _leave(self, subscriber: _Subscriber) -> None:
        if subscriber in self._subscribers:
            self._subscribers.discard(subscriber)
            log.info("a subscriber left, %d are here", len(self))


class _Subscriber(Source):
    """What waits for one session. The session itself remembers what its client has not received."""

    def __init__(self, hub: Hub, backlog: int, first: str | None) -> None:
        self._hub = hub
        self._backlog = backlog
        self._waiting: deque[tuple[Output, int]] = deque()
        self._bytes = 0
        self._bell = Bell()
        if first is not None:
            # Not of the backlog: it is as long as it is.
            self._waiting.append((first, 0))

    def offer(self, text: str, size: int) -> bool:
        """Whether it is taken."""
        self._bell.ring()
        if self._bytes + size > self._backlog:
            self._hub._leave(self)  # noqa: SLF001, it is one of its halves
            log.warning("a subscriber was dropped: it was too slow")
            self._waiting.clear()
            self._waiting.append((Gone(TOO_SLOW, "too slow"), 0))
            return False
        self._waiting.append((text, size))
        self._bytes += size
        return True

    async def output(self) -> AsyncIterator[Output]:
        while True:
            self._bell.hush()
            while self._waiting:
                said, size = self._waiting.popleft()
                self._bytes -= size
                yield said
            await self._bell.wait()

    async def close(self) -> None:
        self._hub._leave(self)  # noqa: SLF001, as above


def _channel(name: object) -> str:
    channel = checked("a channel's name", name)
    if channel.endswith(":history"):
        raise ValueError("a channel's name must not end with `:history`")
    return channel
