"""The server that docs/PROTOCOL.md prints whole, taken from there as it stands, as a server under test: what it leaves
to its reader is here. To be run as `python page.py PORT`; needs `websockets`, which hears how a link was closed."""
# ruff: noqa: INP001

from __future__ import annotations

import asyncio
import hmac
import http
import json
import re
import secrets
import sys
import time
from collections import defaultdict, deque
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from envsocket.frames import Violation, read

DOCUMENT = Path(__file__).parents[3] / "docs" / "PROTOCOL.md"
(PAGE,) = re.findall(r"^```python\n(.*?)^```", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)

TOLD = {"RING": 256 << 10, "TAIL": 4 << 10, "WINDOW": 64 << 10, "CREDIT": 64 << 10, "MAX_MESSAGE": 128 << 10}
NARROW = {"RING": 4096, "TAIL": 512, "WINDOW": 1024, "CREDIT": 2048, "MAX_MESSAGE": 8192}
SESSION_COST = 16 << 10

gates: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)


class NoRoom(Exception):
    """There is none for another session."""


class Told:
    """Does what its input says."""

    def __init__(self, append: Callable[..., None]) -> None:
        self._append = append
        self._input: asyncio.Queue[tuple[Any, Callable[[], None]] | None] = asyncio.Queue()
        self._wills: list[str] = []
        self._running = asyncio.create_task(self._run())

    def take(self, data: Any, then: Callable[[], None]) -> None:
        self._input.put_nowait((data, then))

    def let_go(self) -> None:
        """When it has taken its input."""
        self._input.put_nowait(None)

    async def _run(self) -> None:
        while taken := await self._input.get():
            data, then = taken
            if isinstance(data, str) and data.startswith("!"):
                await self._obey(*data[1:].split(" "))
            elif isinstance(data, (str, bytes)):
                self._say(data)
            then()
        for gate in self._wills:
            gates[gate].set()

    async def _obey(self, command: str, *words: str) -> None:
        if command in ("say", "bytes"):
            count, length = map(int, words)
            for number in range(1, count + 1):
                text = str(number).ljust(length, ".")[:length]
                self._say(text if command == "say" else text.encode())
                await asyncio.sleep(0)
        elif command == "stop":
            await gates[words[0]].wait()
        elif command == "go":
            gates[words[0]].set()
        elif command == "will":
            self._wills.append(words[0])
        elif command == "end":
            code = None if words[0] == "null" else int(words[0])
            self._append({"type": "end", "code": code}, 64, is_end=True)

    def _say(self, message: str | bytes) -> None:
        self._append(message, 64 + len(message.encode() if isinstance(message, str) else message))


class Sessions:
    """The page with these numbers, and what it leaves to its reader."""

    def __init__(self, memory: int = 1 << 30, **numbers: float) -> None:
        self.sessions: dict[str, Any] = {}
        self.memory = memory
        self.page: dict[str, Any] = {
            "after": self.after,
            "deque": deque,
            "drop": self.drop,
            "json": json,
            "now": time.monotonic,
            "parse": parse,
            "random_id": lambda: secrets.token_hex(16),
            "same_secret": hmac.compare_digest,
            "send": lambda socket, data: socket.queue.put_nowait(data),
            "session_of": self.session_of,
        }
        exec(compile(PAGE, str(DOCUMENT), "exec"), self.page)  # noqa: S102, it is what is to be tried
        self.page |= numbers

    def after(self, seconds: float, what: Callable[[], object]) -> None:
        asyncio.get_running_loop().call_later(seconds, what)

    def session_of(self, _socket: Any, name: str) -> Any:
        if name in self.sessions:
            return self.sessions[name]
        self.make_room()
        session: Any = self.page["Session"](name=name, log=deque())
        session.source = Told(lambda *entry, **how: self.page["append"](session, *entry, **how))
        self.sessions[name] = session
        return session

    def drop(self, session: Any) -> None:
        # It may have been dropped for want of room, and another of its name be there.
        if session in self.sessions.values():
            del self.sessions[session.name]
            session.attachment = None
            session.source.let_go()

    def make_room(self) -> None:
        def cost() -> int:
            return sum(SESSION_COST + session.size for session in self.sessions.values())

        # In the order in which they were made, which is near enough here.
        for session in list(self.sessions.values()):
            if cost() + SESSION_COST > self.memory and session.attachment and session.attachment.socket is None:
                self.drop(session)
        if cost() + SESSION_COST > self.memory:
            raise NoRoom

    async def talk(self, connection: ServerConnection) -> None:
        socket: Any = SimpleNamespace(queue=asyncio.Queue())
        socket.close = lambda code, reason: socket.queue.put_nowait((code, reason))
        writer = asyncio.create_task(write(connection, socket.queue))
        self.page["on_open"](socket)
        try:
            async for data in connection:
                try:
                    self.page["on_message"](socket, data)
                except Violation as why:
                    self.page["fail"](socket, str(why))
                except NoRoom:
                    self.page["close"](socket, 4429, "there is no room for another session")
        except ConnectionClosed:
            pass
        heard = connection.protocol.close_rcvd
        self.page["on_close"](socket, heard.code if heard else 1006)
        await asyncio.wait({writer}, timeout=1)
        writer.cancel()


def parse(text: str) -> SimpleNamespace:
    """Checks the types of its fields, as every parser does."""
    read("\0" + text)
    fields = json.loads(text)
    numbers = {name: int(value) for name, value in fields.items() if isinstance(value, float)}
    return SimpleNamespace(**{**fields, **numbers})


async def write(connection: ServerConnection, queue: asyncio.Queue[Any]) -> None:
    while True:
        said = await queue.get()
        try:
            if isinstance(said, tuple):
                code, reason = said
                await connection.close(code, reason.encode()[:123].decode(errors="ignore"))
                return
            await connection.send(said)
        except ConnectionClosed:
            return


def chosen(_connection: ServerConnection, offered: Any) -> Any:
    return "envsocket.v1" if "envsocket.v1" in offered else None


def refuse_others(connection: ServerConnection, request: Request) -> Response | None:
    if "envsocket.v1" in request.headers.get("Sec-WebSocket-Protocol", ""):
        return None
    return connection.respond(http.HTTPStatus.BAD_REQUEST, "this server speaks envsocket.v1\n")


async def main(port: int) -> None:
    served = {
        "/told": Sessions(**TOLD),
        "/narrow": Sessions(**NARROW),
        "/brisk": Sessions(**TOLD, HEARTBEAT=1.0),
        "/brief": Sessions(**TOLD, GRACE=0.3),
        "/tight": Sessions(**TOLD, memory=1 << 20),
    }

    async def talk(connection: ServerConnection) -> None:
        assert connection.request
        await served[connection.request.path].talk(connection)

    async with serve(
        talk,
        "127.0.0.1",
        port,
        max_size=TOLD["MAX_MESSAGE"] + 1,
        ping_interval=None,
        process_request=refuse_others,
        select_subprotocol=chosen,
    ) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
