"""`Result.speaker`: whose mouth makes the sound, and what face and voice say together."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jsonschema
import numpy as np
import pytest
from heard_parts import SCHEMA, SIZE, TALK
from squares import draw, squares
from voice_nets import RATE, murmur

from edgeaffect import Pipeline, Result, Voice, VoiceAffect
from edgeaffect._stage_timer import StageTimer
from edgeaffect.action_units import BLENDSHAPES, action_units
from edgeaffect.cues import Cues, Gaze, HeadPose
from edgeaffect.models.registry import FILES
from edgeaffect.pipeline.attribution import Attribution
from edgeaffect.results import Face, Faces
from edgeaffect.voice.protocols import Fused, Speech


class FirstFace:
    """Whoever comes first speaks while there is speech."""

    def __init__(self) -> None:
        self.speech: list[Speech] = []

    def hear(self, speech: Speech) -> None:
        self.speech.append(speech)

    @property
    def probability(self) -> Mapping[int, float]:
        return {}

    def see(self, timestamp: float, faces: Sequence[Face]) -> int | None:
        loud = any(
            p > 0.5
            for part in self.speech
            for p, t in zip(part.probability, part.times, strict=True)
            if abs(t - timestamp) < 0.05
        )
        return faces[0].track_id if loud and faces else None

    def reset(self) -> None:
        self.speech.clear()


def both(face: Face, voice: Voice | None, *, timestamp: float | None = None, noise_dbfs: float = -75.0) -> Fused | None:
    assert timestamp is not None and noise_dbfs == pytest.approx(-80, abs=2)
    assert face.affect is not None and voice is not None and voice.affect is not None
    return Fused(voice.affect, 0.25, "face positive, voice tense")


def test_the_speakers_face_gets_what_face_and_voice_say_together(voice_models: VoiceAffect) -> None:
    pipeline = squares(voice=voice_models)
    state = pipeline._state
    assert pipeline.hearing is not None
    finder = FirstFace()
    state._listener = Attribution(pipeline.hearing, finder, both)
    frame = draw(SIZE, (80, 120, 50), (240, 120, 50))
    pipeline.accept_audio(TALK, RATE, 0.0)
    speakers = []
    for k in range(60):
        result = pipeline.process(frame, 0.05 + k / 10)
        speakers.append(result.speaker)
        for face in result.faces:
            spoken = result.speaker is not None and face.track_id == result.speaker
            assert (face.fused is not None) == (spoken and result.voice is not None and result.voice.is_speech)
            assert face.agreement == (0.25 if face.fused else None)
        if k == 20:
            jsonschema.validate(result.to_dict(), SCHEMA)
            assert Result.from_json(result.to_json()).to_dict() == result.to_dict()
    assert speakers[5] is None and speakers[20] == result.faces[0].track_id and speakers[35] is None
    times = np.concatenate([part.times for part in finder.speech])
    assert np.all(np.diff(times) > 0)
    pipeline.reset()
    assert not finder.speech


class Mouths:
    """Cues of faces, left to right, whose mouths open by a function of the frame's number."""

    model = None

    def __init__(self, *moves: Callable[[int], float]) -> None:
        self.timer = StageTimer()
        self._moves, self._frame = moves, 0

    def run_many(self, items: Sequence[tuple[Any, Faces]]) -> list[list[Cues]]:
        answers = []
        for _, faces in items:
            order = np.argsort(np.argsort(faces.boxes[:, 0]))
            answers.append([self._read(self._moves[k](self._frame)) for k in order])
            self._frame += 1
        return answers

    @staticmethod
    def _read(opening: float) -> Cues:
        points = np.zeros((68, 2), np.float32)
        points[36], points[45] = (0, 0), (100, 0)  # the eyes
        points[48], points[54] = (20, 80), (80 - 10 * opening, 80)
        for upper, lower in ((61, 67), (62, 66), (63, 65)):
            points[upper], points[lower] = (50, 80), (50, 80 + 30 * opening)
        pose = HeadPose(0.0, 0.0, 0.0)
        shapes = {**dict.fromkeys(BLENDSHAPES, 0.0), "jawOpen": opening}
        return Cues(points, shapes, action_units(shapes), pose, Gaze(0.0, 0.0), 1.0, 1.0, opening, None)

    def describe(self) -> dict[str, Any]:
        return {"class": "Mouths"}

    def close(self) -> None:
        pass


