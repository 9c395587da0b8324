"""What the live page takes from strangers: requests, their headers, WebSocket frames and questions.

A real pipeline, application and uvicorn answer over a pair of sockets, all in one event loop, so that a fuzzer sees
everything that happens. Findings: an answer of 500, anything logged as an error, data for who does not show the token,
a viewer that stays when its connection has gone, and a request that goes on without end.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import re
import socket
from pathlib import Path
from typing import Any

from edgeaffect import Pipeline
from edgeaffect.bench.frames import synthetic
from edgeaffect.options.serve import ServeOptions
from edgeaffect.sources import Arrays

TOKEN = "a-token-of-the-page"
SHOWN = f"Host: localhost\r\nAuthorization: Bearer {TOKEN}\r\n".encode()
UPGRADE = (
    b"GET /ws HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n" + SHOWN + b"\r\n"
)
# What only holders of the token may read: of /state, of results, of the video, of /metrics.
DATA = (b'"uptime":', b'"schema":"', b"multipart/x-mixed-replace", b"edgeaffect_faces_seen_total")
_PATIENCE = 10.0
_GLANCE = 0.01
_HOST = re.compile(r"(localhost|127(\.\d{1,3}){3}|\[[0-9a-f:.]+\])(:\d*)?", re.IGNORECASE)


class Page:
    """The page of a film that has ended: it answers everything, and nothing changes from one input to the next."""

    def __init__(self) -> None:
        from edgeaffect.serve import Live
        from edgeaffect.serve.routes import Routes
        from edgeaffect.serve.server import server_config

        options, frames = ServeOptions(port=0, token=TOKEN), synthetic((160, 120), 1, 2)
        pipeline = Pipeline(cues=True, explain=True, device="cpu")
        self.live = Live(pipeline, Arrays(frames, fps=10), options=options, paced=False)
        self.live.run()
        pipeline.process(frames[0], 1.0)  # a face to ask about, of track 2: those of the film have gone with it
        pipeline.talk(2, None).result(60)  # whoever asks first waits until the explainer is read
        self.loop = asyncio.new_event_loop()
        for channel in self.channels:
            channel.bind(self.loop)
        self._config = server_config(Routes(self.live, options).application(), options)
        self._config.load()
        from uvicorn.server import ServerState

        self._state = ServerState()
        self._errors = _Errors()
        for name in ("uvicorn.error", "asyncio", "edgeaffect"):
            logging.getLogger(name).addHandler(self._errors)

    @property
    def channels(self) -> tuple[Any, ...]:
        return self.live.publisher.pictures, self.live.publisher.messages

    def tell(self, *parts: bytes, seconds: float = _GLANCE) -> bytes:
        """What the page answers to parts, each sent when the one before it has been answered.

        Args:
            seconds: to wait for an answer to the last part, which need not get one.
        """
        self._errors.records.clear()
        answer = self.loop.run_until_complete(asyncio.wait_for(self._tell(parts, seconds), 2 * _PATIENCE))
        if self._errors.records:
            first = self._errors.records[0]
            error = first.exc_info[1] if first.exc_info else None
            raise AssertionError(f"the page logged: {first.getMessage().strip()}") from error
        assert not answer or re.match(rb"HTTP/1\.1 (?!500)\d{3} ", answer), answer[:200]
        return answer

    async def _tell(self, parts: tuple[bytes, ...], seconds: float) -> bytes:
        near, far = socket.socketpair()
        answer = bytearray()
        with near, far:
            near.setblocking(False)
            await self.loop.connect_accepted_socket(self._protocol, far)
            reading = self.loop.create_task(self._read(near, answer))
            for number, part in enumerate(parts, 1):
                before, most = len(answer), seconds if number == len(parts) else _PATIENCE
                with contextlib.suppress(OSError):  # it has hung up
                    await self.loop.sock_sendall(near, part)
                await self._answered(answer, before, most)
            near.shutdown(socket.SHUT_RDWR)
            await reading
            if tasks := set(self._state.tasks):
                _, late = await asyncio.wait(tasks, timeout=_PATIENCE)
                assert not late, "a request goes on after its client has gone"
        while self._state.connections:
            await asyncio.sleep(0)
        assert not any(channel.count for channel in self.channels), "a viewer stayed"
        return bytes(answer)

    def _protocol(self) -> Any:
        return self._config.http_protocol_class(
            config=self._config, server_state=self._state, app_state={}, _loop=self.loop
        )

    async def _answered(self, answer: bytearray, before: int, seconds: float) -> None:
        """Wait until the page has nothing to do but to wait itself, or has begun what has no end."""
        for _ in range(8):
            await asyncio.sleep(0)
        end = self.loop.time() + seconds
        while self._state.tasks and len(answer) == before and self.loop.time() < end:
            await asyncio.sleep(0.0005)

    async def _read(self, near: socket.socket, answer: bytearray) -> None:
        with contextlib.suppress(OSError):
            while part := await self.loop.sock_recv(near, 1 << 16):
                answer += part


class _Errors(logging.Handler):
    """Keeps what is logged as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@functools.cache
def page() -> Page:
    """One for all inputs."""
    return Page()


def request(data: bytes, _: Path) -> None:
    """Everything that a client sends."""
    answer = page().tell(data)
    assert TOKEN.encode() in data or not any(mark in answer for mark in DATA), "data without the token"


def websocket(data: bytes, _: Path) -> None:
    """What comes after the handshake."""
    answer = page().tell(UPGRADE, data)
    assert answer.startswith(b"HTTP/1.1 101 "), answer[:200]


def question(data: bytes, _: Path) -> None:
    """The body of a question."""
    head = b"POST /explain HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n" % len(data)
    answer = page().tell(head + SHOWN + b"\r\n" + data, seconds=_PATIENCE)
    assert re.match(rb"HTTP/1\.1 (200|400|404|413) ", answer), answer[:200]


@functools.cache
def access() -> Any:
    from edgeaffect.serve.access import Access
    from edgeaffect.serve.routes import PUBLIC

    return Access(ServeOptions(token=TOKEN), PUBLIC), PUBLIC


def headers(data: bytes, _: Path) -> None:
    """`METHOD PATH`, then one header a line: what is let in keeps the rules of docs/serve.md, told here once more."""
    decides, public = access()
    first, *lines = data.split(b"\n")
    method, _, path = first.decode("latin-1").partition(" ")
    named = [(name.strip(), value.strip()) for name, _, value in (line.partition(b":") for line in lines)]
    refusal = decides.refusal({"type": "http", "method": method, "path": path, "headers": named})
    if refusal is not None:
        assert 400 <= refusal[0] < 500 and "\n" not in refusal[1]
        return
    given = {name.lower(): value.decode("latin-1").lower() for name, value in named}
    host = given.get(b"host", "")
    assert method in ("GET", "HEAD", "POST")
    assert _HOST.fullmatch(host), f"{host!r} is let in"
    assert b"origin" not in given or given[b"origin"].endswith(f"//{host}"), "another site is let in"
    assert path in public or TOKEN.encode() in data, "let in without the token"
