"""One question at a time for each session: a gate that nobody passes twice, and that is never stuck.

On the wire, as JSON texts over ``envsocket.v1`` or a plain WebSocket:

=============  =====================================================
question       ``{"id": "<1 to 128 characters>", "question": <any>}``
answer         ``{"id": <the same>, "answer": <any>}``
error          ``{"type": "error", "message": "…", "id": <the same, if there is one>}``
=============  =====================================================

All of it runs in one event loop, where nothing comes between two lines that do not wait.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from .closing import SLOW_DOWN, Refused
from .names import checked, short
from .source import End, Message, Output, Source

log = logging.getLogger("envsocket.questions")

BUSY = "Please wait for the previous response"
"""What a session is told that has a question already."""


class QuestionError(Exception):
    """Raised by whoever answers, to tell the client why there is no answer. Other exceptions are not told."""


@dataclass(frozen=True)
class Question:
    """What was asked."""

    session: str
    """The session's id, as it was registered."""
    id: str
    question: Any


Answer = Callable[[Question], Awaitable[Any]]
"""Comes to the answer, which must be fit for JSON. It is cancelled when nobody waits for it any more."""


@dataclass(frozen=True)
class Stats:
    """What has become of all questions, and who is there now."""

    sessions: int
    waiting: int
    answered: int
    failed: int
    timed_out: int
    refused: int


@dataclass(eq=False)
class _Session:
    id: str
    output: asyncio.Queue[Output] = field(default_factory=asyncio.Queue)
    waiting: Question | None = None
    work: asyncio.Task[None] | None = None
    timeout: asyncio.TimerHandle | None = None
    stale: asyncio.TimerHandle | None = None


