"""`VoiceStream` and `VoiceAffect`: windows, the whole clip, silence, chunks, hostile input; real ONNX Runtime."""

from __future__ import annotations

import dataclasses
import json
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnxruntime import InferenceSession
from voice_nets import LABELS, LOG_MEL, RATE, hush, murmur, tiny_activity, tiny_voice

from edgeaffect import VoiceAffect, VoiceStream
from edgeaffect.circumplex import ANCHORS, EMOTIONS, VOICE_ANCHORS
from edgeaffect.errors import SpecError
from edgeaffect.heard import Voice
from edgeaffect.models.inputs import AudioInput
from edgeaffect.options import PipelineOptions, VoiceOptions
from edgeaffect.voice import log_mel


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("voice")
    tiny_voice(folder / "voice.onnx")
    tiny_activity(folder / "activity.onnx")
    return folder


@pytest.fixture(scope="module")
def reader(folder: Path) -> VoiceAffect:
    return VoiceAffect(folder / "voice.onnx", activity=folder / "activity.onnx")


TALK = np.concatenate([hush(0.7), murmur(2.2), hush(0.5), murmur(1.33, pitch=220, seed=3), hush(2.0)])


def answers(stream: VoiceStream) -> list[Voice]:
    found = []
    while stream.ready():
        found.append(stream.read())
    return found


def bits(voice: Voice) -> bytes:
    affect = voice.affect
    arrays = b"" if affect is None else affect.probabilities.tobytes() + affect.votes.tobytes()
    return arrays + json.dumps(voice.to_dict()).encode() + repr(affect and (affect.arousal, affect.extra)).encode()


def test_a_window_ends_every_hop_and_holds_the_last_seconds(reader: VoiceAffect) -> None:
    heard = reader.windows(TALK, RATE)
    seconds = len(TALK) / RATE
    ends = [*np.arange(0.5, seconds, 0.5), seconds]
    assert [voice.window for voice in heard] == [(pytest.approx(max(0, end - 3)), pytest.approx(end)) for end in ends]
    assert all((voice.timestamp, voice.clock) == (voice.window[1], "media") for voice in heard)
    assert [voice.is_speech for voice in heard[:2]] == [False, True]
    assert all((voice.affect is not None) == voice.is_speech for voice in heard)


def test_the_model_sees_the_frames_of_the_window_and_nothing_else(folder: Path, reader: VoiceAffect) -> None:
    """Window 9 holds 1.5 to 4.5 s: its log-mel frames, through the file by hand, give its probabilities."""
    session = InferenceSession(folder / "voice.onnx")
    frames = log_mel(TALK[int(1.5 * RATE) : int(4.5 * RATE)], RATE, LOG_MEL)
    logits, arousal = session.run(["logits", "arousal"], {"log_mel": frames[None]})
    z = logits[0].astype(np.float64) / 1.5
    shares = np.exp(z - z.max()) / np.exp(z - z.max()).sum()
    affect = reader.windows(TALK, RATE)[8].affect
    assert affect is not None
    np.testing.assert_allclose([affect.probability(name) for name in LABELS], shares, atol=1e-6)
    assert affect.arousal == pytest.approx(float(arousal[0, 0]), abs=1e-6)
    assert float(affect.probabilities.sum()) + sum(affect.extra.values()) == pytest.approx(1, abs=1e-6)
    assert set(affect.extra) == {"calm", "boredom"}
    assert affect.calibrated is True and np.isnan(affect.quality)


def test_valence_comes_from_all_labels_by_their_anchors(reader: VoiceAffect) -> None:
    affect = reader.predict(TALK, RATE).affect
    assert affect is not None and affect.va_source == "derived"
    anchors = {**ANCHORS, **VOICE_ANCHORS}
    expected = sum(affect.probability(name) * anchors[name].mean[0] for name in (*EMOTIONS, "calm", "boredom"))
    assert affect.valence == pytest.approx(expected, abs=1e-6)


