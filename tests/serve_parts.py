"""A page that serves a person in front of a camera, for tests."""

from __future__ import annotations

import contextlib
import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np

from edgeaffect import Pipeline
from edgeaffect.options.serve import ServeOptions
from edgeaffect.sources.paced import PacedSource

TOKEN = "S3cr-3t-of-the-page-000"


def scene_frames(portrait: np.ndarray, count: int = 15) -> list[np.ndarray]:
    """Frames of 480x270 in which the person of a portrait and its mirror image move a little."""
    person = cv2.resize(portrait, (260, 260))
    frames = []
    for i in range(count):
        frame = np.full((270, 480, 3), 60, np.uint8)
        shift = round(6 * np.sin(2 * np.pi * i / count))
        frame[10:, 0:236] = person[:, 12 - shift : 248 - shift]
        frame[10:, 244:480] = person[:, ::-1][:, 12 + shift : 248 + shift]
        frames.append(frame)
    return frames


@contextlib.contextmanager
def served(source: Any, *, explain: bool = True, cues: bool = True, **options: Any) -> Iterator[Any]:
    """A server whose run is at work; options as for `ServeOptions`, and `redact`, `repeat` of `Live`."""
    from edgeaffect.serve import Live, PageServer

    how = {name: options.pop(name) for name in ("redact", "repeat", "layers", "microphone") if name in options}
    chosen = ServeOptions(port=0, **options)
    voice = True if "microphone" in how else None
    with Pipeline(
        cues=cues, explain=explain or None, voice=voice, detect_interval=0.2, affect_interval=0.2
    ) as pipeline:
        live = Live(pipeline, source, options=chosen, **how)
        with PageServer(live) as server:
            server.live = live
            failures: list[BaseException] = []

            def run() -> None:
                try:
                    live.run()
                except BaseException as error:
                    failures.append(error)

            thread = threading.Thread(target=run, daemon=True)
            thread.start()
            server.failures = failures
            try:
                yield server
            finally:
                live.stop()
                thread.join(10)
                live.close()
                assert not thread.is_alive()


def camera(frames: list[np.ndarray], fps: float = 15.0, seconds: float = 120.0) -> PacedSource:
    """A camera that shows frames again and again."""
    return PacedSource(frames, fps=fps, seconds=seconds)


def ask(
    server: Any, path: str, *, method: str = "GET", body: bytes | None = None, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers (lower case) and body of an answer; names of headers with `_` for `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(f"http://127.0.0.1:{server.port}{path}", body, named, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, {k.lower(): v for k, v in error.headers.items()}, error.read()


def ask_json(server: Any, path: str, values: Any = None, **headers: str) -> tuple[int, Any]:
    """Status and JSON of an answer; with values a POST of them."""
    body = None if values is None else json.dumps(values).encode()
    if body is not None:
        headers = {"Content_Type": "application/json", **headers}
    status, _, text = ask(server, path, method="GET" if body is None else "POST", body=body, **headers)
    return status, json.loads(text)
