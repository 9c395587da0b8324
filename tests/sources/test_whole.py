"""A picture that is cut off anywhere before its last pixel is an error; one without its end marker is read."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from edgeaffect.errors import SourceError
from edgeaffect.sources.images import read_image
from edgeaffect.sources.whole import is_cut_off

cv2 = pytest.importorskip("cv2")


def noise(side: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8)


def jpeg(side: int = 64, *flags: int) -> bytes:
    return cv2.imencode(".jpg", noise(side), list(flags))[1].tobytes()


KINDS = {
    "baseline": (),
    "restarts": (cv2.IMWRITE_JPEG_RST_INTERVAL, 2),
    "progressive": (cv2.IMWRITE_JPEG_PROGRESSIVE, 1),
    "progressive restarts": (cv2.IMWRITE_JPEG_PROGRESSIVE, 1, cv2.IMWRITE_JPEG_RST_INTERVAL, 2),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_jpeg_cut_anywhere_lacks_pixels(kind):
    pytest.importorskip("PIL")
    whole = jpeg(16, *KINDS[kind])
    assert [length for length in range(3, len(whole) - 2) if not is_cut_off(whole[:length])] == []
    assert not any(is_cut_off(whole[:length]) for length in range(len(whole) - 2, len(whole) + 1))


@pytest.mark.parametrize("kind", KINDS)
def test_a_jpeg_cut_between_its_parts_lacks_pixels(kind):
    """Where a scan or a restart begins, what is there looks finished by itself."""
    whole = jpeg(64, *KINDS[kind])
    markers = [b"\xff" + bytes([number]) for number in (*range(0xC0, 0xC5), *range(0xD0, 0xD8), 0xDA, 0xDB)]
    cuts = [at for at in range(3, len(whole) - 2) if whole[at : at + 2] in markers]
    assert len(cuts) > 3
    assert [at for at in cuts if not is_cut_off(whole[:at])] == []


def test_without_pillow_a_missing_end_marker_counts_as_a_cut(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "PIL", None)
    whole = jpeg()
    assert is_cut_off(whole[:-1]) and is_cut_off(whole[:-2]) and not is_cut_off(whole)


def test_neither_a_thumbnail_nor_data_behind_the_end_hides_a_cut():
    thumbnail = b"Exif\0\0" + jpeg(16)
    whole = jpeg()
    whole = whole[:2] + b"\xff\xe1" + struct.pack(">H", len(thumbnail) + 2) + thumbnail + whole[2:]
    assert cv2.imdecode(np.frombuffer(whole, np.uint8), 0).shape == (64, 64)
    assert not is_cut_off(whole) and not is_cut_off(whole + b"\0" * 100_000)
    assert all(is_cut_off(whole[:length]) for length in range(3, len(whole) - 4, 37))


def test_a_png_is_whole_with_its_last_pixel(tmp_path):
    whole = cv2.imencode(".png", noise(24))[1].tobytes()
    end = whole.index(b"IEND") - 4
    assert [length for length in range(8, end - 8) if not is_cut_off(whole[:length])] == []
    assert not is_cut_off(whole) and not is_cut_off(whole + b"more") and not is_cut_off(whole[:end])
    (tmp_path / "a.png").write_bytes(whole[:end])
    np.testing.assert_array_equal(read_image(tmp_path / "a.png"), noise(24))


@pytest.mark.parametrize("form", [".jpg", ".png", ".webp", ".bmp", ".tiff", ".jp2"])
def test_half_a_picture_is_an_error_in_every_format(tmp_path, form):
    whole = cv2.imencode(form, noise(64))[1].tobytes()
    path = tmp_path / f"half{form}"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(SourceError, match="half"):
        read_image(path)


@pytest.mark.parametrize("ending", [b"", b"\xff", b"\xff\xd9", b"\xff\xd9trailing"])
def test_a_missing_end_marker_changes_no_pixel(tmp_path, ending):
    pytest.importorskip("PIL")
    whole = jpeg()
    (tmp_path / "a.jpg").write_bytes(whole)
    (tmp_path / "b.jpg").write_bytes(whole[:-2] + ending)
    np.testing.assert_array_equal(read_image(tmp_path / "b.jpg"), read_image(tmp_path / "a.jpg"))


def test_headers_full_of_filling_are_given_up(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8" + b"\xff" * 10_000_000)
    with pytest.raises(SourceError, match="does not say how large it is"):
        read_image(tmp_path / "a.jpg")
