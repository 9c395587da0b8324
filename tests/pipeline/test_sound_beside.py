"""`Pipeline.stream(..., microphone=...)`: tracks, files and microphones beside frames."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from heard_parts import FRAME, TALK, FileSound, Film, LiveSound, bits, film_with_sound
from squares import squares
from voice_nets import RATE

from edgeaffect import Pipeline, Result, SourceError, VoiceAffect
from edgeaffect.sources import PacedSource


def test_the_track_of_a_film_is_heard_as_far_as_its_frames_have_come(
    listening: Pipeline, voice_models: VoiceAffect
) -> None:
    windows = voice_models.windows(TALK, RATE)
    sound = FileSound(TALK)
    first = []
    for result in listening.stream(Film([FRAME] * 120, fps=30.0), microphone=sound):
        due = [voice for voice in windows if voice.timestamp <= result.timestamp]
        first.append(bits(result.voice))
        assert bits(result.voice) == (bits(due[-1]) if due else "null")
        assert sound.taken < result.timestamp + 1.0
    assert not sound.closed  # it stays the caller's
    again = [bits(r.voice) for r in listening.stream(Film([FRAME] * 120, fps=30.0), microphone=FileSound(TALK, 0.4))]
    assert again == first


@pytest.mark.parametrize("microphone", [True, "track"])
def test_a_film_is_heard_by_its_own_track(listening: Pipeline, tmp_path: Path, microphone: Any) -> None:
    path = film_with_sound(tmp_path / "film.mp4", TALK[: 4 * RATE], 3.5)
    results = list(listening.stream(path, microphone=microphone))
    first = next(result for result in results if result.voice is not None)
    assert first.timestamp == pytest.approx(0.5, abs=0.06) and first.voice is not None
    assert (first.voice.clock, first.clock) == ("media", "media")
    assert [result.voice is not None and result.voice.is_speech for result in results][::20] == [False] * 2 + [True] * 2
    again = [bits(result.voice) for result in listening.stream(path, microphone=microphone)]
    assert again == [bits(result.voice) for result in results]


def test_a_file_of_sound_goes_with_a_film(listening: Pipeline, tmp_path: Path) -> None:
    import wave

    with wave.open(str(tmp_path / "talk.wav"), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes((TALK * 32767).astype("<i2").tobytes())
    path = film_with_sound(tmp_path / "film.mp4", np.zeros(4 * RATE, np.float32), 3.5)
    (*_, last) = listening.stream(path, microphone=tmp_path / "talk.wav")
    assert last.voice is not None and last.voice.is_speech
    (*_, last) = listening.stream(path, microphone=True)
    assert last.voice is not None and not last.voice.is_speech
    with pytest.raises(SourceError, match=r"has no sound track: name a file, such as speech\.wav"):
        list(listening.stream([FRAME] * 3, microphone=True))
    with pytest.raises(ValueError, match="frames are on the 'monotonic' clock and the sound is on 'media'"):
        list(listening.stream(PacedSource([FRAME], fps=30, seconds=1.0), microphone=tmp_path / "talk.wav"))


def test_a_microphone_is_heard_in_its_own_thread(listening: Pipeline) -> None:
    sound = LiveSound(TALK[RATE : 3 * RATE])
    voices = [r.voice for r in listening.stream(PacedSource([FRAME], fps=30, seconds=1.3), microphone=sound)]
    heard = [voice for voice in voices if voice is not None]
    assert voices[0] is None and heard and heard[-1].is_speech and heard[-1].clock == "monotonic"
    assert not [thread for thread in threading.enumerate() if thread.name == "microphone"]


def test_a_lost_microphone_ends_the_stream(listening: Pipeline) -> None:
    sound = LiveSound(TALK, fails_after=0.2)
    with pytest.raises(SourceError, match="unplugged"):
        for _ in listening.stream(PacedSource([FRAME], fps=30, seconds=5), microphone=sound):
            pass


def test_a_slow_voice_model_does_not_hold_up_frames(voice_models: VoiceAffect, monkeypatch: pytest.MonkeyPatch) -> None:
    read = VoiceAffect.read

    def slow(self: VoiceAffect, frames: np.ndarray) -> Any:
        time.sleep(0.3)
        return read(self, frames)

    monkeypatch.setattr(VoiceAffect, "read", slow)
    pipeline = squares(voice=voice_models)
    totals = [
        result.timings_ms["total"]
        for result in pipeline.stream(
            PacedSource([FRAME], fps=30, seconds=1.0), microphone=LiveSound(TALK[RATE : 3 * RATE])
        )
    ]
    assert len(totals) > 20 and np.median(totals) < 100


def test_frames_events_and_run_take_a_microphone_too(listening: Pipeline) -> None:
    def film() -> Film:
        return Film([FRAME] * 40, fps=30.0)

    pairs = list(listening.frames(film(), microphone=FileSound(TALK)))
    assert pairs[-1][1].voice is not None
    seen: list[Result] = []
    listening.run(film(), seen.append, microphone=FileSound(TALK))
    assert seen[-1].voice is not None
    list(listening.events(film(), microphone=FileSound(TALK)))


def test_several_cameras_hear_one_sound(listening: Pipeline, voice_models: VoiceAffect, tmp_path: Path) -> None:
    windows = voice_models.windows(TALK, RATE)
    sound = FileSound(TALK)
    films = [Film([FRAME] * 60, fps=30.0), tmp_path / "gone.mp4", Film([FRAME] * 90, fps=30.0)]
    heard: dict[int, list[str]] = {0: [], 2: []}
    for row in listening.stream_batch(films, microphone=sound):
        for camera, result in enumerate(row):
            if isinstance(result, Result):
                due = [voice for voice in windows if voice.timestamp <= result.timestamp]
                assert bits(result.voice) == (bits(due[-1]) if due else "null")
                heard[camera].append(bits(result.voice))
                assert sound.taken < result.timestamp + 1.0
    assert [len(voices) for voices in heard.values()] == [60, 90] and heard[0] == heard[2][:60]
    assert heard[2][-1] != "null" and not sound.closed
    again = list(listening.stream_batch([Film([FRAME] * 5, fps=30.0)]))
    assert all(isinstance(row[0], Result) and row[0].voice is None for row in again)  # the sound is forgotten


def test_several_cameras_hear_the_track_of_the_first_film(listening: Pipeline, tmp_path: Path) -> None:
    path = film_with_sound(tmp_path / "film.mp4", TALK[: 4 * RATE], 3.5)
    (*_, last) = listening.stream_batch([path, Film([FRAME] * 70, fps=20.0)], microphone=True)
    assert all(isinstance(result, Result) and result.voice is not None and result.voice.is_speech for result in last)


def test_several_cameras_without_their_sound(listening: Pipeline) -> None:
    film = Film([FRAME] * 5, fps=30.0)
    with pytest.raises(TypeError, match="microphone=True needs a Pipeline that listens: make it with voice=True"):
        squares().stream_batch([film], microphone=True)
    with pytest.raises(SourceError, match="has no sound track"):
        list(listening.stream_batch([film], microphone="track"))
    cameras = [PacedSource([FRAME], fps=30, seconds=5), PacedSource([FRAME], fps=30, seconds=5)]
    with pytest.raises(SourceError, match="unplugged"):
        list(listening.stream_batch(cameras, microphone=LiveSound(TALK, fails_after=0.2)))
