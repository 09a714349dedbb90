"""What tests over real sockets need: uvicorn in this process, and a client of the protocol by hand."""

from __future__ import annotations

import asyncio
import functools
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

PATIENCE = 30.0
"""How long anything is waited for that must come, in seconds. Nothing is judged by how long it took."""


def asynchronous(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """A test with an event loop of its own."""

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        async def within() -> None:
            await asyncio.wait_for(test(*args, **kwargs), PATIENCE)

        asyncio.run(within())

    return run


@asynccontextmanager
async def serving(app: ASGIApp) -> AsyncIterator[str]:
    """The application under uvicorn, at this address."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", timeout_graceful_shutdown=5)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110, uvicorn has no event for it
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"ws://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await running


def routed(endpoint: Callable[[WebSocket], Awaitable[None]]) -> Starlette:
    """An application with one WebSocket."""
    return Starlette(routes=[WebSocketRoute("/ws", endpoint)])


async def until(what: Callable[[], bool]) -> None:
    """Waits for something that nobody tells of."""
    while not what():  # noqa: ASYNC110, there is no event for it
        await asyncio.sleep(0.005)


class Tab:
    """One attachment in a session of its own, with one link at a time."""

    def __init__(self, address: str, path: str = "/ws", **hello: object) -> None:
        self.address = address + path
        self.hello = {"session": secrets.token_hex(16), "attachment": secrets.token_hex(16)}
        self.hello |= {"secret": secrets.token_hex(16), **hello}  # type: ignore[dict-item]
        self.attempt = self.received = self.sent = 0
        self.epoch: str | None = None
        self.socket: ClientConnection | None = None

    async def attach(self) -> dict[str, Any]:
        """Opens a link and returns the welcome."""
        self.socket = await connect(self.address, subprotocols=["envsocket.plain", "envsocket.v1"], close_timeout=1)  # type: ignore[list-item]
        assert self.socket.subprotocol == "envsocket.v1"
        self.attempt += 1
        counts = {"received": self.received, "sent": self.sent, "acked": self.sent}
        await self.control("hello", attempt=self.attempt, epoch=self.epoch, **counts, **self.hello)
        welcome: dict[str, Any] = json.loads((await self.socket.recv())[1:])
        assert welcome["type"] == "welcome"
        if welcome["epoch"] != self.epoch:
            self.received, self.sent = welcome["next"] - 1, 0
        self.epoch = welcome["epoch"]
        return welcome

    async def control(self, kind: str, **fields: object) -> None:
        assert self.socket
        await self.socket.send("\0" + json.dumps({"type": kind, **fields}))

    async def send(self, message: str | bytes) -> None:
        assert self.socket
        self.sent += 1
        await self.socket.send(message)

    async def hear(self) -> str | bytes:
        """The next message; control frames are passed over."""
        assert self.socket
        while True:
            said = await self.socket.recv()
            if isinstance(said, str) and said.startswith("\0"):
                continue
            self.received += 1
            return said

    async def heard(self) -> Any:
        """The next message, as JSON."""
        return json.loads(await self.hear())

    async def closed(self) -> tuple[int, str]:
        """The close that comes next."""
        assert self.socket
        with suppress(ConnectionClosed):
            while True:
                await self.socket.recv()
        assert self.socket.close_code is not None
        return self.socket.close_code, self.socket.close_reason or ""

    async def cut(self) -> None:
        """The link breaks."""
        assert self.socket
        self.socket.transport.abort()
        await self.socket.wait_closed()

    async def close(self, code: int = 1000) -> None:
        assert self.socket
        await self.socket.close(code)
