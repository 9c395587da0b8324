"""`on_time_jump="drop"`: a frame whose time does not go on is left out, counted, and changes nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from squares import ShadeAffect, SquareDetector, draw

from edgeaffect import Pipeline
from edgeaffect.events import EventDetector, Rule
from edgeaffect.sources import SourceFrame
from edgeaffect.sources.base import Source

SIZE = (160, 120)


class Stamped(Source):
    """A recording with the stamps given, as a looped bag or a camera with doubled stamps has them."""

    def __init__(self, stamps: Sequence[float]) -> None:
        super().__init__()
        self.name, self.stamps = "stamped", stamps

    def __iter__(self) -> Iterator[SourceFrame]:
        for index, stamp in enumerate(self.stamps):
            yield SourceFrame(scene(stamp), index, stamp, "media", self.name, time.time())


def scene(stamp: float) -> np.ndarray:
    return draw(SIZE, (60 + round(20 * stamp), 60, 40), shade=round(140 + 60 * stamp))


def pipeline() -> Pipeline:
    return Pipeline(detect=SquareDetector(), affect=ShadeAffect(), on_time_jump="drop")


def going_on(stamps: Sequence[float]) -> list[float]:
    """The stamps that are later than all before."""
    return [stamp for i, stamp in enumerate(stamps) if i == 0 or stamp > max(stamps[:i])]


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 10).map(lambda tenths: tenths / 10), min_size=1, max_size=12))
def test_a_stream_is_as_if_dropped_frames_had_never_been(stamps):
    results = list(pipeline().stream(Stamped(stamps)))
    wanted = list(pipeline().stream(Stamped(going_on(stamps))))
    assert [[face.to_dict() for face in result.faces] for result in results] == [
        [face.to_dict() for face in result.faces] for result in wanted
    ]
    assert [result.timestamp for result in results] == going_on(stamps)
    assert [stamps[result.frame_index] for result in results] == going_on(stamps)
    # Every frame before a result was either told or is counted.
    assert [result.dropped_frames for result in results] == [r.frame_index - i for i, r in enumerate(results)]


def test_frames_come_with_their_own_results_only():
    pairs = list(pipeline().frames(Stamped([0.0, 0.1, 0.1, 0.0, 0.2])))
    assert [(frame.index, result.frame_index) for frame, result in pairs] == [(0, 0), (1, 1), (4, 4)]


def test_cameras_of_a_batch_drop_each_its_own():
    sources = [Stamped([0.0, 0.0, 0.1, 0.1]), Stamped([0.0, 0.1, 0.2, 0.2])]
    rows = list(pipeline().stream_batch(sources))
    assert [[entry and (entry.frame_index, entry.dropped_frames) for entry in row] for row in rows] == [
        [(0, 0), (0, 0)],
        [None, (1, 0)],
        [(2, 1), (2, 0)],
    ], "a row in which every frame was dropped is not yielded"


def test_events_see_no_frame_twice():
    rule = Rule(name="bright", signal=lambda face: float(face.box[0]), start=41, stop=40, min_seconds=0.0)
    stamps = [0.0, 0.1, 0.1, 0.2, 0.2, 0.1, 0.3]
    told = list(pipeline().events(Stamped(stamps), rules=[rule]))
    assert told == list(pipeline().events(Stamped(going_on(stamps)), rules=[rule]))
    assert [event.phase for event in told] == ["start", "end"]
    detector = EventDetector([rule])
    seen = [result.timestamp for result in pipeline().stream(Stamped(stamps)) if detector.update(result) is not None]
    assert seen == going_on(stamps)


def test_a_frame_given_by_hand_gives_the_last_result_again():
    one = pipeline()
    first = one.process(scene(0.0), 1.0)
    assert one.process(scene(0.5), 1.0) is first and one.process(scene(0.5), 0.0) is first
    third = one.process(scene(0.1), 1.1)
    assert (third.frame_index, third.dropped_frames) == (3, 2)
    batch = one.process_batch([scene(0.0), scene(0.1)], 1.0)
    assert one.process_batch([scene(0.2), scene(0.2)], 1.0) == batch
    assert one.process_batch([scene(0.2), scene(0.2)], 1.2)[1].dropped_frames == 1


def test_reset_and_raise_stay_as_they_were():
    with Pipeline(detect=SquareDetector(), affect=False, on_time_jump="reset") as one:
        assert [result.timestamp for result in one.stream(Stamped([0.0, 0.1, 0.0]))] == [0.0, 0.1, 0.0]
    with (
        Pipeline(detect=SquareDetector(), affect=False) as one,
        pytest.raises(ValueError, match="timestamps must increase"),
    ):
        list(one.stream(Stamped([0.0, 0.0])))


@pytest.mark.parametrize(
    ("on_jump", "seen"),
    [("reset", [(1.0, 0), (1.2, 1), (0.0, 2), (0.2, 3), (0.4, 4)]), ("drop", [(1.0, 0), (1.2, 1), (1.4, 8)])],
)
def test_a_limited_rate_goes_on_where_time_goes_back(on_jump, seen):
    stamps = [1.0, 1.1, 1.2, 1.3, 0.0, 0.1, 0.2, 0.3, 0.4] + ([1.3, 1.4] if on_jump == "drop" else [])
    with Pipeline(detect=SquareDetector(), affect=False, on_time_jump=on_jump, max_fps=5) as one:
        results = list(one.stream(Stamped(stamps)))
    assert [(result.timestamp, result.dropped_frames) for result in results] == seen


def test_a_limited_rate_hides_no_jump():
    with (
        Pipeline(detect=SquareDetector(), affect=False, max_fps=5) as one,
        pytest.raises(ValueError, match=r"timestamps must increase: got 0\.0 after 1\.0"),
    ):
        list(one.stream(Stamped([1.0, 1.1, 0.0, 0.1])))
