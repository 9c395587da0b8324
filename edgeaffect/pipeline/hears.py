"""`Hears`: what a `Pipeline` does with sound: hearing it, sound given by hand, and sound beside its frames."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from .._checks import show
from ..options import PipelineOptions
from ..sources import Source
from ..voice.fusion import Fusion
from ..voice.models import VoiceModels
from ..voice.speaker import SpeakerFinder
from .attribution import Attribution
from .given_stages import is_stage
from .hearing import Hearing
from .sound_feed import NoFeed, check_listens, open_feed
from .stage_builder import StageBuilder


class Hears:
    """Base of `Pipeline`."""

    hearing: Hearing | None = None
    """None where the pipeline was made without `voice=True`."""
    options: PipelineOptions

    def _check_open(self) -> None:
        raise NotImplementedError

    @staticmethod
    def _open_hearing(voice: Any, options: PipelineOptions, build: StageBuilder) -> Hearing | None:
        """What a pipeline's `voice` argument asks for; None where nothing is.

        Raises:
            TypeError: it is nothing that could hear.
        """
        if not options.voice.enabled:
            return None
        if is_stage(voice) and voice is not True and not isinstance(voice, VoiceModels):
            raise TypeError(f"voice must be True, the name or path of a model, or a VoiceAffect; got {show(voice)}")
        models = voice if isinstance(voice, VoiceModels) else build.voice()
        return Hearing(models, options.on_time_jump)

    def _new_attribution(self, *, has_cues: bool) -> Attribution | None:
        """What joins the faces of one more camera with the sound; None where nobody listens."""
        if self.hearing is None:
            return None
        finder = SpeakerFinder(self.options.speaker) if has_cues else None
        return Attribution(self.hearing, finder, Fusion(self.options.fusion))

    def accept_audio(self, samples: NDArray[Any], sample_rate: int, timestamp: float | None = None) -> None:
        """Hear sound that comes from elsewhere than `microphone=`; results show it from the end of each window on.

        May be called from another thread than `process`, which never waits for it. Sound that begins within `voice.gap`
        seconds of the end of the sound before goes on; later, there is a gap, and listening begins anew. All cameras of
        `process_batch` hear the same sound.

        Args:
            samples: int16, or float32 in [-1, 1]; [n] or [n, channels], whose mean is heard.
            sample_rate: Hz.
            timestamp: seconds at which the first sample begins, on the clock of the frames given to `process`; None:
                the last sample is of the present, as frames without a timestamp are.

        Raises:
            RuntimeError: the pipeline was made without `voice=True`, or is closed.
            TypeError, ValueError: the samples are none, or time is no number, of another clock, or goes back
                (`on_time_jump`).
        """
        self._check_open()
        if self.hearing is None:
            raise RuntimeError("this Pipeline does not listen: make it with voice=True")
        self.hearing.accept(samples, sample_rate, timestamp)

    def _open_feed(self, microphone: Any, source: Source) -> NoFeed:
        """The sound that goes with a source of frames, to be used as a context.

        Raises:
            SourceError: there is no such sound.
            TypeError: the microphone is nothing that could be one.
        """
        return open_feed(microphone, source, self.hearing)

    def _check_listens(self, microphone: Any) -> None:
        """Refuse a microphone where nobody listens.

        Raises:
            TypeError: there is one, and no `voice=True`.
        """
        check_listens(microphone, self.hearing)

    def _forget_sound(self) -> None:
        if self.hearing is not None:
            self.hearing.reset()