class Questions:
    """All sessions that ask. ``answer`` is called for each question; without it the application answers by
    ``deliver``, when it can."""

    def __init__(
        self,
        answer: Answer | None = None,
        *,
        limit: int = 1000,
        timeout: float = 60.0,
        stale: float = 3600.0,
    ) -> None:
        """``limit`` is how many sessions there may be. A question is given up after ``timeout`` seconds, a session
        after ``stale`` seconds without a question, an answer, or anything else."""
        for name, number in (("limit", limit), ("timeout", timeout), ("stale", stale)):
            if number <= 0:
                raise ValueError(f"{name} must be more than 0, not {number}")
        self._answer = answer
        self._limit = limit
        self._timeout = timeout
        self._stale = stale
        self._sessions: dict[str, _Session] = {}
        self._counts = {"answered": 0, "failed": 0, "timed_out": 0, "refused": 0}

    def source(self, session: str) -> Source:
        """Registers a session, and is what ``Sessions.serve`` needs of it: ``source=lambda: questions.source(id)``.

        A second registration of an id takes the place of the first: that one's question gets an error, and its
        client is told that it is over. Raises ``Refused`` with 4429 when there are too many, and ``ValueError`` for
        what is no id.
        """
        checked("a session's id", session)
        older = self._sessions.get(session)
        if older:
            self._end(older, "replaced", "replaced by a newer connection")
        elif len(self._sessions) >= self._limit:
            _note(session, "refused: too many sessions")
            raise Refused(SLOW_DOWN, "too many sessions")
        registered = self._sessions[session] = _Session(session)
        self._touch(registered)
        _note(session, "registered")
        return _Asking(self, registered)

    def can_accept(self, session: str) -> bool:
        """Whether the session is there and has no question."""
        registered = self._sessions.get(session)
        return registered is not None and registered.waiting is None

    def waiting(self, session: str) -> Question | None:
        """The question that the session waits with."""
        registered = self._sessions.get(session)
        return registered.waiting if registered else None

    def deliver(self, question: Question, answer: Any) -> bool:
        """Sends the answer, if the session still waits for just this. Raises ``TypeError`` or ``ValueError`` for what
        is not fit for JSON; the question waits on then."""
        registered = self._waits_with(question)
        if not registered:
            _note(question.session, "an answer came for which nobody waits")
            return False
        text = json.dumps({"id": question.id, "answer": answer}, allow_nan=False)
        self._clear(registered, "answered")
        registered.output.put_nowait(text)
        return True

    def fail(self, question: Question, message: str) -> bool:
        """Sends an error instead of the answer, if the session still waits for just this."""
        registered = self._waits_with(question)
        if not registered:
            return False
        self._clear(registered, "failed")
        registered.output.put_nowait(_error(message, question.id))
        return True

    def clear(self, session: str) -> bool:
        """Gives the session's question up, if there is one: it gets an error, and the next may come."""
        question = self.waiting(session)
        return question is not None and self.fail(question, "The question was given up")

    def remove(self, session: str) -> bool:
        """Ends a session, if it is there. Its question gets an error."""
        registered = self._sessions.get(session)
        if registered:
            self._end(registered, "removed", "removed by the server")
        return registered is not None

    @property
    def stats(self) -> Stats:
        """How it goes."""
        waiting = sum(one.waiting is not None for one in self._sessions.values())
        return Stats(len(self._sessions), waiting, **self._counts)

    # What a session's source does.

    def _ask(self, asking: _Session, message: Message) -> None:
        if self._sessions.get(asking.id) is not asking:
            return  # Its last words are on their way.
        self._touch(asking)
        try:
            question = _read(asking.id, message)
        except ValueError as why:
            self._refuse(asking, _error(str(why), None), "refused: no question")
            return
        if asking.waiting is None:
            self._accept(asking, question)
        elif asking.waiting.id == question.id:
            # It is the same, asked again by a client that does not know whether it arrived.
            _note(asking.id, "asked again")
        else:
            self._refuse(asking, _error(BUSY, question.id), "refused: busy")

    def _gone(self, asking: _Session) -> None:
        """Its last link is no more."""
        if self._sessions.get(asking.id) is asking:
            del self._sessions[asking.id]
            self._clear(asking, "failed" if asking.waiting else None)
            _note(asking.id, "removed: nobody is left")
        if asking.stale:
            asking.stale.cancel()

    def _accept(self, asking: _Session, question: Question) -> None:
        asking.waiting = question
        loop = asyncio.get_running_loop()
        asking.timeout = loop.call_later(self._timeout, self._time_out, asking, question)
        if self._answer:
            asking.work = asyncio.create_task(self._work(self._answer, question))
        _note(asking.id, "accepted")

    async def _work(self, answer: Answer, question: Question) -> None:
        try:
            self.deliver(question, await answer(question))
        except QuestionError as why:
            self.fail(question, str(why))
        except Exception:
            log.exception("session %s: answering broke off", short(question.session))
            self.fail(question, "internal error")

    def _time_out(self, asking: _Session, question: Question) -> None:
        if asking.waiting is question:
            self._clear(asking, "timed_out")
            asking.output.put_nowait(_error("The answer took too long", question.id))

    def _refuse(self, asking: _Session, error: str, event: str) -> None:
        self._counts["refused"] += 1
        asking.output.put_nowait(error)
        _note(asking.id, event)

    def _waits_with(self, question: Question) -> _Session | None:
        registered = self._sessions.get(question.session)
        return registered if registered and registered.waiting is question else None

    def _clear(self, asking: _Session, outcome: str | None) -> None:
        """Opens the gate. Whoever still works on an answer is stopped, unless it is who calls this."""
        asking.waiting = None
        if asking.timeout:
            asking.timeout.cancel()
        if asking.work and asking.work is not asyncio.current_task():
            asking.work.cancel()
        asking.timeout = asking.work = None
        if outcome:
            self._counts[outcome] += 1
            _note(asking.id, outcome.replace("_", " "))
        if self._sessions.get(asking.id) is asking:
            self._touch(asking)

    def _end(self, asking: _Session, event: str, why: str) -> None:
        del self._sessions[asking.id]
        if asking.stale:
            asking.stale.cancel()
        if asking.waiting:
            question = asking.waiting
            self._clear(asking, "failed")
            asking.output.put_nowait(_error(f"The session was {why}", question.id))
        asking.output.put_nowait(End(None, why))
        _note(asking.id, event)

    def _touch(self, asking: _Session) -> None:
        if asking.stale:
            asking.stale.cancel()
        asking.stale = asyncio.get_running_loop().call_later(self._stale, self._grow_stale, asking)

    def _grow_stale(self, asking: _Session) -> None:
        if self._sessions.get(asking.id) is not asking:
            return
        if asking.waiting:
            self._touch(asking)
        else:
            self._end(asking, "removed: stale", "idle for too long")


class _Asking(Source):
    def __init__(self, questions: Questions, asking: _Session) -> None:
        self._questions = questions
        self._asking = asking

    async def output(self) -> AsyncIterator[Output]:
        while True:
            yield await self._asking.output.get()

    async def take(self, message: Message) -> None:
        self._questions._ask(self._asking, message)  # noqa: SLF001, it is one of its halves

    async def close(self) -> None:
        self._questions._gone(self._asking)  # noqa: SLF001, as above


def _read(session: str, message: Message) -> Question:
    try:
        said = json.loads(message)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict) or "question" not in said:
        raise ValueError("A question is a JSON object with `id` and `question`")
    return Question(session, checked("A question's id", said.get("id")), said["question"])


def _error(message: str, question_id: str | None) -> str:
    error = {"type": "error", "message": message}
    return json.dumps(error if question_id is None else {**error, "id": question_id})


def _note(session: str, event: str) -> None:
    log.info("session %s: %s", short(session), event)
