"""`Live`: a pipeline at work on a source, and everything that viewers ask about it."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .._json import plain
from .._names import text_name
from .._redact import hide_secrets
from .._version import __version__
from ..errors import Error, SourceError
from ..events import BUILTIN, Event, EventDetector, Rule, usable_rules
from ..options.serve import ServeOptions
from ..results import Result
from ..sinks.base import Redact
from ..sources import Source, SourceFrame
from .publisher import Publisher
from .tally import Tally

if TYPE_CHECKING:
    from ..pipeline.explaining import Snapshot
    from ..pipeline.pipeline import Pipeline

STATES = ("starting", "running", "stalled", "ended", "failed")
"""`stalled`: no frame for `stall_after` seconds; `ended`: a film is over; `failed`: the source was lost for good."""

_EVENTS_KEPT = 200


class Live:
    """Runs a pipeline over a source at the source's own pace.

    Args:
        pipeline: open, and used by nobody else meanwhile.
        source: whose frames are perceived; the caller closes it.
        microphone: as for `Pipeline.stream`.
        options: rates, and when a source counts as stalled.
        layers: of cues to draw, see `draw.annotate`.
        redact: hides faces in every picture that is served; None shows them.
        repeat: begin films and folders again at their end.
        paced: films at their own pace; False: as fast as they are read (to measure).
        rules: events to look for; None takes the built-in ones that the pipeline can see.

    Raises:
        ValueError: `repeat` of a live source.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        source: Source,
        *,
        microphone: Any = None,
        options: ServeOptions | None = None,
        layers: Sequence[str] = (),
        redact: Redact | None = None,
        repeat: bool = False,
        paced: bool = True,
        rules: Iterable[Rule] | None = None,
    ) -> None:
        if repeat and source.live:
            raise ValueError(f"{source.name} is live: only films and pictures can begin again")
        self.pipeline, self.source, self.options = pipeline, source, options or ServeOptions()
        self.publisher = Publisher(self.options, layers, redact)
        self.tally = Tally()
        self._microphone, self._repeat, self._paced = microphone, repeat, paced
        chosen = usable_rules(
            rules, has_cues=pipeline.cues is not None, has_affect=pipeline.affect is not None, known=BUILTIN
        )
        self._detector = EventDetector(chosen)
        self._is_redacted = redact is not None
        self._running: dict[int, str] = {}
        self._events: deque[tuple[int, dict[str, Any]]] = deque(maxlen=_EVENTS_KEPT)
        self._event_count = 0
        self._stop = threading.Event()
        self._began = time.monotonic()
        self._frame_at: float | None = None
        self._end: str | None = None
        self._last: Result | None = None
        self._faces: Mapping[int, Snapshot] = {}
        self.error: str | None = None
        """Why the source failed."""

    # ---- in the pipeline's thread ----

    def run(self) -> None:
        """Perceive until the source ends or `stop` is called.

        Raises:
            SourceError: the source was lost; `state` tells it to viewers, too.
        """
        self.publisher.start()
        try:
            while True:
                shown = self._run_once()
                if not self._repeat or not shown or self._stop.is_set():
                    break
            self._end = "ended"
        except Exception as error:
            self._end = "failed"
            is_source = isinstance(error, SourceError)
            self.error = hide_secrets(str(error)) if is_source else "an error of the pipeline"
            raise

    def stop(self) -> None:
        """End `run` after the frame at work; from any thread."""
        self._stop.set()

    def wait(self) -> None:
        """Keep the page of a film that has ended until `stop` is called."""
        while not self._stop.wait(1.0):
            pass

    def close(self) -> None:
        """Release what was made here; safe to call twice."""
        self._stop.set()
        self.publisher.close()

    def _run_once(self) -> int:
        """The source from its begin to its end; number of frames."""
        shown, first, started = 0, 0.0, 0.0
        self._running.clear()
        keep = not self.source.live
        with contextlib.closing(self.pipeline.frames(self.source, microphone=self._microphone)) as pairs:  # type: ignore[type-var]
            for frame, result in pairs:
                if not shown:
                    first, started = frame.timestamp, time.monotonic()
                if keep and self._paced and self._pause(frame, shown, started + frame.timestamp - first):
                    break
                self._take(frame, result, keep)
                shown += 1
                if self._stop.is_set():
                    break
        self._note(self._detector.finish())
        return shown

    def _pause(self, frame: SourceFrame, shown: int, due: float) -> bool:
        """Wait until a frame of a file is due; True where the wait was ended."""
        if frame.still:
            return shown > 0 and self._stop.wait(self.options.still_seconds)
        return self._stop.wait(max(0.0, due - time.monotonic()))

    def _take(self, frame: SourceFrame, result: Result, keep: bool) -> None:
        self._frame_at = time.monotonic()
        self._last = result
        if keep and self.pipeline.explains:
            self._faces = self._snapshots(result)
        self._note(self._detector.update(result))
        self.tally.add(result, self._frame_at)
        self.publisher.offer(frame, result, self._running.values(), keep=keep)

    def _snapshots(self, result: Result) -> dict[int, Snapshot]:
        """Track id -> face, of a frame that may be the last one: with the stream's end the pipeline forgets it."""
        found = {}
        for face in result.faces:
            with contextlib.suppress(Error):  # never analysed
                if face.track_id is not None:
                    found[face.track_id] = self.pipeline.snapshot(face)
        return found

    def _note(self, events: Iterable[Event]) -> None:
        for event in events:
            if event.phase == "start":
                self._running[event.id] = event.name
            else:
                self._running.pop(event.id, None)
            self.tally.note(event)
            self._event_count += 1
            self._events.append((self._event_count, event.to_dict()))

    # ---- from any thread ----

    @property
    def state(self) -> str:
        """One of `STATES`."""
        if self._end is not None:
            return self._end
        since = self._began if self._frame_at is None else self._frame_at
        if time.monotonic() - since > max(self.options.stall_after, self._patience()):
            return "stalled"
        return "starting" if self._frame_at is None else "running"

    @property
    def age(self) -> float | None:
        """Seconds since the last frame; None before the first."""
        return None if self._frame_at is None else time.monotonic() - self._frame_at

    @property
    def last(self) -> Result | None:
        """The newest result."""
        return self._last

    def face(self, track_id: int) -> int | Snapshot:
        """What to ask the pipeline about: of a film that has ended, the face as it was in the last frame."""
        return track_id if self._end is None else self._faces.get(track_id, track_id)

    def events_since(self, number: int) -> tuple[list[dict[str, Any]], int]:
        """Events after the one of that number, as far as they are kept, and the number of the newest."""
        newest = self._event_count
        return [event for count, event in tuple(self._events) if number < count <= newest], newest

    def facts(self) -> dict[str, Any]:
        """What the page shows of the whole: plain values."""
        pipeline, last = self.pipeline, self._last
        return {
            "version": __version__,
            "source": text_name(self.source.name),
            "live": self.source.live,
            "state": self.state,
            "error": self.error,
            "age": plain(self.age),
            "uptime": plain(time.monotonic() - self._began),
            "models": dict(last.models) if last is not None else {},
            "has_affect": pipeline.affect is not None,
            "has_cues": pipeline.cues is not None,
            "has_voice": pipeline.hearing is not None,
            "has_explainer": pipeline.explains,
            "redacted": self._is_redacted,
            "viewers": self.publisher.pictures.count,
            **self.tally.facts(),
        }

    def _patience(self) -> float:
        """Pictures of a folder come slowly by intent."""
        return 0.0 if self.source.live else 2 * self.options.still_seconds
