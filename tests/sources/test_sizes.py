"""Sizes are bounded before memory is taken: of pictures by their headers, of films by their containers."""

from __future__ import annotations

import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from film_files import write_film
from scenes import scene

from edgeaffect.cli import main
from edgeaffect.errors import SourceError
from edgeaffect.sources import VideoFile, open_source
from edgeaffect.sources.headers import FileBytes, picture_size
from edgeaffect.sources.images import read_image

cv2 = pytest.importorskip("cv2")


@pytest.mark.parametrize("form", [".jpg", ".png", ".webp", ".bmp", ".tiff", ".ppm", ".pgm", ".jp2", ".avif", ".gif"])
def test_every_format_tells_its_size_before_it_is_decoded(tmp_path, form):
    path = tmp_path / f"a{form}"
    if not cv2.haveImageWriter(str(path)):
        pytest.skip(f"this OpenCV writes no {form}")
    assert cv2.imwrite(str(path), scene(100, 60)[..., 0] if form == ".pgm" else scene(100, 60))
    with pytest.raises(SourceError, match="announces 100x60 pixels, more than max_pixels=5999"):
        read_image(path, max_pixels=5999)
    assert read_image(path, max_pixels=6000).shape == (60, 100, 3)


def test_a_pam_tells_its_size():
    assert picture_size(b"P7\nWIDTH 640\nHEIGHT 480\nDEPTH 3\nMAXVAL 255\nTUPLTYPE RGB\nENDHDR\n", "pnm") == (640, 480)


def png_head(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">2I", width, height) + b"\x08\x02\0\0\0" + bytes(4)


HEADS = {
    "png": png_head(60_000, 60_000),
    "jpeg": b"\xff\xd8" + b"\xff\xc0\x00\x11\x08" + struct.pack(">2H", 60_000, 60_000) + bytes(9),
    "gif": b"GIF89a" + struct.pack("<2H", 60_000, 60_000) + b"\0\0\0" + b"!\xfe" + b"\x01a" * 1_000_000,
    "webp": b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0" + b"\x5f\xea\0" * 2,
    "unknown": b"no picture at all",
    "no size": b"\xff\xd8\xff\xe0\x00\x04ab\xff\xda\x00\x04ab",
}


@pytest.mark.parametrize("kind", HEADS)
def test_only_the_header_is_read_of_what_is_refused(tmp_path, kind):
    path = tmp_path / "large.jpg"
    with open(path, "wb") as file:
        file.write(HEADS[kind])
        file.truncate(900 << 20)  # a hole: takes no room on the disk
    tracemalloc.start()
    try:
        with pytest.raises(SourceError, match=r"60000x60000 pixels|is not a picture|does not say how large"):
            list(open_source(path))
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()


def test_a_tiff_whose_directory_comes_last_tells_its_size(tmp_path):
    entries = [(256, 4, 1, 70_000), (257, 4, 1, 70_000)]
    directory = struct.pack("<H", len(entries)) + b"".join(struct.pack("<2H2I", *entry) for entry in entries)
    at = 500 << 20
    with open(tmp_path / "a.tif", "wb") as file:
        file.write(struct.pack("<2sHI", b"II", 42, at))
        file.seek(at)
        file.write(directory + bytes(4))
    with pytest.raises(SourceError, match="70000x70000 pixels"):
        read_image(tmp_path / "a.tif")


def test_a_file_is_read_where_it_is_sliced(tmp_path):
    (tmp_path / "a").write_bytes(bytes(range(100)))
    with open(tmp_path / "a", "rb") as file:
        held = FileBytes(file)
        assert len(held) == 100
        assert held[10:13] == bytes([10, 11, 12]) and held[98:200] == bytes([98, 99]) and held[200:300] == b""


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts", ".avi"])
def test_films_are_bounded_by_the_size_of_a_frame(tmp_path, suffix):
    pytest.importorskip("av")
    path = write_film(tmp_path / f"a{suffix}", "mpeg4" if suffix == ".avi" else "libx264", frames=12)
    with pytest.raises(SourceError, match=r"frames of 64x48 pixels, more than max_pixels=3071: .*raise the limit"):
        VideoFile(path, max_pixels=3071)
    assert len(list(VideoFile(path, max_pixels=3072))) == 12
    with pytest.raises(ValueError, match="max_pixels must be positive"):
        VideoFile(path, max_pixels=0)


def test_stretched_frames_count_at_their_full_size(tmp_path):
    pytest.importorskip("av")
    path = write_film(tmp_path / "a.mp4", frames=3, shape=(2, 1))
    with pytest.raises(SourceError, match="frames of 128x48 pixels"):
        VideoFile(path, max_pixels=6000)


def announce(path: Path, size: tuple[int, int]) -> None:
    """Let an MP4 or MKV announce frames of another size."""
    data = bytearray(path.read_bytes())
    if path.suffix == ".mp4":
        at = data.index(b"avc1", data.index(b"stsd")) + 28
        assert data[at : at + 4] == struct.pack(">2H", 64, 48)
        data[at : at + 4] = struct.pack(">2H", *size)
    else:
        at = data.index(b"\xb0\x81\x40\xba\x81\x30")  # PixelWidth 64, PixelHeight 48
        data[at : at + 6] = b"\xb0\x81\xff\xba\x81\xff"
    path.write_bytes(data)


def test_a_film_is_refused_before_a_decoder_is_opened(tmp_path, monkeypatch):
    pytest.importorskip("av")
    films = [write_film(tmp_path / f"a{suffix}", frames=3) for suffix in (".mp4", ".mkv")]
    monkeypatch.setattr(cv2, "VideoCapture", None)
    for film, size in zip(films, ((20_000, 20_000), (255, 255)), strict=True):
        announce(film, size)
        with pytest.raises(SourceError, match=f"frames of {size[0]}x{size[1]} pixels"):
            VideoFile(film, max_pixels=60_000)


def test_a_picture_in_the_limit_is_read_as_before(tmp_path):
    image = np.random.default_rng(0).integers(0, 256, (70, 90, 3), np.uint8)
    cv2.imwrite(str(tmp_path / "a.png"), image)
    np.testing.assert_array_equal(read_image(tmp_path / "a.png"), image)


@pytest.mark.parametrize("suffix", [".png", ".mp4"])
def test_the_bound_is_an_option_of_every_file_and_of_the_command(tmp_path, suffix, capsys):
    path = tmp_path / f"a{suffix}"
    if suffix == ".png":
        cv2.imwrite(str(path), scene(64, 48))
    else:
        pytest.importorskip("av")
        write_film(path, "libx264", frames=2)
    with pytest.raises(SourceError, match="64x48 pixels, more than max_pixels=3071"):
        list(open_source(path, max_pixels=3071))
    with open_source(path, max_pixels=3072) as source:
        assert len(list(source)) >= 1
    assert main(["run", str(path), "--no-affect", "--max-pixels", "3071"]) == 2
    assert "more than max_pixels=3071" in capsys.readouterr().err
