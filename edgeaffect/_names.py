"""Names of files as UTF-8, whatever the locale: what OpenCV's video functions take, and what text files hold.

Python reads names by the locale, and OpenCV writes them as UTF-8: the bytes on the disk are what both must mean.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator


def utf8_name(path: str) -> str | None:
    """The absolute name of a file whose bytes are UTF-8; None if they are not.

    It is absolute because FFmpeg takes a bare `data:x.mp4` for an address.
    """
    try:
        return os.fsencode(os.path.abspath(path)).decode("utf-8")
    except UnicodeDecodeError:
        return None


@contextlib.contextmanager
def readable_name(path: str) -> Iterator[str]:
    """A name under which OpenCV reads a file while the context lasts: its own, or that of the open file.

    Raises:
        OSError: the file cannot be opened.
    """
    name = utf8_name(path)
    if name is not None:
        yield name
        return
    with open(path, "rb") as file:
        yield f"/dev/fd/{file.fileno()}"


def text_name(name: str) -> str:
    r"""A name for a text file or JSON, where only UTF-8 is safe; bytes that are no text are shown as `\xe9`."""
    try:
        return os.fsencode(name).decode("utf-8")
    except UnicodeError:  # bytes of another encoding, or an address with letters that the locale lacks
        return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
