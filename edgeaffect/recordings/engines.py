"""Engines: where recordings are analysed. In this process, or in worker processes that may die."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Protocol

from ..errors import Error
from .analyst import Analyst
from .inputs import Recording
from .job import Job
from .journal import Outcome, Problem

Tell = Callable[[str, float, int], object]
"""Told while recordings are under way: name, share that is done, frames since it was told before."""

_TRIES = 2
"""A recording whose worker died is tried once more: another program may have taken the memory."""
_JOIN_SECONDS = 5.0


class Engine(Protocol):
    """Analyses recordings; outcomes come as they are ready, in any order."""

    def run(self, job: Job, recordings: Sequence[Recording], tell: Tell) -> Iterator[Outcome]:
        """One outcome for each recording. Closing the iterator ends the work."""


class InProcess:
    """One after the other, in this process."""

    def run(self, job: Job, recordings: Sequence[Recording], tell: Tell) -> Iterator[Outcome]:
        """See `Engine`."""
        with Analyst(job) as analyst:
            for recording in recordings:

                def progress(share: float, frames: int, name: str = recording.name) -> None:
                    tell(name, share, frames)

                yield analyst.analyse(recording, progress)


def died(recording: Recording, how: str) -> Outcome:
    """The outcome of a recording at which workers died."""
    problem = Problem(recording.source, "failed", f"{how}, {_TRIES} times in a row")
    return Outcome(recording.name, recording.stamp, "failed", is_input=False, problems=(problem,))


@dataclass
class _Worker:
    process: BaseProcess
    pipe: Connection
    recording: Recording | None = field(default=None)


class Processes:
    """Worker processes, started afresh (spawn), each with a pipeline of its own.

    A worker that dies at a recording costs that recording one more try in a new worker. Ctrl-C reaches this process
    alone, which ends the others; they end by themselves where it dies.

    Args:
        workers: how many; at most one for each recording is started.
    """

    def __init__(self, workers: int) -> None:
        self._count = workers

    def run(self, job: Job, recordings: Sequence[Recording], tell: Tell) -> Iterator[Outcome]:
        """See `Engine`."""
        # The largest first would balance better, but whoever looks at the folder expects the given order.
        waiting = deque(recordings)
        tries: dict[str, int] = {}
        workers: list[_Worker] = []
        try:
            while waiting or any(worker.recording for worker in workers):
                idle = [worker for worker in workers if worker.recording is None]
                while waiting and (idle or len(workers) < self._count):
                    worker = idle.pop() if idle else self._started(job, workers)
                    self._give(worker, waiting.popleft(), tries)
                busy = [worker for worker in workers if worker.recording]
                ready = set(wait([worker.pipe for worker in busy]))
                for worker in (worker for worker in busy if worker.pipe in ready):
                    outcome = self._hear(worker, workers, waiting, tries, tell)
                    if outcome is not None:
                        yield outcome
        finally:
            _end(workers)

    def _started(self, job: Job, workers: list[_Worker]) -> _Worker:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        with theirs, _interrupts_blocked():
            process = context.Process(target=_work, args=(theirs, job), name="edgeaffect worker", daemon=True)
            process.start()
        worker = _Worker(process, ours)
        workers.append(worker)
        return worker

    def _give(self, worker: _Worker, recording: Recording, tries: dict[str, int]) -> None:
        tries[recording.name] = tries.get(recording.name, 0) + 1
        worker.recording = recording
        with contextlib.suppress(OSError):  # a worker that has died is found out by the answer it does not give
            worker.pipe.send(recording)

    def _hear(
        self, worker: _Worker, workers: list[_Worker], waiting: deque[Recording], tries: dict[str, int], tell: Tell
    ) -> Outcome | None:
        recording = worker.recording
        assert recording is not None
        try:
            answer = worker.pipe.recv()
        except (EOFError, OSError):
            worker.pipe.close()
            worker.process.join()
            workers.remove(worker)
            if tries[recording.name] < _TRIES:
                waiting.appendleft(recording)
                return None
            return died(recording, f"the worker process ended {_how(worker.process.exitcode)}")
        if isinstance(answer, Outcome):
            worker.recording = None
            return answer
        if isinstance(answer, Exception):  # it could not even begin, and nor will the others
            raise answer
        tell(recording.name, *answer)
        return None


def _how(code: int | None) -> str:
    if code is not None and code < 0:
        with contextlib.suppress(ValueError):
            return f"by signal {signal.Signals(-code).name}" + (" (out of memory?)" if -code == signal.SIGKILL else "")
    return f"with code {code}"


def _end(workers: Sequence[_Worker]) -> None:
    for worker in workers:
        with contextlib.suppress(OSError):
            worker.pipe.close()
    for worker in workers:
        if worker.recording is not None:
            worker.process.terminate()
    for worker in workers:
        worker.process.join(_JOIN_SECONDS)
        if worker.process.is_alive():
            worker.process.kill()
            worker.process.join()


@contextlib.contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Children that are started meanwhile never see Ctrl-C: it goes to every process of a terminal."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(pipe: Connection, job: Job) -> None:
    """The life of a worker: recordings in, progress and outcomes out, until the pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)

    def progress(share: float, frames: int) -> None:
        try:
            pipe.send((share, frames))
        except OSError:
            os._exit(1)  # nobody waits for this any more

    try:
        analyst = Analyst(job)
    except Error as error:
        with contextlib.suppress(OSError, EOFError):
            pipe.recv()
            pipe.send(error)
        return
    with analyst, contextlib.suppress(EOFError, OSError):
        while True:
            recording: Any = pipe.recv()
            pipe.send(analyst.analyse(recording, progress))
