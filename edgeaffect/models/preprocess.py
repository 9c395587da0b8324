"""Frame pixels -> a model's image input, by one `crop_normalize`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import native
from .inputs import ImageInput

_SIGN_BIT = np.uint8(0x80)


def crop_to_input(
    image: ImageInput,
    pixels: Any,
    matrices: NDArray[np.floating[Any]],
    *,
    color: str,
    border: str,
    size: tuple[int, int] | None = None,
    out: NDArray[Any] | None = None,
) -> NDArray[Any]:
    """Crops of one frame as rows of the input.

    Args:
        image: what the model takes.
        pixels: frame, as `native.crop_normalize` takes it.
        matrices: [rows, 2, 3], from input pixels to frame pixels.
        color: pixel format of the frame.
        border: `replicate` or `constant`.
        size: width, height; None is the spec's own.
        out: buffer of `image.shape(rows, size)` and the input's dtype; None makes one.

    Returns:
        `out`.
    """
    size = image.size if size is None else size
    if image.dtype != "uint8":
        return native.crop_normalize(
            pixels, matrices, size, color=color, border=border, out=out, **image.crop_arguments()
        )
    # As int8 with a zero point that is 128 lower; the sign bit turns that into uint8.
    signed = None if out is None else out.view(np.int8)
    made = native.crop_normalize(
        pixels, matrices, size, color=color, border=border, out=signed, **image.crop_arguments()
    ).view(np.uint8)
    np.bitwise_xor(made, _SIGN_BIT, out=made)
    return made if out is None else out
