"""Rendered people: what moves is what should, cues follow it through the pipeline, and the scores count right."""

from __future__ import annotations

import math

import numpy as np
import pytest

pytest.importorskip("training.cues.sequences", reason="training/ is only in the source tree")
from edgeaffect import Pipeline
from edgeaffect.events import Event, Rule, builtin_rules
from edgeaffect.models.registry import FILES
from edgeaffect.sources.arrays import Arrays
from training.cues import acts
from training.cues.acts import FPS, Expected, pulse, script, swing
from training.cues.event_scores import Count, Performance, Tally, choose, count, events_of, score, signals, tally, total
from training.cues.events import signal_table, still, table, write
from training.cues.sequences import Moment, Renderer, Still, eyes_of_68, spline, turned

bundled = pytest.mark.skipif(not (FILES / "face-cues-int8.onnx").exists(), reason="no bundled cue model in this tree")


@pytest.fixture(scope="module")
def pipeline():
    with Pipeline(cues=True, affect=False) as made:
        yield made


@pytest.fixture(scope="module")
def face(pipeline, portrait) -> Still:
    """A face of about 100 px."""
    found = still(pipeline, np.ascontiguousarray(portrait[:256, 100:356]))
    assert found is not None
    return found


def seen(pipeline: Pipeline, face: Still, moment: Moment):
    pipeline.reset()
    return pipeline.process(Renderer(face).frame(moment)).faces[0].raw_cues


# --- rendering


def test_a_spline_takes_its_points_where_they_belong():
    target = np.array([[30, 30], [90, 30], [30, 90], [90, 90], [60, 60], [60, 20]], float)
    source = target + np.array([[4, 0], [-4, 2], [0, -5], [3, 3], [0, 6], [0, 0]])
    places = spline(target, source, (120, 120))
    for (x, y), wanted in zip(target, source, strict=True):
        # Linear between the nodes of a grid 5 pixels apart, and read half a pixel off.
        np.testing.assert_allclose(places[int(y), int(x)], wanted + 0.5, atol=0.6)
    same = spline(target, target, (120, 90))
    middles = np.stack(np.meshgrid(np.arange(120) + 0.5, np.arange(90) + 0.5), -1)
    # cv2.remap knows places to 1/32 of a node, and nodes are at most 5.3 pixels apart.
    np.testing.assert_allclose(same, middles, atol=5.3 / 64 + 1e-2)


@bundled
def test_points_turn_by_the_signs_of_head_pose(face):
    nose, jaw = 30, 8
    middle = face.points[36:48].mean(0)
    for yaw, pitch in ((15, 0), (0, 15)):
        moved = turned(face.points, yaw, pitch) - face.points
        # Points that stick out move with the look: to the image's right, or up.
        ahead = moved[nose] - moved[[0, 16]].mean(0)
        assert ahead[0] > 2 if yaw else ahead[1] < -2
    np.testing.assert_allclose(turned(face.points, 0, 0), face.points, atol=1e-9)
    assert turned(face.points, 0, 10)[jaw, 1] > middle[1]


@bundled
def test_what_does_not_move_stays_as_it_is(face):
    renderer = Renderer(face)
    assert (renderer.frame(Moment()) == face.picture).all()
    shut = (renderer.frame(Moment(lids=1)) != face.picture).any(-1)
    rows, columns = np.nonzero(shut)
    eyes = np.concatenate([np.concatenate([eye.upper, eye.lower]) for eye in eyes_of_68(face.points)])
    height = max(float(np.ptp(np.concatenate([e.upper, e.lower])[:, 1])) for e in eyes_of_68(face.points))
    assert shut.sum() > 20
    assert columns.min() >= eyes[:, 0].min() - 1 and columns.max() <= eyes[:, 0].max() + 1
    assert rows.min() >= eyes[:, 1].min() - 2 * height and rows.max() <= eyes[:, 1].max() + height


@bundled
def test_a_smile_ends_at_the_second_still(face):
    other = Still(np.ascontiguousarray(face.picture[:, ::-1]), face.points)
    renderer = Renderer(face, other)
    assert np.abs(renderer.frame(Moment(smile=1)).astype(int) - other.picture).mean() < 2
    middle = renderer.frame(Moment(smile=0.5)).astype(float)
    assert np.abs(middle - (face.picture.astype(float) + other.picture) / 2).mean() < 2