def chatter(seconds: float) -> tuple[np.ndarray, np.ndarray]:
    """Sound in syllables and phrases, and how loud each hundredth of a second of it is, 0 to 1."""
    random = np.random.default_rng(0)
    count = round(seconds * 100)
    syllables = np.convolve(random.standard_normal(count + 40), np.hanning(25), "same")[20:-20]
    loud = np.clip(syllables / syllables.std() + 0.6, 0, 2) / 2
    return (murmur(seconds, level=1.0) * np.repeat(loud, RATE // 100)).astype(np.float32), loud


def test_the_mouth_that_makes_the_sound_is_found_and_fused(voice_models: VoiceAffect) -> None:
    sound, loud = chatter(8.0)

    def speaks(frame: int) -> float:
        return float(np.interp(frame / 25 - 0.08, np.arange(len(loud)) / 100, 0.5 * loud))

    def still(frame: int) -> float:
        return 0.02

    pipeline = squares(voice=voice_models, cues=Mouths(still, speaks), detect_interval=0.0)
    frame = draw(SIZE, (80, 120, 50), (240, 120, 50))
    results = []
    for k in range(190):
        pipeline.accept_audio(sound[k * 640 : (k + 1) * 640], RATE, k / 25)
        results.append(pipeline.process(frame, (k + 1) / 25))
    last = [result for result in results if result.timestamp > 3]
    right = [max(result.faces, key=lambda face: float(face.box[0])).track_id for result in last]
    assert np.mean([result.speaker == track for result, track in zip(last, right, strict=True)]) > 0.7
    assert not any(result.speaker not in (None, track) for result, track in zip(last, right, strict=True))
    told = [
        {
            face.track_id: face.cues.extra["speaker"]
            for face in result.faces
            if face.cues and "speaker" in face.cues.extra
        }
        for result in last
    ]
    assert (
        np.mean([len(some) == 2 and max(some, key=some.__getitem__) == t for some, t in zip(told, right, strict=True)])
        > 0.7
    )
    fused = [face for result in last for face in result.faces if face.fused is not None]
    assert len(fused) > 50
    for face in fused[::20]:
        assert face.fused is not None and float(face.fused.probabilities.sum()) == pytest.approx(1, abs=0.4)
        assert face.agreement is None or 0 <= face.agreement <= 1
    for result in last[::30]:
        jsonschema.validate(result.to_dict(), SCHEMA)
        assert Result.from_json(result.to_json()).to_dict() == result.to_dict()


def test_a_voice_off_screen_is_nobodys(voice_models: VoiceAffect) -> None:
    sound, _ = chatter(6.0)
    pipeline = squares(voice=voice_models, cues=Mouths(lambda frame: 0.02), detect_interval=0.0)
    pipeline.accept_audio(sound, RATE, 0.0)
    frame = draw(SIZE, (160, 120, 60))
    results = [pipeline.process(frame, (k + 1) / 25) for k in range(140)]
    assert results[-1].voice is not None and results[-1].voice.is_speech
    assert {result.speaker for result in results} == {None}
    assert all(face.fused is None for result in results for face in result.faces)


@pytest.mark.skipif(not (FILES / "voice-small.onnx").exists(), reason="no bundled models in this tree")
def test_the_bundled_models_together(portrait: np.ndarray) -> None:
    """Real faces, cues and voice models: a face whose mouth does not move is not the voice in the room."""
    with Pipeline(cues=True, voice=True, voice_threshold=0.0) as pipeline:  # all of it counts as speech
        pipeline.warmup()
        pipeline.accept_audio(TALK, RATE, 0.0)
        results = [pipeline.process(portrait, k / 15) for k in range(60)]
        names = pipeline.describe()["models"]
    assert {"detect", "affect", "cues", "voice", "voice_activity"} == set(names)
    last = results[-1]
    assert last.voice is not None and last.voice.affect is not None and last.faces[0].cues is not None
    affect = last.voice.affect
    assert {"calm", "boredom"} <= set(affect.extra)
    assert float(affect.probabilities.sum()) + sum(affect.extra.values()) == pytest.approx(1, abs=1e-5)
    assert (last.speaker, last.faces[0].fused, last.faces[0].agreement) == (None, None, None)
    jsonschema.validate(last.to_dict(), SCHEMA)
    assert Result.from_json(last.to_json()).to_dict() == last.to_dict()
    assert json.loads(last.to_json(compact=True))["voice"].keys() == {
        "speech", "label", "probability", "valence", "arousal", "sure"
    }  # fmt: skip
