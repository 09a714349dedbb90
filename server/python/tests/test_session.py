"""The state of a session in virtual time, without sockets: what is decided when, and that no schedule of cuts loses,
doubles or disorders anything."""

from __future__ import annotations

import json
import random
from collections import deque
from typing import Any

import pytest

from envsocket.attachment import Link
from envsocket.closing import Farewell, Refused
from envsocket.frames import Size, read
from envsocket.hearing import consumed, hear
from envsocket.log import Log
from envsocket.saying import deadline, look_at_the_clock, say
from envsocket.session import Session
from envsocket.source import End, Message
from envsocket.terms import Limits, Terms
from envsocket.tokens import Grant

SMALL = Terms(ring=2000, window=500, tail=300, credit=400, max_message=1000, heartbeat=10.0, patience=5.0)


class World:
    """A session and its time."""

    def __init__(self, terms: Terms = SMALL, limits: Limits | None = None) -> None:
        self.now = 1000.0
        self.session = Session(terms, limits or Limits())

    def take(self, most: int = 1_000_000) -> list[Message]:
        """The source takes what there is."""
        took: list[Message] = []
        while self.session.queue and len(took) < most:
            item = self.session.queue.popleft()
            if isinstance(item.what, (str, bytes)):
                took.append(item.what)
            consumed(self.session, self.now, item)
        return took


class Client:
    """One attachment, by the document."""

    def __init__(self, world: World, name: int, *, session: int = 0) -> None:
        self.world = world
        self.ids = [f"{number:032x}" for number in (session, name, name + 1000)]
        self.attempt = self.received = self.sent = self.acked = self.their_consumed = 0
        self.epoch: str | None = None
        self.kept: deque[tuple[int, Message]] = deque()
        self.link: Link | None = None
        self.got: list[Message] = []
        self.frames: list[dict[str, Any]] = []
        self.farewell: Farewell | None = None

    def attach(self, grant: Grant | None = None, **other: object) -> None:
        self.attempt += 1
        session, attachment, secret = self.ids
        hello = {
            "type": "hello",
            "session": session,
            "attachment": attachment,
            "secret": secret,
            "attempt": self.attempt,
            "epoch": self.epoch,
            "received": self.received,
            "sent": self.sent,
            "acked": self.acked,
            **other,
        }
        frame: Any = read("\0" + json.dumps(hello))
        self.link, self.farewell = Link(lambda: None, lambda: None, self.world.now), None
        self.link.grant = grant
        self.world.session.attach(self.world.now, self.link, frame)

    def hear(self, most: int = 1_000_000) -> None:
        """Hears what the server says, as much as that."""
        assert self.link
        for _ in range(most):
            said = say(self.world.session, self.world.now, self.link)
            if said is None:
                return
            if isinstance(said, Farewell):
                self.farewell = said
                return
            if isinstance(said, str) and said.startswith("\0") and not said.startswith("\0\0"):
                self._frame(json.loads(said[1:]))
                continue
            self.received += 1
            self.got.append(said[1:] if isinstance(said, str) and said.startswith("\0") else said)

    def _frame(self, frame: dict[str, Any]) -> None:
        self.frames.append(frame)
        kind = frame["type"]
        if kind == "welcome":
            if frame["epoch"] == self.epoch:
                assert frame["next"] == self.received + 1
                assert self.acked <= frame["received"] <= self.sent
                self._acked(frame["received"])
                for _, message in list(self.kept):
                    self._put(message)
            else:
                assert frame["received"] == 0
                self.epoch, self.received, self.sent, self.acked = frame["epoch"], frame["next"] - 1, 0, 0
                self.kept.clear()
        elif kind in ("ack", "ping", "pong"):
            assert frame["sent"] == self.received, "nothing is miscounted"
            self._acked(frame["received"])
            self.their_consumed = max(self.their_consumed, frame["consumed"])
        elif kind == "gap":
            assert frame["from"] == self.received + 1
            self.received = frame["to"]
        elif kind in ("size", "end"):
            self.received += 1

    def _acked(self, received: int) -> None:
        assert self.acked <= received <= self.sent
        self.acked = received
        while self.kept and self.kept[0][0] <= received:
            self.kept.popleft()

    def send(self, message: Message) -> None:
        self.sent += 1
        self.kept.append((self.sent, message))
        if self.link:
            self._put(message)

    def has_credit(self) -> bool:
        """Whether one more fits, as far as it knows."""
        return (self.sent - self.their_consumed + 1) * 67 <= self.world.session.terms.credit

    def _put(self, message: Message) -> None:
        assert self.link
        hear(self.world.session, self.world.now, self.link, message)

    def count(self, kind: str = "ack") -> None:
        assert self.link
        frame = {"type": kind, "sent": self.sent, "received": self.received, "consumed": self.received}
        hear(self.world.session, self.world.now, self.link, "\0" + json.dumps(frame))

    def cut(self, code: int | None = None) -> None:
        assert self.link
        self.world.session.gone(self.world.now, self.link, code)
        self.link = None

    def kinds(self) -> list[str]:
        kinds = [frame["type"] for frame in self.frames]
        self.frames.clear()
        return kinds


