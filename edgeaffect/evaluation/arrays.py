"""NumPy archives (.npz) without `numpy.load`: a header's claim is compared with the bytes before memory is taken."""

from __future__ import annotations

import io
import math
import tokenize
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from .archives import Archive, ArchiveError

_MAX_HEADER = 4096
_HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}


def read_arrays(archive: Archive, name: str, wanted: tuple[str, ...]) -> dict[str, NDArray[Any]]:
    """Those of the `wanted` arrays that the .npz entry of an archive holds.

    Raises:
        ArchiveError: not an archive of plain arrays, or too large.
    """
    content = archive.read(name, archive.limits.arrays)
    complaint = f"{archive.path}: {name} is no archive of plain NumPy arrays"
    try:
        with Archive.of_bytes(content, f"{archive.path}: {name}", archive.limits) as inner:
            names = inner.names
            return {key: parse_npy(inner.read(f"{key}.npy", archive.limits.arrays)) for key in wanted
                    if f"{key}.npy" in names}  # fmt: skip
    except (ValueError, RecursionError, MemoryError, OverflowError, SyntaxError, TypeError, ArchiveError) as error:
        raise ArchiveError(f"{complaint}: write it with numpy.savez") from error


def parse_npy(content: bytes) -> NDArray[Any]:
    """The array of a .npy file.

    Raises:
        ValueError: not one, one of Python objects, or one whose header does not fit its bytes.
    """
    stream = io.BytesIO(content)
    read_header = _HEADERS.get(npy.read_magic(stream))
    if read_header is None:
        raise ValueError("unknown version")
    if int.from_bytes(content[8:10], "little") > _MAX_HEADER:
        raise ValueError("header too long")
    try:
        shape, fortran_order, dtype = read_header(stream)
    except (tokenize.TokenError, SyntaxError, TypeError, RecursionError, MemoryError, OverflowError) as error:
        raise ValueError("a header that is no Python literal") from error  # NumPy reads it by Python's own parser
    if dtype.hasobject or not dtype.itemsize:
        raise ValueError("Python objects")
    rest = memoryview(content)[stream.tell() :]
    if math.prod(shape) * dtype.itemsize != len(rest):
        raise ValueError("the header does not fit the data")
    return np.frombuffer(rest, dtype).reshape(shape, order="F" if fortran_order else "C")
