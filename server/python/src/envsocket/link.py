"""One connection that speaks ``envsocket.v1``, from its welcome to its close: a reader, a writer, and a guard, which
sees to it that a client that reads nothing holds nobody up."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable

from starlette.websockets import WebSocket

from . import socket
from .attachment import Link
from .closing import Farewell
from .room import Room
from .waiting import Bell

AT_ONCE = 16
"""How many messages are written before others have their turn: writing waits for nothing while the client is quick, nor
when it is gone."""


class Talk:
    """What one connection needs."""

    def __init__(self, websocket: WebSocket, link: Link, woken: Bell, over: Bell) -> None:
        self._websocket = websocket
        self.link = link
        self._woken = woken
        self._over = over

    async def carry(self, room: Room, renew: Callable[[str], None]) -> None:
        """Carries the conversation to its end. ``renew`` is called with a token that takes the place of the link's."""
        reader = asyncio.create_task(self._listen(room, renew))
        writer = asyncio.create_task(self._speak(room, reader))
        guard = asyncio.create_task(self._guard(room))
        code: int | None = None
        try:
            await asyncio.wait({reader, writer, guard}, return_when=asyncio.FIRST_COMPLETED)
            if self.link.farewell:
                # A last frame goes out, if the client takes it.
                await asyncio.wait({writer}, timeout=socket.CLOSING_WITHIN)
            elif reader.done():
                code = reader.result()
        finally:
            tasks = {reader, writer, guard}
            for task in tasks:
                task.cancel()
            room.gone(self.link, code)
            await asyncio.wait(tasks)
        for task in tasks:
            # Their own mistakes are to be seen.
            if not task.cancelled():
                task.result()

    async def _listen(self, room: Room, renew: Callable[[str], None]) -> int | None:
        """Reads whatever happens; the session bounds what is said. Returns the code of the client's close."""
        while self.link.farewell is None:
            try:
                data = await socket.receive(self._websocket)
            except socket.Closed as closed:
                return closed.code
            token = room.hear(self.link, data)
            if token is not None:
                renew(token)
        return None

    async def _speak(self, room: Room, reader: asyncio.Task[int | None]) -> None:
        for turn in itertools.count(1):
            self._woken.hush()
            said = room.say(self.link)
            if isinstance(said, Farewell):
                return
            if said is None:
                await self._woken.wait(room.next_say(self.link))
                continue
            try:
                await socket.send(self._websocket, said)
            except socket.Closed:
                # The reader hears how it ended.
                await asyncio.wait({reader})
                return
            if turn % AT_ONCE == 0:
                await asyncio.sleep(0)

    async def _guard(self, room: Room) -> None:
        while self.link.farewell is None:
            await self._over.wait(room.look_at_the_clock(self.link))
