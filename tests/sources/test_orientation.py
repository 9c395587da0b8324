"""Every rotation and mirror property of every format turns the same scene upright."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from film_files import TURNS, remux, write_film, write_matrix
from scenes import scene

from edgeaffect.errors import SourceError
from edgeaffect.sources import VideoFile, open_source
from edgeaffect.sources.geometry import Turn
from edgeaffect.sources.headers import EXIF_TURNS
from edgeaffect.sources.images import read_image
from edgeaffect.sources.isobmff import item_properties

pytest.importorskip("cv2")


def near(seen: np.ndarray, wanted: np.ndarray, tolerance: float = 12) -> bool:
    return seen.shape == wanted.shape and np.abs(seen.astype(int) - wanted).mean() < tolerance


def first(path: Path, **options) -> np.ndarray:
    return next(iter(VideoFile(path, **options))).image.copy()


@pytest.fixture
def film(tmp_path: Path) -> Path:
    pytest.importorskip("av")
    return write_film(tmp_path / "a.mp4", is_still=True, frames=6)


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
@pytest.mark.parametrize("turn", TURNS)
def test_films_are_turned_and_mirrored(film, turn, suffix):
    write_matrix(film, b"tkhd", turn)
    path = film if suffix == ".mp4" else remux(film, film.with_suffix(suffix))
    assert near(first(path), turn(scene()))


@pytest.mark.parametrize("movie", [Turn(90), Turn(0, True), Turn(270, True)])
@pytest.mark.parametrize("track", [Turn(90), Turn(180, True), Turn(270, True)])
def test_the_movie_turns_what_its_track_has_turned(film, track, movie):
    write_matrix(film, b"tkhd", track)
    write_matrix(film, b"mvhd", movie)
    assert near(first(film), movie(track(scene())))


def test_the_matrix_agrees_with_ffmpeg(film):
    """FFmpeg translates the matrix into Matroska's pose; both readers must come to the same turn."""
    from edgeaffect.sources import isobmff, matroska

    for turn in TURNS:
        copy = film.with_name("copy.mp4")
        copy.write_bytes(film.read_bytes())
        write_matrix(copy, b"tkhd", turn)
        with open(copy, "rb") as mp4, open(remux(copy, copy.with_suffix(".mkv")), "rb") as mkv:
            assert isobmff.read_film(mp4).turn == matroska.read_film(mkv).turn == turn


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts", ".avi"])
@pytest.mark.parametrize(("shape", "size"), [((2, 1), (128, 48)), ((1, 2), (64, 96)), ((64, 45), (91, 48))])
def test_pixels_are_made_square(tmp_path, suffix, shape, size):
    pytest.importorskip("av")
    codec = "mpeg4" if suffix == ".avi" else "libx264"
    image = first(write_film(tmp_path / f"a{suffix}", codec, is_still=True, frames=12, shape=shape))
    assert near(image, scene(*size), 16)


def test_oblong_pixels_are_made_square_before_the_film_is_turned(tmp_path):
    pytest.importorskip("av")
    path = write_film(tmp_path / "a.mp4", is_still=True, frames=6, shape=(2, 1))
    write_matrix(path, b"tkhd", Turn(90))
    assert near(first(path), Turn(90)(scene(128, 48)), 16)


@pytest.mark.parametrize("turn", [Turn(90), Turn(180, True), Turn(270)])
def test_what_a_user_asks_for_comes_after_the_films_own_turn(film, turn):
    write_matrix(film, b"tkhd", Turn(90))
    assert near(first(film, rotate=turn.rotate, mirror=turn.mirror), turn(Turn(90)(scene())))


@pytest.mark.parametrize("orientation", EXIF_TURNS)
@pytest.mark.parametrize("form", ["HEIF", "AVIF"])
def test_phone_pictures_are_upright(tmp_path, form, orientation):
    """Pillow writes the turn of an AVIF as properties, and that of a HEIC as EXIF alone."""
    image = pytest.importorskip("PIL.Image")
    heif = pytest.importorskip("pillow_heif")
    heif.register_heif_opener()
    exif = image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "upload"
    try:
        image.fromarray(scene(128, 96)[..., ::-1].copy()).save(path, form, exif=exif)
    except (KeyError, OSError):
        pytest.skip(f"this Pillow writes no {form}")
    own = item_properties(io.BytesIO(path.read_bytes())) & {b"irot", b"imir"}
    assert bool(own) == (form == "AVIF" and orientation != 1)
    assert near(next(iter(open_source(path))).image, EXIF_TURNS[orientation](scene(128, 96)))


def add_rotation(heic: bytes) -> bytes:
    """A HEIC of Pillow's that asks by a property, as phones do, for a quarter turn clockwise."""
    data = bytearray(heic)
    box, association = struct.pack(">I4sB", 9, b"irot", 3), bytes([0x85])  # the fifth property, essential

    def grow(kind: bytes, extra: int) -> int:
        at = data.index(kind) - 4
        size = int.from_bytes(data[at : at + 4], "big")
        data[at : at + 4] = struct.pack(">I", size + extra)
        return at + size

    locations = data.index(b"iloc") + 12
    for at in (locations + 4, locations + 18 + 4):  # where the items begin
        data[at : at + 4] = struct.pack(">I", int.from_bytes(data[at : at + 4], "big") + 10)
    count = data.index(b"ipma") + 4 + 8 + 2
    data[count] += 1
    grow(b"meta", 10)
    grow(b"iprp", 10)
    end = grow(b"ipma", 1)
    data[count + data[count] : count + data[count]] = association
    assert end == count + data[count]
    end = grow(b"ipco", 9)
    data[end:end] = box
    return bytes(data)


def test_a_heic_that_is_turned_by_its_properties_is_not_turned_again(tmp_path):
    image = pytest.importorskip("PIL.Image")
    heif = pytest.importorskip("pillow_heif")
    heif.register_heif_opener()
    exif = image.Exif()
    exif[0x0112] = 6
    image.fromarray(scene(128, 96)[..., ::-1].copy()).save(tmp_path / "a.heic", "HEIF", exif=exif)
    data = add_rotation((tmp_path / "a.heic").read_bytes())
    (tmp_path / "b.heic").write_bytes(data)
    assert item_properties(io.BytesIO(data)) >= {b"irot", b"ispe", b"hvcC"}
    assert near(read_image(tmp_path / "b.heic"), Turn(90)(scene(128, 96)))


def test_without_pillow_phone_pictures_name_the_remedy(tmp_path, monkeypatch):
    image = pytest.importorskip("PIL.Image")
    heif = pytest.importorskip("pillow_heif")
    heif.register_heif_opener()
    image.fromarray(scene(128, 96)).save(tmp_path / "a", "HEIF")
    monkeypatch.setitem(__import__("sys").modules, "pillow_heif", None)
    with pytest.raises(SourceError, match=r'a is a HEIC picture.* pip install "edgeaffect\[images\]"'):
        read_image(tmp_path / "a")
