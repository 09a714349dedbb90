"""An echo with FastAPI, to be run under uvicorn: it accepts as its documentation shows, and knows of no subprotocol.

A text `close CODE REASON` has it close; `/refuse/STATUS` is refused before it is accepted.
"""

from fastapi import FastAPI, WebSocket
from starlette.responses import Response

app = FastAPI()


@app.websocket("/echo")
async def echo(socket: WebSocket) -> None:
    await socket.accept()
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            return
        text = message.get("text")
        if text is None:
            await socket.send_bytes(message["bytes"])
        elif text == "raise":
            raise RuntimeError("as the test has asked for")
        elif text.startswith("close "):
            _, code, reason = text.split(" ", 2)
            await socket.close(int(code), reason)
            return
        else:
            await socket.send_text(text)


@app.websocket("/refuse/403")
async def close_unaccepted(socket: WebSocket) -> None:
    await socket.close()


@app.websocket("/refuse/404")
async def deny(socket: WebSocket) -> None:
    await socket.send_denial_response(Response(status_code=404))


@app.websocket("/refuse/500")
async def fail(socket: WebSocket) -> None:
    raise RuntimeError("as the test has asked for")
