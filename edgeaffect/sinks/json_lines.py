"""`JsonLines`: one JSON object a frame."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import TextIO

from ..results import Result
from .base import TakenFrame


class JsonLines:
    """Writes and flushes one line per frame.

    Args:
        target: path, or `-` for standard output.
        compact: the short form (`Result.to_compact`).

    Raises:
        FileNotFoundError: the folder is not there.
    """

    def __init__(self, target: str, *, compact: bool = False) -> None:
        self._target, self._compact = target, compact
        self._lines = 0
        self._stack = contextlib.ExitStack()
        self._stream: TextIO = sys.stdout
        if target != "-":
            folder = Path(target).parent
            if not folder.is_dir():
                raise FileNotFoundError(f"no such folder: {folder}; make it first, or write elsewhere")
            file = open(target, "w", encoding="utf-8")  # noqa: SIM115  (closed by close)
            self._stream = self._stack.enter_context(file)

    def write(self, frame: TakenFrame, result: Result) -> bool:
        """Write one line."""
        self._stream.write(result.to_json(compact=self._compact) + "\n")
        self._stream.flush()
        self._lines += 1
        return True

    def close(self) -> str:
        """Close the file."""
        self._stack.close()
        return "" if self._target == "-" else f"{self._target} ({self._lines} lines)"
