"""`listen`: windows on the times of a source, gaps in it, a limit of time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pytest
import voice_nets

from edgeaffect import VoiceAffect
from edgeaffect.options import VoiceOptions
from edgeaffect.sources import SoundChunk, SoundSource
from edgeaffect.voice import listen

RATE = voice_nets.RATE


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VoiceAffect]:
    folder = tmp_path_factory.mktemp("nets")
    voice, activity = voice_nets.tiny_voice(folder / "voice.onnx"), voice_nets.tiny_activity(folder / "activity.onnx")
    with VoiceAffect(options=VoiceOptions(model=str(voice.path), activity=str(activity.path))) as given:
        yield given


class Pieces(SoundSource):
    """A microphone that delivers these chunks, and sometimes nothing yet."""

    live, clock, sample_rate, name = True, "monotonic", RATE, "pieces"

    def __init__(self, chunks: Sequence[SoundChunk]) -> None:
        super().__init__()
        self._left = [one for chunk in chunks for one in (None, chunk)]

    def _take(self) -> SoundChunk | None:
        self.ended = not self._left
        return self._left.pop(0) if self._left else None

    def _wait(self) -> float:
        return 0.0


def pieces(sound: np.ndarray, *, begin: float = 100.0, stretch: float = 1.0, step: int = 800) -> list[SoundChunk]:
    """Chunks whose times run `stretch` times as fast as their samples."""
    return [
        SoundChunk(sound[at : at + step], RATE, begin + at / RATE * stretch, "monotonic")
        for at in range(0, len(sound), step)
    ]


def test_windows_are_those_of_the_clip_at_the_source_s_time(models: VoiceAffect) -> None:
    sound = voice_nets.murmur(2.3)
    got, expected = list(listen(Pieces(pieces(sound)), models)), models.windows(sound, RATE)
    assert len(got) == len(expected) == 5
    for mine, theirs in zip(got, expected, strict=True):
        assert mine.window == pytest.approx([100 + side for side in theirs.window])
        assert mine.clock == "monotonic"
        np.testing.assert_array_equal(mine.affect.probabilities, theirs.affect.probabilities)


def test_a_gap_ends_a_window_and_listening_begins_anew(models: VoiceAffect) -> None:
    sound = voice_nets.murmur(2.2)
    before, after = pieces(sound[: round(1.2 * RATE)]), pieces(sound[round(1.2 * RATE) :], begin=105.0)
    after[0] = SoundChunk(after[0].samples, RATE, 105.0, "monotonic", lost=round(3.8 * RATE))
    source = Pieces([*before, *after])
    ends = [voice.window for voice in listen(source, models)]
    np.testing.assert_allclose(ends, [(100, 100.5), (100, 101), (100, 101.2), (105, 105.5), (105, 106)], atol=1e-6)
    assert source.lost == round(3.8 * RATE)


def test_a_few_lost_samples_are_bridged_and_time_goes_on_behind_them(models: VoiceAffect) -> None:
    sound = voice_nets.murmur(1.6)
    before, after = pieces(sound[:RATE]), pieces(sound[RATE:], begin=101.05)
    after[0] = SoundChunk(after[0].samples, RATE, 101.05, "monotonic", lost=800)
    ends = [voice.window[1] for voice in listen(Pieces([*before, *after]), models)]
    np.testing.assert_allclose(ends, [100.5, 101.0, 101.55, 101.65], atol=1e-6)


def test_the_clock_of_a_device_that_is_wrong_is_followed(models: VoiceAffect) -> None:
    sound = voice_nets.hush(30.0)
    ends = [voice.timestamp for voice in listen(Pieces(pieces(sound, stretch=1.001)), models)]
    np.testing.assert_allclose(ends, 100 + 0.5005 * np.arange(1, 61), atol=1e-3)


@pytest.mark.parametrize("seconds", [0.75, 1.0, 1.013])
def test_a_limit_of_time_is_kept_to_the_sample(models: VoiceAffect, seconds: float) -> None:
    source = Pieces(pieces(voice_nets.murmur(2.0)))
    got = list(listen(source, models, seconds=seconds))
    assert got[-1].window == pytest.approx((100, 100 + seconds), abs=1e-4)
    assert source.poll() is not None or not source.ended  # it stays open


def test_impossible_limits_are_refused(models: VoiceAffect) -> None:
    with pytest.raises(ValueError, match="seconds must be positive"):
        next(listen(Pieces([]), models, seconds=0))


def test_no_sound_gives_nothing(models: VoiceAffect) -> None:
    assert list(listen(Pieces([]), models)) == []
