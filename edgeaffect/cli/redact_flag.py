"""`--redact`: hides faces in the pictures that a verb saves, shows or serves."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator
from typing import Any

from ..draw_redact import METHODS
from ..sinks.base import Redact


def add_redact_flag(parser: argparse._ActionsContainer) -> None:
    """The flag; `open_redactor` reads it."""
    parser.add_argument("--redact", choices=METHODS, help="hide faces in every picture that leaves this command")


@contextlib.contextmanager
def open_redactor(arguments: Any) -> Iterator[Redact | None]:
    """What hides faces, or None where they are shown."""
    if arguments.redact is None:
        yield None
        return
    from ..face.redactor import FaceRedactor

    with FaceRedactor(arguments.redact) as redactor:
        yield redactor