def attached(world: World, name: int = 1, **other: Any) -> Client:
    client = Client(world, name)
    client.attach(**other)
    client.hear()
    assert client.kinds() == ["welcome"]
    return client


SAID: list[Message] = ["", "\0", "text", b"", b"bytes"]


@pytest.mark.parametrize("seed", range(300))
def test_no_schedule_of_cuts_loses_doubles_or_disorders_anything(seed: int) -> None:  # noqa: C901, a list of what may happen
    dice = random.Random(seed)  # noqa: S311, it is no secret
    world = World(Terms(ring=20_000, window=600, tail=300, credit=500, max_message=100))
    client = Client(world, 1)
    client.attach()
    if dice.random() < 0.3:
        # The first welcome is lost.
        client.cut()
        client.attach()
    client.hear()
    said: list[Message] = []
    typed: list[Message] = []
    took: list[Message] = []
    for _ in range(200):
        act = dice.randrange(9)
        if act < 2:
            said.append(dice.choice(SAID))
            world.session.append(said[-1])
        elif act == 2 and client.has_credit():
            typed.append(str(len(typed)))
            client.send(typed[-1])
        elif act == 3:
            took += world.take(dice.randrange(4))
        elif act == 4:
            client.hear(dice.randrange(6))
        elif act == 5 and client.epoch:
            client.count(dice.choice(["ack", "ping", "pong"]))
        elif act == 6:
            world.now += dice.random()
        elif act == 7:
            client.cut(dice.choice([None, 1001, 4408]))
            if dice.random() < 0.5 and client.has_credit():
                # What is typed without a link is sent with the next.
                typed.append(str(len(typed)))
                client.send(typed[-1])
            client.attach()
            # What is on its way may break off anywhere after the welcome.
            client.hear(1 + dice.randrange(3))
        assert client.farewell is None, client.farewell
    for _ in range(100):
        client.hear()
        client.count()
        took += world.take()
        world.now += 0.6
    assert (client.got, took) == (said, typed)


def test_an_ack_is_owed_at_once_at_half_of_the_credit_and_soon_otherwise() -> None:
    world = World()
    client = attached(world)
    client.send("x" * 100)
    client.hear()
    assert client.kinds() == []
    assert client.link
    assert deadline(client.link) - world.now <= 1.0
    client.send("x")
    client.hear()
    assert client.kinds() == ["ack"], "229 of 400"
    world.take()
    client.hear()
    assert client.kinds() == ["ack"], "consumed adds up apart"
    client.send("x")
    client.hear()
    world.now += 1.0
    client.hear()
    assert client.kinds() == ["ack"]
    client.hear()
    assert client.kinds() == [], "nothing is owed"


def test_a_link_is_pinged_and_is_dead_after_so_much_silence() -> None:
    world = World()
    client = attached(world)
    assert client.link
    for _ in range(2):
        world.now += 10.0
        client.hear()
        assert client.kinds() == ["ping"]
    world.now += 2.9
    assert look_at_the_clock(world.session, world.now, client.link) == pytest.approx(world.now + 0.1)
    world.now += 0.1
    look_at_the_clock(world.session, world.now, client.link)
    client.hear()
    assert client.farewell == Farewell(4408, "no sign of life")
    assert not world.session.is_attached


