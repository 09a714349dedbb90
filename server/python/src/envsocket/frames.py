"""The control frames of ``envsocket.v1``: what a client may say, by the tables of the document, and how they are
written. Decides nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from .terms import MARK, MAX_CONTROL, MAX_NUMBER, MAX_TOKEN

_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)


class Violation(Exception):
    """What a client said cannot be; the words are for the close frame."""


@dataclass(frozen=True)
class Size:
    """Of a terminal, in cells."""

    cols: int
    rows: int


@dataclass(frozen=True)
class Hello:
    """The first frame of a link. Its ids and its token are secrets: they are in no ``repr``."""

    session: str = field(repr=False)
    attachment: str = field(repr=False)
    secret: str = field(repr=False)
    attempt: int
    epoch: str | None = field(repr=False)
    received: int
    sent: int
    acked: int
    size: Size | None = None
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Counts:
    """``ack``, ``ping`` or ``pong``."""

    kind: str
    sent: int
    received: int
    consumed: int


@dataclass(frozen=True)
class Skip:
    """The input up to this number will never be sent."""

    to: int


@dataclass(frozen=True)
class Resize:
    """The client's terminal has another size. It is input."""

    size: Size


@dataclass(frozen=True)
class Token:
    """Takes the place of the hello's token."""

    token: str = field(repr=False)


Frame = Hello | Counts | Skip | Resize | Token
"""What a client says besides messages."""


def read(text: str) -> Frame:
    """Reads a text that begins with the mark and is no escaped message.

    Raises ``Violation`` for what the document refuses.
    """
    if len(text) > MAX_CONTROL or len(text.encode("utf-8", "surrogatepass")) > MAX_CONTROL:
        raise Violation(f"a control frame of more than {MAX_CONTROL} bytes")
    fields = _parse(text[len(MARK) :])
    kind = fields.get("type")
    if not isinstance(kind, str):
        raise Violation("a control frame without a `type`")
    if kind in ("ack", "ping", "pong"):
        return _counts(_Fields(kind, fields), kind)
    if kind == "hello":
        return _hello(_Fields(kind, fields))
    if kind == "skip":
        return Skip(_Fields(kind, fields).number("to", 1))
    if kind == "resize":
        return Resize(_Fields(kind, fields).size())
    if kind == "token":
        return Token(_Fields(kind, fields).token())
    raise Violation(f"unknown control frame `{_cut(kind, 32)}`")


def write(kind: str, **fields: object) -> str:
    """A control frame of the server, with its mark."""
    return MARK + json.dumps({"type": kind, **fields}, separators=(",", ":"), ensure_ascii=False)


def size_fields(size: Size | None) -> Mapping[str, object]:
    """The two fields of a size, or of none."""
    return {"cols": size.cols if size else None, "rows": size.rows if size else None}


def _parse(text: str) -> dict[str, Any]:
    if text.startswith("{"):
        try:
            value = json.loads(text, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, dict):
            return value
    raise Violation("a control frame that is not a JSON object")


def _no_constant(name: str) -> NoReturn:
    # Python reads NaN and Infinity, which JSON has not.
    raise ValueError(name)


def _cut(text: str, most: int) -> str:
    return text.encode("utf-8", "replace")[:most].decode("utf-8", "ignore")


@dataclass(frozen=True)
class _Fields:
    kind: str
    fields: dict[str, Any]

    def wrong(self, name: str, why: str) -> NoReturn:
        raise Violation(f"{self.kind}: `{name}` {why}")

    def number(self, name: str, least: int, most: int = MAX_NUMBER) -> int:
        value = self.fields.get(name)
        # A bool is an int to Python. 1.0 and 1e3 are whole to the protocol.
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value <= most:
            self.wrong(name, "must be a whole number within its bounds")
        if value != int(value):
            self.wrong(name, "must be a whole number within its bounds")
        return int(value)

    def id(self, name: str) -> str:
        value = self.fields.get(name)
        if not isinstance(value, str) or not _ID.fullmatch(value):
            self.wrong(name, "must be 32 hexadecimal digits in lower case")
        return value

    def id_or_null(self, name: str) -> str | None:
        return None if self.fields.get(name, "") is None else self.id(name)

    def size(self) -> Size:
        return Size(self.number("cols", 1, 65_535), self.number("rows", 1, 65_535))

    def size_or_null(self) -> Size | None:
        if self.fields.get("cols") is None and self.fields.get("rows") is None:
            return None
        return self.size()

    def token(self) -> str:
        value = self.fields.get("token")
        if not isinstance(value, str) or not 1 <= len(value.encode("utf-8", "surrogatepass")) <= MAX_TOKEN:
            self.wrong("token", f"must be a text of 1 to {MAX_TOKEN} bytes")
        return value

    def token_or_null(self) -> str | None:
        return None if self.fields.get("token") is None else self.token()


def _counts(fields: _Fields, kind: str) -> Counts:
    sent, received, consumed = (fields.number(name, 0) for name in ("sent", "received", "consumed"))
    if consumed > received:
        fields.wrong("consumed", "is more than `received`")
    return Counts(kind, sent, received, consumed)


def _hello(fields: _Fields) -> Hello:
    hello = Hello(
        session=fields.id("session"),
        attachment=fields.id("attachment"),
        secret=fields.id("secret"),
        attempt=fields.number("attempt", 1),
        epoch=fields.id_or_null("epoch"),
        received=fields.number("received", 0),
        sent=fields.number("sent", 0),
        acked=fields.number("acked", 0),
        size=fields.size_or_null(),
        token=fields.token_or_null(),
    )
    if hello.acked > hello.sent:
        fields.wrong("acked", "is more than `sent`")
    if hello.epoch is None and (hello.received, hello.sent) != (0, 0):
        fields.wrong("epoch", "is null, but the counts are not 0")
    return hello
