"""What has not changed is not read again; whatever has is."""

from __future__ import annotations

import numpy as np
import pytest

from edgeaffect import FaceDetector, Pipeline
from edgeaffect.bench.frames import convert, synthetic
from edgeaffect.image import Image
from edgeaffect.pipeline.unchanged import UnchangedFaces

SIZE = (320, 240)
BOX = np.array([110.0, 80, 170, 140], np.float32)
MATRIX = np.array([[1.5, 0.2, 101.0], [-0.2, 1.5, 71.0]], np.float32)


@pytest.fixture(scope="module")
def clip() -> list[np.ndarray]:
    return synthetic(SIZE, 1, 4)


def stages(result) -> set[str]:
    return {name for name in result.timings_ms if "." not in name}


def run(frames, *, step: float = 1 / 30, **options):
    with Pipeline(device="cpu", max_side=256, **options) as pipeline:
        return [pipeline.process(frame, index * step) for index, frame in enumerate(frames)]


def test_still_frames_give_what_reading_each_gives(clip):
    """Frames move, stand for a while, and move again: every number is the same, and readings are saved."""
    frames = [*clip[:3], *[clip[3]] * 75, *clip[:2]]
    read, skipped = run(frames, cues=True, skip_unchanged=False), run(frames, cues=True)
    for a, b in zip(read, skipped, strict=True):
        (face,), (other,) = a.faces, b.faces
        np.testing.assert_array_equal(other.box, face.box)
        np.testing.assert_array_equal(other.raw.probabilities, face.raw.probabilities)
        np.testing.assert_array_equal(other.affect.probabilities, face.affect.probabilities)
        np.testing.assert_array_equal(other.raw_cues.landmarks68, face.raw_cues.landmarks68)
        assert other.affect.label == face.affect.label
    asked = ["affect" in stages(result) for result in skipped]
    assert all(asked[:4]) and all(asked[78:]) and sum(asked[4:78]) <= 45  # a track settles first
    assert ["cues" in stages(result) for result in skipped] == asked
    assert all({"affect", "cues", "crop"} <= stages(result) for result in read)


def test_a_kept_reading_is_smoothed_on(clip):
    results = run([*clip[:2], *[clip[3]] * 60])
    raw = results[-1].faces[0].raw
    gaps = [np.abs(one.faces[0].affect.probabilities - raw.probabilities).max() for one in results[4:]]
    assert "affect" not in stages(results[-1]) and results[-1].faces[0].raw is results[-2].faces[0].raw
    assert gaps[-1] < 0.25 * gaps[0] or gaps[0] < 1e-3


def test_the_interval_of_readings_stays_as_it_is(clip):
    results = run([clip[0]] * 24, affect_interval=0.2)
    given = [index for index, result in enumerate(results) if result.faces[0].raw is not None]
    assert given == [0, 6, 12, 18]


@pytest.mark.parametrize("color", ["bgr", "gray", "nv12", "yuyv"])
def test_one_changed_pixel_of_a_face_is_a_change(color):
    rng = np.random.default_rng(0)
    frame = convert(rng.integers(0, 256, (240, 320, 3), np.uint8), color)
    seen = UnchangedFaces((48, 48))
    image = Image.of(frame, color)
    seen.keep(image, 1, BOX, lambda: MATRIX, "first")
    assert seen.find(image, 1, lambda: MATRIX) is None  # only the second of two equal readings takes a copy
    seen.keep(image, 1, BOX, lambda: MATRIX, "second")
    assert seen.find(image, 1, lambda: MATRIX) == "second"
    assert seen.find(image, 2, lambda: MATRIX) is None
    moved = MATRIX + np.array([[0, 0, 0.5], [0, 0, 0]], np.float32)
    assert seen.find(image, 1, lambda: moved) is None
    beyond = frame.copy()
    beyond[5, 5] ^= 1
    assert seen.find(Image.of(beyond, color), 1, lambda: MATRIX) == "second"
    within = frame.copy()
    within[100, 140] ^= 1
    assert seen.find(Image.of(within, color), 1, lambda: MATRIX) is None
    seen.forget_except([2])
    assert seen.find(image, 1, lambda: MATRIX) is None


@pytest.mark.parametrize("corner", [(0.0, 0.0), (-30.0, -20.0), (300.0, 230.0), (-500.0, 900.0)])
def test_every_byte_that_a_crop_shows_is_watched(corner):
    """A change that moves any number of the crop is found, at the border of the frame too."""
    from edgeaffect import native

    rng = np.random.default_rng(1)
    frame = convert(rng.integers(0, 256, (240, 320, 3), np.uint8), "nv12")
    matrix = np.array([[1.4, 0.3, corner[0]], [-0.3, 1.4, corner[1]]], np.float32)

    def crop(pixels):
        return native.crop_normalize(pixels, matrix[None], (24, 24), color="nv12", border="replicate")

    box = np.array([*corner, *np.add(corner, 30)], np.float32)
    seen = UnchangedFaces((24, 24))
    for value in ("first", "second"):
        seen.keep(Image.of(frame, "nv12"), 1, box, lambda: matrix, value)
    before, shown = crop(frame), 0
    # Around what is seen of the crop, in the luma and in the chroma below it.
    xs = np.clip(corner[0] + rng.uniform(-10, 50, 60), 0, 319).astype(int).tolist()
    luma = np.clip(corner[1] + rng.uniform(-20, 40, 60), 0, 239).astype(int)
    ys = np.where(rng.random(60) < 0.5, luma, 240 + luma // 2).tolist()
    for y, x in zip(ys, xs, strict=True):
        other = frame.copy()
        other[max(y - 6, 0) : y + 6, max(x - 6, 0) : x + 6] ^= 128
        if not np.array_equal(crop(other), before):
            shown += 1
            assert seen.find(Image.of(other, "nv12"), 1, lambda: matrix) is None
            for value in ("first", "second"):
                seen.keep(Image.of(frame, "nv12"), 1, box, lambda: matrix, value)
    assert shown


def test_a_detector_runs_again_only_for_another_input(clip):
    with FaceDetector(device="cpu", max_side=256, skip_unchanged=True) as detector:
        calls = []
        plain = detector.session.run
        detector.session.run = lambda *a: calls.append(1) or plain(*a)  # type: ignore[method-assign]
        first = detector.run_many([Image.of(clip[0]), Image.of(clip[1])])
        first[0].boxes[:] = 0  # what was handed out is the caller's
        again = detector.run_many([Image.of(clip[0].copy()), Image.of(clip[1].copy())])
        assert len(calls) == 2
        np.testing.assert_array_equal(again[1].boxes, first[1].boxes)
        assert (again[0].boxes != 0).any()
        detector.run_many([Image.of(clip[1]), Image.of(clip[1])])
        assert len(calls) == 3
        detector.run_many([Image.of(clip[1], still=True)])
        assert len(calls) == 4  # pictures by themselves are read each time
        changed = clip[1].copy()
        changed[100:108, 100:108] ^= 64
        detector.run_many([Image.of(changed)])
        assert len(calls) == 5


def test_reset_forgets_readings(clip):
    with Pipeline(device="cpu", max_side=256) as pipeline:
        for index in range(5):
            last = pipeline.process(clip[0], index / 30)
        assert "affect" not in stages(last)
        pipeline.reset()
        assert "affect" in stages(pipeline.process(clip[0], 0.0))