def test_whatever_a_client_says_keeps_its_link_alive() -> None:
    world = World()
    client = attached(world)
    for _ in range(10):
        world.now += 22.0
        client.send("")
        world.take()
        assert client.link
        look_at_the_clock(world.session, world.now, client.link)
    client.hear()
    assert client.farewell is None


def test_the_source_is_held_for_the_controller_only_while_it_is_there_and_makes_progress() -> None:
    world = World()
    session = world.session
    controller, viewer = attached(world, 1), attached(world, 2)
    for _ in range(4):
        assert session.room_at(world.now, 114) is None
        session.append("x" * 50)
    assert session.room_at(world.now, 114) == world.now + 5.0, "456 and 114 are more than 500"
    assert session.room_at(world.now, 44) is None
    assert session.room_at(world.now, 114) == world.now + 5.0
    world.now += 4.0
    viewer.hear()
    viewer.count()
    assert session.room_at(world.now, 114) == world.now + 1.0, "nobody else's progress counts"
    controller.hear(1)
    controller.count()
    assert session.room_at(world.now, 114) is None
    session.append("x" * 50)
    assert session.room_at(world.now, 114) == world.now + 5.0, "its own begins it anew"
    world.now += 5.0
    assert session.room_at(world.now, 114) is None, "patience is over"
    controller.hear(1)
    controller.count()
    session.append("x" * 50)
    assert session.room_at(world.now, 114) is not None
    controller.cut()
    assert session.room_at(world.now, 114) is None, "nobody waits for who is away"


def test_a_message_that_fits_no_window_may_be_said_when_nothing_is_lacking() -> None:
    world = World()
    attached(world)
    assert world.session.room_at(world.now, 10_000) is None


def test_what_everybody_has_is_dropped_but_the_tail() -> None:
    world = World()
    one, away = attached(world, 1), attached(world, 2)
    away.cut()
    for _ in range(10):
        world.session.append("x" * 36)
        one.hear()
        one.count()
    assert world.session.log.cost == 1000, "who is away lacks all of it"
    away.attach()
    away.hear()
    away.count()
    away.hear()
    away.count()
    away.hear()
    away.count()
    assert len(away.got) == 10
    assert world.session.log.cost == 300


def test_however_a_fenced_or_refused_link_ends_nothing_changes() -> None:
    world = World()
    old = attached(world)
    new = Client(world, 1)
    new.attempt, new.epoch = old.attempt, old.epoch
    new.attach()
    new.hear()
    old.hear()
    assert old.farewell == Farewell(4409, "superseded")
    old.cut(1000)
    refused = Client(world, 1)
    refused.attempt, refused.epoch = new.attempt, new.epoch
    with pytest.raises(Refused) as why:
        refused.attach(received=7)
    assert why.value.farewell.code == 4400
    refused.cut(4400)
    new.attempt += 1
    new.attach()
    new.hear()
    assert new.kinds() == ["welcome", "welcome"]
    assert new.frames == []
    assert new.epoch == old.epoch


def test_grace_runs_from_each_time_that_a_link_is_lost() -> None:
    world = World(limits=Limits(grace=100.0, ended_grace=10.0))
    session = world.session
    client = attached(world)
    assert session.next_expiry() is None
    client.cut()
    assert session.next_expiry() == world.now + 100.0
    world.now += 99.0
    session.expire(world.now)
    client.attach()
    client.hear()
    assert session.next_expiry() is None
    client.cut()
    world.now += 99.0
    session.expire(world.now)
    assert len(session.attachments) == 1
    world.now += 1.0
    session.expire(world.now)
    assert not session.attachments


def test_who_has_the_end_is_forgotten_sooner() -> None:
    world = World(limits=Limits(grace=100.0, ended_grace=10.0))
    one, away = attached(world, 1), attached(world, 2)
    away.cut()
    world.session.append(End(3))
    one.hear()
    assert one.kinds() == ["end"]
    assert one.farewell == Farewell(1000, "the source has ended")
    assert world.session.next_expiry() == world.now + 10.0
    world.now += 10.0
    world.session.expire(world.now)
    assert len(world.session.attachments) == 1, "who lacks it is not"


