"""Pictures are known by their bytes, upright in every format, bounded and whole; turns keep every pixel format."""

from __future__ import annotations

import numpy as np
import pytest
from scenes import scene

from edgeaffect.errors import SourceError
from edgeaffect.sources import Images, open_source
from edgeaffect.sources.geometry import Turn
from edgeaffect.sources.images import read_image

cv2 = pytest.importorskip("cv2")


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_of_every_format_without_an_ending(tmp_path, form, orientation):
    pillow = pytest.importorskip("PIL.Image")
    ops = pytest.importorskip("PIL.ImageOps")
    exif = pillow.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "upload"
    pillow.fromarray(scene()[..., ::-1]).save(path, form, exif=exif)
    with pillow.open(path) as picture:
        wanted = np.asarray(ops.exif_transpose(picture).convert("RGB"))[..., ::-1].astype(int)
    source = open_source(path)
    assert isinstance(source, Images)
    seen = next(iter(source)).image
    assert seen.shape == wanted.shape and np.abs(seen.astype(int) - wanted).mean() < 4


def test_sizes_sixteen_bits_and_alpha(tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), scene())
    with pytest.raises(SourceError, match="64x48 pixels, more than max_pixels=100"):
        read_image(tmp_path / "a.png", max_pixels=100)
    cv2.imwrite(str(tmp_path / "ten.png"), scene().astype(np.uint16) << 2)
    np.testing.assert_array_equal(read_image(tmp_path / "ten.png"), scene())
    clear = np.dstack([scene(), np.zeros(scene().shape[:2], np.uint8)])
    cv2.imwrite(str(tmp_path / "clear.png"), clear)
    assert (read_image(tmp_path / "clear.png") == 127).all()


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("mirror", [False, True])
def test_turns_of_raw_formats(rotate, mirror):
    rng = np.random.default_rng(0)
    turn = Turn(rotate, mirror)
    luma = rng.integers(0, 256, (8, 12), np.uint8)
    wanted = turn(luma, "gray")
    nv12 = np.vstack([luma, rng.integers(0, 256, (4, 12), np.uint8)])
    np.testing.assert_array_equal(turn(nv12, "nv12")[: wanted.shape[0]], wanted)
    yuyv = np.dstack([luma, np.full_like(luma, 90)])
    np.testing.assert_array_equal(turn(yuyv, "yuyv"), np.dstack([wanted, np.full_like(wanted, 90)]))
