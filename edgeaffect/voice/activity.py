"""`VoiceActivity`: whether somebody speaks, frame by frame, and not only makes a noise."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._checks import show
from .._process_bound import ProcessBound
from .._stage_timer import StageTimer
from .._thread_guard import ThreadGuard
from ..options.voice_activity import VoiceActivityOptions
from .activity_model import ActivityModel
from .front_end import log_mel
from .segments import SpeechSegment, SpeechSegmenter, is_speech, speech_seconds

# Note [Blocks of frames]
# The network is causal and takes any number of frames, but a runtime computes one frame by itself with other kernels
# than many at once, and the last bits differ. So frames wait until they are BLOCK, and every run has that length: any
# chunking gives the same bits, and a file the same answer as the stream. It costs at most BLOCK - 1 frames of delay,
# and saves most of what a run costs besides its arithmetic.
BLOCK = 8


class VoiceActivity(ProcessBound):
    """Probability of speech for each log-mel frame of a sound that arrives in pieces. Belongs to one thread.

    Laughter, crying, screams, coughs, animals, music and noise are no speech. Pieces of any length give the same bits.

    Args:
        model: bundled name, path to an ONNX file with a `ModelSpec` of the task `voice-activity`, or None for the
            default.
        options: thresholds and times.
        device: `auto | cpu | cuda | cuda:N`.
        runtime: `auto | onnxruntime | tensorrt`.
        threads: intra-op threads on the CPU.

    Raises:
        TypeError: the options are none of `VoiceActivityOptions`.
        ModelNotFoundError, SpecError, ModelError, DeviceError: see `find` and `open_session`.
    """

    def __init__(
        self,
        model: str | os.PathLike[str] | None = None,
        *,
        options: VoiceActivityOptions | None = None,
        device: str = "cpu",
        runtime: str = "auto",
        threads: int = 1,
    ) -> None:
        if options is not None and not isinstance(options, VoiceActivityOptions):
            raise TypeError(f"options must be VoiceActivityOptions; got {show(options)}")
        self.options = options or VoiceActivityOptions()
        chosen = model if model is not None else self.options.model
        self._model = ActivityModel(chosen, device=device, runtime=runtime, threads=threads)
        self.model, self.front_end, self.session = self._model.model, self._model.input, self._model.session
        self._busy = ThreadGuard(type(self).__name__)
        self.timer = StageTimer()
        """Part `model`."""
        self.reset()

    @property
    def frame_seconds(self) -> float:
        """From one frame to the next."""
        return self.front_end.hop / self.front_end.sample_rate

    @property
    def offset(self) -> float:
        """Where frame 0 begins, seconds: each frame stands for `frame_seconds` around the centre of its window."""
        return max(0, self.front_end.window - self.front_end.hop) / 2 / self.front_end.sample_rate

    def reset(self) -> None:
        """Forget the sound: the next frame begins a new one."""
        self._memory = self._model.blank()
        self._waiting = np.zeros((0, self.front_end.mel_bands), np.float32)

    def accept(self, frames: NDArray[Any]) -> NDArray[np.float32]:
        """Probabilities of speech of the frames that are complete: up to seven wait for the next call.

        Args:
            frames: the next log-mel frames, float32 [n, mel_bands], as `LogMelStream(activity.front_end, ...)` gives
                them; n may be 0.

        Returns:
            float32 [m], 0 to 1, in order; see Note [Blocks of frames].

        Raises:
            TypeError, ValueError: the frames are something else, or not finite; none of them is taken then.
            ModelError: the model answers with NaN.
        """
        with self._busy:
            frames = self._checked(frames)
            waiting = np.concatenate([self._waiting, frames]) if len(self._waiting) else frames.copy()
            whole = len(waiting) // BLOCK * BLOCK
            answer = self._run(waiting[:whole]) if whole else np.zeros(0, np.float32)
            self._waiting = waiting[whole:].copy() if whole else waiting
            return answer

    def finish(self) -> NDArray[np.float32]:
        """Probabilities of the frames that still waited; the next frame begins a new sound."""
        with self._busy:
            waiting = self._waiting
            # Repeats of the last frame fill the block up; nothing that is kept depends on them.
            filled = np.concatenate([waiting, np.repeat(waiting[-1:], BLOCK - len(waiting), 0)])
            answer = self._run(filled)[: len(waiting)] if len(waiting) else np.zeros(0, np.float32)
            self.reset()
            return answer

    def probabilities(self, samples: NDArray[Any], sample_rate: int) -> NDArray[np.float32]:
        """Probability of speech of each frame of a whole sound; a sound that is being streamed is forgotten.

        Args:
            samples: int16 or float32 in [-1, 1], [n] or [n, channels].
            sample_rate: Hz.

        Raises:
            TypeError, ValueError: see `log_mel`.
        """
        frames = log_mel(samples, sample_rate, self.front_end)
        self.reset()
        return np.concatenate([self.accept(frames), self.finish()])

    def segments(self, samples: NDArray[Any], sample_rate: int) -> list[SpeechSegment]:
        """Stretches of speech in a whole sound; arguments and errors as for `probabilities`."""
        segmenter = self.segmenter()
        return [*segmenter.accept(self.probabilities(samples, sample_rate)), *segmenter.finish()]

    def segmenter(self) -> SpeechSegmenter:
        """A new one, by these options, for the probabilities that `accept` and `finish` give."""
        return SpeechSegmenter(self.options, self.frame_seconds, self.offset)

    def is_speech(self, probabilities: NDArray[Any]) -> bool:
        """Whether somebody speaks in a window of frames: the rule of `segments.is_speech`, by these options."""
        return is_speech(probabilities, self.options, self.frame_seconds)

    def speech_seconds(self, probabilities: NDArray[Any]) -> float:
        """Seconds of frames with at least `options.enter`."""
        return speech_seconds(probabilities, self.options, self.frame_seconds)

    def describe(self) -> dict[str, Any]:
        """What really runs."""
        return {**self.session.describe(), "block_frames": BLOCK}

    def close(self) -> None:
        """Release the model; safe to call twice.

        Raises:
            RuntimeError: it is at work in another thread.
        """
        with self._busy:
            self._model.close()

    def __enter__(self) -> VoiceActivity:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _checked(self, frames: NDArray[Any]) -> NDArray[np.float32]:
        bands = self.front_end.mel_bands
        if not isinstance(frames, np.ndarray) or frames.dtype != np.float32:
            got = frames.dtype if isinstance(frames, np.ndarray) else type(frames).__name__
            raise TypeError(f"frames must be a NumPy array of float32, as LogMelStream gives it; got {got}")
        if frames.ndim != 2 or frames.shape[1] != bands:
            raise ValueError(
                f"frames must have shape [n, {bands}]; got {list(frames.shape)}: take them from "
                "LogMelStream(activity.front_end, sample_rate)"
            )
        if not np.isfinite(frames).all():
            raise ValueError("frames hold values that are not finite: look at the samples they come from")
        return frames

    def _run(self, frames: NDArray[np.float32]) -> NDArray[np.float32]:
        self.timer.start()
        answers = [np.zeros(0, np.float32)]
        for first in range(0, len(frames), BLOCK):
            said, self._memory = self._model.run(frames[first : first + BLOCK], self._memory)
            answers.append(said)
        self.timer.lap("model")
        return np.concatenate(answers)
