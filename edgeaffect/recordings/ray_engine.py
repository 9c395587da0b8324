"""`RayEngine`: the same job on a Ray cluster, or on a local Ray. The only file that imports Ray."""

from __future__ import annotations

import contextlib
import os
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any

from .._lazy import require
from .analyst import Analyst
from .engines import Tell, died
from .inputs import Recording
from .job import Job
from .journal import Outcome

_STORE_BYTES = 100 << 20
"""Object store of a local Ray: outcomes are some kilobytes, and tables go to the folder by themselves."""
_TRIES = 2

_analyst: tuple[Job, Analyst] | None = None
"""Of this worker process, with its job: models are loaded once."""


def _analyse(job: Job, recording: Recording) -> Outcome:
    """One recording, in a worker of Ray."""
    global _analyst
    if _analyst is None or _analyst[0] != job:
        if _analyst is not None:
            _analyst[1].__exit__()
        _analyst = (job, Analyst(job))
    return _analyst[1].analyse(recording)


class RayEngine:
    """Tasks of Ray, one for each recording.

    Where a worker or a machine dies, Ray runs the task again elsewhere; tables appear by an atomic rename and the
    journal is written here alone, so that nothing is lost or doubled. Inputs and the folder of the job must be seen
    under the same paths by every machine (shared storage), which also need the same version of edgeaffect.

    Args:
        workers: recordings at a time; None: as many as the cluster has CPUs. A local Ray is started with so many.
        address: of a cluster, such as `auto` or `ray://head:10001`; None starts a local Ray, and ends it afterwards,
            unless this process is connected to one already.

    Raises:
        DependencyError: Ray is not installed.
    """

    def __init__(self, workers: int | None = None, address: str | None = None) -> None:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing leaves the machine
        self._ray = require("ray")
        self._workers, self._address = workers, address

    def run(self, job: Job, recordings: Sequence[Recording], tell: Tell) -> Iterator[Outcome]:
        """See `Engine`."""
        ray = self._ray
        is_own = not ray.is_initialized()
        if is_own:
            ray.init(**self._how())
        try:
            task = ray.remote(num_cpus=1, max_retries=_TRIES - 1)(_analyse)
            yield from self._drive(task, ray.put(job), recordings, tell)
        finally:
            if is_own:
                ray.shutdown()

    def _how(self) -> dict[str, Any]:
        how: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
        if self._address is not None:
            return {**how, "address": self._address}
        own = {"num_cpus": self._workers, "object_store_memory": _STORE_BYTES, "include_dashboard": False}
        return {**how, **own, "address": "local"}

    def _drive(self, task: Any, job: Any, recordings: Sequence[Recording], tell: Tell) -> Iterator[Outcome]:
        ray = self._ray
        limit = self._workers or max(1, int(ray.cluster_resources().get("CPU", 1)))
        waiting, running = deque(recordings), dict[Any, Recording]()
        try:
            while waiting or running:
                while waiting and len(running) < limit:
                    recording = waiting.popleft()
                    running[task.remote(job, recording)] = recording
                # Woken now and then, so that Ctrl-C is heard.
                ready, _ = ray.wait(list(running), num_returns=1, timeout=1.0)
                for reference in ready:
                    recording = running.pop(reference)
                    outcome = self._outcome(reference, recording)
                    tell(recording.name, 1.0, outcome.frames)
                    yield outcome
        finally:
            for reference in running:
                with contextlib.suppress(Exception):  # the cluster may be gone
                    ray.cancel(reference, force=True)

    def _outcome(self, reference: Any, recording: Recording) -> Outcome:
        ray = self._ray
        try:
            outcome: Outcome = ray.get(reference)
        except (ray.exceptions.WorkerCrashedError, ray.exceptions.OutOfMemoryError, ray.exceptions.NodeDiedError):
            return died(recording, "the worker of Ray died")
        except ray.exceptions.RayTaskError as error:  # it could not even begin, and nor will the others
            raise error.as_instanceof_cause() from error
        return outcome
