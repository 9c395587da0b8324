"""`LineFile`: a text target that sinks write line by line."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from .base import SinkError, check_folder, counted


class LineFile:
    """A file, or standard output, to which whole lines are written and flushed.

    Args:
        target: path, or `-` for standard output, which stays open.
        newline: as for `open`; None writes the line ends of the system.

    Raises:
        FileNotFoundError: the folder is not there.
    """

    def __init__(self, target: str, *, newline: str | None = None) -> None:
        self._target = target
        self.stream: TextIO = sys.stdout
        """Where lines go, for writers that take a stream."""
        self._stack = contextlib.ExitStack()
        self._count = 0
        if target != "-":
            check_folder(Path(target))
            file = open(target, "w", encoding="utf-8", newline=newline)  # noqa: SIM115  (closed by close)
            self.stream = self._stack.enter_context(file)

    def write(self, *lines: str) -> None:
        """Write lines, given without their ends, and flush.

        Raises:
            SinkError: the disk refuses.
            BrokenPipeError: the reader has gone.
        """
        with self.writing(len(lines)):
            self.stream.write("".join(f"{line}\n" for line in lines))

    @contextlib.contextmanager
    def writing(self, lines: int) -> Iterator[None]:
        """Inside, so many lines go to `stream`; then they are flushed and counted. Errors as for `write`."""
        with self._named_errors():
            yield
            self.stream.flush()
        self._count += lines

    def close(self, what: str) -> str:
        """Close the file, and say how many lines it has.

        Args:
            what: a line in a word, in the singular.

        Returns:
            Target and count; empty for standard output.

        Raises:
            SinkError, BrokenPipeError: as for `write`.
        """
        with self._named_errors():
            self._stack.close()
        return "" if self._target == "-" else f"{self._target} ({counted(self._count, what)})"

    @contextlib.contextmanager
    def _named_errors(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError:
            raise
        except OSError as error:
            name = "standard output" if self._target == "-" else self._target
            raise SinkError(f"{name} could not be written: {error.strerror}") from error
