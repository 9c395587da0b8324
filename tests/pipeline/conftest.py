"""Pipelines that listen: real ONNX Runtime on tiny models."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from squares import squares
from voice_nets import tiny_activity, tiny_voice

from edgeaffect import Pipeline, VoiceAffect


@pytest.fixture(scope="session")
def voice_models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VoiceAffect]:
    folder = tmp_path_factory.mktemp("voice")
    voice, activity = tiny_voice(folder / "voice.onnx"), tiny_activity(folder / "activity.onnx")
    with VoiceAffect(voice.path, activity=activity.path) as models:
        yield models


@pytest.fixture
def listening(voice_models: VoiceAffect) -> Pipeline:
    """Squares for faces, and the tiny models for ears."""
    return squares(voice=voice_models)
