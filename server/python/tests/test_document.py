"""What docs/PROTOCOL.md shows of clients' frames is what is read, and refused for the reason that is written there."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from envsocket import terms
from envsocket.frames import Counts, Hello, Resize, Size, Skip, Token, Violation, read, size_fields, write

DOCUMENT = (Path(__file__).parents[3] / "docs" / "PROTOCOL.md").read_text()
BLOCKS = re.findall(r"^```(\w+) ([a-z ]+)\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)


def blocks(language: str, *words: str) -> list[str]:
    return [text for kind, info, text in BLOCKS if kind == language and set(words) <= set(info.split())]


def test_every_frame_of_a_client_is_read() -> None:
    kinds = {json.loads(text)["type"]: read("\0" + text) for text in blocks("json", "client")}
    hello = kinds["hello"]
    assert isinstance(hello, Hello)
    assert (hello.attempt, hello.epoch, hello.size, hello.token) == (1, None, None, None), "the tolerated one is last"
    assert kinds["ack"] == Counts("ack", 12, 4720, 4718)
    assert kinds["pong"] == Counts("pong", terms.MAX_NUMBER, 1, 1)
    assert kinds["skip"] == Skip(12)
    assert kinds["resize"] == Resize(Size(120, 40))
    assert isinstance(kinds["token"], Token)
    assert kinds.keys() == {"hello", "ack", "ping", "pong", "skip", "resize", "token"}


REFUSED = [
    (lines[at], lines[at + 1])
    for text in blocks("text", "client", "refused")
    for lines in [text.splitlines()]
    for at in range(0, len(lines), 2)
]


@pytest.mark.parametrize(("text", "reason"), REFUSED)
def test_what_the_document_refuses_is_refused_for_its_reason(text: str, reason: str) -> None:
    with pytest.raises(Violation) as refused:
        read("\0" + text)
    assert str(refused.value) == reason


@pytest.mark.parametrize(
    "text",
    [
        "[" * 16_000,
        '{"a":' * 3_000,
        '{"type":"skip","to":NaN}',
        '{"type":"skip","to":Infinity}',
        '{"type":"skip","to":true}',
        '{"type":"skip","to":1e400}',
        '{"type":"skip","to":' + "9" * 5_000 + "}",
        '{"type":"ack","sent":false,"received":0,"consumed":0}',
        '{"type":"token","token":"' + "€" * 2_731 + '"}',
        " {}",
        '{"type":"ack"}{}',
        "null",
    ],
)
def test_what_pythons_json_would_take_or_fall_over_is_refused(text: str) -> None:
    with pytest.raises(Violation):
        read("\0" + text)


def test_what_the_server_writes_is_as_the_document_shows() -> None:
    shown = [json.loads(text) for text in blocks("json", "server")]
    for frame in (
        write("ack", sent=12, received=4720, consumed=4718),
        write("ping", sent=0, received=0, consumed=0),
        write("size", **size_fields(Size(120, 40))),
        write("end", code=None),
        write("end", code=-1),
        write("role", controller=False),
        write("bye", code=1001, retryAfterMs=2300),
        write("gap", **{"from": 4712}, to=5000, reason="evicted", snapshot=False, **size_fields(None)),
    ):
        assert frame.startswith("\0{")
        assert json.loads(frame[1:]) in shown


def test_no_secret_is_in_what_is_printed() -> None:
    secrets = [
        "5a0e9d3b7c1f4826b0d4e8f2a6c89b17",
        "c4b1d97e02f35a6886a9e0d1f7b25c43",
        "0f3c2b1a4d5e6f708192a3b4c5d6e7f8",
    ]
    session, attachment, secret = secrets
    hello = Hello(session, attachment, secret, 1, session, 0, 0, 0, token="s3cret")
    shown = repr([hello, Token("s3cret")])
    assert not any(one in shown for one in [*secrets, "s3cret"])


def test_the_limits_are_those_of_the_document() -> None:
    limits = dict(re.findall(r"^\| ([^|]+) \| (\d+)", DOCUMENT.split("\n## Limits\n")[1], re.MULTILINE))
    usual, rest = terms.Terms(), terms.Limits()
    for what, number in {
        "cost of an entry besides its bytes": terms.ENTRY,
        "largest number": terms.MAX_NUMBER,
        "dead after, in tenths of `heartbeatMs`": terms.DEAD_AFTER * 10,
        "wait for a hello": terms.HELLO_WITHIN * 1000,
        "longest control frame of a client, with its U+0000": terms.MAX_CONTROL,
        "close reason": terms.MAX_REASON,
        "`heartbeatMs`": usual.heartbeat * 1000,
        "`window`": usual.window,
        "`credit`": usual.credit,
        "`maxMessage`": usual.max_message,
        "ring": usual.ring,
        "tail": usual.tail,
        "patience with a controller without progress": usual.patience * 1000,
        "grace of a detached attachment": rest.grace * 1000,
    }.items():
        assert float(limits[what]) == number, what
    assert float(limits["ack at the latest after"]) > terms.ACK_WITHIN * 1000
