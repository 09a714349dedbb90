"""All sessions of an application: found by name, made when they are new, given up when nobody comes back."""

from __future__ import annotations

import asyncio
import inspect
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass

from starlette.websockets import WebSocket

from . import hearing, plain, socket
from .attachment import Link
from .closing import (
    BROKE_OFF,
    FORBIDDEN,
    GIVEN_UP,
    GOING_AWAY,
    NO_HELLO,
    SLOW_DOWN,
    UNAUTHORIZED,
    VIOLATION,
    Farewell,
    Refused,
)
from .frames import Hello, Violation
from .link import Talk
from .room import Room
from .source import Source
from .terms import HELLO_WITHIN, V1, Limits, Terms
from .tokens import Admit, Grant
from .waiting import Bell, within

log = logging.getLogger("envsocket")

SESSION_COST = 16 << 10
"""What a session costs besides what it keeps, in bytes: its tasks, its state, its places in the tables.
Measured: 10.7 KB while nobody is attached."""

MakeSource = Callable[[], Source | Awaitable[Source]]
"""Opens what stands behind a new session, or behind a link without the protocol. May raise ``Refused``."""


@dataclass(frozen=True)
class _Name:
    """Of a session: whose it is, what it is over, and the client's id."""

    subject: str | None
    key: Hashable
    session: str


@dataclass
class _Noted:
    """What was last known of a room."""

    room: Room
    cost: int


