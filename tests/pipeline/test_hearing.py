"""`Pipeline(voice=True)`: making one, what it tells, licences, and memory."""

from __future__ import annotations

import numpy as np
import pytest
from heard_parts import FRAME, SIZE, TALK
from squares import ShadeAffect, SquareDetector, squares
from voice_nets import RATE

from edgeaffect import LicenceError, Pipeline, VoiceAffect
from edgeaffect.models.registry import FILES
from edgeaffect.pipeline.hearing import Hearing


def test_what_runs_is_told(voice_models: VoiceAffect) -> None:
    pipeline = squares(voice=voice_models)
    assert pipeline.describe()["stages"]["voice"]["model"] == "tiny-voice 1"
    assert pipeline.describe()["models"] == {"voice": "tiny-voice 1", "voice_activity": "tiny-activity 1"}
    assert pipeline.process(FRAME, 0.0).models == pipeline.describe()["models"]
    pipeline.warmup(SIZE)
    pipeline.close()
    assert voice_models.predict(TALK, RATE).is_speech  # it stays the caller's
    with pytest.raises(RuntimeError, match="this Pipeline is closed"):
        pipeline.accept_audio(TALK, RATE, 0.0)


def test_options_name_the_models(voice_models: VoiceAffect) -> None:
    activity = voice_models.files["voice_activity"].path
    with Pipeline(
        detect=SquareDetector(), affect=ShadeAffect(), voice=voice_models.model.path, voice_activity=str(activity),
        voice_hop=1.0,
    ) as pipeline:  # fmt: skip
        assert pipeline.options.voice.enabled and pipeline.options.voice.model == str(voice_models.model.path)
        pipeline.accept_audio(TALK, RATE, 0.0)
        voice = pipeline.process(FRAME, 1.7).voice
        assert voice is not None and voice.timestamp == 1.0
        hearing = pipeline.hearing
    assert hearing is not None
    with pytest.raises(RuntimeError, match="is closed"):
        hearing.models.read(np.zeros((100, 64), np.float32))


def test_without_a_voice_nothing_listens() -> None:
    pipeline = squares()
    with pytest.raises(RuntimeError, match="does not listen: make it with voice=True"):
        pipeline.accept_audio(TALK, RATE, 0.0)
    with pytest.raises(TypeError, match="microphone=True needs a Pipeline that listens: make it with voice=True"):
        list(pipeline.stream(FRAME, microphone=True))
    assert pipeline.process(FRAME, 0.0).voice is None
    with pytest.raises(TypeError, match="voice must be True, the name or path of a model, or a VoiceAffect; got 3"):
        squares(voice=3)


def test_the_permissive_set_has_no_voice() -> None:
    with pytest.raises(LicenceError, match="models='permissive' has no voice: every corpus of emotional speech"):
        squares(models="permissive", voice=True)


@pytest.mark.skipif(not (FILES / "voice-small.onnx").exists(), reason="no bundled models in this tree")
def test_a_permissive_licence_is_not_what_the_voice_has() -> None:
    with pytest.raises(LicenceError, match=r"voice-small \(CC-BY-NC-SA-4\.0\), voice-activity"):
        squares(voice=True, require_licence="permissive")


def test_memory_does_not_grow_with_the_sound(voice_models: VoiceAffect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edgeaffect.pipeline.hearing._KEPT", 20.0)
    hearing = Hearing(voice_models, "raise")
    for k in range(80):
        hearing.accept(np.zeros(RATE, np.float32), RATE, float(k))
    assert len(hearing._sound.voices) <= 43 and len(hearing._sound.speech) <= 22
    hearing.accept(np.zeros(60 * RATE, np.float32), RATE, 80.0)
    assert len(hearing._sound.voices) <= 43 and len(hearing._sound.speech) <= 22
