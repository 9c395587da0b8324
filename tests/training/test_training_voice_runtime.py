"""The bundled voice models through the public API, on recordings of speakers and sounds that no training had."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

ROOT = next((p for p in Path(__file__).resolve().parents if (p / "training" / "voice").is_dir()), None)
if ROOT is None:
    pytest.skip("the training recipes live in the source tree only", allow_module_level=True)
pytest.importorskip("soundfile")

from edgeaffect import VoiceAffect, VoiceStream  # noqa: E402
from edgeaffect.models.registry import FILES  # noqa: E402
from training.data import data_folder  # noqa: E402
from training.voice.corpora import CORPORA, Clip, read_clips, read_samples, read_sound_samples, read_sounds  # noqa: E402

RATE = 16000
pytestmark = pytest.mark.skipif(not (FILES / "voice-small.onnx").exists(), reason="no bundled voice in this tree")


@pytest.fixture(scope="module")
def data() -> Path:
    try:
        folder = data_folder()
    except FileNotFoundError as error:
        pytest.skip(str(error))
    if not (folder / CORPORA["ravdess"].file).exists():
        pytest.skip("the speech corpora are not at hand")
    return folder


@pytest.fixture(scope="module")
def voice() -> VoiceAffect:
    return VoiceAffect()


@pytest.fixture(scope="module")
def clips(data: Path) -> list[tuple[Clip, np.ndarray]]:
    """Six clips of each emotion of the development speakers of RAVDESS."""
    of_part = [clip for clip in read_clips(data, ("ravdess",)) if clip.part == "development"]
    order = np.random.default_rng(0).permutation(len(of_part))
    chosen = [
        clip
        for label in CORPORA["ravdess"].labels
        for clip in [of_part[i] for i in order if of_part[i].label == label][:6]
    ]
    return list(zip(chosen, read_samples(data, chosen), strict=True))


def test_unseen_speakers_are_heard(voice: VoiceAffect, clips: list[tuple[Clip, np.ndarray]]) -> None:
    """Far above chance (1 in 8) on 48 clips; MODEL_CARD.md has the figures."""
    labels = CORPORA["ravdess"].labels
    spoken = right = 0
    for clip, samples in clips:
        heard = voice.predict(samples, RATE)
        spoken += heard.is_speech
        if heard.affect is not None:
            right += max(labels, key=heard.affect.probability) == clip.label
    assert spoken >= 0.9 * len(clips)
    assert right >= 0.35 * len(clips)


def test_what_is_no_speech_has_no_affect(voice: VoiceAffect, data: Path) -> None:
    sounds = [sound for sound in read_sounds(data) if sound.part == "development"][:60]
    samples = [x for x in read_sound_samples(data, sounds) if len(x)]
    heard = [voice.predict(x, RATE).is_speech for x in samples]
    assert np.mean(heard) <= 0.2


@pytest.mark.parametrize("rate", [16000, 44100])
def test_a_recording_in_any_chunks_is_the_same(
    voice: VoiceAffect, clips: list[tuple[Clip, np.ndarray]], rate: int
) -> None:
    for _, samples in clips[::16]:
        whole = voice.predict(samples, rate)
        stream = VoiceStream(voice, sample_rate=rate)
        for chunk in np.array_split(samples, 41):
            stream.accept(chunk)
        assert stream.finish().to_dict() == whole.to_dict()
