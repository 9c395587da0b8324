"""`Crew`: the threads in which several stages of one frame work at once, and which stages may."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from typing import Any, TypeVar

from .._process_bound import ProcessBound
from ..face.affect import FaceAffect
from ..face.cues import FaceCues
from ..face.first_look import FirstLook
from .stages import BatchStage

T = TypeVar("T")
_OURS = (FaceAffect, FirstLook, FaceCues)


def may_work_at_once(stages: Sequence[BatchStage]) -> bool:
    """Whether there are several stages, all `FaceAffect`, `FirstLook` or `FaceCues` on a CPU: they share nothing.

    Of a model of the user's own (a class derived from these is one) nobody knows what it shares; the permissive set
    reads one mesh for all; on a GPU one stream orders the work.
    """
    ours = [type(stage) in _OURS and stage.describe().get("device") == "cpu" for stage in stages]
    return len(ours) > 1 and all(ours)


class Crew(ProcessBound):
    """Runs a few jobs at once: the first in the thread that calls, each of the others in a thread of its own.

    Threads are made when there is first something for them to do, and stay until `close`, or until nobody holds the
    crew. A process that was forked has none of its parent's threads, and makes its own. No `ThreadPoolExecutor`: that
    takes no more work once the main thread has ended, while a pipeline may go on in another.

    Args:
        threads: most jobs beside the first.
    """

    def __init__(self, threads: int) -> None:
        self._count = threads
        self._tasks: SimpleQueue[Any] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._process = os.getpid()

    def run(self, jobs: Sequence[Callable[[], T]]) -> list[T]:
        """What each job gives, in their order.

        It returns, or raises the first error of a job, when all have ended.
        """
        if len(jobs) == 1:
            return [jobs[0]()]
        self._start()
        # Queues of this run: an answer that an interrupt left behind is not taken for one of the next.
        others = [(job, SimpleQueue[Any]()) for job in jobs[1:]]
        for task in others:
            self._tasks.put(task)
        try:
            answers = [jobs[0]()]
        finally:
            # After Ctrl-C too: no stage may be at work when its pipeline is closed.
            ends = [ended.get() for _, ended in others]
        for answer, error in ends:
            if error is not None:
                raise error
            answers.append(answer)
        return answers

    def close(self) -> None:
        """End the threads; safe to call twice."""
        threads, self._threads = self._threads, []
        if self._process == os.getpid():
            _dismiss(self._tasks, len(threads))
            for thread in threads:
                thread.join()

    def _start(self) -> None:
        if self._process != os.getpid():
            self._tasks, self._threads, self._process = SimpleQueue(), [], os.getpid()
        if not self._threads:
            weakref.finalize(self, _dismiss, self._tasks, self._count).atexit = False
        while len(self._threads) < self._count:
            # Idle ones must not keep a program from ending.
            thread = threading.Thread(target=_work, args=(self._tasks,), name="edgeaffect-stage", daemon=True)
            thread.start()
            self._threads.append(thread)


def _work(tasks: SimpleQueue[Any]) -> None:
    while (task := tasks.get()) is not None:
        job, ended = task
        try:
            ended.put((job(), None))
        except BaseException as error:
            ended.put((None, error))
        del task, job, ended  # a thread that waits holds no frame


def _dismiss(tasks: SimpleQueue[Any], count: int) -> None:
    for _ in range(count):
        tasks.put(None)
