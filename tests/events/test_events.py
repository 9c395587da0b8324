"""Events: hysteresis, durations and gaps in seconds; none without its cause, none doubled, every end has its start."""

from __future__ import annotations

import itertools
import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeaffect.events import BUILTIN, Event, EventDetector, Rule, builtin_rules, read_rules, usable_rules
from edgeaffect.results import Face, Result

FPS = 25.0


def face(track_id: int | None, value: float | None) -> Face:
    """A face whose signal is its score; None stands for a face that shows no signal."""
    box = np.array([0, 0, 10, 10], np.float32)
    return Face(box, math.nan if value is None else value, np.zeros((5, 2), np.float32), track_id)


def signal(of: Face) -> float | None:
    return None if math.isnan(of.score) else of.score


def result(now: float, *faces: Face) -> Result:
    return Result(
        source="test", frame_index=0, timestamp=now, clock="user", wall_time=0.0, size=(10, 10), faces=faces,
        dropped_frames=0, timings_ms={}, models={},
    )  # fmt: skip


def rule(**changes: object) -> Rule:
    values = {"name": "high", "signal": signal, "start": 0.6, "stop": 0.4, "min_seconds": 0.2, "stop_seconds": 0.2}
    return Rule(**{**values, **changes})


def run(a_rule: Rule, values: list[float | None], fps: float = FPS) -> list:
    detector = EventDetector([a_rule])
    events = []
    for index, value in enumerate(values):
        events += detector.update(result(index / fps, face(1, value)))
    return events + detector.finish()


def test_a_long_high_value_is_one_event_with_its_times_and_peak():
    events = run(rule(), [0.0] * 5 + [0.7] * 10 + [0.9] + [0.5] * 5 + [0.1] * 10)
    assert [event.phase for event in events] == ["start", "end"]
    start, end = events
    assert start.id == end.id and start.track_id == 1
    assert start.start == end.start == pytest.approx(5 / FPS)
    assert end.end == pytest.approx(20 / FPS)  # 0.5 is between stop and start: still on
    assert end.peak == 0.9 and start.end is None


@pytest.mark.parametrize("fps", [5, 25, 120])
def test_durations_are_seconds_whatever_the_frame_rate(fps):
    n = round(0.5 * fps)
    assert len(run(rule(min_seconds=0.3), [0.0] * 3 + [0.8] * (n + 1) + [0.0] * fps, fps)) == 2
    assert run(rule(min_seconds=0.7), [0.0] * 3 + [0.8] * n + [0.0] * fps, fps) == []


def test_low_values_and_changes():
    low = rule(start=0.2, stop=0.4)
    assert [e.peak for e in run(low, [0.9] * 5 + [0.1] * 8 + [0.05] + [0.9] * 10)] == [0.1, 0.05]
    falls = rule(start=-0.4, stop=-0.2, change_over=1.0, min_seconds=0.0)
    events = run(falls, [0.9] * 30 + [0.3] * 60)
    assert [e.phase for e in events] == ["start", "end"] and events[0].start == pytest.approx(30 / FPS)
    assert run(falls, [0.3] * 90) == []


def test_a_gap_ends_an_event_and_a_short_one_does_not():
    assert len(run(rule(), [0.8] * 10 + [None] * 10 + [0.8] * 10)) == 2
    events = run(rule(max_gap=0.2), [0.8] * 10 + [None] * 10 + [0.8] * 10)
    assert [e.phase for e in events] == ["start", "end", "start", "end"]
    assert events[1].end == pytest.approx(9 / FPS)


def test_a_face_that_leaves_ends_its_events():
    detector = EventDetector([rule()])
    for index in range(10):
        detector.update(result(index / FPS, face(1, 0.8), face(2, 0.8)))
    events = list(itertools.chain(*(detector.update(result(index / FPS, face(2, 0.8))) for index in range(10, 60))))
    assert [(e.phase, e.track_id) for e in events] == [("end", 1)] and events[0].end == pytest.approx(9 / FPS)
    assert [(e.phase, e.track_id) for e in detector.finish()] == [("end", 2)]


