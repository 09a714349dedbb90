"""The Python package as a server under test: the sources and the terms that tests/conformance/README.md asks for. To be
run under uvicorn, as `told:app`."""
# ruff: noqa: INP001

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from envsocket import End, Gone, Grant, Limits, Message, Output, Refused, Sessions, Size, Source, Terms

TOLD = Terms(
    ring=256 << 10,
    window=64 << 10,
    tail=4 << 10,
    credit=64 << 10,
    max_message=128 << 10,
    heartbeat=15.0,
    patience=2.0,
)
NARROW = replace(TOLD, ring=4096, window=1024, tail=512, credit=2048, max_message=8192)
USUAL = Limits(token_grace=0.5)

gates: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)


class Told(Source):
    """Does what its input says."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._tasks: asyncio.Queue[Output | Callable[[], AsyncIterator[Output]] | Callable[[], None]] = asyncio.Queue()
        self._wills: list[str] = []

    async def output(self) -> AsyncIterator[Output]:
        while True:
            task = await self._tasks.get()
            if isinstance(task, (str, bytes, Size, End, Gone)):
                yield task
                continue
            result = task()
            if result is not None:
                async for said in result:
                    yield said

    async def take(self, message: Message) -> None:  # noqa: C901, a list of commands
        if not isinstance(message, str) or not message.startswith("!"):
            self._tasks.put_nowait(message)
            return
        command, *words = message[1:].split(" ")
        match command, words:
            case (("say" | "bytes"), [count, length]):
                self._tasks.put_nowait(lambda: repeated(int(count), int(length), is_text=command == "say"))
            case "quiet", _:
                pass
            case "stop", [gate]:
                await gates[gate].wait()
            case "go", [gate]:
                self._tasks.put_nowait(gates[gate].set)
            case "will", [gate]:
                self._wills.append(gate)
            case "end", [code]:
                self._tasks.put_nowait(End(None if code == "null" else int(code), "told to end"))
            case "size", [cols, rows]:
                self._tasks.put_nowait(Size(int(cols), int(rows)))
            case "gone", []:
                self._tasks.put_nowait(Gone(4410, "told to be gone"))
            case "shutdown", []:
                self._shutdown = asyncio.create_task(self._sessions.shut_down())
            case _:
                self._tasks.put_nowait(f"what is {message}?")

    async def resize(self, size: Size) -> None:
        self._tasks.put_nowait(f"resized {size.cols} {size.rows}")

    async def close(self) -> None:
        for gate in self._wills:
            gates[gate].set()


async def repeated(count: int, length: int, *, is_text: bool) -> AsyncIterator[Output]:
    for number in range(1, count + 1):
        text = str(number).ljust(length, ".")[:length]
        yield text if is_text else text.encode()


seen: dict[str, float] = {}


def admit(token: str | None) -> Grant:
    """A token's words: a subject, a right, and for how many seconds it is good since it was first seen."""
    subject, right, *seconds = (token or "").split(" ") if token and " " in token else ("", "")
    if subject not in ("ada", "bob") or right == "expired":
        raise Refused(4401, "the token is not good")
    if right == "none":
        raise Refused(4403, "not for you")
    expires = seen.setdefault(str(token), time.time()) + int(seconds[0]) if seconds else None
    return Grant(subject, write=right == "write", expires=expires)


def admit_to_nothing(token: str | None) -> Grant:
    admit(token)
    raise Refused(4404, "there is no such environment")


def route(
    path: str,
    terms: Terms = TOLD,
    limits: Limits = USUAL,
    admit: Callable[[str | None], Grant] | None = None,
) -> WebSocketRoute:
    sessions = Sessions(terms, limits)

    async def endpoint(websocket: WebSocket) -> None:
        await sessions.serve(websocket, source=lambda: Told(sessions), admit=admit)

    return WebSocketRoute(path, endpoint)


app = Starlette(
    routes=[
        route("/told"),
        route("/narrow", NARROW),
        route("/brisk", replace(TOLD, heartbeat=1.0)),
        route("/brief", limits=replace(USUAL, grace=0.3)),
        route("/tight", limits=replace(USUAL, memory=1 << 20)),
        route("/leaving"),
        route("/token", admit=admit),
        route("/token-missing", admit=admit_to_nothing),
    ]
)
