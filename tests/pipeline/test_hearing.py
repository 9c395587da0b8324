"""`Pipeline(voice=True)`: pushed sound, sources of sound, time, who speaks; real ONNX Runtime on tiny models."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from squares import ShadeAffect, SquareDetector, draw, squares
from voice_nets import RATE, hush, murmur, tiny_activity, tiny_voice

import edgeaffect
from edgeaffect import LicenceError, Pipeline, Result, SourceError, Voice, VoiceAffect, VoiceStream
from edgeaffect._stage_timer import StageTimer
from edgeaffect.action_units import BLENDSHAPES, action_units
from edgeaffect.cues import Cues, Gaze, HeadPose
from edgeaffect.models.registry import FILES
from edgeaffect.pipeline.attribution import Attribution
from edgeaffect.pipeline.hearing import Hearing
from edgeaffect.results import Face, Faces
from edgeaffect.sources import Arrays, PacedSource
from edgeaffect.voice.protocols import Fused, Speech

SIZE = (320, 240)
FRAME = draw(SIZE, (160, 120, 60))
SCHEMA = json.loads((Path(edgeaffect.__file__).parent / "result.schema.json").read_text("utf-8"))
TALK = np.concatenate([hush(1.0), murmur(2.0), hush(1.0), murmur(2.0, pitch=220), hush(6.0)])


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VoiceAffect]:
    folder = tmp_path_factory.mktemp("voice")
    voice, activity = tiny_voice(folder / "voice.onnx"), tiny_activity(folder / "activity.onnx")
    with VoiceAffect(voice.path, activity=activity.path) as models:
        yield models


@pytest.fixture
def pipeline(models: VoiceAffect) -> Pipeline:
    return squares(voice=models)


def bits(voice: Voice | None) -> str:
    return json.dumps(voice and voice.to_dict())


# ---- pushed sound ----


def test_each_frame_carries_the_newest_window_up_to_its_time(pipeline: Pipeline, models: VoiceAffect) -> None:
    windows = models.windows(TALK, RATE)
    pipeline.accept_audio(TALK, RATE, 0.0)
    for k in range(90):
        now = k / 15 + 0.01
        result = pipeline.process(FRAME, now)
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


def test_sound_in_chunks_between_the_frames_is_the_same(pipeline: Pipeline) -> None:
    chunks, heard = np.array_split(TALK, 60), []
    at = 0
    for k, chunk in enumerate(chunks):
        pipeline.accept_audio(chunk, RATE, at / RATE)
        at += len(chunk)
        heard.append(bits(pipeline.process(FRAME, k / 5 + 0.2).voice))
    pipeline.reset()
    pipeline.accept_audio(TALK, RATE, 0.0)
    assert [bits(pipeline.process(FRAME, k / 5 + 0.2).voice) for k in range(60)] == heard


def test_a_gap_begins_anew_and_an_overlap_is_refused(pipeline: Pipeline) -> None:
    pipeline.accept_audio(TALK[: 2 * RATE], RATE, 10.0)
    pipeline.accept_audio(TALK[2 * RATE : 3 * RATE], RATE, 12.05)  # a late stamp is jitter
    with pytest.raises(ValueError, match=r"this chunk begins at 12\.5 s, and the sound so far ends at 13\.00\d* s"):
        pipeline.accept_audio(TALK[:RATE], RATE, 12.5)
    voice = pipeline.process(FRAME, 13.1).voice
    assert voice is not None and voice.window == (pytest.approx(10, abs=0.01), pytest.approx(13, abs=0.01))
    pipeline.accept_audio(TALK[RATE : 3 * RATE], RATE, 20.0)
    voice = pipeline.process(FRAME, 20.6).voice
    assert voice is not None and voice.window == (20.0, 20.5)


@pytest.mark.parametrize(("rule", "ends"), [("drop", 2.0), ("reset", 1.5)])
def test_time_that_goes_back(models: VoiceAffect, rule: str, ends: float) -> None:
    pipeline = squares(voice=models, on_time_jump=rule)
    pipeline.accept_audio(TALK[: 2 * RATE], RATE, 0.0)
    pipeline.accept_audio(TALK[:RATE], RATE, 0.5)
    assert pipeline.hearing is not None and pipeline.hearing.end == ends


def test_what_was_heard_long_ago_is_not_shown(pipeline: Pipeline) -> None:
    pipeline.accept_audio(TALK[: 3 * RATE], RATE, 0.0)
    assert pipeline.process(FRAME, 4.9).voice is not None
    assert pipeline.process(FRAME, 5.1).voice is None


def test_clocks_are_not_mixed(pipeline: Pipeline) -> None:
    pipeline.accept_audio(TALK[:RATE], RATE, 0.0)
    with pytest.raises(ValueError, match=r"came with the 'user' clock and now comes with 'monotonic'.*reset\(\)"):
        pipeline.accept_audio(TALK[:RATE], RATE)
    with pytest.raises(ValueError, match="frames are on the 'monotonic' clock and the sound is on 'user'"):
        pipeline.process(FRAME)
    pipeline.reset()
    pipeline.accept_audio(TALK[: 3 * RATE], RATE)  # of the present
    voice = pipeline.process(FRAME).voice
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
    pipeline: Pipeline, samples: Any, rate: Any, timestamp: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        pipeline.accept_audio(samples, rate, timestamp)
    pipeline.accept_audio(TALK[:RATE], RATE, 0.0)
    assert pipeline.process(FRAME, 1.0).voice is not None


def test_another_rate_in_the_middle_is_refused(pipeline: Pipeline) -> None:
    pipeline.accept_audio(TALK[:RATE], RATE, 0.0)
    with pytest.raises(ValueError, match=r"so far has 16000 Hz and goes on at 48000 Hz: call reset\(\)"):
        pipeline.accept_audio(TALK[:RATE], 48000, 1.0)
    pipeline.accept_audio(TALK[:RATE], 48000, 5.0)  # after a gap it is another sound


def test_after_a_model_that_failed_once_sound_goes_on(pipeline: Pipeline, monkeypatch: Any) -> None:
    accept, failed = VoiceStream.accept, []

    def fails_once(stream: VoiceStream, samples: np.ndarray) -> None:
        accept(stream, samples)
        if not failed:
            failed.append(True)
            raise RuntimeError("out of memory")

    monkeypatch.setattr(VoiceStream, "accept", fails_once)
    with pytest.raises(RuntimeError, match="out of memory"):
        pipeline.accept_audio(TALK[: RATE // 20], RATE, 0.0)
    for k in range(1, 40):
        pipeline.accept_audio(TALK[k * RATE // 20 : (k + 1) * RATE // 20], RATE, k / 20)
    voice = pipeline.process(FRAME, 2.0).voice
    assert voice is not None and voice.window[0] == pytest.approx(0.05) and voice.timestamp == pytest.approx(1.55)


def test_two_threads_may_not_give_sound_at_once(pipeline: Pipeline, models: VoiceAffect, monkeypatch: Any) -> None:
    inside, over = threading.Event(), threading.Event()

    def slow(*_: object) -> None:
        inside.set()
        over.wait(10)

    monkeypatch.setattr(VoiceStream, "accept", slow)
    thread = threading.Thread(target=pipeline.accept_audio, args=(TALK[:100], RATE, 0.0))
    thread.start()
    inside.wait(10)
    try:
        with pytest.raises(RuntimeError, match="busy in another thread: one thread at a time gives it sound"):
            pipeline.accept_audio(TALK[:100], RATE, 0.0)
    finally:
        over.set()
        thread.join()


def test_sound_may_come_from_another_thread(pipeline: Pipeline) -> None:
    done = threading.Event()

    def push() -> None:
        for k in range(100):
            pipeline.accept_audio(TALK[k * 1600 : (k + 1) * 1600], RATE, k / 10)
        done.set()

    thread = threading.Thread(target=push)
    thread.start()
    k = 0
    while not done.is_set():
        pipeline.process(FRAME, k / 1000)
        k += 1
    thread.join()
    assert pipeline.process(FRAME, 10.0).voice is not None


def test_all_cameras_hear_the_same(pipeline: Pipeline) -> None:
    pipeline.accept_audio(TALK[: 3 * RATE], RATE, 0.0)
    results = pipeline.process_batch([FRAME, FRAME], 2.0)
    assert all(result.voice is not None and result.voice.timestamp == 2.0 for result in results)


def test_a_still_picture_has_no_voice(pipeline: Pipeline, tmp_path: Path) -> None:
    (result,) = pipeline.stream(FRAME, microphone=FileSound(TALK))
    assert (result.voice, result.speaker) == (None, None)


# ---- sources of sound ----


@dataclass
class Chunk:
    samples: np.ndarray
    sample_rate: int
    timestamp: float
    clock: str


class FileSound:
    """A file of sound, read as fast as it is asked for."""

    name, live, clock = "file", False, "media"

    def __init__(self, samples: np.ndarray, chunk: float = 0.25) -> None:
        self.ended = self.closed = False
        self._chunks = iter(self._cut(samples, round(chunk * RATE)))
        self.taken = 0.0

    def _cut(self, samples: np.ndarray, size: int) -> Iterator[Chunk]:
        for start in range(0, len(samples), size):
            yield Chunk(samples[start : start + size], RATE, start / RATE, self.clock)

    def poll(self) -> Chunk | None:
        chunk = next(self._chunks, None)
        self.ended = chunk is None
        self.taken = self.taken if chunk is None else chunk.timestamp
        return chunk

    def close(self) -> None:
        self.ended = self.closed = True


class LiveSound(FileSound):
    """A microphone: chunks come as time goes by."""

    name, live, clock = "microphone", True, "monotonic"

    def __init__(self, samples: np.ndarray, *, fails_after: float = 1e9) -> None:
        super().__init__(samples, 0.05)
        self._start, self._fails = time.monotonic(), fails_after
        self._next: Chunk | None = None

    def poll(self) -> Chunk | None:
        if time.monotonic() - self._start > self._fails:
            raise SourceError("the microphone was unplugged")
        self._next = self._next or super().poll()
        if self._next is None or time.monotonic() - self._start < self._next.timestamp + 0.05:
            return None
        chunk, self._next = self._next, None
        return Chunk(chunk.samples, chunk.sample_rate, self._start + chunk.timestamp, "monotonic")


class Film(Arrays):
    """Frames with the clock of a film."""

    def __iter__(self) -> Iterator[Any]:
        import dataclasses

        for frame in super().__iter__():
            yield dataclasses.replace(frame, clock="media")


def test_the_track_of_a_film_is_heard_as_far_as_its_frames_have_come(pipeline: Pipeline, models: VoiceAffect) -> None:
    windows = models.windows(TALK, RATE)
    sound = FileSound(TALK)
    first = []
    for result in pipeline.stream(Film([FRAME] * 120, fps=30.0), microphone=sound):
        due = [voice for voice in windows if voice.timestamp <= result.timestamp]
        first.append(bits(result.voice))
        assert bits(result.voice) == (bits(due[-1]) if due else "null")
        assert sound.taken < result.timestamp + 1.0
    assert not sound.closed  # it stays the caller's
    again = [bits(r.voice) for r in pipeline.stream(Film([FRAME] * 120, fps=30.0), microphone=FileSound(TALK, 0.4))]
    assert again == first


def film_with_sound(path: Path, samples: np.ndarray, seconds: float) -> Path:
    av = pytest.importorskip("av")
    with av.open(str(path), "w") as file:
        film, track = file.add_stream("libx264", rate=20), file.add_stream("aac", rate=RATE, layout="mono")
        film.width, film.height, film.pix_fmt = 64, 48, "yuv420p"
        for _ in range(round(seconds * 20)):
            file.mux(film.encode(av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="bgr24")))
        file.mux(film.encode(None))
        for at in range(0, len(samples) - 1023, 1024):
            frame = av.AudioFrame.from_ndarray(samples[None, at : at + 1024], format="fltp", layout="mono")
            frame.sample_rate, frame.pts = RATE, at
            file.mux(track.encode(frame))
        file.mux(track.encode(None))
    return path


@pytest.mark.parametrize("microphone", [True, "track"])
def test_a_film_is_heard_by_its_own_track(pipeline: Pipeline, tmp_path: Path, microphone: Any) -> None:
    path = film_with_sound(tmp_path / "film.mp4", TALK[: 4 * RATE], 3.5)
    results = list(pipeline.stream(path, microphone=microphone))
    first = next(result for result in results if result.voice is not None)
    assert first.timestamp == pytest.approx(0.5, abs=0.06) and first.voice is not None
    assert (first.voice.clock, first.clock) == ("media", "media")
    assert [result.voice is not None and result.voice.is_speech for result in results][::20] == [False] * 2 + [True] * 2
    again = [bits(result.voice) for result in pipeline.stream(path, microphone=microphone)]
    assert again == [bits(result.voice) for result in results]


def test_a_file_of_sound_goes_with_a_film(pipeline: Pipeline, tmp_path: Path) -> None:
    import wave

    with wave.open(str(tmp_path / "talk.wav"), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes((TALK * 32767).astype("<i2").tobytes())
    path = film_with_sound(tmp_path / "film.mp4", np.zeros(4 * RATE, np.float32), 3.5)
    (*_, last) = pipeline.stream(path, microphone=tmp_path / "talk.wav")
    assert last.voice is not None and last.voice.is_speech
    (*_, last) = pipeline.stream(path, microphone=True)
    assert last.voice is not None and not last.voice.is_speech
    with pytest.raises(SourceError, match=r"has no sound track: name a file, such as speech\.wav"):
        list(pipeline.stream([FRAME] * 3, microphone=True))
    with pytest.raises(ValueError, match="frames are on the 'monotonic' clock and the sound is on 'media'"):
        list(pipeline.stream(PacedSource([FRAME], fps=30, seconds=1.0), microphone=tmp_path / "talk.wav"))


def test_a_microphone_is_heard_in_its_own_thread(pipeline: Pipeline) -> None:
    sound = LiveSound(TALK[RATE : 3 * RATE])
    voices = [r.voice for r in pipeline.stream(PacedSource([FRAME], fps=30, seconds=1.3), microphone=sound)]
    heard = [voice for voice in voices if voice is not None]
    assert voices[0] is None and heard and heard[-1].is_speech and heard[-1].clock == "monotonic"
    assert not [thread for thread in threading.enumerate() if thread.name == "microphone"]


def test_a_lost_microphone_ends_the_stream(pipeline: Pipeline) -> None:
    sound = LiveSound(TALK, fails_after=0.2)
    with pytest.raises(SourceError, match="unplugged"):
        for _ in pipeline.stream(PacedSource([FRAME], fps=30, seconds=5), microphone=sound):
            pass


def test_a_slow_voice_model_does_not_hold_up_frames(models: VoiceAffect, monkeypatch: pytest.MonkeyPatch) -> None:
    read = VoiceAffect.read

    def slow(self: VoiceAffect, frames: np.ndarray) -> Any:
        time.sleep(0.3)
        return read(self, frames)

    monkeypatch.setattr(VoiceAffect, "read", slow)
    pipeline = squares(voice=models)
    totals = [
        result.timings_ms["total"]
        for result in pipeline.stream(
            PacedSource([FRAME], fps=30, seconds=1.0), microphone=LiveSound(TALK[RATE : 3 * RATE])
        )
    ]
    assert len(totals) > 20 and np.median(totals) < 100


def test_frames_events_and_run_take_a_microphone_too(pipeline: Pipeline) -> None:
    def film() -> Film:
        return Film([FRAME] * 40, fps=30.0)

    pairs = list(pipeline.frames(film(), microphone=FileSound(TALK)))
    assert pairs[-1][1].voice is not None
    seen: list[Result] = []
    pipeline.run(film(), seen.append, microphone=FileSound(TALK))
    assert seen[-1].voice is not None
    list(pipeline.events(film(), microphone=FileSound(TALK)))


# ---- who speaks ----


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


def test_the_speakers_face_gets_what_face_and_voice_say_together(models: VoiceAffect) -> None:
    pipeline = squares(voice=models)
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


def test_the_mouth_that_makes_the_sound_is_found_and_fused(models: VoiceAffect) -> None:
    sound, loud = chatter(8.0)

    def speaks(frame: int) -> float:
        return float(np.interp(frame / 25 - 0.08, np.arange(len(loud)) / 100, 0.5 * loud))

    def still(frame: int) -> float:
        return 0.02

    pipeline = squares(voice=models, cues=Mouths(still, speaks), detect_interval=0.0)
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


def test_a_voice_off_screen_is_nobodys(models: VoiceAffect) -> None:
    sound, _ = chatter(6.0)
    pipeline = squares(voice=models, cues=Mouths(lambda frame: 0.02), detect_interval=0.0)
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


# ---- making one ----


def test_what_runs_is_told(models: VoiceAffect) -> None:
    pipeline = squares(voice=models)
    assert pipeline.describe()["stages"]["voice"]["model"] == "tiny-voice 1"
    assert pipeline.describe()["models"] == {"voice": "tiny-voice 1", "voice_activity": "tiny-activity 1"}
    assert pipeline.process(FRAME, 0.0).models == pipeline.describe()["models"]
    pipeline.warmup(SIZE)
    pipeline.close()
    assert models.predict(TALK, RATE).is_speech  # it stays the caller's
    with pytest.raises(RuntimeError, match="this Pipeline is closed"):
        pipeline.accept_audio(TALK, RATE, 0.0)


def test_options_name_the_models(models: VoiceAffect) -> None:
    activity = models.files["voice_activity"].path
    with Pipeline(
        detect=SquareDetector(), affect=ShadeAffect(), voice=models.model.path, voice_activity=str(activity),
        voice_hop=1.0,
    ) as pipeline:  # fmt: skip
        assert pipeline.options.voice.enabled and pipeline.options.voice.model == str(models.model.path)
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


def test_memory_does_not_grow_with_the_sound(models: VoiceAffect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edgeaffect.pipeline.hearing._KEPT", 20.0)
    hearing = Hearing(models, "raise")
    for k in range(80):
        hearing.accept(np.zeros(RATE, np.float32), RATE, float(k))
    assert len(hearing._sound.voices) <= 43 and len(hearing._sound.speech) <= 22
    hearing.accept(np.zeros(60 * RATE, np.float32), RATE, 80.0)
    assert len(hearing._sound.voices) <= 43 and len(hearing._sound.speech) <= 22
