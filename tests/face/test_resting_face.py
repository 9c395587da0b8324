"""A person's own rest: a resting frown is no anger, blinks and gaps do not count, and it is opt-in."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest

from edgeaffect import Pipeline
from edgeaffect.action_units import BLENDSHAPES, action_units
from edgeaffect.cues import Cues
from edgeaffect.events import EventDetector, builtin_rules
from edgeaffect.face.baseline import RestingFace
from edgeaffect.face.cue_smoother import CueSmoother
from edgeaffect.models.registry import FILES
from edgeaffect.options import CuesOptions, SmoothOptions
from edgeaffect.results import Result

bundled = pytest.mark.skipif(not (FILES / "face-cues-int8.onnx").exists(), reason="no bundled cue model in this tree")
FPS = 30.0
ZERO = dict.fromkeys(BLENDSHAPES, 0.0)
ON = CuesOptions(baseline=True, baseline_seconds=2.0)


def shapes(**values: float) -> np.ndarray:
    return np.array([{**ZERO, **values}[name] for name in BLENDSHAPES])


def value(array: np.ndarray, name: str) -> float:
    return float(array[BLENDSHAPES.index(name)])


def learn(rest: RestingFace, seconds: float, of: Callable[[float], np.ndarray]) -> tuple[np.ndarray, float]:
    for i in range(round(seconds * FPS) + 1):
        answer = rest.update(1, of(i / FPS), i / FPS)
    return answer


def test_nothing_changes_while_the_rest_is_learnt_and_then_it_is_subtracted() -> None:
    rest, frown = RestingFace(2.0), shapes(browDownLeft=0.6, browDownRight=0.6)
    halfway, share = learn(rest, 1.0, lambda t: frown)
    assert share == pytest.approx(0.5) and (halfway == frown).all()
    after, share = learn(RestingFace(2.0), 2.0, lambda t: frown)
    assert share == 1 and value(after, "browDownLeft") == 0
    rest = RestingFace(2.0)
    learn(rest, 2.0, lambda t: frown)
    angry, _ = rest.update(1, shapes(browDownLeft=0.8, browDownRight=1.0, jawOpen=0.3), 3.0)
    assert value(angry, "browDownLeft") == pytest.approx((0.8 - 0.6) / (1 - 0.6))
    assert value(angry, "browDownRight") == 1 and value(angry, "jawOpen") == pytest.approx(0.3)
    relaxed, _ = rest.update(1, shapes(browDownLeft=0.2), 3.1)
    assert relaxed.min() >= 0 and value(relaxed, "browDownLeft") == 0


def test_blinks_words_and_looks_are_no_rest() -> None:
    rest = RestingFace(2.0)
    learn(
        rest, 2.0,
        lambda t: shapes(
            eyeBlinkLeft=0.9 if 0.5 < t < 0.8 else 0.1, jawOpen=0.4 if t < 0.7 else 0.0, eyeLookOutLeft=0.7
        ),
    )  # fmt: skip
    now, _ = rest.update(1, shapes(eyeBlinkLeft=0.1, jawOpen=0.4, eyeLookOutLeft=0.7), 2.1)
    assert value(now, "eyeBlinkLeft") == pytest.approx(0) and value(now, "jawOpen") == pytest.approx(0.4)
    assert value(now, "eyeLookOutLeft") == pytest.approx(0.7)


def test_a_gap_does_not_fill_the_rest_and_people_are_told_apart() -> None:
    rest = RestingFace(2.0)
    rest.update(1, shapes(jawOpen=0.5), 0.0)
    _, share = rest.update(1, shapes(jawOpen=0.5), 60.0)  # away for a minute
    assert share < 0.5
    learn(RestingFace(2.0), 2.0, lambda t: shapes(jawOpen=0.5))
    _, share = rest.update(2, shapes(jawOpen=0.5), 60.0)
    assert share == 0
    rest.keep([2])
    _, share = rest.update(1, shapes(jawOpen=0.5), 60.1)
    assert share == 0


@pytest.fixture(scope="module")
def some_cues(portrait: np.ndarray) -> Cues:
    with Pipeline(cues=True, affect=False) as pipeline:
        cues = pipeline.process(portrait).faces[0].raw_cues
    assert cues is not None
    return cues


def frowning(cues: Cues, much: float) -> Cues:
    changed = {**ZERO, "browDownLeft": much, "browDownRight": much}
    return dataclasses.replace(cues, blendshapes=changed, action_units=action_units(changed))


@bundled
def test_a_resting_frown_is_no_frown_but_a_deeper_one_is(some_cues: Cues, portrait: np.ndarray) -> None:
    with Pipeline(cues=True) as pipeline:
        like = pipeline.process(portrait)

    def frowns(options: CuesOptions) -> list[float]:
        """When frowns began, of a face that rests with a frown and is cross from the fifth second on."""
        smoother = CueSmoother(SmoothOptions(method="none"), options)
        detector, found = EventDetector(builtin_rules(["frown"])), []
        for i in range(240):
            t = i / FPS
            cues = smoother.update(1, frowning(some_cues, 0.6 if t < 5 else 0.9), t)
            face = dataclasses.replace(like.faces[0], track_id=1, cues=cues)
            found += detector.update(dataclasses.replace(like, timestamp=t, faces=(face,)))
        return [event.start for event in found if event.phase == "start"]

    assert frowns(CuesOptions()) == [0]  # all of it is one frown
    # While the rest is learnt nothing is subtracted; from then on the rest is none, and the cross face is.
    assert frowns(ON) == [0, pytest.approx(5.0, abs=0.05)]


@bundled
def test_the_pipeline_learns_it_when_asked_and_json_says_so(portrait: np.ndarray) -> None:
    def last(**options: object) -> Result:
        with Pipeline(cues=True, affect=False, **options) as pipeline:
            return [pipeline.process(portrait, timestamp=i / 10) for i in range(25)][-1]

    plain, own = last(), last(cues_baseline=True, cues_baseline_seconds=2.0)
    before, after = plain.faces[0], own.faces[0]
    assert before.cues.action_units[12] > 0.5 > 0.05 > after.cues.action_units[12]  # she smiles throughout
    assert after.raw_cues.action_units[12] == before.raw_cues.action_units[12]
    assert after.cues.head_pose == before.cues.head_pose and after.cues.gaze == before.cues.gaze
    assert "baseline" not in before.cues.extra
    assert own.to_dict()["faces"][0]["cues"]["extra"]["baseline"] == 1
    assert Result.from_json(own.to_json()).to_dict() == own.to_dict()


@bundled
def test_reset_forgets_the_rest(some_cues: Cues) -> None:
    smoother = CueSmoother(SmoothOptions(), ON)
    for i in range(80):
        cues = smoother.update(1, some_cues, i / FPS)
    assert cues.extra["baseline"] == 1
    smoother.reset()
    assert smoother.update(1, some_cues, 3.0).extra["baseline"] == 0
