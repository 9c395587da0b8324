"""`Pipeline.accept_audio`: pushed sound beside frames, time that jumps, clocks, threads."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from heard_parts import FRAME, SCHEMA, TALK, FileSound, bits
from squares import squares
from voice_nets import RATE

from edgeaffect import Pipeline, Result, VoiceAffect, VoiceStream


def test_each_frame_carries_the_newest_window_up_to_its_time(listening: Pipeline, voice_models: VoiceAffect) -> None:
    windows = voice_models.windows(TALK, RATE)
    listening.accept_audio(TALK, RATE, 0.0)
    for k in range(90):
        now = k / 15 + 0.01
        result = listening.process(FRAME, now)
        due = [voice for voice in windows[:-1] if voice.timestamp <= now]
        assert (result.voice is None) == (not due)
        if due:
            assert result.voice is not None and result.voice.clock == "user"
            assert result.voice.timestamp == pytest.approx(due[-1].timestamp)
            assert result.voice.is_speech == due[-1].is_speech
            assert result.voice.label == due[-1].label
        assert "voice" in result.timings_ms
    jsonschema.validate(result.to_dict(), SCHEMA)
    assert Result.from_json(result.to_json()).to_dict() == result.to_dict()


def test_sound_in_chunks_between_the_frames_is_the_same(listening: Pipeline) -> None:
    chunks, heard = np.array_split(TALK, 60), []
    at = 0
    for k, chunk in enumerate(chunks):
        listening.accept_audio(chunk, RATE, at / RATE)
        at += len(chunk)
        heard.append(bits(listening.process(FRAME, k / 5 + 0.2).voice))
    listening.reset()
    listening.accept_audio(TALK, RATE, 0.0)
    assert [bits(listening.process(FRAME, k / 5 + 0.2).voice) for k in range(60)] == heard


def test_a_gap_begins_anew_and_an_overlap_is_refused(listening: Pipeline) -> None:
    listening.accept_audio(TALK[: 2 * RATE], RATE, 10.0)
    listening.accept_audio(TALK[2 * RATE : 3 * RATE], RATE, 12.05)  # a late stamp is jitter
    with pytest.raises(ValueError, match=r"this chunk begins at 12\.5 s, and the sound so far ends at 13\.00\d* s"):
        listening.accept_audio(TALK[:RATE], RATE, 12.5)
    voice = listening.process(FRAME, 13.1).voice
    assert voice is not None and voice.window == (pytest.approx(10, abs=0.01), pytest.approx(13, abs=0.01))
    listening.accept_audio(TALK[RATE : 3 * RATE], RATE, 20.0)
    voice = listening.process(FRAME, 20.6).voice
    assert voice is not None and voice.window == (20.0, 20.5)


@pytest.mark.parametrize(("rule", "ends"), [("drop", 2.0), ("reset", 1.5)])
def test_time_that_goes_back(voice_models: VoiceAffect, rule: str, ends: float) -> None:
    pipeline = squares(voice=voice_models, on_time_jump=rule)
    pipeline.accept_audio(TALK[: 2 * RATE], RATE, 0.0)
    pipeline.accept_audio(TALK[:RATE], RATE, 0.5)
    assert pipeline.hearing is not None and pipeline.hearing.end == ends


def test_what_was_heard_long_ago_is_not_shown(listening: Pipeline) -> None:
    listening.accept_audio(TALK[: 3 * RATE], RATE, 0.0)
    assert listening.process(FRAME, 4.9).voice is not None
    assert listening.process(FRAME, 5.1).voice is None


def test_clocks_are_not_mixed(listening: Pipeline) -> None:
    listening.accept_audio(TALK[:RATE], RATE, 0.0)
    with pytest.raises(ValueError, match=r"came with the 'user' clock and now comes with 'monotonic'.*reset\(\)"):
        listening.accept_audio(TALK[:RATE], RATE)
    with pytest.raises(ValueError, match="frames are on the 'monotonic' clock and the sound is on 'user'"):
        listening.process(FRAME)
    listening.reset()
    listening.accept_audio(TALK[: 3 * RATE], RATE)  # of the present
    voice = listening.process(FRAME).voice
    assert voice is not None and voice.clock == "monotonic" and abs(voice.timestamp - time.monotonic()) < 1


@pytest.mark.parametrize(
    ("samples", "rate", "timestamp", "error", "message"),
    [
        (TALK[:100].astype(np.float64), RATE, 0.0, TypeError, "int16 or float32"),
        (np.full(100, np.nan, np.float32), RATE, 0.0, ValueError, r"samples\[0\] is not finite"),
        (TALK[:100], 0, 0.0, ValueError, "sample_rate must be a whole number of Hz from 1000 to 384000; got 0"),
        (TALK[:100], 10, 0.0, ValueError, "sample_rate must be a whole number of Hz from 1000"),
        (TALK[:100], RATE, float("nan"), ValueError, "timestamp must be a finite number of seconds, or None"),
        (TALK[:100], RATE, "now", ValueError, "timestamp must be a finite number"),
        (TALK[:100], RATE, 1.7e12, ValueError, "timestamp 1700000000000.0 is in milliseconds, not seconds"),
        (TALK[:100] * np.float32(1e6), RATE, 0.0, ValueError, "full scale at -1 and 1"),
    ],
)
def test_hostile_sound_is_refused_and_does_no_harm(
    listening: Pipeline, samples: Any, rate: Any, timestamp: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        listening.accept_audio(samples, rate, timestamp)
    listening.accept_audio(TALK[:RATE], RATE, 0.0)
    assert listening.process(FRAME, 1.0).voice is not None


def test_another_rate_in_the_middle_is_refused(listening: Pipeline) -> None:
    listening.accept_audio(TALK[:RATE], RATE, 0.0)
    with pytest.raises(ValueError, match=r"so far has 16000 Hz and goes on at 48000 Hz: call reset\(\)"):
        listening.accept_audio(TALK[:RATE], 48000, 1.0)
    listening.accept_audio(TALK[:RATE], 48000, 5.0)  # after a gap it is another sound


def test_after_a_model_that_failed_once_sound_goes_on(listening: Pipeline, monkeypatch: Any) -> None:
    accept, failed = VoiceStream.accept, []

    def fails_once(stream: VoiceStream, samples: np.ndarray) -> None:
        accept(stream, samples)
        if not failed:
            failed.append(True)
            raise RuntimeError("out of memory")

    monkeypatch.setattr(VoiceStream, "accept", fails_once)
    with pytest.raises(RuntimeError, match="out of memory"):
        listening.accept_audio(TALK[: RATE // 20], RATE, 0.0)
    for k in range(1, 40):
        listening.accept_audio(TALK[k * RATE // 20 : (k + 1) * RATE // 20], RATE, k / 20)
    voice = listening.process(FRAME, 2.0).voice
    assert voice is not None and voice.window[0] == pytest.approx(0.05) and voice.timestamp == pytest.approx(1.55)


def test_two_threads_may_not_give_sound_at_once(
    listening: Pipeline, voice_models: VoiceAffect, monkeypatch: Any
) -> None:
    inside, over = threading.Event(), threading.Event()

    def slow(*_: object) -> None:
        inside.set()
        over.wait(10)

    monkeypatch.setattr(VoiceStream, "accept", slow)
    thread = threading.Thread(target=listening.accept_audio, args=(TALK[:100], RATE, 0.0))
    thread.start()
    inside.wait(10)
    try:
        with pytest.raises(RuntimeError, match="busy in another thread: one thread at a time gives it sound"):
            listening.accept_audio(TALK[:100], RATE, 0.0)
    finally:
        over.set()
        thread.join()


def test_sound_may_come_from_another_thread(listening: Pipeline) -> None:
    done = threading.Event()

    def push() -> None:
        for k in range(100):
            listening.accept_audio(TALK[k * 1600 : (k + 1) * 1600], RATE, k / 10)
        done.set()

    thread = threading.Thread(target=push)
    thread.start()
    k = 0
    while not done.is_set():
        listening.process(FRAME, k / 1000)
        k += 1
    thread.join()
    assert listening.process(FRAME, 10.0).voice is not None


def test_all_cameras_hear_the_same(listening: Pipeline) -> None:
    listening.accept_audio(TALK[: 3 * RATE], RATE, 0.0)
    results = listening.process_batch([FRAME, FRAME], 2.0)
    assert all(result.voice is not None and result.voice.timestamp == 2.0 for result in results)


def test_a_still_picture_has_no_voice(listening: Pipeline, tmp_path: Path) -> None:
    (result,) = listening.stream(FRAME, microphone=FileSound(TALK))
    assert (result.voice, result.speaker) == (None, None)