def test_time_that_goes_back_ends_what_is_on():
    detector = EventDetector([rule()])
    first = [event for i in range(10) for event in detector.update(result(100 + i / FPS, face(1, 0.9)))]
    ends = detector.update(result(0.0, face(2, 0.9)))
    assert [(event.phase, event.id) for event in first + ends] == [("start", 1), ("end", 1)]
    assert ends[0].end == pytest.approx(100 + 9 / FPS)
    again = [event for i in range(1, 10) for event in detector.update(result(i / FPS, face(2, 0.9)))]
    assert [(event.id, event.phase, event.start) for event in again] == [(2, "start", 0.0)]


def test_one_track_whose_time_goes_back_begins_anew():
    detector = EventDetector([rule(cooldown=5.0)])
    told = []
    for begin in (100.0, 0.0):
        for i in range(10):
            told += detector.update(result(begin + i / FPS, face(1, 0.9)))
    told += detector.finish()
    assert [(event.id, event.phase) for event in told] == [(1, "start"), (1, "end"), (2, "start"), (2, "end")]
    assert all(event.end is None or event.end >= event.start for event in told)


@pytest.mark.parametrize(("start", "stop"), [(0.6, 0.4), (0.4, 0.6)])
def test_a_signal_that_is_no_number_is_not_known(start, stop):
    unknown = rule(start=start, stop=stop, signal=lambda of: of.score)  # NaN after the first second
    events = run(unknown, [start] * 25 + [None] * 50 + [start] * 25)
    assert [(event.id, event.phase) for event in events] == [(1, "start"), (1, "end"), (2, "start"), (2, "end")]
    assert events[1].end == pytest.approx(24 / FPS)


@pytest.mark.parametrize("given", ["smile", ["smile"], [3], [None]])
def test_what_is_no_rule_is_refused(given):
    for take in (EventDetector, lambda rules: usable_rules(rules, has_cues=True, has_affect=True)):
        with pytest.raises(TypeError, match=r"^rules must be objects of Rule, got .+; built-in ones are builtin_rules"):
            take(given)


@pytest.mark.parametrize("value", [np.float32(0.75), np.int64(1), True])
def test_events_of_any_number_are_plain_json(value):
    events = run(rule(signal=lambda of: value), [0.0] * 25)
    assert [Event.from_json(json.dumps(event.to_dict())).peak for event in events] == [float(value)] * 2


def test_a_signal_without_end_is_not_known():
    assert run(rule(signal=lambda of: math.inf), [0.0] * 25) == []


def test_cooldown_keeps_the_next_event_back():
    values = ([0.8] * 10 + [0.0] * 10) * 3
    assert [event.id for event in run(rule(), values)] == [1, 1, 2, 2, 3, 3]
    assert len(run(rule(cooldown=0.7), values)) == 4


