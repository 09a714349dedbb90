"""Channels and their history: over a real server, with and without the protocol."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from starlette.websockets import WebSocket
from websockets.asyncio.client import connect

from envsocket import Gone, Hub, Output, Sessions, Source
from support import Tab, asynchronous, routed, serving, until


@asynccontextmanager
async def hosting(hub: Hub) -> AsyncIterator[str]:
    sessions = Sessions()

    async def endpoint(websocket: WebSocket) -> None:
        await sessions.serve(websocket, source=hub.source)

    async with serving(routed(endpoint)) as address:
        yield address


@asynchronous
async def test_everybody_gets_every_message_of_every_channel_in_order() -> None:
    hub = Hub()
    async with hosting(hub) as address:
        tabs = [Tab(address) for _ in range(5)]
        for tab in tabs:
            await tab.attach()
        async with connect(address + "/ws") as plain:
            await until(lambda: len(hub) == 6)
            for number in range(10):
                assert hub.publish(f"channel {number % 2}", {"n": number}) == 6
            expected = [{"channel": f"channel {number % 2}", "data": {"n": number}} for number in range(10)]
            for tab in tabs:
                assert [await tab.heard() for _ in range(10)] == expected
            assert [json.loads(await plain.recv()) for _ in range(10)] == expected
        await tabs[0].close()
        await until(lambda: len(hub) == 4)
        assert hub.publish("channel 0", None) == 4


@asynchronous
async def test_who_comes_gets_the_history_first_and_nothing_twice_and_nothing_is_missing() -> None:
    hub = Hub(history={"log": 100, "news": 2})
    async with hosting(hub) as address:
        published = 0

        async def publish() -> None:
            nonlocal published
            for _ in range(300):
                published += 1
                hub.publish("log", published)
                if published % 10 == 0:
                    hub.publish("news", published)
                    hub.publish("fleeting", published)
                await asyncio.sleep(0.001)

        publishing = asyncio.create_task(publish())
        for _ in range(10):
            # Once its link is up, whatever is published goes on.
            tab = Tab(address)
            await tab.attach()
            first = await tab.heard()
            assert first["channel"] == "hub:history"
            entries = first["data"]
            assert {entry["channel"] for entry in entries} <= {"log", "news"}
            logged = [entry["data"] for entry in entries if entry["channel"] == "log"]
            assert len([entry for entry in entries if entry["channel"] == "news"]) <= 2
            while len(logged) < 30:
                entry = await tab.heard()
                if entry["channel"] == "log":
                    logged.append(entry["data"])
            assert logged == list(range(logged[0], logged[0] + len(logged)))
            await tab.close()
        await publishing
        assert hub.history("log") == list(range(201, 301))
        assert hub.history("news") == [290, 300]
        assert hub.history("fleeting") == []
        hub.forget("log")
        assert hub.history("log") == []


@asynchronous
async def test_a_broken_link_gets_what_it_lacks_and_no_history_again() -> None:
    hub = Hub(history={"log": 10})
    hub.publish("log", 0)
    async with hosting(hub) as address:
        tab = Tab(address)
        await tab.attach()
        assert (await tab.heard())["data"] == [{"channel": "log", "data": 0}]
        await tab.cut()
        for number in range(1, 50):
            hub.publish("log", number)
        await tab.attach()
        assert [(await tab.heard())["data"] for _ in range(1, 50)] == list(range(1, 50))


@asynchronous
async def test_who_is_too_slow_is_dropped_and_nobody_else_notices() -> None:
    hub = Hub(history={"log": 3}, backlog=10_000)

    async def all_of(source: Source, count: int) -> list[Output]:
        output = source.output()
        return [await output.__anext__() for _ in range(count)]

    slow, quick = hub.source(), hub.source()
    for number in range(20):
        taken = hub.publish("log", "x" * 1000)
        assert taken == (2 if number < 9 else 1)
        await all_of(quick, 1)
    assert len(hub) == 1
    assert await all_of(slow, 1) == [Gone(4413, "too slow")]
    await slow.close()
    again = hub.source()
    (first,) = await all_of(again, 1)
    assert isinstance(first, str)
    assert len(json.loads(first)["data"]) == 3, "it comes back to the history"


@asynchronous
async def test_a_dead_plain_client_is_dropped_and_nobody_else_notices() -> None:
    hub = Hub(backlog=100_000)
    async with hosting(hub) as address:
        dead, tab = await connect(address + "/ws", compression=None), Tab(address)
        await tab.attach()
        await until(lambda: len(hub) == 2)
        dead.transport.pause_reading()
        heard = 0
        while len(hub) == 2:
            hub.publish("log", "x" * 50_000)
            await tab.heard()
            heard += 1
            await tab.control("ack", sent=0, received=tab.received, consumed=tab.received)
        assert hub.publish("log", "on") == 1
        assert (await tab.heard())["data"] == "on"
        dead.transport.abort()


def test_a_history_is_bounded_in_bytes_as_well() -> None:
    hub = Hub(history={"log": 1000}, history_bytes=10_000)
    for number in range(100):
        hub.publish("log", [number, "x" * 1000])
    assert [entry[0] for entry in hub.history("log")] == list(range(91, 100))
    hub.publish("log", "x" * 20_000)
    assert hub.history("log") == []


@pytest.mark.parametrize("name", ["", "x" * 129, "line\nbreak", "log:history", 7])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="a channel's name"):
        Hub().publish(name, 1)
    with pytest.raises(ValueError, match="a channel's name"):
        Hub(history={name: 3})


def test_what_is_not_fit_for_json_is_refused() -> None:
    hub = Hub(history={"log": 3})
    for data in (object(), float("nan")):
        with pytest.raises((TypeError, ValueError)):
            hub.publish("log", data)
    assert hub.history("log") == []
    with pytest.raises(ValueError, match="must have room"):
        Hub(history={"log": 0})
