"""`ActivityModel`: the model that finds speech, loaded once; each sound carries its own state through it."""

from __future__ import annotations

import os
import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._process_bound import ProcessBound
from ..errors import ModelError
from ..models import ModelFile, find
from ..runtime import Placement, Session, open_session
from .activity import tensors


class ActivityModel(ProcessBound):
    """A model of speech, for `VoiceStream`s in several threads at once; `VoiceActivity` is one for one sound.

    Args:
        model: name or path; None is the bundled one.
        device: `auto | cpu | cuda | cuda:N`.
        runtime: `auto | onnxruntime | tensorrt`.
        threads: intra-op threads on the CPU.

    Raises:
        ModelNotFoundError, SpecError, DeviceError: it cannot be used as asked.
    """

    def __init__(
        self,
        model: str | os.PathLike[str] | None = None,
        *,
        device: str = "auto",
        runtime: str = "auto",
        threads: int = 1,
    ) -> None:
        placement = Placement(device, runtime, threads)
        self.model: ModelFile = find(model, "voice-activity", float32=placement.is_gpu)
        self.input, self._states, self._output = tensors(self.model.spec)
        self._wanted = (self._output, *(state.output for state in self._states))
        self._session: Session = open_session(self.model, placement)
        self._lock = threading.Lock()

    def stream(self) -> ActivityStream:
        """Speech in one more sound."""
        return ActivityStream(self)

    def blank(self) -> dict[str, NDArray[Any]]:
        """States at the start of a sound."""
        return {state.name: np.zeros(state.shape(1), state.dtype) for state in self._states}

    def run(
        self, frames: NDArray[np.float32], states: dict[str, NDArray[Any]]
    ) -> tuple[NDArray[np.float32], dict[str, NDArray[Any]]]:
        """Probabilities [n] of log-mel frames [n, bands], and the states behind them.

        Raises:
            ModelError: it answers with NaN, infinity, or another number of values.
        """
        with self._lock:
            outputs = self._session.run({self.input.name: frames[None], **states}, self._wanted)
        speech = np.asarray(outputs[self._output], np.float32).reshape(-1)
        if len(speech) != len(frames) or not np.isfinite(speech).all():
            raise ModelError(f"{self.model.path} gave {len(speech)} values for {len(frames)} frames, or NaN")
        return speech, {state.name: outputs[state.output] for state in self._states}

    def describe(self) -> dict[str, Any]:
        """What really runs."""
        return self._session.describe()

    def close(self) -> None:
        """Release the model; safe to call twice."""
        with self._lock:
            self._session.close()


class ActivityStream:
    """Speech in one sound; fits `protocols.Activity`."""

    def __init__(self, model: ActivityModel) -> None:
        self._model = model
        self._states = model.blank()

    def accept(self, frames: NDArray[np.float32]) -> NDArray[np.float32]:
        """Probability [n] that each frame [n, bands] is speech; continues where the last call ended."""
        speech, self._states = self._model.run(frames, self._states)
        return speech

    def reset(self) -> None:
        """The next frame begins a new sound."""
        self._states = self._model.blank()

    def describe(self) -> dict[str, Any]:
        """What really runs."""
        return self._model.describe()

    def close(self) -> None:
        """Nothing: the model belongs to whoever opened it."""
