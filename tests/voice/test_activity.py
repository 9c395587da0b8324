"""`VoiceActivity`: any chunking gives the same bits, and what is no speech is not called speech."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgeaffect.errors import SpecError
from edgeaffect.models import find
from edgeaffect.models.inputs import StateInput
from edgeaffect.models.spec import ModelSpec
from edgeaffect.options import VoiceActivityOptions, VoiceOptions
from edgeaffect.voice import LogMelStream, VoiceActivity, log_mel
from edgeaffect.voice.activity import BLOCK
from edgeaffect.voice.activity_model import tensors

RATE = 16000


@pytest.fixture(scope="module")
def activity() -> VoiceActivity:
    return VoiceActivity()


def noise(seconds: float, level: float = 0.1, seed: int = 0) -> np.ndarray:
    return (np.random.default_rng(seed).standard_normal(int(seconds * RATE)) * level).astype(np.float32)


def test_any_chunking_gives_the_same_bits(activity: VoiceActivity) -> None:
    x = noise(3.1)
    whole = activity.probabilities(x, RATE)
    assert whole.dtype == np.float32 and whole.shape == (308,) and ((whole >= 0) & (whole <= 1)).all()
    frames = log_mel(x, RATE, activity.front_end)
    random = np.random.default_rng(1)
    for _ in range(3):
        activity.reset()
        cuts = np.sort(random.integers(0, len(frames), 40))
        parts = [activity.accept(part) for part in np.split(frames, cuts)]
        assert sum(map(len, parts)) == len(frames) // BLOCK * BLOCK
        assert np.concatenate([*parts, activity.finish()]).tobytes() == whole.tobytes()


def test_samples_at_another_rate_in_small_chunks(activity: VoiceActivity) -> None:
    x = noise(1.0, seed=3).repeat(3)  # 48 kHz
    whole = activity.probabilities(x, 48000)
    front = LogMelStream(activity.front_end, 48000)
    parts = [activity.accept(front.accept(chunk)) for chunk in np.array_split(x, 77)]
    parts += [activity.accept(front.finish()), activity.finish()]
    assert np.concatenate(parts).tobytes() == whole.tobytes()


@pytest.mark.parametrize("size", [1, 2, 3, 5, 64])
def test_the_file_itself_gives_almost_the_same_in_any_chunks(activity: VoiceActivity, size: int) -> None:
    # One frame and many are multiplied by different kernels: float32 rounding, amplified by 100 recurrent steps.
    frames = log_mel(noise(1.5, seed=5), RATE, activity.front_end)[None]
    (state,) = tensors(activity.model.spec)[1]
    whole = activity.session.run({"log_mel": frames, state.name: np.zeros(state.shape(1), np.float32)})["speech"]
    memory, said = np.zeros(state.shape(1), np.float32), []
    for at in range(0, frames.shape[1], size):
        out = activity.session.run({"log_mel": frames[:, at : at + size].copy(), state.name: memory})
        memory = out[state.output]
        said.append(out["speech"])
    np.testing.assert_allclose(np.concatenate(said, 1), whole, atol=1e-5)


def test_two_sounds_at_once_do_not_mix(activity: VoiceActivity) -> None:
    (state,) = tensors(activity.model.spec)[1]
    a, b = (log_mel(noise(0.5, seed=s), RATE, activity.front_end) for s in (6, 7))
    zeros = np.zeros(state.shape(2), np.float32)
    both = activity.session.run({"log_mel": np.stack([a, b]), state.name: zeros})["speech"]
    alone = activity.session.run({"log_mel": b[None], state.name: zeros[:1]})["speech"]
    np.testing.assert_allclose(both[1], alone[0], atol=1e-5)


def test_reset_and_finish_begin_a_new_sound(activity: VoiceActivity) -> None:
    frames = log_mel(noise(0.5), RATE, activity.front_end)
    activity.reset()
    first = np.concatenate([activity.accept(frames), activity.finish()])
    activity.accept(frames[:7] + 3)
    activity.reset()
    assert np.concatenate([activity.accept(frames), activity.finish()]).tobytes() == first.tobytes()
    assert activity.finish().shape == (0,) and activity.accept(frames[:0]).shape == (0,)


def test_silence_noise_and_tones_are_no_speech(activity: VoiceActivity) -> None:
    t = np.arange(4 * RATE) / RATE
    sounds = {
        "silence": np.zeros(4 * RATE, np.float32),
        "offset": np.full(4 * RATE, 0.2, np.float32),
        "faint noise": noise(4, 1e-4),
        "noise": noise(4, 0.05),
        "loud noise": np.clip(noise(4, 0.5), -1, 1),
        "hum": (0.3 * np.sin(2 * np.pi * 50 * t)).astype(np.float32),
        "tone": (0.3 * np.sin(2 * np.pi * 440 * t)).astype(np.float32),
        "chord": np.float32(0.1) * np.sin(2 * np.pi * np.outer((220, 277.2, 329.6), t)).sum(0).astype(np.float32),
        "beeps": (0.3 * np.sin(2 * np.pi * 1000 * t) * (np.sin(2 * np.pi * 2 * t) > 0)).astype(np.float32),
        "clicks": np.where(np.arange(4 * RATE) % 8000 == 0, np.float32(0.9), np.float32(0)),
    }
    for name, sound in sounds.items():
        said = activity.probabilities(sound, RATE)
        assert not activity.is_speech(said), (name, said.max())
        assert activity.segments(sound, RATE) == [], name


def test_an_empty_sound_has_no_segments(activity: VoiceActivity) -> None:
    assert activity.segments(np.zeros(0, np.float32), RATE) == []
    assert activity.probabilities(np.zeros(399, np.int16), RATE).shape == (0,)


@pytest.mark.parametrize(
    ("frames", "error", "message"),
    [
        ([[0.0] * 64], TypeError, "must be a NumPy array of float32, as LogMelStream gives it; got list"),
        (np.zeros((2, 64)), TypeError, "got float64"),
        (np.zeros((2, 40), np.float32), ValueError, r"shape \[n, 64\]; got \[2, 40\]"),
        (np.zeros(64, np.float32), ValueError, r"got \[64\]"),
        (np.full((1, 64), np.nan, np.float32), ValueError, "not finite"),
        (np.full((1, 64), np.inf, np.float32), ValueError, "not finite"),
    ],
)
def test_other_frames_are_refused_and_nothing_is_taken(
    activity: VoiceActivity, frames: Any, error: type[Exception], message: str
) -> None:
    good = log_mel(noise(0.3), RATE, activity.front_end)
    activity.reset()
    first = np.concatenate([activity.accept(good), activity.finish()])
    parts = [activity.accept(good[:6])]
    with pytest.raises(error, match=message):
        activity.accept(frames)
    assert np.concatenate([*parts, activity.accept(good[6:]), activity.finish()]).tobytes() == first.tobytes()


def test_options_of_something_else_are_refused() -> None:
    with pytest.raises(TypeError, match="options must be VoiceActivityOptions; got VoiceOptions"):
        VoiceActivity(options=VoiceOptions())  # type: ignore[arg-type]


def test_bad_samples_are_refused(activity: VoiceActivity) -> None:
    with pytest.raises(ValueError, match="finite"):
        activity.segments(np.full(1000, np.nan, np.float32), RATE)
    with pytest.raises(TypeError, match="int16 or float32"):
        activity.segments(np.zeros(1000), RATE)
    with pytest.raises(ValueError, match="sample_rate"):
        activity.segments(np.zeros(1000, np.float32), 0.5)  # type: ignore[arg-type]


def test_models_for_other_things_are_refused() -> None:
    with pytest.raises(ValueError, match="'voice-activity' was asked for"):
        VoiceActivity("face-detector")
    with pytest.raises(FileNotFoundError, match="no model 'nowhere'"):
        VoiceActivity(options=VoiceActivityOptions(model="nowhere"))


def test_a_spec_without_speech_or_with_growing_states_is_refused() -> None:
    spec = find(None, "voice-activity").spec
    data = spec.to_dict()
    with pytest.raises(SpecError, match="an output that means 'speech'"):
        tensors(
            ModelSpec.from_dict({**data, "outputs": [{**data["outputs"][0], "meaning": "other"}, data["outputs"][1]]})
        )
    state = {"kind": "state", "name": "state", "axes": ["batch", "past"], "output": "next_state"}
    with pytest.raises(SpecError, match="state grows from run to run"):
        tensors(ModelSpec.from_dict({**data, "inputs": [data["inputs"][0], state]}))
    with pytest.raises(SpecError, match="layout 'n1mt'"):
        tensors(ModelSpec.from_dict({**data, "inputs": [{**data["inputs"][0], "layout": "n1mt"}, data["inputs"][1]]}))


def test_the_bundled_file_says_what_it_is() -> None:
    model = find(None, "voice-activity")
    assert model.size_bytes < 200_000
    assert model.spec.output("speech") is not None
    assert any(isinstance(given, StateInput) for given in model.spec.inputs)
    assert model.spec.training_data and model.spec.licence == "research-data"


def test_closed_means_closed() -> None:
    with VoiceActivity() as activity:
        assert activity.describe()["block_frames"] == BLOCK
    with pytest.raises(RuntimeError, match="closed"):
        activity.accept(np.zeros((BLOCK, 64), np.float32))


def test_a_path_is_a_model(activity: VoiceActivity, tmp_path: Path) -> None:
    copy = tmp_path / "mine.onnx"
    copy.write_bytes(activity.model.path.read_bytes())
    x = noise(0.4)
    with VoiceActivity(copy) as mine:
        assert mine.probabilities(x, RATE).tobytes() == activity.probabilities(x, RATE).tobytes()
