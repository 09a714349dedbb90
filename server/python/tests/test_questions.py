"""One question at a time: over a real server, with and without the protocol, and in the races that can be."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from envsocket import Question, QuestionError, Questions, Sessions
from envsocket.questions import BUSY
from support import Tab, asynchronous, serving, until


class Oracle:
    """Answers when it is told to."""

    def __init__(self) -> None:
        self.asked: list[Question] = []
        self.answers: asyncio.Queue[Any] = asyncio.Queue()
        self.cancelled = 0

    async def __call__(self, question: Question) -> Any:
        self.asked.append(question)
        try:
            answer = await self.answers.get()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if isinstance(answer, Exception):
            raise answer
        return answer


@asynccontextmanager
async def asking(questions: Questions) -> AsyncIterator[str]:
    sessions = Sessions()

    async def endpoint(websocket: WebSocket) -> None:
        session: str = websocket.path_params["session"]
        await sessions.serve(websocket, key=session, source=lambda: questions.source(session))

    async with serving(Starlette(routes=[WebSocketRoute("/ask/{session}", endpoint)])) as address:
        yield address


async def ask(tab: Tab, question_id: str, question: object = "?") -> None:
    await tab.send(json.dumps({"id": question_id, "question": question}))


@asynchronous
async def test_a_question_gets_its_answer_and_then_the_next_may_come() -> None:
    oracle = Oracle()
    questions = Questions(oracle)
    async with asking(questions) as address:
        tab = Tab(address, "/ask/ada")
        await tab.attach()
        for number in range(3):
            await ask(tab, f"q{number}", {"deep": [number]})
            await until(lambda: questions.stats.waiting == 1)
            assert not questions.can_accept("ada")
            oracle.answers.put_nowait({"is": number})
            assert await tab.heard() == {"id": f"q{number}", "answer": {"is": number}}
            assert questions.can_accept("ada")
        assert [question.question for question in oracle.asked] == [{"deep": [number]} for number in range(3)]
        assert questions.stats.answered == 3


@asynchronous
async def test_a_second_question_is_told_to_wait_and_harms_nothing() -> None:
    oracle = Oracle()
    questions = Questions(oracle)
    async with asking(questions) as address:
        tab = Tab(address, "/ask/ada")
        await tab.attach()
        for number in range(3):
            await ask(tab, f"q{number}")
        for number in (1, 2):
            assert await tab.heard() == {"type": "error", "message": BUSY, "id": f"q{number}"}
        oracle.answers.put_nowait(42)
        assert await tab.heard() == {"id": "q0", "answer": 42}
        assert (len(oracle.asked), questions.stats.refused) == (1, 2)


@asynchronous
async def test_a_question_outlives_a_broken_link() -> None:
    oracle = Oracle()
    questions = Questions(oracle)
    async with asking(questions) as address:
        tab = Tab(address, "/ask/ada")
        await tab.attach()
        await ask(tab, "q")
        await until(lambda: len(oracle.asked) == 1)
        await tab.cut()
        oracle.answers.put_nowait("late")
        await until(lambda: questions.stats.answered == 1)
        await tab.attach()
        assert await tab.heard() == {"id": "q", "answer": "late"}


@asynchronous
async def test_the_same_question_asked_again_is_no_second_one() -> None:
    oracle = Oracle()
    questions = Questions(oracle)
    async with asking(questions) as address:
        tab = Tab(address, "/ask/ada")
        await tab.attach()
        await ask(tab, "q")
        await ask(tab, "q")
        oracle.answers.put_nowait(1)
        assert await tab.heard() == {"id": "q", "answer": 1}
        await ask(tab, "r")
        oracle.answers.put_nowait(2)
        assert await tab.heard() == {"id": "r", "answer": 2}
        assert [question.id for question in oracle.asked] == ["q", "r"]


@asynchronous
async def test_what_goes_wrong_opens_the_gate(caplog: pytest.LogCaptureFixture) -> None:
    oracle = Oracle()
    questions = Questions(oracle, timeout=0.1)
    async with asking(questions) as address:
        tab = Tab(address, "/ask/ada")
        await tab.attach()
        for raised, told in (
            (QuestionError("no idea"), "no idea"),
            (RuntimeError("a password"), "internal error"),
            (float("nan"), "internal error"),
            (object(), "internal error"),
        ):
            oracle.answers.put_nowait(raised)
            await ask(tab, "q")
            assert await tab.heard() == {"type": "error", "message": told, "id": "q"}
        await ask(tab, "slow")
        assert (await tab.heard())["message"] == "The answer took too long"
        await until(lambda: oracle.cancelled == 1)
        oracle.answers.put_nowait("fine")
        await ask(tab, "next")
        assert await tab.heard() == {"id": "next", "answer": "fine"}
        stats = questions.stats
        assert (stats.failed, stats.timed_out, stats.answered, stats.waiting) == (4, 1, 1, 0)
    assert "a password" in caplog.text


@asynchronous
async def test_an_answer_and_a_timeout_in_one_turn_are_one_outcome() -> None:
    questions = Questions(timeout=0.05)
    async with asking(questions) as address:
        tab = Tab(address, "/ask/ada")
        await tab.attach()
        outcomes = []
        for number in range(20):
            await ask(tab, str(number))
            await until(lambda: questions.waiting("ada") is not None)
            question = questions.waiting("ada")
            assert question
            # In the very turn of the loop in which its time is over.
            loop = asyncio.get_running_loop()
            loop.call_later(0.05 - 0.002 * (number % 3), questions.deliver, question, number)
            outcomes.append(await tab.heard())
            assert questions.can_accept("ada")
        assert all(outcome["id"] == str(number) for number, outcome in enumerate(outcomes))
        stats = questions.stats
        assert (stats.answered + stats.timed_out, stats.waiting) == (20, 0)


@asynchronous
async def test_an_answer_for_which_nobody_waits_goes_nowhere() -> None:
    questions = Questions()
    async with asking(questions) as address:
        tab = Tab(address, "/ask/ada")
        await tab.attach()
        await ask(tab, "q")
        await until(lambda: questions.waiting("ada") is not None)
        question = questions.waiting("ada")
        assert question
        assert not questions.deliver(Question("ada", "q", "?"), 1), "it is not just this one"
        assert not questions.deliver(Question("eve", "q", "?"), 1)
        assert questions.deliver(question, 2)
        assert not questions.deliver(question, 3)
        assert not questions.fail(question, "late")
        assert await tab.heard() == {"id": "q", "answer": 2}
        assert not questions.clear("ada")
        await ask(tab, "r")
        await until(lambda: questions.clear("ada"))
        assert (await tab.heard())["message"] == "The question was given up"


@asynchronous
async def test_a_second_registration_takes_the_place_of_the_first() -> None:
    oracle = Oracle()
    questions = Questions(oracle)
    async with asking(questions) as address:
        older, newer = Tab(address, "/ask/ada"), Tab(address, "/ask/ada")
        await older.attach()
        await ask(older, "q")
        await until(lambda: len(oracle.asked) == 1)
        await newer.attach()
        error = await older.heard()
        assert (error["type"], error["id"]) == ("error", "q")
        assert "replaced" in error["message"]
        assert await older.closed() == (1000, "replaced by a newer connection")
        await until(lambda: oracle.cancelled == 1)
        await ask(newer, "r")
        oracle.answers.put_nowait("mine")
        assert await newer.heard() == {"id": "r", "answer": "mine"}
        assert questions.stats.sessions == 1


@asynchronous
async def test_there_is_a_limit_and_who_leaves_makes_room() -> None:
    questions = Questions(Oracle(), limit=2)
    async with asking(questions) as address:
        tabs = [Tab(address, f"/ask/{name}") for name in ("ada", "bob", "eve")]
        for tab in tabs[:2]:
            await tab.attach()
        with pytest.raises(ConnectionClosed) as closed:
            await tabs[2].attach()
        assert closed.value.rcvd
        assert closed.value.rcvd.code == 4429
        await tabs[0].close()
        await until(lambda: questions.stats.sessions == 1)
        await tabs[2].attach()


@asynchronous
async def test_who_leaves_with_a_question_is_cleaned_up() -> None:
    oracle = Oracle()
    questions = Questions(oracle)
    async with asking(questions) as address:
        tab = Tab(address, "/ask/ada")
        await tab.attach()
        await ask(tab, "q")
        await until(lambda: len(oracle.asked) == 1)
        await tab.close()
        await until(lambda: oracle.cancelled == 1)
        assert (questions.stats.sessions, questions.stats.waiting) == (0, 0)


@asynchronous
async def test_an_idle_session_grows_stale_and_one_that_waits_does_not() -> None:
    oracle = Oracle()
    questions = Questions(oracle, stale=0.15)
    async with asking(questions) as address:
        idle, waits = Tab(address, "/ask/idle"), Tab(address, "/ask/waits")
        await waits.attach()
        await ask(waits, "q")
        await idle.attach()
        assert await idle.closed() == (1000, "idle for too long")
        assert questions.stats.sessions == 1
        oracle.answers.put_nowait(1)
        assert await waits.heard() == {"id": "q", "answer": 1}
        assert (await waits.closed())[0] == 1000


@asynchronous
async def test_ids_are_looked_at_and_nonsense_is_told_so() -> None:
    oracle = Oracle()
    questions = Questions(oracle)
    with pytest.raises(ValueError, match="session's id"):
        questions.source("\n")
    async with asking(questions) as address:
        tab = Tab(address, "/ask/ada")
        await tab.attach()
        for said in ("", "[", "7", "[]", "{}", '{"question": 1}', '{"id": 7, "question": 1}', "[" * 5000):
            await tab.send(said)
            error = await tab.heard()
            assert error["type"] == "error"
            assert "id" not in error
        for question_id in ("", "x" * 129, "\0", "line\nbreak"):
            await ask(tab, question_id)
            assert "1 to 128" in (await tab.heard())["message"]
        await ask(tab, "x" * 128)
        oracle.answers.put_nowait(None)
        assert (await tab.heard())["answer"] is None


@asynchronous
async def test_it_works_without_the_protocol() -> None:
    oracle = Oracle()
    async with asking(Questions(oracle)) as address, connect(address + "/ask/ada") as plain:
        await plain.send(json.dumps({"id": "q", "question": "?"}))
        await plain.send(json.dumps({"id": "r", "question": "?"}))
        assert json.loads(await plain.recv())["message"] == BUSY
        oracle.answers.put_nowait(1)
        assert json.loads(await plain.recv()) == {"id": "q", "answer": 1}


@asynchronous
async def test_every_event_is_logged_and_no_whole_id(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "envsocket.questions")
    oracle = Oracle()
    questions = Questions(oracle)
    name = "a-long-and-secret-name"
    async with asking(questions) as address:
        tab = Tab(address, f"/ask/{name}")
        await tab.attach()
        await ask(tab, "q")
        await ask(tab, "r")
        await tab.heard()
        oracle.answers.put_nowait(1)
        await tab.heard()
        await tab.send("nonsense")
        await tab.heard()
        assert questions.remove(name)
        assert not questions.remove(name)
        await tab.closed()
    events = [
        record.getMessage().split(": ", 1)[1] for record in caplog.records if record.name == "envsocket.questions"
    ]
    assert events == ["registered", "accepted", "refused: busy", "answered", "refused: no question", "removed"]
    assert name not in caplog.text
