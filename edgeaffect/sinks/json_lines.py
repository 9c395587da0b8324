"""`JsonLines`: one JSON object a frame."""

from __future__ import annotations

import json
from collections.abc import Sequence

from ..errors import PictureError, SourceError
from ..results import Result
from .base import TakenFrame
from .lines import LineFile


class JsonLines:
    """Writes and flushes one line per frame.

    Args:
        target: path, or `-` for standard output.
        compact: the short form (`Result.to_compact`).
        errors: pictures that the source left out (`Source.errors`, which grows): each gets a line in its place.

    Raises:
        FileNotFoundError: the folder is not there.
    """

    def __init__(self, target: str, *, compact: bool = False, errors: Sequence[SourceError] = ()) -> None:
        self._file, self._compact = LineFile(target), compact
        self._errors, self._told = errors, 0

    def write(self, frame: TakenFrame, result: Result) -> bool:
        """Write one line, after those of pictures left out before it."""
        self._tell_errors()
        self._file.write(result.to_json(compact=self._compact))
        return True

    def close(self) -> str:
        """Close the file."""
        self._tell_errors()
        return self._file.close("line")

    def _tell_errors(self) -> None:
        new = self._errors[self._told :]
        self._told += len(new)
        self._file.write(*(json.dumps(error.to_dict()) for error in new if isinstance(error, PictureError)))
