"""The explainer: its encoder, the first token, a token, a sentence, an answer; and frames while it talks."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import os
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import Error
from ...explain.explainer import DEFAULT_BUNDLE, Explainer
from ...explain.meaning import Request, prefix
from ...face.affect import FaceAffect
from ...face.cues import FaceCues
from ...face.detector import FaceDetector
from ...image import Image
from ...models.registry import FILES, find_bundle
from ...results import Face
from ..context import Bench, Feed
from ..stats.measurement import Measurement, record
from ..stats.timing import Timing, TimingPlan, measure

SENTENCE = 25
"""Tokens of the sentence that is timed; texts differ in length."""
QUESTION = "Is she smiling?"
LOOP: dict[str, Any] = {"detect_interval": 0.0, "cues": True}
# Between two requests of the one who asks while frames go on.
_PAUSE = 0.05
_RATE = 30.0  # frames a second of a camera


def measurements(bench: Bench, plan: TimingPlan) -> list[Measurement]:
    """Parts of an answer on the clip's first face, and the frame loop while somebody asks."""
    if not any(FILES.glob(f"{DEFAULT_BUNDLE}*")):
        bench.note("this installation has no explainer: it was not measured")
        return []
    clip = bench.clip()
    image = Image.of(clip.frames[0], clip.color)
    face = _face(bench, image)
    if face is None:
        bench.note("no face in the first frame: the explainer was not measured")
        return []
    before = _resident()
    with Explainer(threads=bench.settings.threads) as explainer:
        entries = _answers(explainer, image, face, plan)
        memory = {"resident_mb": round(_resident() - before, 1), "bundle_mb": round(_size() / 1e6, 2)}
    entries[0] = dataclasses.replace(entries[0], facts=memory)
    return entries + _frames(bench, plan)


def _answers(explainer: Explainer, image: Image, face: Face, plan: TimingPlan) -> list[Measurement]:
    assert face.affect is not None
    vision, decoder, vocabulary = explainer.vision, explainer.decoder, explainer.vocabulary
    tokens = vocabulary.encode(prefix(Request("explain"), face.affect.label, face.affect.confidence))
    look = partial(vision.look, image, face, face.affect, {})

    def first() -> tuple[Any, int]:
        decoder.look_at(look().memory)
        cache, logits = decoder.prefill(tokens)
        return cache, int(np.argmax(logits))

    def sentence() -> None:
        cache, token = first()
        for _ in range(SENTENCE - 1):
            token = int(np.argmax(decoder.step(cache, token)))

    calls: dict[str, Callable[[], object]] = {
        "explain.encoder": look, "explain.first_token": first, "explain.sentence": sentence,
        "explain.explain": partial(explainer.explain, image, face),
        "explain.ask": partial(explainer.ask, image, face, QUESTION),
        "explain.judge": partial(explainer.judge, image, face, "She is smiling."),
    }  # fmt: skip
    entries = [record(name, "models", measure(call, plan)) for name, call in calls.items()]
    return [*entries, record("explain.token", "models", _steps(decoder, first, plan))]


def _steps(decoder: Any, first: Callable[[], tuple[Any, int]], plan: TimingPlan) -> Timing:
    """One token each, of sentences that begin anew."""
    state: dict[str, Any] = {"left": 0}
    seconds: list[float] = []

    def step() -> None:
        if not state["left"]:
            state["cache"], state["token"] = first()
            state["left"] = SENTENCE - 1
        began = time.perf_counter()
        state["token"] = int(np.argmax(decoder.step(state["cache"], state["token"])))
        seconds.append(time.perf_counter() - began)
        state["left"] -= 1

    timing = measure(step, plan)
    return dataclasses.replace(timing, seconds=np.array(seconds[-len(timing.seconds) :]))


def _frames(bench: Bench, plan: TimingPlan) -> list[Measurement]:
    """The same frames quiet, and while another thread asks all the time: at a camera's pace, and without a pause."""
    clip, entries = bench.clip(), []
    for pace, asks in itertools.product((f"{_RATE:.0f} frames/s, ", ""), (False, True)):
        mode = pace + ("while it explains" if asks else "quiet")
        with bench.pipeline(**LOOP, explain=True) as pipeline:
            feed = Feed(pipeline, clip)
            feed()
            with _asker(pipeline, feed) if asks else contextlib.nullcontext() as answers:
                timing = _at_pace(feed, plan) if pace else measure(feed, plan)
            entry = record("explain.frame", "models", timing, mode=mode)
            entries.append(dataclasses.replace(entry, facts=_told(answers)))
    return entries


def _at_pace(feed: Callable[[], object], plan: TimingPlan) -> Timing:
    """Frames as a camera gives them; the time between them is not counted."""
    seconds: list[float] = []
    due = time.perf_counter()

    def frame() -> None:
        nonlocal due
        due = max(due + 1 / _RATE, time.perf_counter())
        time.sleep(max(0.0, due - time.perf_counter()))
        began = time.perf_counter()
        feed()
        seconds.append(time.perf_counter() - began)

    timing = measure(frame, plan)
    return dataclasses.replace(timing, seconds=np.array(seconds[-len(timing.seconds) :]))


@contextlib.contextmanager
def _asker(pipeline: Any, feed: Feed) -> Iterator[list[float]]:
    """Somebody who asks about the newest faces, again and again: seconds that each answer took."""
    stop, answers = threading.Event(), list[float]()

    def ask() -> None:
        while not stop.is_set():
            for face in () if feed.newest is None else feed.newest.faces:
                began = time.perf_counter()
                with contextlib.suppress(Error):  # it may have left
                    pipeline.explain(face)
                    answers.append(time.perf_counter() - began)
            stop.wait(_PAUSE)

    thread = threading.Thread(target=ask, name="bench-asker", daemon=True)
    thread.start()
    try:
        yield answers
    finally:
        stop.set()
        thread.join()


def _told(answers: list[float] | None) -> dict[str, Any] | None:
    """What came of the asking: how many answers, and the median time of one in ms."""
    if answers is None:
        return None
    return {"answers": len(answers), **({"answer_ms": round(1000 * float(np.median(answers)), 1)} if answers else {})}


def _face(bench: Bench, image: Image) -> Face | None:
    with contextlib.ExitStack() as stack:
        detector = stack.enter_context(FaceDetector(bench.models["face-detector"], **bench.place))
        affect = stack.enter_context(FaceAffect(bench.models["affect"], **bench.place))
        cues = stack.enter_context(FaceCues(bench.models["cues"], **bench.place))
        (faces,) = detector.run_many([image])
        if not len(faces):
            return None
        one = faces[:1]
        return Face(
            one.boxes[0], float(one.scores[0]), one.landmarks[0],
            affect=affect.run_many([(image, one)])[0][0], cues=cues.run_many([(image, one)])[0][0],
        )  # fmt: skip


def _size() -> int:
    """Bytes of the bundled file."""
    path = find_bundle(DEFAULT_BUNDLE, "explain").path
    return path.stat().st_size if path.is_file() else sum(file.stat().st_size for file in path.iterdir())


def _resident() -> float:
    """Megabytes of this process."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