def test_the_whole_is_the_mean_of_the_logarithms_of_full_windows_with_speech(reader: VoiceAffect) -> None:
    sound = np.concatenate([TALK, hush(4.0)])
    whole, heard = reader.predict(sound, RATE), reader.windows(sound, RATE)
    full = [v.affect for v in heard if v.affect is not None and v.window[1] - v.window[0] > 2.99]
    assert 5 < len(full) < sum(v.window[1] - v.window[0] > 2.99 for v in heard)  # silent ones are left out
    logs = np.mean([np.log([affect.probability(name) for name in LABELS]) for affect in full], 0)
    assert whole.affect is not None
    got = [whole.affect.probability(name) for name in LABELS]
    np.testing.assert_allclose(got, np.exp(logs) / np.exp(logs).sum(), atol=1e-6)
    assert whole.affect.arousal == pytest.approx(np.mean([affect.arousal for affect in full]), abs=1e-6)
    assert whole.window == (0.0, pytest.approx(len(sound) / RATE)) and whole.is_speech
    assert whole.level_dbfs == pytest.approx(10 * np.log10(np.mean(sound.astype(np.float64) ** 2)), abs=1e-6)


@settings(max_examples=12, deadline=None)
@given(st.lists(st.integers(0, 30000), min_size=1, max_size=12), st.sampled_from([16000, 48000, 22050, 8000]))
def test_any_chunking_gives_the_same_bits(reader: VoiceAffect, sizes: list[int], rate: int) -> None:
    whole, heard = reader.predict(TALK, rate), reader.windows(TALK, rate)
    stream = VoiceStream(reader, sample_rate=rate)
    got, rest = [], TALK
    for size in sizes:
        stream.accept(rest[:size])
        got += answers(stream)
        rest = rest[size:]
    stream.accept(rest)
    end = stream.finish()
    got += answers(stream)
    assert [bits(voice) for voice in got] == [bits(voice) for voice in heard]
    assert bits(end) == bits(whole)


def test_finish_and_reset_begin_a_new_sound(reader: VoiceAffect) -> None:
    stream = VoiceStream(reader, timestamp=100.0, clock="monotonic")
    stream.accept(TALK[:20000])
    stream.reset(50.0)
    stream.accept(TALK)
    assert stream.read().window == (50.0, 50.5)
    stream.finish()
    stream.reset()
    assert not stream.ready()
    stream.accept(TALK)
    again, expected = stream.finish().affect, reader.predict(TALK, RATE).affect
    assert again is not None and expected is not None
    assert again.probabilities.tobytes() == expected.probabilities.tobytes()
    with pytest.raises(RuntimeError, match=r"no window is ready: ask ready\(\) first"):
        VoiceStream(reader).read()


@pytest.mark.parametrize("seconds", [0.35, 0.5, 0.9, 2.0, 3.0])
def test_a_clip_shorter_than_the_window_is_heard(reader: VoiceAffect, seconds: float) -> None:
    voice = reader.predict(murmur(seconds), RATE)
    assert voice.is_speech and voice.window == (0.0, pytest.approx(seconds))
    last = reader.windows(murmur(seconds), RATE)[-1].affect  # the longest one
    assert voice.affect is not None and last is not None
    assert voice.affect.probabilities.tobytes() == last.probabilities.tobytes()


