"""The temperature of a voice file, fitted to what `VoiceAffect` says; tiny models, real ONNX Runtime."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

ROOT = next((p for p in Path(__file__).resolve().parents if (p / "training" / "voice").is_dir()), None)
if ROOT is None:
    pytest.skip("the training recipes live in the source tree only", allow_module_level=True)
pytest.importorskip("torch")
pytest.importorskip("soundfile")

from voice_nets import LABELS, RATE, hush, murmur, tiny_activity, tiny_voice  # noqa: E402

from edgeaffect import VoiceAffect  # noqa: E402
from edgeaffect.models.spec import ModelSpec  # noqa: E402
from training.voice.calibrate import fit_temperature, temperature_of, write_temperature  # noqa: E402
from training.voice.corpora import CORPORA, Clip  # noqa: E402
from training.voice.heard import hear, of_rows  # noqa: E402

SOUNDS = [
    np.concatenate([hush(0.4), murmur(4.1), hush(0.9)]),
    murmur(0.8, pitch=220, seed=3),
    hush(1.5),
    np.concatenate([murmur(2.0, seed=5), hush(3.5), murmur(1.1, seed=6)]),
]


def models(folder: Path, temperature: float) -> tuple[Path, Path]:
    voice, activity = folder / f"voice-{temperature}.onnx", folder / "activity.onnx"
    tiny_voice(voice, temperature=temperature, gain=3.0)
    tiny_activity(activity)
    return voice, activity


def test_what_is_heard_at_the_file_s_temperature_is_what_predict_answers(tmp_path: Path) -> None:
    file, activity = models(tmp_path, 1.5)
    with VoiceAffect(file, activity=activity) as voice:
        said, found = hear(voice, SOUNDS, temperature_of(file))
        answers = [voice.predict(sound, RATE).affect for sound in SOUNDS]
    assert found.tolist() == [True, True, False, True] == [answer is not None for answer in answers]
    shares = np.exp(said.log_probabilities(1.5))
    for row, answer in zip(shares, answers, strict=True):
        if answer is not None:
            # Windows are told in float32, 24 bits.
            np.testing.assert_allclose(row, [answer.probability(label) for label in LABELS], rtol=1e-5, atol=1e-7)


def test_a_fit_owes_nothing_to_the_temperature_that_the_file_has(tmp_path: Path) -> None:
    labels = CORPORA["ravdess"].labels
    clips = [Clip("ravdess", "f", "s", "validation", labels[number], -1, "") for number in (1, 4, 6)]
    fits = []
    for temperature in (1.0, 2.5):
        file, activity = models(tmp_path, temperature)
        with VoiceAffect(file, activity=activity) as voice:
            said, found = hear(voice, SOUNDS, temperature)
        fits.append(fit_temperature(of_rows(said, np.flatnonzero(found)), clips))
    assert fits[0] == pytest.approx(fits[1], rel=0.02)  # the grid has steps of 1 %


def test_a_temperature_is_written_and_the_rest_stays(tmp_path: Path) -> None:
    file, _ = models(tmp_path, 1.5)
    before = ModelSpec.from_onnx(file)
    write_temperature(file, 0.77, note="; a note", version="2")
    after = ModelSpec.from_onnx(file)
    assert temperature_of(file) == 0.77 and after.version == "2"
    assert "through VoiceAffect" in after.calibration.fitted_on and after.calibration.fitted_on.endswith("; a note")
    assert (after.inputs, after.outputs, after.licence) == (before.inputs, before.outputs, before.licence)