def test_moments_that_cannot_be_rendered_are_refused():
    with pytest.raises(ValueError, match=r"at most 30\.0 degrees; got yaw 40"):
        Moment(yaw=40)
    with pytest.raises(ValueError, match="at rest only"):
        Moment(smile=0.5, lids=0.2)


@bundled
def test_cues_follow_what_is_rendered(pipeline, face):
    rest = seen(pipeline, face, Moment())
    right, left = (seen(pipeline, face, Moment(yaw=yaw)).head_pose.yaw for yaw in (20, -20))
    up, down = (seen(pipeline, face, Moment(pitch=pitch)).head_pose.pitch for pitch in (10, -10))
    assert right > rest.head_pose.yaw + 5 and left < rest.head_pose.yaw - 5
    assert up > rest.head_pose.pitch + 2 and down < rest.head_pose.pitch - 2
    assert seen(pipeline, face, Moment(lids=1)).eyes_open < rest.eyes_open - 0.03
    assert seen(pipeline, face, Moment(jaw=1)).mouth_open > rest.mouth_open + 0.05
    away = seen(pipeline, face, Moment(yaw=28, eyes=25))
    assert away.looking_at_camera < 0.4 < rest.looking_at_camera


@bundled
@pytest.mark.parametrize(
    ("name", "move"),
    [
        ("nod", lambda t: Moment(pitch=-10 * swing(t, 1.7, 2.5))),
        ("shake", lambda t: Moment(yaw=12 * swing(t, 1.7, 2.5))),
        ("speaks", lambda t: Moment(jaw=0.9 * abs(swing(t, 2.0, math.inf)))),
        ("looks_away", lambda t: Moment(yaw=28 * pulse(t, 0.3, 0.9), eyes=25 * pulse(t, 0.3, 0.9))),
        (None, lambda t: Moment()),
    ],
    ids=str,
)
def test_a_rendered_act_is_one_event_of_its_name(pipeline, face, name, move):
    renderer = Renderer(face)
    frames = [renderer.frame(move(i / FPS - 0.3) if i > 9 else Moment()) for i in range(60)]
    told = list(pipeline.events(Arrays(frames, fps=FPS)))
    moving = [e.name for e in told if e.phase == "start" and e.name not in ("smile", "looks_at_camera")]
    assert moving == ([] if name is None else [name])
    looks = [e for e in told if e.name == "looks_at_camera" and e.phase == "start"]
    assert looks and looks[0].start == 0


# --- scripts


@pytest.mark.parametrize("smiles", [True, False])
def test_scripts_hold_what_is_expected_of_them(smiles):
    moments, expected = script(np.random.default_rng(4), smiles=smiles)
    names = [e.name for e in expected]
    assert {n: names.count(n) for n in set(names)} == {
        "blink": 3, "looks_away": 2, "nod": 1, "shake": 1, "speaks": 1, "looks_at_camera": 3,
        **({"smile": 2} if smiles else {}),
    }  # fmt: skip
    for e in expected:
        inside = moments[round(e.start * FPS) : round(e.end * FPS)]
        extent = {
            "blink": max(m.lids for m in inside), "looks_away": max(abs(m.yaw) for m in inside) / 25,
            "smile": max(m.smile for m in inside), "nod": -min(m.pitch for m in inside) / 8,
            "shake": max(m.yaw for m in inside) / 8, "speaks": max(m.jaw for m in inside) / 0.4,
            "looks_at_camera": max(abs(m.yaw) for m in inside) < 20,
        }[e.name]  # fmt: skip
        assert extent >= 0.95, e
    again, _ = script(np.random.default_rng(4), smiles=smiles)
    assert again == moments


def test_pulses_and_swings_begin_and_end_at_zero():
    assert [round(pulse(t, 0.5, 1.0), 6) for t in (0, 0.25, 0.5, 1.5, 1.75, 2, 9)] == [0, 0.5, 1, 1, 0.5, 0, 0]
    assert swing(0.0, 2, 1) == 0 and swing(0.125, 2, 1) == pytest.approx(1) and swing(0.6, 2, 1) == 0
    assert acts.FPS == 30