class Sessions:
    """The sessions of one event loop. Make one for an application, and ``serve`` each WebSocket with it."""

    def __init__(self, terms: Terms | None = None, limits: Limits | None = None) -> None:
        self.terms = terms or Terms()
        self.limits = limits or Limits()
        self._rooms: dict[_Name, asyncio.Task[Room]] = {}
        self._noted: dict[_Name, _Noted] = {}
        # Those that nobody is attached to, the one that is so for the longest time first.
        self._detached: OrderedDict[_Name, Room] = OrderedDict()
        # Whose an id is, where tokens say who comes.
        self._owners: dict[str, _Name] = {}
        self._cost = 0
        self._farewell: Farewell | None = None
        self._dismissals: set[asyncio.Future[Farewell]] = set()

    def __len__(self) -> int:
        """How many there are, with those that nobody is attached to."""
        return len(self._rooms)

    @property
    def cost(self) -> int:
        """What all of them cost together, in bytes: at least what they keep."""
        return self._cost

    async def serve(
        self,
        websocket: WebSocket,
        *,
        source: MakeSource,
        key: Hashable = None,
        admit: Admit | None = None,
        plain_links: bool = True,
    ) -> None:
        """Serves a WebSocket that nobody has accepted yet, to its end.

        ``key`` says what the source is of, an environment for example: a session is found under its key only, and
        ``source`` opens one for a session that is new. Each link without the protocol has one of its own.

        With ``admit`` a token is wanted. Links without the protocol have none: they are refused in the handshake
        then, as they are when ``plain_links`` is false. Whoever wants to serve them authenticates the WebSocket
        before this, and gives no ``admit``.
        """
        protocol = socket.chosen(websocket.scope.get("subprotocols") or [])
        if protocol != V1 and (admit is not None or not plain_links):
            await websocket.close()
            return
        await websocket.accept(subprotocol=protocol)
        if protocol == V1:
            await self._talk(websocket, key, source, admit)
        else:
            await self._talk_plainly(websocket, source)

    async def shut_down(self, retry_after: tuple[float, float] = (1.0, 4.0)) -> None:
        """Everybody, present and to come, is closed with 1001 and told to come back after some seconds between these
        two. Returns when all sources are gone."""
        self._farewell = Farewell(GOING_AWAY, "the server is shutting down")
        for dismissal in self._dismissals:
            if not dismissal.done():
                dismissal.set_result(self._farewell)
        rooms = [noted.room for noted in self._noted.values()]
        for room in rooms:
            room.dismiss(self._farewell, retry_after)
            room.end()
        await asyncio.gather(*(room.ended() for room in rooms))

    # One connection.

    async def _talk(self, websocket: WebSocket, key: Hashable, source: MakeSource, admit: Admit | None) -> None:
        woken, over = Bell(), Bell()
        link = Link(woken.ring, over.ring, time.monotonic())
        try:
            room = await self._enter(websocket, link, key, source, admit)
        except Refused as refused:
            await socket.close(websocket, refused.farewell)
            return
        except socket.Closed:
            return
        renewals: set[asyncio.Task[None]] = set()

        def renew(token: str) -> None:
            if admit is None:
                return
            # The latest counts.
            for older in renewals:
                older.cancel()
            renewal = asyncio.create_task(self._renew(room, link, admit, token))
            renewals.add(renewal)
            renewal.add_done_callback(renewals.discard)

        try:
            await Talk(websocket, link, woken, over).carry(room, renew)
        finally:
            for renewal in renewals:
                renewal.cancel()
        if link.farewell:
            await socket.close(websocket, link.farewell)

    async def _talk_plainly(self, websocket: WebSocket, source: MakeSource) -> None:
        if self._farewell:
            await socket.close(websocket, self._farewell)
            return
        try:
            opened = await _open(source)
        except Refused as refused:
            await socket.close(websocket, refused.farewell)
            return
        dismissed: asyncio.Future[Farewell] = asyncio.get_running_loop().create_future()
        self._dismissals.add(dismissed)
        try:
            await plain.talk(websocket, opened, self.terms.max_message, dismissed)
        finally:
            self._dismissals.discard(dismissed)

    async def _enter(
        self, websocket: WebSocket, link: Link, key: Hashable, source: MakeSource, admit: Admit | None
    ) -> Room:
        """Hears the hello and takes the place that it asks for."""
        try:
            hello = await within(HELLO_WITHIN, _hear_hello(websocket))
        except Violation as why:
            raise Refused(VIOLATION, str(why)) from None
        if hello is None:
            raise Refused(VIOLATION, NO_HELLO)
        if self._farewell:
            raise Refused(self._farewell.code, f"{self._farewell.reason}; retry-after: 2")
        if admit is not None:
            _grant(link, await _admitted(admit, hello.token), self.limits)
        name = _Name(link.grant.subject if link.grant else None, key, hello.session)
        if admit is not None and self._owners.get(hello.session, name) != name:
            log.warning("session %s: it is somebody else's", hello.session[:8])
            raise Refused(FORBIDDEN, "the session is somebody else's")
        while True:
            room = await asyncio.shield(self._rooms.get(name) or self._make(name, source))
            # One that is over has left the table: the next look makes another.
            if not room.is_over:
                room.attach(link, hello)
                return room

    async def _renew(self, room: Room, link: Link, admit: Admit, token: str) -> None:
        try:
            grant = await _admitted(admit, token)
            if link.grant and grant.subject != link.grant.subject:
                raise Refused(FORBIDDEN, "the token is somebody else's")
            if link.grant and grant.write != link.grant.write:
                raise Refused(GIVEN_UP, "the rights are others now")
        except Refused as refused:
            room.close_link(link, refused.farewell)
        else:
            _grant(link, grant, self.limits)

    # All sessions.

    def _make(self, name: _Name, source: MakeSource) -> asyncio.Task[Room]:
        self._sweep()
        if self._cost + SESSION_COST > self.limits.memory:
            raise Refused(SLOW_DOWN, "the server has no room for another session")
        # A task of its own: the client may be gone before the source is open. It comes back for it.
        making = self._rooms[name] = asyncio.create_task(self._make_room(name, source))
        if name.subject is not None:
            self._owners[name.session] = name
        # What it fails with is told to those who wait for it, if any are left.
        making.add_done_callback(lambda task: task.cancelled() or task.exception())
        return making

    async def _make_room(self, name: _Name, source: MakeSource) -> Room:
        try:
            opened = await _open(source)
        except BaseException:
            self._forget(name)
            raise
        room = Room(self.terms, self.limits, opened, lambda room: self._note(name, room))
        self._note(name, room)
        # Whoever it was made for attaches at once, or was gone meanwhile.
        asyncio.get_running_loop().call_later(HELLO_WITHIN, room.settle)
        return room

    def _note(self, name: _Name, room: Room) -> None:
        noted = self._noted.setdefault(name, _Noted(room, 0))
        if noted.room is not room:
            return
        if room.is_over:
            self._forget(name)
            return
        cost = SESSION_COST + room.session.cost
        self._cost += cost - noted.cost
        noted.cost = cost
        if room.session.is_attached:
            self._detached.pop(name, None)
        else:
            self._detached.setdefault(name, room)
        if self._cost > self.limits.memory:
            self._sweep()

    def _forget(self, name: _Name) -> None:
        self._rooms.pop(name, None)
        self._detached.pop(name, None)
        noted = self._noted.pop(name, None)
        if noted:
            self._cost -= noted.cost
        if self._owners.get(name.session) == name:
            del self._owners[name.session]

    def _sweep(self) -> None:
        """Ends the longest detached while all together cost too much."""
        while self._cost > self.limits.memory and self._detached:
            name, room = next(iter(self._detached.items()))
            log.info("session %s: given up, there is no room", name.session[:8])
            room.end()


async def _hear_hello(websocket: WebSocket) -> Hello:
    heard = hearing.unpack(await socket.receive(websocket))
    if not isinstance(heard, Hello):
        raise Violation("the first frame must be a hello")
    return heard


async def _admitted(admit: Admit, token: str | None) -> Grant:
    """What the application says of a token; what it fails with is its own affair, and is not told."""
    try:
        said = admit(token)
        grant = await said if inspect.isawaitable(said) else said
    except Refused:
        raise
    except Exception:
        log.exception("admit broke off")
        raise Refused(BROKE_OFF, "internal error") from None
    if grant.expires is not None and grant.expires <= time.time():
        raise Refused(UNAUTHORIZED, "the token has expired")
    return grant


def _grant(link: Link, grant: Grant, limits: Limits) -> None:
    link.grant = grant
    if grant.expires is None:
        link.expires_at = None
    else:
        link.expires_at = time.monotonic() + grant.expires - time.time() + limits.token_grace


async def _open(source: MakeSource) -> Source:
    try:
        opened = source()
        return await opened if inspect.isawaitable(opened) else opened
    except Refused:
        raise
    except Exception:
        log.exception("a source could not be opened")
        raise Refused(BROKE_OFF, "internal error") from None
