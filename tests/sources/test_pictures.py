"""Pictures are known by their bytes, upright in every format, bounded and whole; turns keep every pixel format."""

from __future__ import annotations

import numpy as np
import pytest
from scenes import scene

from edgeaffect.errors import SourceError
from edgeaffect.image import check_frame
from edgeaffect.sources import Arrays, Images, open_source
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


def coloured(color: str) -> np.ndarray:
    """`scene()` in a pixel format, by OpenCV's conversion."""
    image = scene()
    if color in ("bgr", "rgb", "bgra", "gray"):
        codes = {"rgb": cv2.COLOR_BGR2RGB, "bgra": cv2.COLOR_BGR2BGRA, "gray": cv2.COLOR_BGR2GRAY}
        return image if color == "bgr" else cv2.cvtColor(image, codes[color])
    planes = cv2.cvtColor(image, cv2.COLOR_BGR2YUV_I420)
    luma, chroma = planes[:48], planes[48:].reshape(2, 24, 32).transpose(1, 2, 0)
    if color == "nv12":
        return np.vstack([luma, chroma.reshape(24, 64)])
    return np.dstack([luma, np.repeat(chroma, 2, axis=0).reshape(48, 64)])


def as_bgr(image: np.ndarray, color: str) -> np.ndarray:
    codes = {
        "rgb": cv2.COLOR_RGB2BGR, "bgra": cv2.COLOR_BGRA2BGR, "gray": cv2.COLOR_GRAY2BGR,
        "nv12": cv2.COLOR_YUV2BGR_NV12, "yuyv": cv2.COLOR_YUV2BGR_YUYV,
    }  # fmt: skip
    return image if color == "bgr" else cv2.cvtColor(image, codes[color])


@pytest.mark.parametrize("color", ["bgr", "rgb", "bgra", "gray", "nv12", "yuyv"])
@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("mirror", [False, True])
def test_any_source_is_turned_in_any_pixel_format(color, rotate, mirror):
    frame = coloured(color)
    wanted = Turn(rotate, mirror)(as_bgr(frame, color))
    for source in ([frame, frame], Arrays([frame, frame], color=color)):
        first, second = open_source(source, color=color, rotate=rotate, mirror=mirror)
        check_frame(second.image, second.color)
        assert first.color == color
        np.testing.assert_array_equal(as_bgr(first.image, color), wanted)
