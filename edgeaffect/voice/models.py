"""`VoiceModels`: the two models of a voice, loaded once, for as many streams as there are."""

from __future__ import annotations

import os
import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._checks import show
from .._process_bound import ProcessBound
from ..errors import SpecError
from ..models import ModelFile, find
from ..models.inputs import AudioInput
from ..options import VoiceOptions
from ..runtime import Placement, Session, open_session
from .activity_model import ActivityModel
from .postprocess import Reading, VoicePostprocess
from .protocols import Activity

_LAYOUT = "ntm"


class VoiceModels(ProcessBound):
    """A voice model and an activity model. Streams in several threads may share them.

    Args:
        model: name or path of the model that reads affect; None is `options.model`, or the bundled one.
        activity: name or path of the model that finds speech, or an object that fits `Activity` and serves one stream
            at a time; None is `options.activity`, or the bundled one.
        options: window, hop, thresholds.
        device: `auto | cpu | cuda | cuda:N`.
        runtime: `auto | onnxruntime | tensorrt`.
        threads: intra-op threads on the CPU.

    Raises:
        TypeError: the options are none of `VoiceOptions`.
        ModelNotFoundError, SpecError, DeviceError: a model cannot be used as asked.
    """

    def __init__(
        self,
        model: str | os.PathLike[str] | None = None,
        *,
        activity: str | os.PathLike[str] | Activity | None = None,
        options: VoiceOptions | None = None,
        device: str = "auto",
        runtime: str = "auto",
        threads: int = 1,
    ) -> None:
        check_options(options)
        self.options = options = options or VoiceOptions()
        placement = Placement(device, runtime, threads)
        chosen = model if model is not None else options.model
        self.model: ModelFile = find(chosen, "voice", float32=placement.is_gpu)
        self.input = log_mel_input(self.model)
        self._postprocess = VoicePostprocess(self.model)
        self._session: Session = open_session(self.model, placement)
        self._lock = threading.Lock()
        self._given: Activity | None = None
        self._activity: ActivityModel | None = None
        try:
            if activity is None or isinstance(activity, (str, os.PathLike)):
                name = activity if activity is not None else options.activity
                self._activity = ActivityModel(name, device=device, runtime=runtime, threads=threads)
                _check_same_frames(self.model, self.input, self._activity.model, self._activity.input)
            elif isinstance(activity, Activity):
                self._given = activity
            else:
                raise TypeError(f"activity must be a name, a path, or an object with accept, reset; got {activity!r}")
        except BaseException:
            self._session.close()
            raise

    def read(self, frames: NDArray[np.float32]) -> Reading:
        """What the model says about a window.

        Args:
            frames: [n, bands] log-mel.

        Raises:
            ModelError: it answers with NaN or infinity.
        """
        with self._lock:
            outputs = self._session.run({self.input.name: frames[None]}, self._postprocess.wanted)
        return self._postprocess.read(outputs)[0]

    @property
    def postprocess(self) -> VoicePostprocess:
        """Makes an `Affect` of a reading."""
        return self._postprocess

    def new_activity(self) -> Activity:
        """What finds speech in one more sound."""
        if self._activity is not None:
            return self._activity.stream()
        assert self._given is not None
        self._given.reset()
        return self._given

    @property
    def files(self) -> dict[str, ModelFile]:
        """Stage -> its model's file."""
        files = {"voice": self.model}
        if self._activity is not None:
            files["voice_activity"] = self._activity.model
        return files

    def describe(self) -> dict[str, Any]:
        """What really runs."""
        heard: Any = self._activity or self._given
        return {**self._session.describe(), "activity": heard.describe()}

    def close(self) -> None:
        """Release the models that were opened here; safe to call twice."""
        with self._lock:
            self._session.close()
        if self._activity is not None:
            self._activity.close()


def check_options(options: object) -> None:
    """Refuse what is neither None nor `VoiceOptions`, such as the options of a whole pipeline.

    Raises:
        TypeError: it is that.
    """
    if options is not None and not isinstance(options, VoiceOptions):
        raise TypeError(f"options must be VoiceOptions (PipelineOptions has them as .voice); got {show(options)}")


def log_mel_input(model: ModelFile) -> AudioInput:
    """The log-mel input of a model.

    Raises:
        SpecError: it takes something else.
    """
    found = [given for given in model.spec.inputs if isinstance(given, AudioInput)]
    wanted = f"{model.path} must take log-mel frames of any number, layout {_LAYOUT!r}, float32, and nothing else"
    if len(found) != 1 or len(model.spec.inputs) != 1:
        raise SpecError(f"{wanted}; its inputs are {', '.join(f'{i.name} ({i.kind})' for i in model.spec.inputs)}")
    sound = found[0]
    if not sound.mel_bands or sound.frames or (sound.layout, sound.dtype) != (_LAYOUT, "float32"):
        raise SpecError(
            f"{wanted}; its input {sound.name!r} has mel_bands {sound.mel_bands}, frames {sound.frames}, layout "
            f"{sound.layout!r}, {sound.dtype}"
        )
    if (sound.mean, sound.std) != (0.0, 1.0):
        raise SpecError(f"{model.path} must normalise inside: its input {sound.name!r} has a mean or std of its own")
    return sound


def _check_same_frames(voice: ModelFile, wanted: AudioInput, activity: ModelFile, given: AudioInput) -> None:
    """One log-mel stream feeds both models."""
    names = ("sample_rate", "mel_bands", "window", "hop", "fft", "low_hz", "high_hz", "formula", "window_function",
             "pre_emphasis", "remove_offset", "floor")  # fmt: skip
    differ = [f"{name} {getattr(wanted, name)} and {getattr(given, name)}" for name in names
              if getattr(wanted, name) != getattr(given, name)]  # fmt: skip
    if differ:
        raise SpecError(
            f"{voice.path.name} and {activity.path.name} hear different log-mel frames ({', '.join(differ)}): take a "
            "pair that was made for the same ones"
        )
