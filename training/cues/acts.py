"""What a rendered person does and when: scripts of short acts with the events that they should make."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from training.cues.sequences import Moment

FPS = 30.0
# Rest between two acts, seconds.
_REST = (1.0, 1.5)
# Nobody holds still: degrees and hertz of a slow sway.
_SWAY_DEGREES, _SWAY_HERTZ = 1.0, 0.25
_AWAY = "looks_away"


@dataclass(frozen=True)
class Expected:
    """An event that should be told."""

    name: str
    start: float
    end: float


@dataclass(frozen=True)
class Act:
    """Something that a face does for a while."""

    event: str | None
    """The event that it should make; None where it should make none."""
    seconds: float
    at: Callable[[float], Moment]
    """Seconds since its start -> what the face does."""


def pulse(t: float, rise: float, hold: float) -> float:
    """0 to 1 over `rise` seconds, 1 for `hold`, and back, with smooth ends."""
    share = min(t / rise, 1.0, max((2 * rise + hold - t) / rise, 0.0))
    return 0.5 - 0.5 * math.cos(math.pi * max(share, 0.0))


def swing(t: float, hertz: float, cycles: float) -> float:
    """A sine of so many cycles that begins and ends at 0."""
    return math.sin(2 * math.pi * hertz * t) if 0 <= t * hertz <= cycles else 0.0


def _blink(hold: float) -> Callable[[float], Moment]:
    return lambda t: Moment(lids=pulse(t, 0.1, hold))


def _turn_away(side: float) -> Callable[[float], Moment]:
    """Head and eyes turn to one side (1: the image's right) and come back."""
    return lambda t: Moment(yaw=28 * side * pulse(t, 0.3, 1.6), eyes=25 * side * pulse(t, 0.3, 1.6))


def acts(random: np.random.Generator, *, smiles: bool) -> list[Act]:
    """The acts of one person in random order: what makes events, and what looks a little like it and does not."""
    side = float(random.choice([-1.0, 1.0]))
    blinks = [float(random.uniform(0.05, 0.15)) for _ in range(3)]
    hertz, syllables = random.uniform(1.4, 2.0), random.uniform(3.0, 5.0)
    chosen = [
        *(Act("blink", 0.2 + hold, _blink(hold)) for hold in blinks),
        *(Act(_AWAY, 2.2, _turn_away(to)) for to in (side, -side)),
        Act("nod", 2.5 / hertz, lambda t: Moment(pitch=-10 * swing(t, hertz, 2.5))),
        Act("shake", 2.5 / hertz, lambda t: Moment(yaw=12 * swing(t, hertz, 2.5))),
        Act("speaks", 2.5, lambda t: Moment(jaw=0.5 * abs(swing(t, syllables / 2, math.inf)))),
        # None of these is an event.
        Act(None, 0.8, lambda t: Moment(lids=0.4 * pulse(t, 0.2, 0.4))),  # narrowed eyes
        Act(None, 1.6, lambda t: Moment(pitch=-8 * pulse(t, 0.6, 0.4))),  # one look down
        Act(None, 1.6, lambda t: Moment(yaw=8 * side * pulse(t, 0.6, 0.4))),  # one small turn
        Act(None, 2.0, lambda t: Moment(jaw=0.8 * pulse(t, 0.8, 0.4))),  # a yawn
    ]
    if smiles:
        chosen += [Act("smile", 2.0, lambda t: Moment(smile=pulse(t, 0.3, 1.4))) for _ in range(2)]
    return [chosen[i] for i in random.permutation(len(chosen))]


def script(random: np.random.Generator, *, smiles: bool) -> tuple[list[Moment], list[Expected]]:
    """Frames of one person at `FPS`, and the events that they should make.

    Whoever does not look away looks at the camera.
    """
    moments: list[Moment] = []
    expected: list[Expected] = []
    phase = random.uniform(0, 2 * math.pi, 2)

    def add(seconds: float, at: Callable[[float], Moment]) -> None:
        for i in range(round(seconds * FPS)):
            turn = 2 * math.pi * _SWAY_HERTZ * len(moments) / FPS
            moment = at(i / FPS)
            yaw, pitch = (_SWAY_DEGREES * math.sin(turn + p) for p in phase)
            moments.append(replace(moment, yaw=moment.yaw + yaw, pitch=moment.pitch + pitch))

    add(2.0, lambda t: Moment())
    for act in acts(random, smiles=smiles):
        start = len(moments) / FPS
        add(act.seconds, act.at)
        if act.event is not None:
            expected.append(Expected(act.event, start, len(moments) / FPS))
        add(random.uniform(*_REST), lambda t: Moment())
    ends = [0.0, *(time for e in expected if e.name == _AWAY for time in (e.start, e.end)), len(moments) / FPS]
    expected += [Expected("looks_at_camera", a, b) for a, b in zip(ends[::2], ends[1::2], strict=True)]
    return moments, expected
