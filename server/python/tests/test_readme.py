"""The application of README.md, as it stands, under uvicorn."""

from __future__ import annotations

import asyncio
import json
import re
import sys
import types
import urllib.request
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from support import Tab, asynchronous, serving

README = (Path(__file__).parents[1] / "README.md").read_text()


@pytest.fixture
def application(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    (code,) = re.findall(r"^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    module = types.ModuleType("application")
    # FastAPI looks the types of its routes up there.
    monkeypatch.setitem(sys.modules, "application", module)
    exec(compile(code, "README.md", "exec"), module.__dict__)  # noqa: S102, it is what is to be tried
    return module


@asynchronous
async def test_sessions_and_tokens(application: types.ModuleType) -> None:
    async with serving(application.app) as address:
        ada, bob = (Tab(address, "/ws/blue", token=f"a token of {name}'s") for name in ("Ada", "Bob"))
        for tab in (ada, bob):
            await tab.attach()
            assert await tab.hear() == "welcome"
        await ada.send("hello")
        assert (await ada.hear(), await bob.hear()) == ("hello", "hello")
        await ada.cut()
        await ada.attach()
        await ada.send("again")
        assert (await ada.hear(), await bob.hear()) == ("again", "again")
        await bob.send("Bob may only read")
        assert (await bob.closed())[0] == 4403
        for path, token, code in (("/ws/blue", None, 4401), ("/ws/red", "a token of Ada's", 4404)):
            with pytest.raises(ConnectionClosed) as closed:
                await Tab(address, path, token=token).attach()
            assert closed.value.rcvd
            assert closed.value.rcvd.code == code
        with pytest.raises(InvalidStatus):
            await connect(address + "/ws/blue")


@asynchronous
async def test_the_dashboard(application: types.ModuleType) -> None:
    async with serving(application.app) as address:

        def post(channel: str, body: str) -> object:
            url = f"{address.replace('ws:', 'http:')}/api/channels/{channel}"
            request = urllib.request.Request(url, body.encode(), method="POST")  # noqa: S310, it is http
            with urllib.request.urlopen(request) as answer:  # noqa: S310, as above
                return json.loads(answer.read())

        assert await asyncio.to_thread(post, "builds", "1") == {"subscribers": 0}
        tab = Tab(address, "/dashboard")
        await tab.attach()
        assert await tab.heard() == {"channel": "hub:history", "data": [{"channel": "builds", "data": 1}]}
        assert await asyncio.to_thread(post, "load", "[0.5]") == {"subscribers": 1}
        assert await tab.heard() == {"channel": "load", "data": [0.5]}
        with pytest.raises(urllib.error.HTTPError):
            await asyncio.to_thread(post, "builds", "{")


@asynchronous
async def test_a_question(application: types.ModuleType) -> None:
    async with serving(application.app) as address:
        tab = Tab(address, "/ask/ada")
        await tab.attach()
        await tab.send(json.dumps({"id": "1", "question": "abc"}))
        assert await tab.heard() == {"id": "1", "answer": "cba"}
