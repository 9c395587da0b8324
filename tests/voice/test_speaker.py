"""`SpeakerFinder`: who speaks, nobody in silence or off screen, chunks, time, hostile input, bounded memory."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgeaffect.options import SpeakerOptions
from edgeaffect.voice.protocols import Speech
from edgeaffect.voice.speaker import Mouth, SpeakerFinder, Speakers

SECONDS = 6.0
Move = Callable[[float], float]


def words(seed: int = 0) -> tuple[Speech, Move]:
    """A sound with syllables and pauses, and a mouth that makes it 80 ms later."""
    random = np.random.default_rng(seed)
    times = np.arange(0.0125, SECONDS, 0.01)
    syllables = np.convolve(random.standard_normal(len(times) + 40), np.hanning(25), "same")[20:-20]
    phrase = np.convolve(random.standard_normal(len(times) + 200), np.hanning(120), "same")[100:-100]
    loud = np.clip(syllables / syllables.std() + 0.6, 0, 2) * (phrase > -0.6 * phrase.std()) / 2
    level = -50 + 30 * loud
    speech = Speech(times, (loud > 0.05).astype(np.float32), level.astype(np.float32))
    return speech, lambda t: float(0.2 * np.interp(t - 0.08, times, loud))


def still(_: float) -> float:
    return 0.02


def chewing(t: float) -> float:
    return 0.1 * (1 - math.cos(2 * math.pi * 1.4 * t)) / 2


def part(speech: Speech, start: int, end: int) -> Speech:
    return Speech(speech.times[start:end], speech.probability[start:end], speech.level_dbfs[start:end])


def run(
    speech: Speech, mouths: dict[int, Move], *, fps: float = 25, chunk: int = 7, finder: SpeakerFinder | None = None
) -> list[Speakers]:
    """Answers frame by frame; sound comes in chunks, as far as it has been made."""
    finder = finder or SpeakerFinder()
    answers, taken = [], 0
    for now in np.arange(0.1, SECONDS, 1 / fps).tolist():
        due = int(np.searchsorted(speech.times, now))
        while taken + chunk <= due:
            finder.hear(part(speech, taken, taken + chunk))
            taken += chunk
        for track, move in mouths.items():
            finder.watch(track, now, Mouth(move(now), 0.6 * move(now), 0.5))
        answers.append(finder.read(now))
    return answers


def share(answers: list[Speakers], track: int | None) -> float:
    return sum(answer.speaker == track for answer in answers[len(answers) // 2 :]) / (len(answers) - len(answers) // 2)


@pytest.mark.parametrize("fps", [10, 25, 30])
@pytest.mark.parametrize("seed", [0, 1, 3])
def test_the_face_whose_mouth_makes_the_words_is_the_speaker(fps: float, seed: int) -> None:
    speech, own = words(seed)
    _, other = words(seed + 100)
    answers = run(speech, {1: still, 2: own, 3: chewing, 4: other}, fps=fps)
    assert share(answers, 2) > 0.7
    last = answers[-1].probability
    assert max(last, key=last.__getitem__) == 2
    assert all(0 <= p <= 1 for answer in answers for p in answer.probability.values())


@pytest.mark.parametrize("move", [still, chewing])
def test_one_face_in_view_is_not_the_voice_off_screen(move: Move) -> None:
    speech, _ = words()
    answers = run(speech, {1: move})
    assert share(answers, None) == 1
    assert answers[-1].probability[1] < 0.4


def test_nobody_speaks_in_silence() -> None:
    speech, own = words()
    silent = Speech(speech.times, np.zeros_like(speech.probability), speech.level_dbfs)
    answers = run(silent, {1: own})
    assert all(answer == Speakers({}, None) for answer in answers)


def test_without_sound_or_faces_nothing_is_told() -> None:
    speech, own = words()
    assert run(part(speech, 0, 0), {1: own})[-1] == Speakers({}, None)
    assert run(speech, {})[-1] == Speakers({}, None)


def test_the_speaker_goes_when_the_voice_ends() -> None:
    speech, own = words()
    probability = np.where(speech.times < 4, speech.probability, 0).astype(np.float32)
    answers = run(Speech(speech.times, probability, speech.level_dbfs), {1: own})
    assert answers[int(3.5 * 25)].speaker == 1
    assert answers[-1] == Speakers({}, None)


def test_a_sound_that_breaks_off_is_no_voice() -> None:
    speech, own = words()
    assert run(part(speech, 0, 300), {1: own})[-1] == Speakers({}, None)


@given(chunks=st.lists(st.integers(1, 120), min_size=1, max_size=6))
@settings(max_examples=15, deadline=None)
def test_any_chunking_gives_the_same(chunks: list[int]) -> None:
    speech, own = words()
    whole, parts = SpeakerFinder(), SpeakerFinder()
    whole.hear(speech)
    start, i = 0, 0
    while start < len(speech.times):
        size = chunks[i % len(chunks)]
        parts.hear(part(speech, start, start + size))
        start, i = start + size, i + 1
    for finder in (whole, parts):
        for now in np.arange(3.0, 5.9, 0.04).tolist():
            finder.watch(1, now, Mouth(own(now), own(now), 0.5))
    assert whole.read(5.9).probability[1] == pytest.approx(parts.read(5.9).probability[1], abs=1e-12)


def test_looks_that_are_missing_do_no_harm() -> None:
    speech, own = words()
    finder, random = SpeakerFinder(), np.random.default_rng(0)
    finder.hear(speech)
    for now in np.arange(2.0, 5.9, 1 / 30).tolist():
        if random.random() < 0.4:
            finder.watch(1, now, Mouth(own(now), own(now), 0.5))
    assert finder.read(5.9).probability[1] > 0.5


def test_a_face_just_seen_is_not_told_yet() -> None:
    speech, own = words()
    finder = SpeakerFinder()
    finder.hear(speech)
    for now in np.arange(5.0, 5.8, 0.04).tolist():
        finder.watch(1, now, Mouth(own(now), own(now), 0.5))
    assert finder.read(5.8).probability == {}


def test_forget_and_reset() -> None:
    speech, own = words()
    finder = SpeakerFinder()
    assert run(speech, {7: own}, finder=finder)[-1].speaker == 7
    finder.forget([7, 8])
    assert finder.read(SECONDS) == Speakers({}, None)
    finder.reset()
    again = run(speech, {7: own}, finder=finder)
    assert [answer.speaker for answer in again] == [answer.speaker for answer in run(speech, {7: own})]


def test_hysteresis_starts_late_and_holds() -> None:
    speech, own = words()
    quick = run(speech, {1: own}, finder=SpeakerFinder(SpeakerOptions(hold=0.0)))
    slow = run(speech, {1: own}, finder=SpeakerFinder(SpeakerOptions(hold=0.5)))
    first = [next(i for i, answer in enumerate(answers) if answer.speaker == 1) for answers in (quick, slow)]
    assert first[1] - first[0] == pytest.approx(0.5 * 25, abs=2)


def test_memory_is_bounded() -> None:
    finder = SpeakerFinder()
    for second in range(120):
        times = second + np.arange(0.005, 1, 0.01)
        finder.hear(Speech(times, np.ones(100, np.float32), np.full(100, -20, np.float32)))
        for now in (second + np.arange(0.0, 1, 0.02)).tolist():
            finder.watch(second, now, Mouth(0.1, 0.1, 0.5))
        finder.read(second + 1.0)
    assert len(finder._sound) < 10 / 0.04
    assert len(finder._tracks) <= 4
    assert max(len(track.looks) for track in finder._tracks.values()) <= 250


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_values_that_are_not_finite_are_refused(value: float) -> None:
    finder = SpeakerFinder()
    with pytest.raises(ValueError, match=r"mouth\.gap must be a finite number"):
        Mouth(0.1, value, 0.5)
    with pytest.raises(ValueError, match="time must be"):
        finder.watch(1, value, Mouth(0.1, 0.1, 0.5))
    with pytest.raises(ValueError, match="finite"):
        finder.hear(Speech(np.array([0.0]), np.array([value], np.float32), np.array([-20.0], np.float32)))
    with pytest.raises(ValueError, match="time must be"):
        finder.read(value)


def test_time_that_goes_back_is_refused() -> None:
    finder = SpeakerFinder()
    mouth, one = Mouth(0.1, 0.1, 0.5), np.ones(1, np.float32)
    finder.watch(1, 1.0, mouth)
    finder.hear(Speech(np.array([1.0]), one, -20 * one))
    finder.read(1.0)
    with pytest.raises(ValueError, match="times of a face must increase"):
        finder.watch(1, 1.0, mouth)
    with pytest.raises(ValueError, match="times of speech must increase"):
        finder.hear(Speech(np.array([0.5]), one, -20 * one))
    with pytest.raises(ValueError, match="must not go back"):
        finder.read(0.5)
    with pytest.raises(ValueError, match=r"\[n\] values each"):
        finder.hear(Speech(np.array([2.0, 3.0]), one, one))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"window": 0.5}, "speaker.window"), ({"least": 3.0}, "speaker.least"), ({"start": 1.5}, "speaker.start"),
        ({"stop": 0.8}, "speaker.stop"), ({"hold": -1}, "speaker.hold"), ({"pause": 0}, "speaker.pause"),
    ],
)  # fmt: skip
def test_options_name_what_is_wrong(values: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SpeakerOptions(**values)
