"""Cues and events of a pipeline, with stages that see coloured squares."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from squares import ShadeAffect, SquareDetector, draw, squares

from edgeaffect import Pipeline
from edgeaffect.events import Rule
from edgeaffect.pipeline.stages import describe
from edgeaffect.results import Faces
from edgeaffect.sources import Arrays

SIZE = (320, 240)
HAPPY = Rule(name="happy", signal="happiness", start=0.6, stop=0.4, min_seconds=0.0, stop_seconds=0.0)


def shades(*values: int) -> list[np.ndarray]:
    return [draw(SIZE, (160, 120, 60), shade=value) for value in values]


def test_events_are_those_of_the_rules_given() -> None:
    frames = shades(*[120] * 3, *[250] * 5, *[120] * 5)
    pipeline = squares(smooth_method="none", detect_interval=0.0)
    start, end = pipeline.events(Arrays(frames, fps=10), rules=[HAPPY])
    assert (start.phase, end.phase, start.name, start.track_id) == ("start", "end", "happy", 1)
    assert (start.start, end.end) == (pytest.approx(0.3), pytest.approx(0.7))  # the last frame at which it was so


@pytest.mark.parametrize(("given", "color"), [({}, "bgr"), ({"color": "rgb"}, "rgb")])
def test_events_of_plain_arrays_have_the_format_that_is_said(given: dict[str, str], color: str) -> None:
    seen: set[str] = set()

    class Watching(SquareDetector):
        def detect(self, frame: np.ndarray, color: str = "bgr") -> Faces:
            seen.add(color)
            return super().detect(frame, color)

    assert (
        list(Pipeline(detect=Watching(), affect=ShadeAffect()).events(shades(120, 120), rules=[HAPPY], **given)) == []
    )
    assert seen == {color}


def test_events_that_need_what_is_not_read() -> None:
    with pytest.raises(ValueError, match="event 'happy' looks at 'happiness', which needs affect"):
        next(Pipeline(detect=SquareDetector(), affect=False).events(shades(250), rules=[HAPPY]))


def test_what_says_nothing_about_itself_is_named_by_its_class() -> None:
    class Talks(SquareDetector):
        def describe(self) -> dict[str, Any]:
            return {"says": 1}

    stages = squares().describe()["stages"]
    assert stages["detect"] == {"class": "SquareDetector"} and stages["affect"] == {"class": "ShadeAffect"}
    assert describe(Talks()) == {"says": 1}


def test_a_users_affect_is_given_frame_faces_and_format() -> None:
    seen: list[tuple[tuple[int, ...], int, str]] = []

    class Watching(ShadeAffect):
        def predict(self, frame: np.ndarray, faces: Faces, color: str = "bgr") -> list[Any]:
            seen.append((frame.shape, len(faces), color))
            return super().predict(frame, faces)

    pipeline = Pipeline(detect=SquareDetector(), affect=Watching())
    pipeline.process(draw(SIZE, (160, 120, 60)), 0.0)
    pipeline.reset()
    pipeline.process(np.dstack([draw(SIZE, (160, 120, 60)), np.full(SIZE[::-1], 255, np.uint8)]), 0.0, color="bgra")
    assert seen == [((240, 320, 3), 1, "bgr"), ((240, 320, 4), 1, "bgra")]
