"""Live input: frames that arrive whether we are ready or not. How many are lost, and how old a result is."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ...sources import Source, SourceFrame
from ...sources.mailbox import Mailbox
from ..context import Bench, frame_size
from ..frames import Clip
from ..report.model import LiveRun
from ..stats.samples import summary
from ..stats.timing import collector_off

FRAME_RATES = (15.0, 30.0, 60.0)


class PacedSource(Source):
    """A camera made of frames in memory: a thread copies them on a clock into a mailbox of one.

    Args:
        clip: frames to loop over.
        fps: frames per second.
        seconds: until the end.
    """

    live = True

    def __init__(self, clip: Clip, fps: float, seconds: float) -> None:
        super().__init__()
        self.name, self.fps = f"paced {fps:g} fps", fps
        self.length = max(2, round(fps * seconds))
        self._clip = clip
        self.dropped = 0

    def __iter__(self) -> Iterator[SourceFrame]:
        slots = [{"image": np.empty_like(self._clip.frames[0])} for _ in range(3)]
        mailbox: Mailbox[dict[str, Any]] = Mailbox((slots[0], slots[1], slots[2]))
        threading.Thread(target=self._produce, args=(mailbox,), name=self.name, daemon=True).start()
        while (slot := mailbox.take()) is not None:
            self.dropped = mailbox.dropped
            yield SourceFrame(
                slot["image"], slot["index"], slot["timestamp"], "monotonic", self.name, time.time(),
                color=self._clip.color, dropped=mailbox.dropped, capture_seconds=slot["capture_seconds"],
            )  # fmt: skip
        self.dropped = mailbox.dropped

    def _produce(self, mailbox: Mailbox[dict[str, Any]]) -> None:
        start = time.monotonic()
        assert self.fps is not None and self.length is not None
        frames = self._clip.frames
        for index in range(self.length):
            due = start + index / self.fps
            time.sleep(max(0.0, due - time.monotonic()))
            slot = mailbox.writing
            begin = time.perf_counter()
            image = frames[index % len(frames)]
            if slot["image"].shape != image.shape:  # pictures of a folder may differ in size
                slot["image"] = np.empty_like(image)
            np.copyto(slot["image"], image)
            # The time stamp is the moment the frame was due: a late thread must not make the age look small.
            slot.update(index=index, timestamp=due, capture_seconds=time.perf_counter() - begin)
            mailbox.publish()
        mailbox.end()


def measure(bench: Bench, seconds: float, progress: Callable[[float], None]) -> tuple[LiveRun, ...]:
    """One run per frame rate.

    Args:
        bench: under test.
        seconds: per frame rate.
        progress: told after each frame rate how many seconds went by.
    """
    clip = bench.clip()
    runs = []
    for fps in FRAME_RATES:
        source = PacedSource(clip, fps, seconds)
        ages, captures = [], []
        with bench.pipeline() as pipeline, collector_off():
            pipeline.warmup(frame_size(clip), clip.color)
            for result in pipeline.stream(source):
                ages.append(time.monotonic() - result.timestamp)
                captures.append(result.timings_ms["capture"] * 1e-3)
        runs.append(
            LiveRun(
                fps=fps, seconds=seconds, produced=source.length or 0, processed=len(ages), dropped=source.dropped,
                latency=summary(ages), capture=summary(captures),
            )
        )  # fmt: skip
        progress(seconds)
    return tuple(runs)
