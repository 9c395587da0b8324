"""What does not end: Motion JPEG, server-sent events and the WebSocket; each a viewer of a `Channel`."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator

from starlette.websockets import WebSocket

from .access import Receive, Scope, Send
from .live import Live

BOUNDARY = "frame"
_STATE_SECONDS = 1.0
# Seconds that a connection may take none of what it is sent before it counts as gone.
_PATIENCE = 20.0
_CANCEL_SECONDS = 0.05
_GOING_AWAY = 1001


class Endless:
    """An ASGI answer of chunks without an end: it ends when the client goes away, or takes nothing for a while.

    Args:
        chunks: closed at the end.
        content_type: of the answer.
    """

    def __init__(self, chunks: AsyncGenerator[bytes, None], content_type: str) -> None:
        self._chunks, self._type = chunks, content_type

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until it ends."""
        headers = [(b"content-type", self._type.encode()), (b"x-accel-buffering", b"no")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        leaving = asyncio.ensure_future(_gone(receive))
        sending = asyncio.ensure_future(self._send(send, leaving))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await _end(sending, leaving, expected=(OSError, asyncio.TimeoutError))
            await self._chunks.aclose()

    async def _send(self, send: Send, leaving: asyncio.Future[None]) -> None:
        async for chunk in self._chunks:
            if leaving.done():
                return
            body = {"type": "http.response.body", "body": chunk, "more_body": True}
            await asyncio.wait_for(send(body), _PATIENCE)
        await send({"type": "http.response.body", "body": b""})


async def _end(*tasks: asyncio.Future[None], expected: tuple[type[BaseException], ...]) -> None:
    """Cancel tasks until they have ended: `wait_for` before Python 3.12 loses a cancellation that comes as it ends.

    Args:
        expected: what they may have failed with; anything else is raised.
    """
    for task in tasks:
        while not task.done():
            task.cancel()
            await asyncio.wait({task}, timeout=_CANCEL_SECONDS)
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, expected):
            raise error


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def motion_jpeg(live: Live) -> AsyncGenerator[bytes, None]:
    """Parts of `multipart/x-mixed-replace`, each a JPEG."""
    with live.publisher.pictures.viewer() as viewer:
        live.publisher.repeat()
        while True:
            picture = await viewer.take()
            if picture is None:
                return
            head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
            yield head.encode() + picture + b"\r\n"


async def messages(live: Live) -> AsyncGenerator[tuple[str, str], None]:
    """Kind and JSON of everything that happens: `state` every second, `event`, `result`; without an end."""
    clock = asyncio.get_running_loop().time
    state_due, number = clock(), 0
    with live.publisher.messages.viewer() as viewer:
        live.publisher.repeat()
        while True:
            if clock() >= state_due:
                state_due = clock() + _STATE_SECONDS
                yield "state", _json({"type": "state", "state": live.facts()})
            result: str | None = ""
            with contextlib.suppress(asyncio.TimeoutError):
                result = await asyncio.wait_for(viewer.take(), max(0.001, state_due - clock()))
            events, number = live.events_since(number)
            for event in events:
                yield "event", _json({"type": "event", "event": event})
            if result is None:
                return
            if result:
                yield "result", result


async def server_sent(live: Live) -> AsyncGenerator[bytes, None]:
    """`messages` as a `text/event-stream`."""
    yield b"retry: 2000\n\n"
    async with contextlib.aclosing(messages(live)) as everything:
        async for kind, text in everything:
            yield f"event: {kind}\ndata: {text}\n\n".encode()


async def serve_websocket(live: Live, websocket: WebSocket) -> None:
    """`messages` over a WebSocket, until the client leaves."""
    await websocket.accept()
    leaving = asyncio.ensure_future(_left(websocket))
    sending = asyncio.ensure_future(_send_messages(live, websocket, leaving))
    try:
        await asyncio.wait({leaving, sending}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await _end(leaving, sending, expected=(Exception,))


async def _send_messages(live: Live, websocket: WebSocket, leaving: asyncio.Future[None]) -> None:
    async with contextlib.aclosing(messages(live)) as everything:
        async for _, text in everything:
            if leaving.done():
                return
            await asyncio.wait_for(websocket.send_text(text), _PATIENCE)
    await websocket.close(_GOING_AWAY)


async def _left(websocket: WebSocket) -> None:
    """Wait for the end; nothing is expected of the client."""
    while (await websocket.receive())["type"] != "websocket.disconnect":
        pass


def _json(values: object) -> str:
    return json.dumps(values, allow_nan=False, separators=(",", ":"))
