"""Kept crops: what they show, how long they are kept, and of which camera."""

from __future__ import annotations

import numpy as np
import pytest
from squares import squares

from edgeaffect import Error

SIZE = (640, 480)


def ramps(x: int, y: int, side: int) -> np.ndarray:
    """A BGR frame whose blue grows with x and green with y, and a square of red centred at (x, y)."""
    columns, rows = np.meshgrid(np.arange(SIZE[0]) + 0.5, np.arange(SIZE[1]) + 0.5)
    frame = np.stack([columns * 0.4, rows * 0.5, np.zeros_like(rows)], 2).round().astype(np.uint8)
    frame[max(y - side // 2, 0) : y + side // 2, max(x - side // 2, 0) : x + side // 2, 2] = 200
    return frame


@pytest.mark.parametrize("side", [32, 96])
def test_a_crop_is_the_square_around_the_face_at_its_last_analysis(side: int) -> None:
    pipeline = squares(crop_keep=True, crop_side=side)
    face = pipeline.process(ramps(300, 200, 80), 1.5).faces[0]
    crop = pipeline.kept_crop(face)
    assert (crop.track_id, crop.timestamp) == (face.track_id, 1.5)
    assert crop.pixels.shape == (side, side, 3) and crop.pixels.dtype == np.uint8
    # 1.6 times the box of 80 pixels, same centre: pixel (u, v) shows the frame at 236 + (u + 0.5) * 128 / side.
    scale = 1.6 * 80 / side
    np.testing.assert_allclose(crop.matrix, [[scale, 0, 300 - 64], [0, scale, 200 - 64]], atol=1e-4)
    centers = (np.arange(side) + 0.5) * scale
    # Half a level of the frame's rounding, half a level of the crop's.
    np.testing.assert_allclose(crop.pixels[side // 2, :, 0], 0.4 * (236 + centers), atol=1.01)
    np.testing.assert_allclose(crop.pixels[:, side // 2, 1], 0.5 * (136 + centers), atol=1.01)
    assert crop.pixels[side // 2, side // 2, 2] == 200 and crop.pixels[0, 0, 2] == 0


def test_beyond_the_frame_its_border_is_repeated() -> None:
    pipeline = squares(crop_keep=True, crop_side=64)
    crop = pipeline.kept_crop(pipeline.process(ramps(20, 200, 80), 0.0).faces[0])
    outside = (np.arange(64) + 0.5) * crop.matrix[0, 0] + crop.matrix[0, 2] < 0
    assert outside.any()
    assert (crop.pixels[:, outside, 0] == crop.pixels[:1, outside, 0]).all() and crop.pixels[:, outside, 0].max() <= 1


def test_a_crop_that_was_taken_stays_as_it_was() -> None:
    pipeline = squares(crop_keep=True, affect_interval=0.0)
    first = pipeline.kept_crop(pipeline.process(ramps(300, 200, 80), 0.0).faces[0])
    before = first.pixels.copy()
    pipeline.process(ramps(320, 200, 80), 0.2)
    second = pipeline.kept_crop(first.track_id)
    np.testing.assert_array_equal(first.pixels, before)
    assert (first.timestamp, second.timestamp) == (0.0, 0.2)
    assert second.matrix[0, 2] > first.matrix[0, 2] and not np.array_equal(second.pixels, before)


def test_a_crop_is_of_the_last_analysis_not_of_the_last_frame() -> None:
    pipeline = squares(crop_keep=True, affect_interval=1.0)
    for step in range(5):
        result = pipeline.process(ramps(300 + step, 200, 80), step * 0.1)
    assert pipeline.kept_crop(result.faces[0]).timestamp == 0.0


def test_a_face_that_left_is_forgotten() -> None:
    pipeline = squares(crop_keep=True, max_age=0.5)
    face = pipeline.process(ramps(300, 200, 80), 0.0).faces[0]
    pipeline.process(ramps(0, 0, 0), 0.3)
    assert pipeline.kept_crop(face).track_id == face.track_id  # it may come back
    for step in range(4, 12):
        pipeline.process(ramps(0, 0, 0), step / 10)
    with pytest.raises(Error, match=r"no crop of face 1 is kept: it left more than track\.max_age ago"):
        pipeline.kept_crop(face)


def test_reset_forgets_all() -> None:
    pipeline = squares(crop_keep=True)
    face = pipeline.process(ramps(300, 200, 80), 0.0).faces[0]
    pipeline.reset()
    with pytest.raises(Error, match="no crop of face 1 is kept"):
        pipeline.kept_crop(face)


def test_cameras_keep_crops_of_their_own() -> None:
    pipeline = squares(crop_keep=True)
    one, two = pipeline.process_batch([ramps(300, 200, 80), ramps(100, 300, 40)], 0.0)
    matrices = [pipeline.kept_crop(result.faces[0], camera=i).matrix for i, result in enumerate((one, two))]
    assert [matrix[0, 2] for matrix in matrices] == pytest.approx([300 - 64, 100 - 32])
    with pytest.raises(Error, match="no crop of face 1 is kept"):
        pipeline.kept_crop(1)
    for camera in (2, -1):
        with pytest.raises(Error, match=r"no crops are kept: .*give it a frame first"):
            pipeline.kept_crop(1, camera=camera)


def test_without_the_option_and_of_stills_there_are_none() -> None:
    with pytest.raises(Error, match="make the pipeline with crop_keep=True"):
        squares().kept_crop(1)
    pipeline = squares(crop_keep=True)
    (result,) = pipeline.stream(ramps(300, 200, 80))
    with pytest.raises(Error, match=r"no crop of face None is kept: .*still picture, whose faces have no id"):
        pipeline.kept_crop(result.faces[0])
