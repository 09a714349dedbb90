"""A Starlette WebSocket as the protocol sees one, and what the web servers below it tell of its end."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from .closing import Farewell
from .source import Message
from .terms import PLAIN, V1
from .waiting import within

CLOSING_WITHIN = 3.0
"""How long a close frame may wait for a client that reads nothing, in seconds."""


class Closed(Exception):
    """The socket is no more. ``code`` is the one of the client's own close frame, 1005 if that has none; ``None`` if
    there was no such frame, or nobody knows."""

    def __init__(self, code: int | None) -> None:
        super().__init__(code)
        self.code = code


def chosen(offered: Sequence[str]) -> str | None:
    """The subprotocol that is chosen of these."""
    return next((name for name in (V1, PLAIN) if name in offered), None)


async def receive(websocket: WebSocket) -> Message:
    """The next message. Raises ``Closed``."""
    event = await websocket.receive()
    if event["type"] == "websocket.disconnect":
        raise Closed(_close_code(event.get("code"), has_reason="reason" in event))
    text = event.get("text")
    if isinstance(text, str):
        return text
    data: bytes = event["bytes"]
    return data


def _close_code(code: int | None, *, has_reason: bool) -> int | None:
    # uvicorn says 1005 for a connection that broke without a close frame, and for a close frame without a code.
    # Only of a frame does it tell a reason. A link that broke must not be taken for a farewell.
    if code in (None, 1006) or (code == 1005 and not has_reason):
        return None
    return code


async def send(websocket: WebSocket, message: Message) -> None:
    """Sends it, waiting as long as the client is slow. Raises ``Closed``."""
    try:
        if isinstance(message, str):
            await websocket.send_text(message)
        else:
            await websocket.send_bytes(message)
    except (WebSocketDisconnect, RuntimeError, OSError):
        # What the socket's end was like is told by receiving.
        raise Closed(None) from None


async def close(websocket: WebSocket, farewell: Farewell) -> None:
    """Closes it, if it can still be written to soon."""
    if websocket.application_state is not WebSocketState.CONNECTED:
        return
    with suppress(WebSocketDisconnect, RuntimeError, OSError):
        await within(CLOSING_WITHIN, websocket.close(farewell.code, farewell.words()))
