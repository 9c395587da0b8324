"""Hysteresis in seconds, beside a naive reference; the rule of a window."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeaffect.options import VoiceActivityOptions
from edgeaffect.voice import SpeechSegmenter, is_speech
from edgeaffect.voice.segments import speech_seconds

STEP = 0.01
OFFSET = 0.0075


def naive(p: list[float], o: VoiceActivityOptions) -> list[tuple[float, float]]:
    """Stretches [start, end) by the documented rule, written down anew: look at the whole sound from each frame on."""
    least, pause = round(o.min_speech / STEP), max(1, round(o.min_silence / STEP))
    found, at = [], 0
    while at < len(p):
        if p[at] < o.enter:
            at += 1
            continue
        first = last = at
        while True:
            following = next((i for i in range(last + 1, len(p)) if p[i] >= o.leave), None)
            if following is None or following - last > pause:
                break
            last = following
        if sum(v >= o.enter for v in p[first : last + 1]) >= max(1, least):
            end = min((last + 1) * STEP + o.hangover, len(p) * STEP)
            found.append((first * STEP + OFFSET, end + OFFSET))
        at = last + pause + 1
    return found


probabilities = st.lists(st.sampled_from([0.0, 0.2, 0.35, 0.4, 0.5, 0.8, 1.0]), max_size=120)
options = st.builds(
    lambda enter, leave, speech, silence, hang: VoiceActivityOptions(
        enter=enter, leave=min(leave, enter), min_speech=speech / 100, min_silence=silence / 100,
        hangover=min(hang, silence) / 100,
    ),
    st.sampled_from([0.4, 0.5, 0.8]), st.sampled_from([0.2, 0.35, 0.5]),
    st.integers(0, 12), st.integers(0, 12), st.integers(0, 12),
)  # fmt: skip


@given(probabilities, options, st.lists(st.integers(0, 120), max_size=5))
def test_segments_are_those_of_the_naive_rule_in_any_pieces(
    p: list[float], o: VoiceActivityOptions, cuts: list[int]
) -> None:
    segmenter = SpeechSegmenter(o, STEP, OFFSET)
    found = [s for piece in np.split(np.array(p), sorted(cuts)) for s in segmenter.accept(piece)]
    found += segmenter.finish()
    wanted = naive(p, o)
    assert len(found) == len(wanted)
    for got, (start, end) in zip(found, wanted, strict=True):
        assert got.start == pytest.approx(start) and got.end == pytest.approx(end)
        frames = slice(round((start - OFFSET) / STEP), None)
        assert 0 <= got.probability <= 1 and np.array(p)[frames][0] >= o.enter
    assert all(a.end <= b.start + 1e-9 for a, b in itertools.pairwise(found))


def test_hysteresis_bridges_what_falls_below_enter_only() -> None:
    o = VoiceActivityOptions(enter=0.6, leave=0.4, min_speech=0.05, min_silence=0.05, hangover=0.0)
    segmenter = SpeechSegmenter(o, STEP)
    p = [0.5] * 10 + [0.7] * 5 + [0.5] * 20 + [0.1] * 3 + [0.45] * 5 + [0.1] * 10
    (segment,) = segmenter.accept(np.array(p))
    assert [segment.start, segment.end] == pytest.approx([0.10, 0.43])
    assert segment.probability == pytest.approx((5 * 0.7 + 20 * 0.5 + 3 * 0.1 + 5 * 0.45) / 33)
    assert segment.seconds == pytest.approx(0.33)


def test_speaking_says_what_goes_on() -> None:
    o = VoiceActivityOptions(min_speech=0.03, min_silence=0.04, hangover=0.02)
    segmenter = SpeechSegmenter(o, STEP)
    states = []
    for probability in [0, 1, 1, 1, 0, 0, 0, 0, 0]:
        segmenter.accept(np.array([probability]))
        states.append(segmenter.speaking)
    assert states == [False, False, False, True, True, True, True, False, False]
    segmenter.accept(np.ones(10))
    segmenter.reset()
    assert not segmenter.speaking and segmenter.finish() == []


@pytest.mark.parametrize("wrong", [[0.9, float("nan")], [1.5], [-0.1], [[0.9]]])
def test_what_is_no_probability_is_refused_and_does_no_harm(wrong: list[float]) -> None:
    segmenter = SpeechSegmenter(VoiceActivityOptions(hangover=0.0), STEP)
    segmenter.accept(np.ones(50))
    with pytest.raises(ValueError, match="probabilities must be numbers from 0 to 1"):
        segmenter.accept(np.array(wrong))
    (segment,) = segmenter.finish()
    assert segment.end == pytest.approx(0.5) and segment.probability == 1.0


@given(probabilities, options)
def test_a_window_is_speech_by_its_frames_above_enter(p: list[float], o: VoiceActivityOptions) -> None:
    above = sum(v >= o.enter for v in p)
    assert speech_seconds(np.array(p), o, STEP) == pytest.approx(above * STEP)
    needed = max(1, min(len(p), round(o.min_speech / STEP)))
    assert is_speech(np.array(p), o, STEP) == (bool(p) and above >= needed)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"enter": 1.5}, "voice_activity.enter must be a number from 0 to 1; got 1.5"),
        ({"leave": 0.6}, r"voice_activity.leave must be at most voice_activity.enter \(0.5\); got 0.6"),
        ({"min_speech": -1.0}, "voice_activity.min_speech must be seconds, 0 or more"),
        ({"min_silence": float("nan")}, "voice_activity.min_silence must be seconds"),
        ({"hangover": 1.0}, "voice_activity.hangover must be at most voice_activity.min_silence"),
        ({"model": 3}, "voice_activity.model must be the name or path"),
    ],
)
def test_impossible_options_are_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        VoiceActivityOptions(**values)  # type: ignore[arg-type]
