"""`Journal`: what a job is and what of it is done, so that a run that was killed goes on where it was."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from .._checks import show
from .._files import locked, write_atomically
from .._json import load_json
from ..errors import Error
from .inputs import Recording

_JOB, _LINES, _LOCK = "job.json", "journal.jsonl", ".lock"
_LONGEST = 1 << 30
_SHOWN = 8


class JobError(Error, ValueError):
    """A folder belongs to another job, or another run works in it."""


@dataclass(frozen=True)
class Problem:
    """Input that could not be read, whole or in part."""

    source: str
    what: str
    """`failed`: nothing of the recording is written; `part`: some of it is missing; `sound`: it is not heard."""
    error: str


@dataclass(frozen=True)
class Outcome:
    """What became of one recording."""

    name: str
    stamp: str
    status: str
    """`done` or `failed`."""
    rows: int = 0
    frames: int = 0
    seconds: float = 0.0
    """Time that it took."""
    is_input: bool = True
    """Whether the input is to blame, where it failed."""
    problems: tuple[Problem, ...] = ()
    summary: tuple[dict[str, Any], ...] = field(default=(), repr=False)

    def to_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Outcome:
        """Inverse of `to_json`."""
        problems = tuple(Problem(**problem) for problem in data["problems"])
        return cls(**{**data, "problems": problems, "summary": tuple(data["summary"])})


class Journal:
    """The files of a job that are no tables; used as a context by one process at a time.

    Every line of `journal.jsonl` is written after the tables it speaks of are there under their names, and is on the
    disk before the next one: a run that was killed loses at most what it was at, and nothing counts twice.

    Args:
        out: folder of the job; made when it is missing.
        identity: of the job, see `Job.identity`.

    Raises:
        JobError: the folder belongs to another job, or another run works in it.
        OSError: the folder cannot be written.
    """

    def __init__(self, out: Path, identity: Mapping[str, Any]) -> None:
        self._out, self._identity = out, json.loads(json.dumps(dict(identity)))
        self._stack = contextlib.ExitStack()
        self.recordings: dict[str, Recording] = {}
        """By name, in the order in which they were first given."""
        self.outcomes: dict[str, Outcome] = {}
        """By name, the last one of each."""

    def __enter__(self) -> Journal:
        if self._out.exists() and not self._out.is_dir():
            raise JobError(f"{self._out} is a file: name a folder")
        self._out.mkdir(parents=True, exist_ok=True)
        self._refuse_strangers()
        with self._stack:
            self._lock()
            self._read()
            self._clear_remains()
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._clear_remains()
        self._stack.close()

    def _refuse_strangers(self) -> None:
        """A folder that holds something and no job may be somebody's data."""
        others = sorted(path.name for path in self._out.iterdir() if path.name != _LOCK)
        if others and _JOB not in others:
            raise JobError(f"{self._out} is no folder of a job, and not empty ({show(others[0])}): name another one")

    def _lock(self) -> None:
        try:
            self._stack.enter_context(locked(self._out / _LOCK, wait=False))
        except BlockingIOError:
            raise JobError(f"another run works in {self._out}: wait for it, or name another folder") from None

    def _read(self) -> None:
        path = self._out / _JOB
        if not path.exists():
            return
        try:
            held = load_json(path.read_bytes(), limit=_LONGEST)
            identity, recordings = held["identity"], [Recording.from_dict(one) for one in held["recordings"]]
        except (ValueError, KeyError, TypeError) as error:
            raise JobError(f"{path} is damaged: name another folder, or delete this one ({error})") from error
        if identity != self._identity:
            raise JobError(
                f"{self._out} belongs to a job with other options or models: {self._differences(identity)}. Give the "
                "same ones, name another folder, or delete this one"
            )
        self.recordings = {recording.name: recording for recording in recordings}
        with contextlib.suppress(FileNotFoundError):
            self._read_lines((self._out / _LINES).read_bytes())

    def _differences(self, before: Mapping[str, Any]) -> str:
        names = sorted(name for name in {**before, **self._identity} if before.get(name) != self._identity.get(name))
        told = [f"{name} was {show(before.get(name))}, now {show(self._identity.get(name))}" for name in names[:_SHOWN]]
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        return "; ".join(told) + more

    def _read_lines(self, data: bytes) -> None:
        whole = data[: data.rfind(b"\n") + 1]  # the last line of a run that was killed may be torn
        for number, line in enumerate(whole.splitlines(), 1):
            try:
                outcome = Outcome.from_dict(json.loads(line))
            except (ValueError, KeyError, TypeError) as error:
                raise JobError(
                    f"{self._out / _LINES}: line {number} is damaged ({error}): name another folder"
                ) from error
            self.outcomes[outcome.name] = outcome
        if len(whole) < len(data):
            os.truncate(self._out / _LINES, len(whole))

    def _clear_remains(self) -> None:
        """Unfinished files of a run or a worker that was killed; nobody writes here before and after a run."""
        for path in self._out.glob("*/.*.tmp"):
            path.unlink(missing_ok=True)

    def begin(self, recordings: Sequence[Recording]) -> list[Recording]:
        """Write down what is to be done; those that are not done yet, or whose files have changed since."""
        self._forget_parts(recordings)
        for recording in recordings:
            self.recordings[recording.name] = recording
        text = {"identity": self._identity, "recordings": [one.to_dict() for one in self.recordings.values()]}
        write_atomically(self._out / _JOB, json.dumps(text, indent=1).encode())
        self._file = self._stack.enter_context(open(self._out / _LINES, "ab", buffering=0))  # noqa: SIM115  (closed by the stack)
        return [recording for recording in recordings if not self._is_done(recording)]

    def _forget_parts(self, recordings: Sequence[Recording]) -> None:
        """Parts of folders that have fewer pictures now: what they told would count twice."""
        now = {recording.key for recording in recordings}
        folders = {folder for folder, is_pictures, _ in now if is_pictures}
        for name, recording in list(self.recordings.items()):
            folder, is_pictures, _ = recording.key
            if is_pictures and folder in folders and recording.key not in now:
                del self.recordings[name]
                for path in (path for ending in ("parquet", "csv") for path in self._out.glob(f"*/{name}.{ending}")):
                    path.unlink(missing_ok=True)

    def _is_done(self, recording: Recording) -> bool:
        outcome = self.outcomes.get(recording.name)
        return outcome is not None and outcome.status == "done" and outcome.stamp == recording.stamp

    def add(self, outcome: Outcome) -> None:
        """Write down what became of a recording; on the disk when this returns."""
        self._file.write(outcome.to_json().encode() + b"\n")
        os.fsync(self._file.fileno())
        self.outcomes[outcome.name] = outcome

    def in_order(self) -> Iterator[Outcome]:
        """The last outcome of every recording, in the order of the recordings: the same for any number of workers."""
        return (self.outcomes[name] for name in self.recordings if name in self.outcomes)
