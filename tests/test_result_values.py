"""Values of results: `Faces` picked by index, and what plain dictionaries and the short form hold."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any

import numpy as np
import pytest

from edgeaffect._json import plain
from edgeaffect.circumplex import DIMENSIONS, EMOTIONS
from edgeaffect.results import Affect, Face, Faces, Result


def affect(**changes: Any) -> Affect:
    p = np.array([0.1, 0.6, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05], np.float32)
    values = {
        "probabilities": p, "votes": p[::-1].copy(), "label": "happiness", "confidence": 0.61237, "entropy": 0.5,
        "valence": 0.123456789, "arousal": -0.98765432, "dominance": 0.3, "valence_std": 0.1, "arousal_std": 0.2,
        "dominance_std": 0.3, "va_source": "derived", "quality": 0.9, "is_sure": True, "extra": {"boredom": 0.25},
    }  # fmt: skip
    return Affect(**{**values, **changes})


def result(*faces: Face) -> Result:
    return Result(
        source="film", frame_index=3, timestamp=1.23456789, clock="media", wall_time=5.0, size=(64, 48), faces=faces,
        dropped_frames=2, timings_ms={"total": 1.0}, models={"affect": "x 1"},
    )  # fmt: skip


def face(**changes: Any) -> Face:
    box, points = np.array([1.26, 2.04, 30, 40], np.float32), np.arange(10, dtype=np.float32).reshape(5, 2)
    return Face(box, 0.9, points, **{"track_id": 7, **changes})


def faces(ids: bool) -> Faces:
    rows = np.arange(4, dtype=np.float32)
    return Faces(
        np.repeat(rows[:, None], 4, 1), rows / 10, np.tile(rows[:, None, None], (1, 5, 2)),
        np.arange(10, 14) if ids else None,
    )  # fmt: skip


@pytest.mark.parametrize("ids", [False, True])
@pytest.mark.parametrize(
    ("index", "rows"),
    [
        (2, [2]), (-1, [3]), (slice(1, 3), [1, 2]), ([3, 0], [3, 0]), (np.array([True, False, False, True]), [0, 3]),
        (slice(0, 0), []),
    ],
)  # fmt: skip
def test_faces_at_an_index_keep_all_that_belongs_to_them(ids: bool, index: Any, rows: list[int]) -> None:
    some = faces(ids)[index]
    assert len(some) == len(rows) and some.boxes[:, 0].tolist() == rows
    np.testing.assert_allclose(some.scores, np.array(rows) / 10, atol=1e-7)
    assert some.landmarks[:, 0, 0].tolist() == rows
    assert (some.track_ids is None) if not ids else (some.track_ids.tolist() == [10 + row for row in rows])
    assert [one.boxes[0, 0] for one in some] == rows


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("scores", np.zeros(3, np.float32), r"scores needs shape \(4,\), got \(3,\)"),
        ("landmarks", np.zeros((4, 5), np.float32), r"landmarks needs shape \(4, 5, 2\), got \(4, 5\)"),
        ("track_ids", np.zeros(5, int), r"track_ids needs shape \(4,\), got \(5,\)"),
    ],
)
def test_faces_of_other_shapes_are_named(field: str, value: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        dataclasses.replace(faces(True), **{field: value})
    with pytest.raises(TypeError, match=rf"^{field} must be a NumPy array of shape \(4.*\), got list$"):
        dataclasses.replace(faces(True), **{field: value.tolist()})


@pytest.mark.parametrize("name", ["probabilities", "votes"])
def test_distributions_of_other_lengths_are_named(name: str) -> None:
    with pytest.raises(ValueError, match=rf"^{name} needs shape \(8,\), got \(7,\)$"):
        affect(**{name: np.ones(7, np.float32)})


def test_an_affect_as_plain_values_is_itself_again() -> None:
    one = affect(quality=math.nan)
    plain = one.to_dict()
    assert list(plain) == [field.name for field in dataclasses.fields(Affect)]
    assert plain["probabilities"]["happiness"] == pytest.approx(0.6) and plain["votes"]["contempt"] == pytest.approx(
        0.1
    )
    assert (plain["label"], plain["quality"], plain["valence"], plain["is_sure"]) == ("happiness", None, 0.123457, True)
    assert plain["extra"] == {"boredom": 0.25} and set(DIMENSIONS) <= set(plain)
    again = Affect.from_dict(json.loads(json.dumps(plain)))
    assert again.to_dict() == plain and math.isnan(again.quality)


def test_probabilities_by_name() -> None:
    one = affect()
    assert [one.probability(name) for name in EMOTIONS] == one.probabilities.tolist()
    assert one.probability("boredom") == 0.25
    with pytest.raises(KeyError, match=r"no label 'joy': choose neutral, happiness, .*, boredom"):
        one.probability("joy")


def test_a_face_as_plain_values_holds_its_arrays_as_lists() -> None:
    plain = result(face(affect=affect())).to_dict()["faces"][0]
    assert plain["box"] == pytest.approx([1.26, 2.04, 30, 40]) and isinstance(plain["box"], list)
    assert plain["landmarks"] == [[0, 1], [2, 3], [4, 5], [6, 7], [8, 9]]
    assert (plain["track_id"], plain["score"]) == (7, 0.9)


def test_the_short_form_is_rounded_and_says_what_is_not_known() -> None:
    short = json.loads(result(face(affect=affect()), face(track_id=None)).to_json(compact=True))
    assert short == {
        "source": "film", "frame": 3, "time": 1.234568,
        "faces": [
            {"id": 7, "box": [1.3, 2.0, 30.0, 40.0], "label": "happiness", "probability": 0.6124, "valence": 0.1235,
             "arousal": -0.9877, "sure": True},
            {"id": None, "box": [1.3, 2.0, 30.0, 40.0], "label": None, "probability": None, "valence": None,
             "arousal": None, "sure": False},
        ],
    }  # fmt: skip


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_numbers_that_are_none_are_null(value: float) -> None:
    line = result(face(affect=affect(valence=value))).to_json()
    assert "NaN" not in line and "Infinity" not in line
    assert json.loads(line)["faces"][0]["affect"]["valence"] is None


def test_json_has_no_negative_zero() -> None:
    values = {"numbers": np.array([-0.0, -1e-9, -1.0], np.float32), "one": -0.0}
    assert json.dumps(plain(values)) == '{"numbers": [0.0, 0.0, -1.0], "one": 0.0}'
