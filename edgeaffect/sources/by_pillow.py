"""Pictures that OpenCV reads in part or not at all, and moving ones, by Pillow (extra `[images]`)."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..errors import SourceError
from .geometry import Turn
from .headers import EXIF_TURNS
from .isobmff import item_properties

REMEDY = 'install the readers of phone pictures with: pip install "edgeaffect[images]"'


def read_picture(data: bytes, name: str, form: str, max_pixels: int) -> Any:
    """BGRA pixels [h, w, 4] of a picture, upright; None where Pillow cannot read such ones and OpenCV may try.

    Raises:
        SourceError: it cannot be decoded, has more than `max_pixels`, or is a HEIC and its reader is missing.
    """
    if not _has_pillow(form):
        if form == "heic":
            raise SourceError(f"{name} is a HEIC picture, which OpenCV reads only in part: {REMEDY}")
        return None
    with _failures(name):
        picture = _open(data, name, max_pixels)
        if picture is None:
            return None
        with picture:
            pixels = _upright(picture)
            return _heic_turn(data, picture)(pixels) if form == "heic" else pixels


def read_frames(data: bytes, name: str, max_pixels: int) -> Iterator[tuple[Any, float, int]]:
    """BGRA pixels [h, w, 4] of an animation's frames, upright; for how many seconds; how many come after it.

    Raises:
        SourceError: see `read_picture`; also in the middle, where a frame cannot be decoded.
    """
    picture = None
    if _has_pillow():
        with _failures(name):
            picture = _open(data, name, max_pixels)
    if picture is None:
        raise SourceError(f"{name} is an animation, which OpenCV does not play: {REMEDY}")
    with picture:
        count = picture.n_frames
        first = 1 if picture.info.get("default_image") else 0  # for programs that know no animated PNG
        for left in reversed(range(count - first)):
            with _failures(name):
                picture.seek(count - 1 - left)
                pixels = _upright(picture)
            yield pixels, float(picture.info.get("duration", 0)) / 1000, left


def _has_pillow(form: str = "") -> bool:
    try:
        import PIL.Image  # noqa: F401

        if form == "heic":
            import pillow_heif

            pillow_heif.register_heif_opener()
    except ImportError:
        return False
    return True


def _open(data: bytes, name: str, max_pixels: int) -> Any:
    """The picture with only its header read; None if this Pillow was built without its format."""
    from PIL import Image, UnidentifiedImageError

    try:
        picture = Image.open(io.BytesIO(data))
    except UnidentifiedImageError:
        return None
    if picture.size[0] * picture.size[1] > max_pixels:
        raise SourceError(f"{name} has {picture.size} pixels, more than max_pixels={max_pixels}")
    return picture


def _upright(picture: Any) -> Any:
    from PIL import ImageOps

    return np.asarray(ImageOps.exif_transpose(picture).convert("RGBA"))[..., [2, 1, 0, 3]]


def _heic_turn(data: bytes, picture: Any) -> Turn:
    """What turns a HEIC upright that says so by EXIF alone.

    The standard has `irot` and `imir` for this, which its decoder obeys, and EXIF repeats them. Where neither is
    there EXIF is all there is: several writers, Pillow's among them, know no other way.
    """
    if item_properties(io.BytesIO(data)) & {b"irot", b"imir"}:
        return Turn()
    return EXIF_TURNS.get(picture.info.get("original_orientation", 1), Turn())


@contextlib.contextmanager
def _failures(name: str) -> Iterator[None]:
    """Pillow's ways of refusing a file as one error of ours."""
    from PIL import Image

    reason = ""
    try:
        yield
    except SourceError:
        raise
    except (OSError, ValueError, SyntaxError, EOFError, RuntimeError, Image.DecompressionBombError) as error:
        reason = next(iter(str(error).splitlines()), "") or repr(error)
    if reason:
        raise SourceError(f"cannot decode {name}: {reason}")
