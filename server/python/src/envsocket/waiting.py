"""Waiting for something, so long at most. ``asyncio.wait_for`` is not for this: before Python 3.12 it may swallow the
cancellation of who waits, who then waits for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Bell:
    """Wakes the one task that waits for it. It stays rung until it is hushed, so that no ring is lost."""

    def __init__(self) -> None:
        self._rung = False
        self._waiter: asyncio.Future[None] | None = None

    def ring(self) -> None:
        """Wakes whoever waits, or will wait."""
        self._rung = True
        self._wake()

    def hush(self) -> None:
        """Nobody has rung yet."""
        self._rung = False

    async def wait(self, seconds: float | None = None) -> None:
        """Waits until it is rung, or for so long."""
        if self._rung:
            return
        loop = asyncio.get_running_loop()
        self._waiter = loop.create_future()
        timer = None if seconds is None else loop.call_later(max(0.0, seconds), self._wake)
        try:
            await self._waiter
        finally:
            self._waiter = None
            if timer:
                timer.cancel()

    def _wake(self) -> None:
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)


async def within(seconds: float, work: Coroutine[Any, Any, T]) -> T | None:
    """What the work comes to, or ``None`` if it takes longer; then it is cancelled."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait({task}, timeout=seconds)
        return task.result() if task.done() else None
    finally:
        task.cancel()
