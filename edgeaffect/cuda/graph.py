"""`GraphRunner`: a fixed sequence of GPU work, launched piece by piece or as one recorded CUDA graph."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

log = logging.getLogger("edgeaffect.cuda")


class GraphRunner:
    """Runs `parts` on a stream; after the second call as one CUDA graph, if that proves to do the same.

    A runtime may work on a stream of its own, or do half of its work on the CPU: then a recording misses it, with no
    error. So a graph is launched once on blanked buffers, and what it filled is compared with what plain launches fill,
    before it is trusted. Where it cannot be used the reason is logged once and the plain launches stay.

    Args:
        stream: a stream of the native module.
        parts: each puts work on the stream; the same addresses every time, no waiting inside.
        blank: puts zeroing of all that the work fills on the stream.
        snapshot: a copy of all that the work filled, as numbers; called when the stream is idle.
        name: for the log.
        graphs: False never records.
        refusal: why recording will not work, as far as that is known beforehand; empty where it is not.
    """

    def __init__(
        self,
        stream: Any,
        parts: Sequence[Callable[[], None]],
        blank: Callable[[], None],
        snapshot: Callable[[], NDArray[np.float32]],
        name: str,
        graphs: bool,
        refusal: Callable[[], str] = str,
    ) -> None:
        self._stream = stream
        self._parts, self._blank, self._snapshot = parts, blank, snapshot
        self._name, self._graphs, self._refusal = name, graphs, refusal
        self._graph: Any = None
        self._runs = 0
        self.mode = "plain launches"
        """What `run` does, in words: plain launches, one graph, or why there is no graph."""

    def run(self) -> None:
        """One pass; waits until it is done."""
        try:
            if self._graph is not None:
                self._graph.launch(self._stream)
            else:
                self._enqueue()
            self._stream.synchronize()
        except Exception:
            # What was enqueued before the failure may still read buffers that the next call writes.
            with contextlib.suppress(Exception):
                self._stream.synchronize()
            raise
        self._runs += 1
        # Not the first: it lets runtimes allocate and choose, none of which can be recorded.
        if self._graphs and self._runs == 2:
            self._record()

    def close(self) -> None:
        """Free the graph."""
        self._graph, self._graphs = None, False

    def _enqueue(self) -> None:
        for part in self._parts:
            part()

    def _record(self) -> None:
        if reason := self._refusal():
            self._refuse(reason)
            return
        self._blank()
        self._enqueue()
        self._stream.synchronize()
        wanted = self._snapshot()
        graph: Any = None
        self._stream.begin_capture()
        try:
            self._enqueue()
            graph = self._stream.end_capture()
            self._blank()
            graph.launch(self._stream)
            self._stream.synchronize()
            # A runtime may choose other kernels inside a graph; noise below these bounds is not a missing stage.
            same = np.allclose(self._snapshot(), wanted, rtol=1e-2, atol=1e-3, equal_nan=True)
            reason = "" if same else "its results differ from those of plain launches"
        except BaseException as error:  # whatever a runtime raises inside a capture; also an interrupt must end it
            self._stream.abandon_capture()
            if not isinstance(error, Exception):
                raise
            reason = f"{type(error).__name__}: {error}"
        if reason:
            self._refuse(reason)
            # The attempt may have left blanked buffers, and the caller wants this run's results.
            self._enqueue()
            self._stream.synchronize()
        else:
            self._graph = graph
            self.mode = f"one CUDA graph of {graph.node_count} nodes"
            log.info("%s runs as %s", self._name, self.mode)

    def _refuse(self, reason: str) -> None:
        self.mode = f"plain launches (no CUDA graph: {reason})"
        log.warning("%s runs without a CUDA graph: %s", self._name, reason)
