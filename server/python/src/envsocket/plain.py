"""One connection without the protocol: it has a source of its own and gets its messages as they are. What it misses
between two connections is the source's business."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from starlette.websockets import WebSocket

from . import socket
from .closing import BROKE_OFF, ENDED, TOO_BIG, Farewell
from .frames import Size
from .source import End, Gone, Source, cost
from .terms import ENTRY

log = logging.getLogger("envsocket")


async def talk(websocket: WebSocket, source: Source, max_message: int, dismissed: asyncio.Future[Farewell]) -> None:
    """Carries the conversation to its end."""
    speaking = asyncio.create_task(_speak(websocket, source))
    listening = asyncio.create_task(_listen(websocket, source, max_message))
    tasks = {speaking, listening}
    farewell: Farewell | None = None
    try:
        any_of: list[asyncio.Future[Any]] = [*tasks, dismissed]
        await asyncio.wait(any_of, return_when=asyncio.FIRST_COMPLETED)
        if dismissed.done():
            farewell = dismissed.result()
        else:
            ended = next(task for task in tasks if task.done())
            farewell = Farewell(BROKE_OFF, "internal error") if ended.exception() else ended.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        for task in tasks:
            if not task.cancelled() and task.exception():
                log.error("a source broke off", exc_info=task.exception())
        await source.close()
    if farewell:
        await socket.close(websocket, farewell)


async def _speak(websocket: WebSocket, source: Source) -> Farewell | None:
    output = source.output()
    try:
        async for said in output:
            if isinstance(said, End):
                return Farewell(ENDED, said.reason)
            if isinstance(said, Gone):
                return Farewell(said.code, said.reason)
            if not isinstance(said, Size):
                await socket.send(websocket, said)
        return Farewell(ENDED, End().reason)
    except socket.Closed:
        return None
    finally:
        close = getattr(output, "aclose", None)
        if close:
            await close()


async def _listen(websocket: WebSocket, source: Source, max_message: int) -> Farewell | None:
    """While the source takes nothing the socket is not read."""
    while True:
        try:
            message = await socket.receive(websocket)
        except socket.Closed:
            return None
        if cost(message) - ENTRY > max_message:
            return Farewell(TOO_BIG, f"a message is longer than {max_message} bytes")
        await source.take(message)
