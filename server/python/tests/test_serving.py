"""The package under uvicorn: sources and their ends, admission, and that nothing is left of what is over."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

import pytest
from starlette.websockets import WebSocket
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from envsocket import End, Gone, Grant, Limits, Message, Output, Refused, Sessions, Source, Terms
from support import Tab, asynchronous, routed, serving, until


class Echo(Source):
    """Says what it takes, and counts its own life."""

    opened = 0
    closed = 0

    def __init__(self) -> None:
        type(self).opened += 1
        self.queue: asyncio.Queue[Output] = asyncio.Queue()

    async def output(self) -> AsyncIterator[Output]:
        while True:
            yield await self.queue.get()

    async def take(self, message: Message) -> None:
        if message == "raise":
            raise RuntimeError("as the test has asked for")
        if message == "end":
            self.queue.put_nowait(End(4, "as asked"))
        elif message == "gone":
            self.queue.put_nowait(Gone(4410, "deleted"))
        else:
            self.queue.put_nowait(message)

    async def close(self) -> None:
        type(self).closed += 1


@pytest.fixture(autouse=True)
def _begin() -> None:
    Echo.opened = Echo.closed = 0


def echoing(sessions: Sessions, make: Callable[[], Source | Awaitable[Source]] = Echo) -> object:
    async def endpoint(websocket: WebSocket) -> None:
        await sessions.serve(websocket, source=make)

    return routed(endpoint)


@asynchronous
async def test_a_cut_loses_nothing_and_a_farewell_ends_the_source() -> None:
    sessions = Sessions()
    async with serving(echoing(sessions)) as address:  # type: ignore[arg-type]
        tab = Tab(address)
        await tab.attach()
        for number in range(20):
            await tab.send(str(number))
            assert await tab.hear() == str(number)
            if number % 5 == 4:
                await tab.cut()
                assert (await tab.attach())["next"] == number + 2
        assert (Echo.opened, Echo.closed, len(sessions)) == (1, 0, 1)
        await tab.close(1000)
        await until(lambda: Echo.closed == 1)
        assert (len(sessions), sessions.cost) == (0, 0)


@asynchronous
async def test_a_close_without_a_code_is_a_farewell_and_a_broken_connection_is_none() -> None:
    sessions = Sessions()
    async with serving(echoing(sessions)) as address:  # type: ignore[arg-type]
        for is_broken in (True, False):
            tab = Tab(address)
            await tab.attach()
            assert tab.socket
            if is_broken:
                await tab.cut()
                epoch = tab.epoch
                await tab.attach()
                assert tab.epoch == epoch
            tab.socket.protocol.send_close()
            tab.socket.send_data()
            await until(lambda: len(sessions) == 0)


@asynchronous
async def test_a_source_that_raises_is_told_to_nobody_but_the_log(caplog: pytest.LogCaptureFixture) -> None:
    sessions = Sessions()
    async with serving(echoing(sessions)) as address:  # type: ignore[arg-type]
        tab = Tab(address)
        await tab.attach()
        await tab.send("raise")
        assert await tab.closed() == (1011, "internal error")
        await until(lambda: Echo.closed == 1)
        assert "as the test has asked for" in caplog.text
        assert len(sessions) == 0
        async with connect(tab.address) as plain:
            await plain.send("raise")
            with pytest.raises(ConnectionClosed) as closed:
                await plain.recv()
            assert closed.value.rcvd
            assert closed.value.rcvd.code == 1011


@asynchronous
async def test_a_source_may_end_and_may_be_gone() -> None:
    sessions = Sessions(limits=Limits(ended_grace=0.05))
    async with serving(echoing(sessions)) as address:  # type: ignore[arg-type]
        for text, close in (("end", (1000, "as asked")), ("gone", (4410, "deleted"))):
            tab = Tab(address)
            await tab.attach()
            await tab.send(text)
            assert await tab.closed() == close
            await until(lambda: len(sessions) == 0)


@asynchronous
async def test_an_output_that_is_no_output_ends_the_session(caplog: pytest.LogCaptureFixture) -> None:
    class Wrong(Source):
        async def output(self) -> AsyncIterator[Output]:
            yield 7  # type: ignore[misc]

    async with serving(echoing(Sessions(), Wrong)) as address:  # type: ignore[arg-type]
        tab = Tab(address)
        with suppress(ConnectionClosed):
            # It may break off before its first client is welcomed, and then says no `bye`.
            await tab.attach()
        assert await tab.closed() == (1011, "internal error")
        assert "not int" in caplog.text


@asynchronous
async def test_a_source_that_cannot_be_opened_says_why_or_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def refuse() -> Source:
        raise Refused(4404, "no such environment")

    async def fail() -> Source:
        raise RuntimeError("a password")

    for make, close in ((refuse, (4404, "no such environment")), (fail, (1011, "internal error"))):
        sessions = Sessions()
        async with serving(echoing(sessions, make)) as address:  # type: ignore[arg-type]
            tab = Tab(address)
            with pytest.raises(ConnectionClosed) as closed:
                await tab.attach()
            assert closed.value.rcvd
            assert (closed.value.rcvd.code, closed.value.rcvd.reason) == close
            assert len(sessions) == 0
    assert "a password" in caplog.text


@asynchronous
async def test_who_leaves_while_the_source_is_opened_comes_back_to_it() -> None:
    may_open = asyncio.Event()

    async def slow() -> Source:
        await may_open.wait()
        return Echo()

    sessions = Sessions()
    async with serving(echoing(sessions, slow)) as address:  # type: ignore[arg-type]
        tab = Tab(address)
        first = asyncio.create_task(tab.attach())
        await until(lambda: len(sessions) == 1)
        first.cancel()
        await tab.cut()
        again = asyncio.create_task(tab.attach())
        await until(lambda: tab.attempt == 2)
        may_open.set()
        await again
        await tab.send("once")
        assert await tab.hear() == "once"
        assert Echo.opened == 1


@asynchronous
async def test_tokens_are_asked_for_and_are_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    seen: list[str | None] = []

    async def admit(token: str | None) -> Grant:
        seen.append(token)
        if token == "broken":
            raise RuntimeError("the database is away")
        if token is None or not token.startswith("s3cret"):
            raise Refused(4401, "the token is not good")
        return Grant("ada")

    sessions = Sessions()

    async def endpoint(websocket: WebSocket) -> None:
        await sessions.serve(websocket, source=Echo, admit=admit)

    async with serving(routed(endpoint)) as address:
        for token, code in ((None, 4401), ("wrong", 4401), ("broken", 1011)):
            with pytest.raises(ConnectionClosed) as closed:
                await Tab(address, token=token).attach()
            assert closed.value.rcvd
            assert closed.value.rcvd.code == code
        tab = Tab(address, token="s3cret-1")
        await tab.attach()
        await tab.control("token", token="s3cret-2")
        await tab.send("on")
        assert await tab.hear() == "on"
        await until(lambda: seen[-1] == "s3cret-2")
        await tab.control("token", token="s3rcet")
        assert (await tab.closed())[0] == 4401
        with pytest.raises(InvalidStatus):
            await connect(tab.address)
    assert "s3cret" not in caplog.text


@asynchronous
async def test_a_grant_that_has_expired_is_none() -> None:
    sessions = Sessions()

    async def endpoint(websocket: WebSocket) -> None:
        await sessions.serve(websocket, source=Echo, admit=lambda _: Grant("ada", expires=time.time() - 0.001))

    async with serving(routed(endpoint)) as address:
        with pytest.raises(ConnectionClosed) as closed:
            await Tab(address).attach()
        assert closed.value.rcvd
        assert closed.value.rcvd.code == 4401


@asynchronous
async def test_a_source_that_begins_with_more_than_a_tail_is_heard_from_its_beginning() -> None:
    class Long(Source):
        async def output(self) -> AsyncIterator[Output]:
            yield "first"
            yield "x" * 100_000
            await asyncio.Event().wait()

    async with serving(echoing(Sessions(Terms(tail=100)), Long)) as address:  # type: ignore[arg-type]
        tab = Tab(address)
        assert (await tab.attach())["live"] == 0
        assert await tab.hear() == "first"
        assert len(await tab.hear()) == 100_000


@asynchronous
async def test_a_client_that_reads_nothing_holds_nobody_up_and_leaves_nothing_behind() -> None:
    sessions = Sessions(Terms(heartbeat=0.2))
    async with serving(echoing(sessions)) as address:  # type: ignore[arg-type]
        tab = Tab(address)
        await tab.attach()
        assert tab.socket
        # It says nothing any more, and what it is sent fills all buffers on the way.
        tab.socket.transport.pause_reading()
        noted = list(sessions._noted.values())[0].room  # noqa: SLF001, RUF015, there is no other way to see it
        noted.session.append("x" * (32 << 20))
        await until(lambda: not noted.session.is_attached)
        other = Tab(address)
        await other.attach()
        await other.send("unharmed")
        assert await other.hear() == "unharmed"
        await tab.cut()


@asynchronous
async def test_a_shut_down_sends_everybody_away_and_closes_all_sources() -> None:
    sessions = Sessions()
    async with serving(echoing(sessions)) as address:  # type: ignore[arg-type]
        tabs = [Tab(address) for _ in range(3)]
        for tab in tabs:
            await tab.attach()
        await tabs[2].cut()
        plain = await connect(tabs[0].address)
        await until(lambda: Echo.opened == 4)
        await sessions.shut_down()
        assert Echo.closed >= 3
        assert (await tabs[0].closed())[0] == 1001
        await plain.wait_closed()
        assert plain.close_code == 1001
        with pytest.raises(ConnectionClosed) as closed:
            await tabs[2].attach()
        assert closed.value.rcvd
        assert closed.value.rcvd.code == 1001
        await until(lambda: Echo.closed == 4)
        assert (len(sessions), sessions.cost) == (0, 0)


@asynchronous
async def test_a_thousand_connections_leave_no_task_no_socket_and_no_session() -> None:
    sessions = Sessions(limits=Limits(grace=0.05))
    async with serving(echoing(sessions)) as address:  # type: ignore[arg-type]

        async def come_and_go(number: int) -> None:
            tab = Tab(address)
            await tab.attach()
            await tab.send("x" * (number % 100))
            if number % 3 == 0:
                await tab.close(1000)
            elif number % 3 == 1:
                await tab.cut()
            else:
                await tab.control("nonsense")
                await tab.closed()

        def left() -> tuple[int, int]:
            gc.collect()
            return len(asyncio.all_tasks()), len(os.listdir("/proc/self/fd"))  # noqa: PTH208, they are not files

        await come_and_go(0)
        await until(lambda: len(sessions) == 0)
        before = left()
        for round_ in range(20):
            await asyncio.gather(*(come_and_go(round_ * 50 + number) for number in range(50)))
        await until(lambda: len(sessions) == 0 and left() <= before)
        assert (sessions.cost, Echo.opened - Echo.closed) == (0, 0)