def test_nobody_speaks(reader: VoiceAffect) -> None:
    for sound in (hush(4.0), np.zeros(RATE, np.int16), np.zeros(10, np.float32), hush(1.0)[:399], murmur(0.1)):
        voice = reader.predict(sound, RATE)
        assert (voice.is_speech, voice.affect) == (False, None)
    assert reader.predict(np.zeros(RATE, np.int16), RATE).level_dbfs == -120
    square = np.where(np.arange(RATE) // 40 % 2, 1.0, -1.0).astype(np.float32)
    assert reader.predict(square, RATE).level_dbfs == pytest.approx(0)


def test_a_long_silence_is_not_heard_as_the_voice_before(folder: Path) -> None:
    with VoiceStream(folder / "voice.onnx", activity=folder / "activity.onnx") as stream:
        stream.accept(np.concatenate([murmur(2.0), hush(6.0)]))
        heard = [voice.is_speech for voice in answers(stream)]
    assert heard[3] and not any(heard[10:])


def test_int16_and_stereo_are_the_same_sound(reader: VoiceAffect) -> None:
    whole = (TALK * 32767).astype(np.int16)
    stereo = np.stack([whole, whole], 1)
    a, b = reader.predict(whole, RATE).affect, reader.predict(stereo, RATE).affect
    assert a is not None and b is not None
    np.testing.assert_allclose(a.probabilities, b.probabilities, atol=1e-4)


@pytest.mark.parametrize(
    ("samples", "rate", "error", "message"),
    [
        (np.zeros(0, np.float32), RATE, ValueError, "samples must hold some sound; got none"),
        (np.zeros(100), RATE, TypeError, "must be int16 or float32; got float64"),
        ([0.0], RATE, TypeError, "must be a NumPy array"),
        (np.full(100, np.nan, np.float32), RATE, ValueError, r"samples\[0\] is not finite"),
        (np.zeros((4, 4, 4), np.float32), RATE, ValueError, r"got \[4, 4, 4\]"),
        (TALK, 0, ValueError, "sample_rate must be a whole number of Hz from 1000 to 384000; got 0"),
        (TALK, 16000.5, ValueError, "sample_rate must be a whole number of Hz"),
        (TALK, 10**30, ValueError, "sample_rate must be a whole number of Hz"),
        ((TALK * 32767).astype(np.float32), RATE, ValueError, "full scale at -1 and 1"),
    ],
)
def test_hostile_sound_is_refused_with_a_reason(
    reader: VoiceAffect, samples: Any, rate: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        reader.predict(samples, rate)


def test_what_no_voice_could_carry_is_refused_where_it_is_given(reader: VoiceAffect) -> None:
    with pytest.raises(ValueError, match=r"clock must be monotonic or media or user; got 'wall'"):
        VoiceStream(reader, clock="wall")
    for time in (float("nan"), float("inf"), "0", None):
        with pytest.raises(ValueError, match=r"timestamp must be a finite number of seconds"):
            VoiceStream(reader, timestamp=time)  # type: ignore[arg-type]
        with pytest.raises(ValueError, match=r"timestamp must be a finite number of seconds"):
            VoiceStream(reader).reset(time)  # type: ignore[arg-type]
    for options in (PipelineOptions(), {}):
        with pytest.raises(TypeError, match=r"options must be VoiceOptions .+; got"):
            VoiceStream(reader, options=options)  # type: ignore[arg-type]
        with pytest.raises(TypeError, match=r"options must be VoiceOptions .+; got"):
            VoiceAffect(options=options)  # type: ignore[arg-type]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_after_a_model_that_failed_once_listening_goes_on_in_time(
    folder: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    with VoiceAffect(folder / "voice.onnx", activity=folder / "activity.onnx") as models:
        stream, heard, read = VoiceStream(models, timestamp=10.0), [], models.read
        runs = iter(range(1000))

        def fails_once(frames: Any) -> Any:
            if next(runs) == 1:
                raise error
            return read(frames)

        monkeypatch.setattr(models, "read", fails_once)
        failed = []
        for at in range(0, len(TALK), 800):
            try:
                stream.accept(TALK[at : at + 800])
            except error:
                failed.append(10 + (at + 800) / RATE)
            heard += answers(stream)
        (again,) = failed
        whole = stream.finish()
        later = [voice for voice in heard if voice.timestamp > again]
        assert whole.window == (pytest.approx(again), pytest.approx(10 + len(TALK) / RATE))
        assert [voice.timestamp for voice in later] == pytest.approx(again + 0.5 * np.arange(1, len(later) + 1))
        assert len(later) == int((whole.timestamp - again) / 0.5) and any(voice.is_speech for voice in later)


@pytest.mark.parametrize("rate", [16000, 44100])
def test_a_refused_chunk_does_no_harm(reader: VoiceAffect, rate: int) -> None:
    stream = VoiceStream(reader, sample_rate=rate)
    stream.accept(TALK[:5000])
    bad = TALK[5000:9000].copy()
    bad[-1] = np.inf
    with pytest.raises(ValueError, match="not finite"):
        stream.accept(bad)
    stream.accept(TALK[5000:])
    assert bits(stream.finish()) == bits(reader.predict(TALK, rate))


def test_streams_in_threads_share_the_models(reader: VoiceAffect) -> None:
    sounds = [np.concatenate([murmur(1.5, pitch=120 + 40 * i, seed=i), hush(0.5)]) for i in range(4)]
    expected = [bits(reader.predict(sound, RATE)) for sound in sounds]
    got: dict[int, list[bytes]] = {}

    def work(i: int) -> None:
        got[i] = [bits(reader.predict(sounds[i], RATE)) for _ in range(5)]

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(got[i] == [expected[i]] * 5 for i in range(4))


def test_speech_over_time_for_whoever_wants_to_know_who_speaks(reader: VoiceAffect) -> None:
    stream = VoiceStream(reader, timestamp=10.0)
    parts = []
    for chunk in np.array_split(TALK, 37):
        stream.accept(chunk)
        parts.append(stream.take_speech())
    times = np.concatenate([part.times for part in parts])
    np.testing.assert_allclose(times, 10.0125 + 0.01 * np.arange(len(times)), atol=1e-9)
    probability = np.concatenate([part.probability for part in parts])
    assert probability[90:260].min() > 0.5 and probability[300:335].max() < 0.5
    assert np.concatenate([part.level_dbfs for part in parts])[150] == pytest.approx(-22, abs=6)
    forgotten = VoiceStream(reader)
    forgotten.accept(np.tile(TALK, 4))
    assert 300 <= len(forgotten.take_speech().times) <= 1000  # what nobody took for long is gone


def test_thresholds(folder: Path) -> None:
    def read(**options: Any) -> Voice:
        made = VoiceOptions(**options)
        with VoiceAffect(folder / "voice.onnx", activity=folder / "activity.onnx", options=made) as one:
            return one.predict(TALK, RATE)

    sure, unsure, deaf = read(min_confidence=0.0), read(min_confidence=0.9), read(window=1.0, min_speech=1.0)
    assert sure.affect is not None and sure.affect.is_sure
    assert unsure.affect is not None and not unsure.affect.is_sure
    assert deaf.is_speech  # a window of one second that is all speech
    with pytest.raises(ValueError, match=r"voice\.hop must be seconds from 0.1 to voice.window"):
        VoiceOptions(hop=4.0)


def test_a_stream_may_have_options_of_its_own(reader: VoiceAffect) -> None:
    stream = VoiceStream(reader, options=VoiceOptions(hop=1.0, min_confidence=0.0))
    stream.accept(TALK)
    heard = answers(stream)
    assert heard[0].window == (0.0, 1.0) and heard[2].affect is not None and heard[2].affect.is_sure
    with pytest.raises(TypeError, match="activity= goes with the models that are shared"):
        VoiceStream(reader, activity="voice-activity")


def test_a_pair_that_hears_other_frames_is_refused(tmp_path: Path) -> None:
    other = AudioInput("log_mel", RATE, mel_bands=64, window=400, hop=160, low_hz=50.0, high_hz=7600.0, layout="ntm")
    voice, activity = tiny_voice(tmp_path / "v.onnx"), tiny_activity(tmp_path / "a.onnx", given=other)
    with pytest.raises(SpecError, match=r"v\.onnx and a\.onnx hear different log-mel frames \(low_hz 20\.0 and 50\.0"):
        VoiceAffect(voice.path, activity=activity.path)
    with pytest.raises(TypeError, match="activity must be a name, a path, or an object with accept, reset"):
        VoiceAffect(voice.path, activity=3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="is a model for 'voice-activity'; 'voice' was asked for"):
        VoiceAffect(activity.path, activity=activity.path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"mean": -9.0}, "must normalise inside: its input 'log_mel' has a mean or std of its own"),
        ({"frames": 300}, "must take log-mel frames of any number.*frames 300"),
    ],
)
def test_models_that_take_something_else_are_refused(
    tmp_path: Path, folder: Path, change: dict[str, Any], message: str
) -> None:
    model = tiny_voice(tmp_path / "v.onnx", given=dataclasses.replace(LOG_MEL, **change))
    with pytest.raises(SpecError, match=message):
        VoiceAffect(model.path, activity=folder / "activity.onnx")


def test_an_activity_of_ones_own(folder: Path) -> None:
    class Everything:
        def accept(self, frames: np.ndarray) -> np.ndarray:
            return np.ones(len(frames), np.float32)

        def reset(self) -> None:
            pass

        def describe(self) -> dict[str, Any]:
            return {"class": "Everything"}

        def close(self) -> None:
            pass

    with VoiceAffect(folder / "voice.onnx", activity=Everything()) as one:
        assert one.predict(hush(2.0), RATE).is_speech
        assert one.describe()["activity"] == {"class": "Everything"}


def test_what_has_no_arousal_of_its_own_takes_it_from_the_anchors(tmp_path: Path, folder: Path) -> None:
    model = tiny_voice(tmp_path / "plain.onnx", arousal=False, temperature=None, labels=(*EMOTIONS,))
    with VoiceAffect(model.path, activity=folder / "activity.onnx") as one:
        affect = one.predict(TALK, RATE).affect
    assert affect is not None and affect.calibrated is None and not affect.extra
    expected = sum(affect.probability(name) * ANCHORS[name].mean[1] for name in EMOTIONS)
    assert affect.arousal == pytest.approx(expected, abs=1e-5)