# --- scores


def event(name: str, start: float, end: float) -> Event:
    return Event(1, name, "end", 1, start, end, 1.0)


def test_events_are_matched_one_to_one():
    expected = [Expected("nod", 1.0, 2.0), Expected("nod", 5.0, 6.0), Expected("blink", 1.0, 1.2)]
    assert count([event("nod", 1.5, 2.5), event("nod", 5.2, 5.4)], expected, "nod") == Count(2, 2, 2)
    assert count([event("nod", 1.1, 1.3), event("nod", 1.5, 1.7)], expected, "nod") == Count(1, 2, 2)  # doubled
    assert count([event("nod", 2.6, 3.0), event("nod", 4.0, 4.4)], expected, "nod") == Count(0, 2, 2)  # 0.6 s off
    assert count([event("blink", 0.6, 0.7)], expected, "blink") == Count(1, 1, 1)  # 0.3 s early
    assert count([], expected, "nod") == Count(0, 0, 2)


def test_precision_and_recall():
    facts = Count(3, 4, 6).to_dict()
    assert (facts["precision"], facts["recall"]) == (0.75, 0.5) and Count(3, 4, 6).f1 == pytest.approx(0.6)
    assert Count(0, 0, 2).to_dict()["precision"] is None


@pytest.fixture(scope="module")
def performance(pipeline, face) -> Performance:
    """A second at rest, one with closed eyes and an open mouth, one at rest."""
    busy = Moment(lids=1.0, jaw=0.8)
    moments = [busy if 30 <= i < 60 else Moment() for i in range(90)]
    renderer = Renderer(face)
    results = list(pipeline.stream(Arrays([renderer.frame(m) for m in moments], fps=FPS)))
    return Performance(moments, results, [Expected("opens", 1.0, 2.0), Expected("looks_at_camera", 0.0, 3.0)])


@bundled
def test_the_best_thresholds_are_found(performance):
    cues = [result.faces[0].cues.mouth_open for result in performance.results]
    assert max(cues[:25]) < max(cues)
    useless = Rule(name="opens", signal=lambda face: 9 * face.cues.mouth_open, start=0.99, stop=0.98, min_seconds=0.5)
    best, result = choose([performance], useless)
    assert result == Count(1, 1, 1) and best.start > best.stop
    assert score([performance], [best])["opens"] == result
    assert [e.name for e in events_of(performance.results, builtin_rules(["looks_at_camera"]))] == ["looks_at_camera"]


@bundled
def test_signals_are_scored_against_what_was_done(performance):
    one = tally(performance, builtin_rules(["looks_at_camera", "nod"]))
    found = signals([one, one])
    assert found["mouth_open"] > 0.9 and found["eyes_open"] > 0.9
    assert not {"blink_rate", "looking_at_camera"} & set(found)  # three seconds, and never away: nothing to judge by
    assert total([one, one]) == {"looks_at_camera": Count(2, 2, 2), "nod": Count(0, 0, 0)}
    assert Tally.from_json(one.to_json()) == one


def test_tables_and_pages(tmp_path):
    counts = {"nod": Count(1, 2, 4), "blink": Count(0, 0, 3)}
    text = table(counts, 5)
    assert "| `nod` | 2 | 1 | 4 | 0.50 | 0.25 |" in text and "| `blink` | 0 | 0 | 3 | not measured | 0.00 |" in text
    names = ("eyes_open", "mouth_open", "looking_at_camera", "speaking", "blink_rate", "eyes_closed_share")
    assert "0.500" in signal_table(dict.fromkeys(names, 0.5), 5)
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- measured: python -m training.cues.events -->\nold\n<!-- end -->\nafter\n", "utf-8")
    for new in ("first\n", "second\n"):
        write(page, new)
    assert page.read_text("utf-8").splitlines() == [
        "before", "<!-- measured: python -m training.cues.events -->", "second", "<!-- end -->", "after",
    ]  # fmt: skip
