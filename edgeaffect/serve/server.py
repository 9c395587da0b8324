"""`PageServer`: the page on a socket, in a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import threading
import time
from typing import Any

from .._hosts import is_loopback
from .._lazy import require
from ..errors import Error
from ..options.serve import ServeOptions
from .access import App
from .live import Live

_START_SECONDS = 10.0
_CLOSE_SECONDS = 2.0
_BACKLOG = 64
_MAX_HEADERS = 16 << 10
_SWEEP_SECONDS, _REQUEST_SECONDS = 2.0, 10.0
# A browser opens some six connections.
_CONNECTIONS_PER_VIEWER = 6


class PageServer:
    """Serves one run; a context, closed at its end.

    Args:
        live: the run, which somebody else calls `run` of.
        options: where; those of `live` by default.

    Raises:
        DependencyError: the extra `serve` is not installed.
        ValueError: another address than the machine's own, and no token.
        Error: the address cannot be listened at.
    """

    def __init__(self, live: Live, options: ServeOptions | None = None) -> None:
        self.options = options = options or live.options
        check_exposure(options)
        for name in ("starlette", "uvicorn", "websockets"):
            require(name)
        from .routes import Routes

        self._live = live
        self._routes = Routes(live, options)
        self._socket = _listen(options.host, options.port)
        uvicorn: Any = require("uvicorn")
        self._server: Any = uvicorn.Server(server_config(self._routes.application(), options))
        self._thread = threading.Thread(target=self._work, name="edgeaffect-serve", daemon=True)
        self._failure: BaseException | None = None

    @property
    def port(self) -> int:
        """That it listens at."""
        return int(self._socket.getsockname()[1])

    @property
    def address(self) -> str:
        """Where the page is, without the token."""
        host = self.options.host
        if host in ("0.0.0.0", "::"):
            host = socket.gethostname()
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}/"

    def start(self) -> None:
        """Begin to answer.

        Raises:
            Error: it did not start.
        """
        self._thread.start()
        deadline = time.monotonic() + _START_SECONDS
        while not self._server.started:
            if self._failure is not None or not self._thread.is_alive() or time.monotonic() > deadline:
                raise Error(f"the page could not be served: {self._failure or 'it did not start in time'}")
            time.sleep(0.005)

    def close(self) -> None:
        """Send every viewer away and end the thread; safe to call twice."""
        for channel in (self._live.publisher.pictures, self._live.publisher.messages):
            channel.end()
        self._server.should_exit = True
        if self._thread.ident is not None:
            self._thread.join(_CLOSE_SECONDS)
            if self._thread.is_alive():
                self._server.force_exit = True
                self._thread.join(_CLOSE_SECONDS)
        self._socket.close()
        self._routes.close()

    def __enter__(self) -> PageServer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _work(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            self._failure = error

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        channels = (self._live.publisher.pictures, self._live.publisher.messages)
        for channel in channels:
            channel.bind(loop)
        sweeping = asyncio.ensure_future(self._sweep())
        try:
            await self._server.serve(sockets=[self._socket])
        finally:
            sweeping.cancel()
            for channel in channels:
                channel.bind(None)

    async def _sweep(self) -> None:
        """Close connections that are slow to say what they want: each holds a place that somebody else could have."""
        waiting: dict[Any, float] = {}
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            now = time.monotonic()
            idle = [one for one in tuple(self._server.server_state.connections) if _is_idle(one)]
            waiting = {one: waiting.get(one, now) for one in idle}
            for one, since in waiting.items():
                if now - since >= _REQUEST_SECONDS:
                    one.transport.abort()


def _is_idle(connection: Any) -> bool:
    """Whether a connection has no request that is being answered; WebSockets have no such cycle."""
    if not hasattr(connection, "cycle") or connection.transport is None:
        return False
    return connection.cycle is None or bool(connection.cycle.response_complete)


def server_config(application: App, options: ServeOptions) -> Any:
    """How uvicorn serves the page: its limits, and nothing said of itself."""
    uvicorn: Any = require("uvicorn")
    logging.getLogger("uvicorn.error").addFilter(_is_our_fault)
    return uvicorn.Config(
        application, http=_protocol(), lifespan="off", log_config=None, access_log=False,
        server_header=False, date_header=False, proxy_headers=False, timeout_keep_alive=5,
        h11_max_incomplete_event_size=_MAX_HEADERS, ws_max_size=4096, ws_ping_interval=20, ws_ping_timeout=20,
        ws_per_message_deflate=False, log_level="error",
        limit_concurrency=_CONNECTIONS_PER_VIEWER * options.max_viewers, backlog=_BACKLOG,
        timeout_graceful_shutdown=1,
    )  # fmt: skip


def _protocol() -> type:
    """Uvicorn's protocol, but for what is no HTTP behind a request whose answer has begun: there it would fail."""
    from h11 import LocalProtocolError
    from uvicorn.protocols.http.h11_impl import H11Protocol

    class Protocol(H11Protocol):
        def send_400_response(self, msg: str) -> None:
            try:
                super().send_400_response(msg)
            except LocalProtocolError:
                self.transport.close()

    return Protocol


def _is_our_fault(record: logging.LogRecord) -> bool:
    """Whether an error is worth a log: not a client's WebSocket text that is no UTF-8, which could fill a disk."""
    return not (record.exc_info and isinstance(record.exc_info[1], UnicodeDecodeError))


def check_exposure(options: ServeOptions) -> None:
    """Refuse an address that others reach without a token.

    Raises:
        ValueError: see there.
    """
    if options.token is None and not is_loopback(options.host):
        raise ValueError(
            f"{options.host} is reached by other machines, and who sees the page sees the camera: give a token "
            "(--new-token, --token-file FILE or EDGEAFFECT_TOKEN), or listen at 127.0.0.1 and use `ssh -L`"
        )


def _listen(host: str, port: int) -> socket.socket:
    """A socket at an address.

    Raises:
        Error: it is taken, or none of this machine's.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise Error(f"no address of this machine: {host} ({error})") from error
    family, kind, protocol, _, address = found[0]
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket(family, kind, protocol))
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
            listener.listen(_BACKLOG)
        except OSError as error:
            remedy = "; --port 0 takes a free one" if port else ""
            raise Error(f"cannot listen at {host} port {port}: {error.strerror}{remedy}") from error
        stack.pop_all()
    return listener
