"""`listen`: a source of sound, heard window by window."""

from __future__ import annotations

from collections.abc import Iterator

from .._checks import check_positive
from ..heard import Voice
from ..sources.sound import SoundSource
from .models import VoiceModels
from .stream import VoiceStream


def listen(source: SoundSource, models: VoiceModels, *, seconds: float | None = None) -> Iterator[Voice]:
    """What is heard, every `options.hop` seconds, to the end of the sound; waits for a live one.

        with Microphone() as microphone, VoiceAffect() as voice:
            for heard in listen(microphone, voice):
                print(heard)

    Times are those of the source, whose clock the windows follow. Where more than `options.gap` seconds of sound are
    missing, the window before ends there and listening begins anew.

    Args:
        source: a microphone, file or film; it stays open.
        models: a `VoiceAffect`, say; its options count.
        seconds: stop after so much of the source's time; None: at its end.

    Raises:
        SourceError: the sound was lost for good, or cannot be read.
        ModelError: a model answered with NaN.
    """
    if seconds is not None:
        check_positive("seconds", seconds)
    stream = VoiceStream(models, sample_rate=source.sample_rate, clock=source.clock)
    taken, until = 0, float("inf")
    for chunk in source:
        samples = chunk.samples
        if not taken:
            until = min(until, chunk.timestamp + (seconds if seconds is not None else float("inf")))
            stream.reset(chunk.timestamp)
        elif chunk.lost > models.options.gap * chunk.sample_rate:
            stream.finish()
            yield from _ready(stream)
            stream.reset(chunk.timestamp)
            taken = 0
        else:
            stream.start = chunk.timestamp - taken / chunk.sample_rate
        if chunk.end > until:
            samples = samples[: max(0, round((until - chunk.timestamp) * chunk.sample_rate))]
        taken += len(samples)
        stream.accept(samples)
        yield from _ready(stream)
        if chunk.end >= until:
            break
    if taken:
        stream.finish()
        yield from _ready(stream)


def _ready(stream: VoiceStream) -> Iterator[Voice]:
    while stream.ready():
        yield stream.read()
