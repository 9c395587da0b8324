"""The application: which path answers what."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute

from .._checks import is_whole
from ..errors import Error
from ..options.serve import ServeOptions
from .access import MAX_BODY, Access, App, Guard
from .live import Live
from .metrics import Exporter
from .streams import BOUNDARY, Endless, motion_jpeg, serve_websocket, server_sent

if TYPE_CHECKING:
    from starlette.websockets import WebSocket

    from ..explain.result import Explanation

# path -> (file in `page`, content type)
PAGE = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/page.css": ("page.css", "text/css; charset=utf-8"),
    "/icon.svg": ("icon.svg", "image/svg+xml"),
    **{
        f"/{name}.js": (f"{name}.js", "text/javascript; charset=utf-8")
        for name in ("page", "connection", "faces", "timeline", "circumplex", "panels", "palette", "explain")
    },
}
PUBLIC = frozenset({*PAGE, "/healthz", "/session", "/favicon.ico"})
"""Paths that need no token."""

_BODY_SECONDS = 5.0
_ANSWER_SECONDS = 10.0
_LONGEST_QUESTION = 500
# Questions that are answered at a time, and that may wait: a sentence takes milliseconds.
_ASKERS, _MOST_WAITING = 2, 16
_UNHEALTHY = ("stalled", "failed")


class Routes:
    """Answers requests about one run.

    Args:
        live: the run.
        options: limits.
    """

    def __init__(self, live: Live, options: ServeOptions) -> None:
        self._live, self._options = live, options
        self._access = Access(options, PUBLIC)
        self._metrics = Exporter(live)
        self._askers = ThreadPoolExecutor(_ASKERS, thread_name_prefix="edgeaffect-ask")
        self._asked = 0
        folder = files("edgeaffect.serve") / "page"
        self._page = {path: ((folder / name).read_bytes(), kind) for path, (name, kind) in PAGE.items()}

    def application(self) -> App:
        """The ASGI application."""
        gets = {
            "/favicon.ico": self._no_icon, "/healthz": self._health, "/metrics": self._metrics_page,
            "/state": self._state, "/result": self._result, "/video": self._video, "/stream": self._stream,
        }  # fmt: skip
        routes: list[Any] = [Route(path, self._file, methods=["GET"]) for path in PAGE]
        routes += [Route(path, handler, methods=["GET"]) for path, handler in gets.items()]
        routes += [
            Route("/session", self._session, methods=["POST"]),
            Route("/explain", self._explain, methods=["POST"]),
            WebSocketRoute("/ws", self._websocket),
        ]
        return Guard(Starlette(routes=routes), self._access)

    def close(self) -> None:
        """End the threads that wait for answers."""
        self._askers.shutdown(wait=False, cancel_futures=True)

    # ---- the page ----

    async def _file(self, request: Request) -> Response:
        body, kind = self._page[request.url.path]
        return Response(body, media_type=kind)

    async def _no_icon(self, request: Request) -> Response:
        return Response(status_code=204)

    async def _session(self, request: Request) -> Response:
        """A browser shows the token, and gets a cookie."""
        if not self._access.needs_token:
            return JSONResponse({"needs_token": False})
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        value = self._access.session(token.strip()) if kind.lower() == "bearer" else None
        if value is None:
            return JSONResponse({"error": "wrong token"}, 401)
        response = JSONResponse({"needs_token": True})
        response.set_cookie(
            self._access.cookie, value, httponly=True, samesite="strict", secure=request.url.scheme == "https"
        )
        return response

    # ---- state ----

    async def _health(self, request: Request) -> Response:
        state = self._live.state
        return JSONResponse({"state": state}, 503 if state in _UNHEALTHY else 200)

    async def _metrics_page(self, request: Request) -> Response:
        return Response(self._metrics.text(), media_type=self._metrics.content_type)

    async def _state(self, request: Request) -> Response:
        return JSONResponse(self._live.facts())

    async def _result(self, request: Request) -> Response:
        last = self._live.last
        if last is None:
            return JSONResponse({"error": "there was no frame yet"}, 404)
        return Response(last.to_json(), media_type="application/json")

    # ---- streams ----

    async def _video(self, request: Request) -> Any:
        if self._live.publisher.pictures.count >= self._options.max_viewers:
            return self._full()
        return Endless(motion_jpeg(self._live), f"multipart/x-mixed-replace; boundary={BOUNDARY}")

    async def _stream(self, request: Request) -> Any:
        if self._live.publisher.messages.count >= 2 * self._options.max_viewers:
            return self._full()
        return Endless(server_sent(self._live), "text/event-stream; charset=utf-8")

    async def _websocket(self, websocket: WebSocket) -> None:
        if self._live.publisher.messages.count >= 2 * self._options.max_viewers:
            await websocket.close(1013)
            return
        await serve_websocket(self._live, websocket)

    def _full(self) -> Response:
        return PlainTextResponse(
            f"{self._options.max_viewers} viewers are here already: try again later\n", 503, {"retry-after": "5"}
        )

    # ---- questions ----

    async def _explain(self, request: Request) -> Response:
        """Why a face got its label, or the answer to a question about it."""
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return JSONResponse({"error": "send JSON: Content-Type: application/json"}, 415)
        try:
            track_id, question = _asked(await asyncio.wait_for(_body(request), _BODY_SECONDS))
        except asyncio.TimeoutError:
            return JSONResponse({"error": f"the question did not come within {_BODY_SECONDS:g} s"}, 408)
        except ClientDisconnect:  # nobody reads the answer
            return Response(status_code=400)
        except ValueError as error:
            return JSONResponse({"error": str(error)}, 400)
        if not self._live.pipeline.explains:
            return JSONResponse({"error": "this pipeline does not explain"}, 404)
        if self._asked >= _MOST_WAITING:
            return JSONResponse({"error": "too many questions at once: ask again"}, 429, {"retry-after": "1"})
        self._asked += 1
        try:
            answer = await asyncio.get_running_loop().run_in_executor(
                self._askers, self._answer, track_id, question
            )  # fmt: skip
        except TimeoutError:
            return JSONResponse({"error": "there was no answer in time: ask again"}, 504)
        except Error as error:  # the face has left
            return JSONResponse({"error": str(error)}, 404)
        except RuntimeError:  # it was closed meanwhile
            return JSONResponse({"error": "the pipeline has ended"}, 503)
        finally:
            self._asked -= 1
        return JSONResponse(answer.to_dict())

    def _answer(self, track_id: int, question: str | None) -> Explanation:
        return self._live.pipeline.talk(self._live.face(track_id), question).result(_ANSWER_SECONDS)


async def _body(request: Request) -> bytes:
    """The body, however it comes, up to `MAX_BODY` bytes."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise ValueError(f"a request's body has at most {MAX_BODY} bytes")
    return body


def _asked(body: bytes) -> tuple[int, str | None]:
    """Track id and question; ValueError says what is wrong."""
    try:
        values = json.loads(body)
    except (ValueError, RecursionError):
        raise ValueError("the body is no JSON") from None
    track_id = values.get("track_id") if isinstance(values, dict) else None
    question = values.get("question") if isinstance(values, dict) else None
    if track_id is None or not is_whole(track_id) or not 0 < track_id < 2**62:
        raise ValueError("track_id must be the id of a face")
    if question is not None and not (isinstance(question, str) and 0 < len(question.strip()) <= _LONGEST_QUESTION):
        raise ValueError(f"question must be a text of 1 to {_LONGEST_QUESTION} characters, or be left out")
    return int(track_id), question
