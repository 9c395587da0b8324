"""Ctrl-C at the start of the command: it ends quietly, also while Python still imports the package.

The package imports this module before anything else, and it imports nothing of weight. In a program that merely uses
the package it does nothing. What Python does before (its `site` module, the hooks of editable installations) is out of
our reach: there Ctrl-C still shows Python's own traceback.
"""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

INTERRUPTED = 128 + signal.SIGINT
"""Exit code of a command that Ctrl-C ended."""

_seen: list[int] = []


def is_command() -> bool:
    """Whether this process is `edgeaffect ...` or `python -m edgeaffect ...`."""
    name = os.path.basename(sys.argv[0]) if sys.argv else ""
    if name != "-m":  # which stands there only while Python looks for the module to run
        return name == "edgeaffect"
    words = sys.orig_argv
    module = words[words.index("-m") + 1] if "-m" in words[:-1] else ""
    return module.partition(".")[0] == "edgeaffect"


def exit_on_interrupt() -> None:
    """Let Ctrl-C end the process at once: nothing is open yet, or everything is closed."""
    signal.signal(signal.SIGINT, _exit)


def raise_on_interrupt() -> None:
    """Let Ctrl-C raise `KeyboardInterrupt`, so that files are closed."""
    signal.signal(signal.SIGINT, _raise)
    sys.unraisablehook = _report_unraisable


def _report_unraisable(unraisable: sys.UnraisableHookArgs) -> None:
    """Report as Python does, except a Ctrl-C that struck inside a finaliser: `was_interrupted` tells that one."""
    if not isinstance(unraisable.exc_value, KeyboardInterrupt):
        sys.__unraisablehook__(unraisable)


def was_interrupted() -> bool:
    """Whether Ctrl-C struck.

    Its KeyboardInterrupt may be lost: an extension being imported makes an ImportError of it, a finaliser drops it.
    """
    return bool(_seen)


def is_in_charge() -> bool:
    """Whether Ctrl-C is handled here."""
    return signal.getsignal(signal.SIGINT) in (_exit, _raise)


def _exit(number: int, frame: FrameType | None) -> None:
    os._exit(INTERRUPTED)


def _raise(number: int, frame: FrameType | None) -> None:
    _seen.append(number)
    raise KeyboardInterrupt


# Whoever started us may have it ignored, as a shell does for what runs in the background.
if is_command() and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    exit_on_interrupt()
