"""Signals over time: speech-like mouths, blinks, closed eyes, nods and shakes, at any frame rate."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from edgeaffect.face.cue_signals import CueSignals, Signals, Swings


def follow(
    seconds: float,
    fps: float = 30.0,
    mouth: Callable[[float], float] = lambda t: 0.1,
    eyes: Callable[[float], float] = lambda t: 0.9,
    yaw: Callable[[float], float] = lambda t: 0.0,
    pitch: Callable[[float], float] = lambda t: 0.0,
) -> list[Signals]:
    signals = CueSignals()
    return [
        signals.update(1, i / fps, mouth_open=mouth(t), eyes_open=eyes(t), yaw=yaw(t), pitch=pitch(t))
        for i in range(round(seconds * fps))
        for t in [i / fps]
    ]


@pytest.mark.parametrize("fps", [15, 30, 60])
def test_a_mouth_that_moves_as_in_speech_speaks(fps):
    talk = follow(3, fps, mouth=lambda t: 0.15 + 0.1 * math.sin(2 * math.pi * 4 * t))
    assert talk[0].speaking is None and talk[-1].speaking > 0.9


@pytest.mark.parametrize(
    "mouth",
    [
        lambda t: 0.1,
        lambda t: 0.6,
        lambda t: 0.5 - 0.5 * math.cos(2 * math.pi * t / 4),
        lambda t: 0.1 + 0.01 * math.sin(40 * t),
    ],
    ids=["still", "open", "yawn", "tremble"],
)
def test_still_open_yawning_and_trembling_mouths_do_not_speak(mouth):
    assert max(s.speaking or 0 for s in follow(6, mouth=mouth)) < 0.1


@pytest.mark.parametrize("fps", [15, 30, 60])
def test_blinks_are_counted_per_minute_and_long_closures_are_not_blinks(fps):
    blinking = follow(60, fps, eyes=lambda t: 0.1 if t % 4 < 0.2 else 0.9)
    assert blinking[0].blink_rate is None
    assert blinking[-1].blink_rate == pytest.approx(15, abs=1)
    assert blinking[-1].eyes_closed_share == pytest.approx(0.05, abs=0.02)
    asleep = follow(20, fps, eyes=lambda t: 0.9 if t < 10 else 0.05)
    assert asleep[-1].blink_rate == 0 and asleep[-1].eyes_closed_share == pytest.approx(0.5, abs=0.02)
    woken = follow(20, fps, eyes=lambda t: 0.05 if 10 <= t < 13 else 0.9)
    assert woken[-1].blink_rate == 0 and woken[-1].eyes_closed_share == pytest.approx(0.15, abs=0.02)


def test_only_the_last_minute_counts():
    """Blinks until 20 s, and a closure from 30 s to 40 s that the minute's start cuts at 95 s and has left at 105 s."""

    def eyes(t: float) -> float:
        return 0.1 if (t < 20 and t % 4 < 0.2) or 30 <= t < 40 else 0.9

    seen = follow(106, 15, eyes=eyes)
    at = lambda t: seen[round(t * 15)]  # noqa: E731
    assert at(50).blink_rate == pytest.approx(5 * 60 / 50)
    assert at(85).blink_rate == 0
    assert at(95).eyes_closed_share == pytest.approx(5 / 60, abs=0.002)
    assert at(105).eyes_closed_share == 0
    asleep = follow(90, 15, eyes=lambda t: 0.9 if t < 10 else 0.05)
    assert asleep[-1].eyes_closed_share == pytest.approx(1)


@pytest.mark.parametrize("usual", [0.7, 0.8, 0.95], ids=["narrow", "common", "wide"])
def test_narrow_eyes_do_not_stick_at_shut_and_half_shut_ones_are_no_blink(usual):
    """The bundled model reads 0.2 to 0.6 from shut eyes, and 0.7 and more from the most open frames of a person."""
    blinking = follow(60, eyes=lambda t: 0.45 if t % 4 < 0.2 else usual)
    assert blinking[-1].blink_rate == pytest.approx(15, abs=1)
    assert blinking[-1].eyes_closed_share == pytest.approx(0.05, abs=0.02)
    narrowed = follow(20, eyes=lambda t: 0.63 if t % 4 < 0.2 else usual)
    assert narrowed[-1].blink_rate == 0 and narrowed[-1].eyes_closed_share == 0


def test_nod_and_shake_are_told_apart():
    swing = lambda t: 8 * math.sin(2 * math.pi * 1.5 * t) if 1 < t < 2.5 else 0.0  # noqa: E731
    nod, shake = follow(4, pitch=swing), follow(4, yaw=swing)
    assert max(s.nod for s in nod) == 1 and max(s.shake for s in nod) == 0
    assert max(s.shake for s in shake) == 1 and max(s.nod for s in shake) == 0
    assert nod[-1].nod < 1  # it is over
    mostly_nod = follow(4, pitch=swing, yaw=lambda t: 0.5 * swing(t) if t < 1.5 else 0.0)
    assert max(s.nod for s in mostly_nod) == 1
    assert all(s.nod == 0 or s.shake == 0 for s in mostly_nod)  # never both at once
    turn = follow(4, yaw=lambda t: min(30.0, 20 * t))  # one turn to the side is no shake
    assert max(s.shake for s in turn) < 1
    once = follow(4, pitch=lambda t: -8 * math.sin(math.pi * min(t, 1.0)))  # nor is one look down a nod
    small = follow(4, pitch=lambda t: math.sin(2 * math.pi * 1.5 * t))  # nor is a head at rest
    assert max(s.nod for s in once) <= 0.5 and max(s.nod for s in small) == 0


def test_a_pause_starts_anew_and_faces_are_forgotten():
    signals = CueSignals()
    values = {"mouth_open": 0.1, "eyes_open": 0.9, "yaw": 0.0, "pitch": 0.0}
    for i in range(60):
        last = signals.update(1, i / 30, **values)
    assert last.speaking is not None
    assert signals.update(1, 9.0, **values).speaking is None
    for start, forget in ((10, lambda: signals.keep([2])), (20, signals.reset)):
        for i in range(60):
            signals.update(1, start + i / 30, **values)
        signals.keep([1, 2])
        assert signals.update(1, start + 2.1, **values).speaking is not None
        forget()
        assert signals.update(1, start + 2.2, **values).speaking is None


def test_swings_count_turning_points_not_noise():
    swings = Swings(1.0, 10.0)
    for i, value in enumerate([0, 0.4, 0, 2, 1.6, 2.4, 0, 0.3, 3]):
        swings.update(value, float(i))
    assert swings.count == 3  # up to 2.4, down to 0, up to 3
