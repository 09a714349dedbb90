"""One session with its source: what moves them along. All of it runs in one event loop."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable

from . import hearing, saying
from .attachment import Link
from .closing import BROKE_OFF, Farewell
from .frames import Hello, Size, write
from .session import Session
from .source import End, Gone, Output, Source, cost
from .terms import Limits, Terms
from .waiting import Bell

log = logging.getLogger("envsocket")


class Room:
    """A session that is alive. ``changed`` is called after every change of what it costs, or of who is attached, and
    when it is over."""

    def __init__(self, terms: Terms, limits: Limits, source: Source, changed: Callable[[Room], None]) -> None:
        self.session = Session(terms, limits)
        self.is_over = False
        self._linger = limits.linger
        self._source = source
        self._changed = changed
        self._typed = Bell()
        self._released = Bell()
        self._timer: asyncio.TimerHandle | None = None
        self._expiry: float | None = None
        self._speaking: asyncio.Task[None] | None = None
        self._listening: asyncio.Task[None] | None = None
        self._ending: asyncio.Task[None] | None = None

    # What links do.

    def attach(self, link: Link, hello: Hello) -> None:
        """Raises ``Refused``."""
        try:
            self.session.attach(time.monotonic(), link, hello)
            if self._speaking is None:
                # Not before somebody is there, who would miss the beginning.
                self._speaking = asyncio.create_task(self._speak())
                self._listening = asyncio.create_task(self._listen())
        finally:
            self.settle()

    def hear(self, link: Link, data: str | bytes) -> str | None:
        """Returns a token, if it was one."""
        token = hearing.hear(self.session, time.monotonic(), link, data)
        self.settle()
        return token

    def say(self, link: Link) -> saying.Say:
        """What the link says next."""
        said = saying.say(self.session, time.monotonic(), link)
        if isinstance(said, Farewell):
            self.settle()
        return said

    def next_say(self, link: Link) -> float:
        """When the link has something to say, whatever else happens, in seconds from now."""
        return saying.deadline(link) - time.monotonic()

    def look_at_the_clock(self, link: Link) -> float:
        """Ends the link if its time is over. Returns when to look again, in seconds from now."""
        now = time.monotonic()
        look_again = saying.look_at_the_clock(self.session, now, link) - now
        if link.farewell:
            self.settle()
        return look_again

    def close_link(self, link: Link, farewell: Farewell) -> None:
        """Ends one link; its attachment is kept."""
        attachment = link.attachment
        if attachment and attachment.link is link:
            self.session.close(time.monotonic(), attachment, farewell)
        else:
            link.say_goodbye(farewell)
        self.settle()

    def gone(self, link: Link, code: int | None) -> None:
        """A link's socket is no more."""
        self.session.gone(time.monotonic(), link, code)
        self.settle()

    # What the server does.

    def dismiss(self, farewell: Farewell, retry_after: tuple[float, float] | None = None) -> None:
        """Everybody is closed with this, for good or for a while: a number of seconds between these two."""
        for attachment in list(self.session.attachments.values()):
            ms = None if retry_after is None else round(random.uniform(*retry_after) * 1000)  # noqa: S311, no secret
            bye = write("bye", code=farewell.code, retryAfterMs=ms)
            self.session.close(time.monotonic(), attachment, farewell, bye)
        self.settle()

    def end(self) -> None:
        """Nobody can attach any more. The source takes what input there is, and goes."""
        if not self.is_over:
            self.is_over = True
            if self._timer:
                self._timer.cancel()
            self._ending = asyncio.create_task(self._let_go())
            self._changed(self)

    async def ended(self) -> None:
        """Waits until the source is gone, of a session that is over."""
        if self._ending:
            await asyncio.shield(self._ending)

    # The source.

    async def _speak(self) -> None:
        output = None
        try:
            output = self._source.output()
            async for said in output:
                if isinstance(said, Gone):
                    self._delete(said)
                    return
                await self._append(said)
                if isinstance(said, End):
                    return
            await self._append(End())
        except Exception:
            log.exception("a source broke off")
            self._delete(Gone(BROKE_OFF, "internal error"))
        finally:
            close = getattr(output, "aclose", None)
            if close:
                await close()

    async def _append(self, said: Output) -> None:
        if not isinstance(said, (str, bytes, Size, End)):
            raise TypeError(f"a source says str, bytes, Size, End or Gone, not {type(said).__name__}")
        size = cost(said)
        while True:
            self._released.hush()
            look_again = self.session.room_at(time.monotonic(), size)
            if look_again is None:
                break
            await self._released.wait(look_again - time.monotonic())
        self.session.append(said)
        self.settle()
        # Those who have it to say come first: the source may have more without waiting for anything.
        await asyncio.sleep(0)

    async def _listen(self) -> None:
        queue = self.session.queue
        while True:
            self._typed.hush()
            while queue:
                taken = queue.popleft()
                try:
                    if isinstance(taken.what, Size):
                        await self._source.resize(taken.what)
                    elif taken.what is not None:
                        await self._source.take(taken.what)
                except Exception:
                    log.exception("a source broke off")
                    self._delete(Gone(BROKE_OFF, "internal error"))
                    return
                hearing.consumed(self.session, time.monotonic(), taken)
                self.settle()
            if self.is_over:
                return
            await self._typed.wait()

    def _delete(self, gone: Gone) -> None:
        self.dismiss(Farewell(gone.code, gone.reason))
        for attachment in list(self.session.attachments.values()):
            self.session.forget(attachment)
        self.session.queue.clear()
        self.settle()

    async def _let_go(self) -> None:
        self._typed.ring()
        if self._listening and self._speaking:
            await asyncio.wait({self._listening}, timeout=self._linger)
            for task in (self._listening, self._speaking):
                task.cancel()
            await asyncio.wait({self._listening, self._speaking})
        try:
            await self._source.close()
        except Exception:
            log.exception("a source did not close")

    def settle(self) -> None:
        """After every change: tells whom it concerns, and ends the room once nobody can come back to it."""
        session = self.session
        if session.queue:
            self._typed.ring()
        self._released.ring()
        if self.is_over:
            return
        if not session.attachments:
            self.end()
            return
        self._rearm()
        self._changed(self)

    def _rearm(self) -> None:
        expiry = self.session.next_expiry()
        if expiry == self._expiry:
            return
        self._expiry = expiry
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if expiry is not None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(max(0.0, expiry - time.monotonic()), self._expire)

    def _expire(self) -> None:
        self._timer = self._expiry = None
        self.session.expire(time.monotonic())
        self.settle()
