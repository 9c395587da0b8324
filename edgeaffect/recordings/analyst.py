"""`Analyst`: one recording after the other to its tables, in whatever process it lives."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from .._redact import hide_secrets
from .._table_files import TableFile
from ..errors import Error, MissingTrackError, ModelError, SourceError
from ..events import Event, EventDetector
from ..pipeline.pipeline import Pipeline
from ..results import Result
from ..sources import FilmSound, Images, Source, open_source
from ..sources.select_sound import open_sound
from ..voice.listen import listen
from .aliases import ALIAS_COLUMNS
from .columns import EVENT_COLUMNS, Subject, columns_of, row_of
from .inputs import Recording
from .job import Job
from .journal import Outcome, Problem
from .summary import Summary

Progress = Callable[[float, int], object]
"""Told now and then: the share of the recording that is done, and frames since it was told before."""

_EARLY = 1e-6
"""Seconds by which a frame may miss its multiple of `every`: times of films are rounded."""
_TELL_SECONDS = 0.25


class Thinning:
    """Lets one frame through for each multiple of `every` seconds: the first at or after it."""

    def __init__(self, every: float) -> None:
        self._every, self._last = every, -1.0

    def admits(self, time: float) -> bool:
        """Whether rows are written of a frame of that time."""
        if not self._every:
            return True
        step = (time + _EARLY) // self._every
        if step <= self._last:
            return False
        self._last = step
        return True


class FaceNumbers:
    """Numbers the faces of one recording from 1, in the order in which they are first seen.

    Track ids count up as long as a pipeline lives: which ones a recording gets depends on those before it.
    """

    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}

    def __call__(self, track_id: int) -> int:
        """The number of a face."""
        return self._numbers.setdefault(track_id, len(self._numbers) + 1)


def subjects_of(recording: str, result: Result, number_of: Callable[[int], int] = int) -> list[Subject]:
    """The rows of a result: one for each face, in the order of their numbers, or one without a face.

    Args:
        recording: its name.
        result: of one frame.
        number_of: track id -> number of the face.
    """
    common: dict[str, Any] = {
        "recording": recording, "source": hide_secrets(result.source), "frame": result.frame_index,
        "time": result.timestamp, "voice": result.voice, "speaker": result.speaker,
    }  # fmt: skip
    known = sorted(face.track_id for face in result.faces if face.track_id is not None)
    numbers = {track_id: number_of(track_id) for track_id in known}
    numbered = [
        (place if face.track_id is None else numbers[face.track_id], face) for place, face in enumerate(result.faces, 1)
    ]
    faces = sorted(numbered, key=lambda pair: pair[0])
    return [Subject(**common, face=face, number=number) for number, face in faces] or [Subject(**common)]


class Analyst:
    """Holds one pipeline for many recordings; to be used as a context.

    Args:
        job: what is done with each.

    Raises:
        Error: a model cannot be used.
    """

    def __init__(self, job: Job) -> None:
        self._job = job
        # FFmpeg prints its own complaints about damaged files; ours say the same in one line. Read once, by OpenCV.
        os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
        self._pipeline: Pipeline = job.open_pipeline()

    def __enter__(self) -> Analyst:
        return self

    def __exit__(self, *_: object) -> None:
        self._pipeline.close()

    def analyse(self, recording: Recording, progress: Progress = lambda share, frames: None) -> Outcome:
        """Write the tables of a recording; whatever is wrong with it comes back in the outcome."""
        began = time.monotonic()
        progress(0.0, 0)
        try:
            outcome = _Run(self._job, self._pipeline, recording, progress).run()
        except Exception as error:
            is_input = isinstance(error, SourceError) or (
                isinstance(error, Error) and not isinstance(error, ModelError)
            )
            words = " ".join(str(error).split()) or "no words"
            text = hide_secrets(words if isinstance(error, Error) else f"{type(error).__name__}: {words}")
            problem = Problem(recording.source, "failed", text)
            return Outcome(
                recording.name, recording.stamp, "failed", is_input=is_input, problems=(problem,),
                seconds=time.monotonic() - began,
            )  # fmt: skip
        return outcome


class _Run:
    """One recording on its way."""

    def __init__(self, job: Job, pipeline: Pipeline, recording: Recording, progress: Progress) -> None:
        self._job, self._pipeline, self._recording, self._progress = job, pipeline, recording, progress
        self._thinning = Thinning(job.options.every)
        self._summary = Summary(recording.name, recording.source, recording.kind)
        self._detector, self._number_of = EventDetector(job.rules), FaceNumbers()
        self._ends: list[Event] = []
        self._problems: list[Problem] = []
        self._frames = self._told = 0
        self._told_at = self._began = time.monotonic()

    def run(self) -> Outcome:
        job, name = self._job, self._recording.name
        source = self._recording.source
        with contextlib.ExitStack() as stack:
            self._rows = stack.enter_context(
                TableFile(
                    job.folder("tables"), name, columns_of(job.groups), job.formats, job.facts("rows", name, source)
                )
            )
            events = stack.enter_context(
                TableFile(job.folder("events"), name, EVENT_COLUMNS, job.formats, job.facts("events", name, source))
            )
            self._aliases = [
                (
                    ALIAS_COLUMNS[alias],
                    stack.enter_context(TableFile(job.folder(alias), name, ALIAS_COLUMNS[alias], ("csv",), {})),
                )
                for alias in job.options.columns
            ]
            self._read()
            self._keep(self._detector.finish())
            for event in sorted(self._ends, key=lambda event: event.id):
                events.add([column.read((name, event)) for column in EVENT_COLUMNS])
            if not self._rows.count:
                raise SourceError(f"{source} holds no frame and no sound")
            summary = tuple(self._summary.rows(self._ends))
        return Outcome(
            name, self._recording.stamp, "done", self._rows.count, self._frames, time.monotonic() - self._began,
            problems=tuple(self._problems), summary=summary,
        )  # fmt: skip

    def _read(self) -> None:
        if self._recording.kind == "sound":
            self._hear()
            return
        if self._recording.kind == "pictures":
            with Images(self._recording.paths) as pictures:
                self._see(pictures, None)
            return
        path = self._recording.paths[0]
        try:
            film = open_source(path)
        except MissingTrackError:
            self._hear()
            return
        with film, contextlib.ExitStack() as stack:
            sound = self._track(path)
            if sound is not None:
                stack.enter_context(sound)
            self._see(film, sound)
            if sound is not None:
                self._tell_all(sound.errors, "sound")

    def _track(self, path: str) -> FilmSound | None:
        """The film's sound track; None where there is none, or where it cannot be heard, which is told."""
        if not self._job.sound:
            return None
        try:
            return FilmSound(path)
        except MissingTrackError:
            return None
        except SourceError as error:
            self._tell_all([error], "sound")
            return None

    def _see(self, source: Source, sound: FilmSound | None) -> None:
        length = source.length
        with contextlib.closing(self._pipeline.frames(source, microphone=sound)) as pairs:  # type: ignore[type-var]
            for frame, result in pairs:
                self._frames += 1
                self._add(subjects_of(self._recording.name, result, self._number_of))
                if not frame.still:
                    self._keep(self._detector.update(result))
                self._advance((frame.index + 1) / length if length else 0.0)
        self._tell_all(source.errors, "part")

    def _hear(self) -> None:
        hearing = self._pipeline.hearing
        source = self._recording.source
        if hearing is None:
            raise SourceError(f"{source} holds sound alone, and this job hears none: allow sound, or leave it out")
        with open_sound(self._recording.paths[0]) as sound:
            for number, voice in enumerate(listen(sound, hearing.models)):
                self._frames += 1
                self._add([Subject(self._recording.name, source, number, voice.timestamp, voice=voice)])
                self._advance(0.0)
            self._tell_all(sound.errors, "sound")

    def _tell_all(self, errors: Sequence[SourceError], what: str) -> None:
        for error in errors:
            source = getattr(error, "source", None) or self._recording.source
            self._problems.append(Problem(source, what, hide_secrets(" ".join(str(error).split()))))

    def _keep(self, events: Sequence[Event]) -> None:
        """Every start is followed by its end, which tells all of it."""
        self._ends += [
            event if event.track_id is None else dataclasses.replace(event, track_id=self._number_of(event.track_id))
            for event in events
            if event.phase == "end"
        ]

    def _add(self, subjects: list[Subject]) -> None:
        if not self._thinning.admits(subjects[0].time) and self._recording.kind != "pictures":
            return
        self._summary.frame(subjects)
        for subject in subjects:
            self._rows.add(row_of(self._job.groups, subject))
            for columns, table in self._aliases:
                table.add([column.read(subject) for column in columns])

    def _advance(self, share: float) -> None:
        now = time.monotonic()
        if now - self._told_at >= _TELL_SECONDS:
            self._progress(min(1.0, share), self._frames - self._told)
            self._told, self._told_at = self._frames, now


def tables_of(job: Job) -> Iterator[str]:
    """Names of the folders that a job writes tables into."""
    yield from ("tables", "events", *job.options.columns)