@given(
    st.lists(st.one_of(st.none(), st.floats(0, 1)), max_size=120),
    st.sampled_from([0.0, 0.1, 0.5]),
    st.sampled_from([0.0, 0.3]),
    st.sampled_from([0.0, 0.4]),
)
def test_every_event_has_its_cause_and_every_end_its_start(values, min_seconds, stop_seconds, cooldown):
    events = run(rule(min_seconds=min_seconds, stop_seconds=stop_seconds, cooldown=cooldown), values)
    assert [e.phase for e in events] == ["start", "end"] * (len(events) // 2)
    last_end = -math.inf
    for start, end in zip(events[::2], events[1::2], strict=True):
        assert start.id == end.id and start.start == end.start <= end.end
        first, last = round(start.start * FPS), round(end.end * FPS)
        inside = [v for v in values[first : last + 1] if v is not None]
        assert values[first] >= 0.6 and max(inside) == end.peak
        assert start.start >= last_end + cooldown - 1e-9
        last_end = end.end
    assert len({e.id for e in events}) == len(events) // 2


@given(st.lists(st.floats(0, 1), max_size=120), st.sampled_from([0.0, 0.1, 0.5]))
def test_every_cause_makes_its_event(values, min_seconds):
    events = run(rule(min_seconds=min_seconds, stop_seconds=0.0), values)
    inside = [(e.start, e.end) for e in events if e.phase == "end"]
    steps = math.ceil(min_seconds * FPS - 1e-9) + 1  # frames between which so much time goes by
    for first in range(len(values) - steps + 1):
        stretch = values[first : first + steps]
        if min(stretch) >= 0.6 and (first == 0 or values[first - 1] <= 0.4):
            assert any(start == pytest.approx(first / FPS) for start, _ in inside)


@given(st.lists(st.tuples(*[st.one_of(st.none(), st.floats(0, 1))] * 2), max_size=80))
def test_faces_do_not_disturb_each_other(pairs):
    detector, told = EventDetector([rule()]), []
    for index, values in enumerate(pairs):
        faces = [face(track_id, value) for track_id, value in enumerate(values, start=1)]
        told += detector.update(result(index / FPS, *faces))
    told += detector.finish()
    for track_id, values in enumerate(zip(*pairs, strict=True), start=1):
        own = [(e.phase, e.start, e.end, e.peak) for e in told if e.track_id == track_id]
        assert own == [(e.phase, e.start, e.end, e.peak) for e in run(rule(), list(values))]


def test_a_short_dip_does_not_end_an_event_and_a_long_one_does():
    dip = lambda frames: [0.8] * 10 + [0.1] * frames + [0.8] * 10  # noqa: E731
    assert [e.phase for e in run(rule(stop_seconds=0.2), dip(3))] == ["start", "end"]
    assert [e.phase for e in run(rule(stop_seconds=0.2), dip(8))] == ["start", "end"] * 2


def test_finish_tells_every_end_once_and_begins_anew():
    detector = EventDetector([rule()])
    for index in range(10):
        detector.update(result(index / FPS, face(1, 0.8)))
    (end,) = detector.finish()
    assert detector.finish() == [] and end.phase == "end"
    events = list(itertools.chain(*(detector.update(result(index / FPS, face(1, 0.8))) for index in range(10))))
    assert [(e.phase, e.start) for e in events] == [("start", 0.0)] and events[0].id != end.id


def test_the_built_in_set_and_wrong_rules(tmp_path: Path):
    assert {"smile", "frown", "looks_away", "nod", "speaks", "valence_falls"} <= {r.name for r in BUILTIN}
    assert [r.name for r in builtin_rules(["nod", "smile"])] == ["nod", "smile"]
    with pytest.raises(ValueError, match="no built-in event dance"):
        builtin_rules(["dance"])
    with pytest.raises(ValueError, match="stop"):
        rule(stop=0.6)
    with pytest.raises(ValueError, match=r"one of .*AU12"):
        rule(signal="AU99")
    with pytest.raises(TypeError, match="function of a Face"):
        rule(signal=3)
    with pytest.raises(ValueError, match="high"):
        EventDetector([rule(), rule()])


def test_rules_from_toml(tmp_path: Path):
    path = tmp_path / "rules.toml"
    path.write_text('[grin]\nsignal = "AU12"\nstart = 0.7\nstop = 0.4\nmin_seconds = 1\n', "utf-8")
    (grin,) = read_rules(path)
    assert (grin.name, grin.signal, grin.start, grin.stop, grin.min_seconds) == ("grin", "AU12", 0.7, 0.4, 1)
    for text in ("grin = 3", '[grin]\nsignal = "AU12"', "[grin", '[g]\nsignal = "AU12"\nstart = "a"\nstop = 0'):
        path.write_text(text, "utf-8")
        with pytest.raises(ValueError, match=r"rules\.toml"):
            read_rules(path)
