"""`JsonLines`: one JSON object a frame."""

from __future__ import annotations

from ..results import Result
from .base import TakenFrame
from .lines import LineFile


class JsonLines:
    """Writes and flushes one line per frame.

    Args:
        target: path, or `-` for standard output.
        compact: the short form (`Result.to_compact`).

    Raises:
        FileNotFoundError: the folder is not there.
    """

    def __init__(self, target: str, *, compact: bool = False) -> None:
        self._file, self._compact = LineFile(target), compact

    def write(self, frame: TakenFrame, result: Result) -> bool:
        """Write one line."""
        self._file.write(result.to_json(compact=self._compact))
        return True

    def close(self) -> str:
        """Close the file."""
        return self._file.close("lines")
