"""`ActivityModel`: the model that finds speech, loaded once; each sound carries its own state through it."""

from __future__ import annotations

import os
import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._checks import show
from .._process_bound import ProcessBound
from ..errors import ModelError, SpecError
from ..models import ModelFile, find
from ..models.audio_input import AudioInput
from ..models.inputs import StateInput
from ..models.spec import ModelSpec
from ..runtime import Placement, Session, open_session


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
        self.session: Session = open_session(self.model, placement)
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
            outputs = self.session.run({self.input.name: frames[None], **states}, self._wanted)
        speech = np.asarray(outputs[self._output], np.float32).reshape(-1)
        if len(speech) != len(frames) or not np.isfinite(speech).all():
            raise ModelError(
                f"{self.model.path} answered {show(speech.tolist())} for {len(frames)} frames; probabilities are "
                f"wanted: check the file with: edgeaffect models verify {self.model.path}"
            )
        return speech, {state.name: outputs[state.output] for state in self._states}

    def describe(self) -> dict[str, Any]:
        """What really runs."""
        return self.session.describe()

    def close(self) -> None:
        """Release the model; safe to call twice."""
        with self._lock:
            self.session.close()


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


def tensors(spec: ModelSpec) -> tuple[AudioInput, tuple[StateInput, ...], str]:
    """Input of sound, states, and name of the output; errors name what is missing."""
    sounds = [given for given in spec.inputs if isinstance(given, AudioInput)]
    states = tuple(given for given in spec.inputs if isinstance(given, StateInput))
    output = spec.output("speech")
    if len(sounds) != 1 or len(sounds) + len(states) != len(spec.inputs) or output is None:
        raise SpecError(
            f"{spec.name} must take one sound and states only, and have an output that means 'speech'; it takes "
            f"{', '.join(f'{given.name} ({given.kind})' for given in spec.inputs)}"
        )
    sound = sounds[0]
    if not sound.mel_bands or sound.frames or sound.layout != "ntm" or sound.dtype != "float32":
        raise SpecError(
            f"{spec.name} must take log-mel frames of any number, layout 'ntm', float32; its input {sound.name!r} has "
            f"mel_bands {sound.mel_bands}, frames {sound.frames}, layout {sound.layout!r}, {sound.dtype}"
        )
    if (sound.mean, sound.std) != (0.0, 1.0):
        raise SpecError(f"{spec.name} must normalise inside: its input {sound.name!r} has a mean or std of its own")
    if grow := [state.name for state in states if state.growing]:
        raise SpecError(f"the states of {spec.name} must have fixed lengths; {', '.join(grow)} grows from run to run")
    return sound, states, output.name