def test_the_longest_detached_makes_room_for_one_more_attachment_and_nobody_who_is_there() -> None:
    world = World(limits=Limits(attachments=3))
    clients = [attached(world, name) for name in (1, 2, 3)]
    with pytest.raises(Refused) as refused:
        Client(world, 4).attach()
    assert refused.value.farewell.code == 4429
    clients[1].cut()
    world.now += 1.0
    clients[2].cut()
    attached(world, 5)
    world.now += 1.0
    clients[2].attach()
    clients[2].hear()
    assert clients[2].kinds() == ["welcome"]
    epoch = clients[1].epoch
    clients[2].cut()
    clients[1].attach()
    clients[1].hear()
    assert clients[1].epoch != epoch, "it was away for the longest time"


def test_input_of_the_forgotten_is_bounded() -> None:
    world = World()
    attached(world, 0)
    for name in range(1, 5):
        client = attached(world, name)
        client.send("x" * 50)
        client.cut(1000)
    assert world.session.orphaned == 4 * 114
    with pytest.raises(Refused) as refused:
        Client(world, 9).attach()
    assert refused.value.farewell.code == 4429
    assert world.take() == ["x" * 50] * 4, "what was sent before the close counts"
    assert world.session.orphaned == 0
    attached(world, 9)


def test_a_token_ends_a_link_in_its_time() -> None:
    world = World()
    client = attached(world, grant=Grant("ada"))
    assert client.link
    client.link.expires_at = world.now + 5.0
    assert look_at_the_clock(world.session, world.now, client.link) == world.now + 5.0
    world.now += 5.0
    look_at_the_clock(world.session, world.now, client.link)
    client.hear()
    assert client.farewell == Farewell(4401, "the token has expired")


def test_who_may_only_read_is_no_controller_and_sets_no_size() -> None:
    world = World()
    reader = Client(world, 1)
    reader.attach(Grant("ada", write=False), cols=80, rows=24)
    assert world.session.controller is None
    assert not world.session.queue
    writer = Client(world, 2)
    writer.attach(Grant("ada"))
    controller = world.session.controller
    assert controller is not None
    assert controller.link is writer.link
    writer.cut()
    writer.attach(Grant("ada", write=False))
    assert world.session.controller is None, "rights that are gone are gone for the controller too"


def test_a_size_is_told_to_who_comes_where_its_output_begins() -> None:
    world = World()
    client = attached(world)
    world.session.append(Size(80, 24))
    world.session.append("text")
    world.session.append(Size(100, 30))
    client.hear()
    client.count()
    client.cut()
    client.attach()
    client.hear()
    assert (client.frames[-1]["cols"], client.frames[-1]["rows"]) == (100, 30)
    late = Client(world, 2)
    late.attach()
    late.hear(1)
    assert (late.frames[0]["next"], late.frames[0]["cols"]) == (1, None)


def test_a_log_knows_what_follows_and_what_was_evicted() -> None:
    log = Log(ring=300, tail=70)
    for text in ("a", "b", "c", "d", "e"):
        log.append(text)
    assert (log.oldest, log.last, log.cost) == (2, 5, 260)
    assert [log.cost_after(number) for number in range(6)] == [260, 260, 195, 130, 65, 0]
    assert log.first_of_tail() == 5
    log.append("x" * 1000)
    assert (log.oldest, log.cost, log[6]) == (6, 1064, ("x" * 1000, 1064)), "it is kept alone"
    assert log.first_of_tail() == 7
    log.append(End())
    assert log.first_of_tail() == 7
    log.trim(100)
    assert log.oldest == 7
    without = Log(ring=300, tail=0)
    without.append("a")
    assert without.first_of_tail() == 2
    without.append(End())
    without.trim(100)
    assert (without.oldest, without.first_of_tail()) == (2, 2), "an end is always in the tail"


@pytest.mark.parametrize(
    "wrong",
    [{"ring": 0}, {"window": 1 << 21}, {"tail": 1 << 30}, {"credit": 0}, {"heartbeat": 0.0}, {"patience": -1.0}],
)
def test_terms_that_cannot_be_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Terms(**wrong)
