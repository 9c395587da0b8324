"""What all verbs share: one-line complaints and the arguments that become options."""

from __future__ import annotations

import argparse
import ast
import contextlib
import errno
import os
import signal
import sys
import threading
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from .._redact import hide_secrets
from ..errors import Error

if TYPE_CHECKING:
    from ..options import PipelineOptions


_TERMINATED = 128 + signal.SIGTERM
# Errors of the system that the user mends elsewhere than on the command line, and what may help.
_ACCIDENTS = {
    errno.ENOSPC: "free some space, or write elsewhere",
    errno.EDQUOT: "free some space, or write elsewhere",
    errno.EFBIG: "write elsewhere",
    errno.EIO: "look at the disk",
}
_REMEDIES = _ACCIDENTS | {
    errno.EISDIR: "name a file",
    errno.ENOTDIR: "name a place in a folder",
    errno.EACCES: "look at its permissions",
    errno.EPERM: "look at its permissions",
    errno.EROFS: "write elsewhere",
}


class UsageError(Error):
    """The user asked for something impossible: exit code 2."""


class Failure(Error):  # noqa: N818  (a message to the user, not a kind of bug)
    """It failed while running: exit code 1."""


class Parser(argparse.ArgumentParser):
    """Complains in one line."""

    def error(self, message: str) -> NoReturn:
        """Raise instead of printing the usage."""
        raise UsageError(f"{message} (see {self.prog} --help)")


def complain(message: object) -> None:
    """Write one line to standard error; see `printable`."""
    print(f"edgeaffect: {printable(in_words(message))}", file=sys.stderr)


def in_words(message: object) -> str:
    """An error of the system as "file: what is wrong: what to do", without its number; others as they are."""
    if not isinstance(message, OSError) or isinstance(message, Error) or message.strerror is None:
        return str(message)
    name = f"{os.fsdecode(message.filename)}: " if isinstance(message.filename, (str, bytes)) else ""
    remedy = _REMEDIES.get(message.errno or 0)
    return f"{name}{message.strerror}" + (f": {remedy}" if remedy else "")


def check_output(path: str) -> None:
    """Refuse what cannot be a file to write, before work of minutes ends there; `-` is standard output.

    Raises:
        UsageError: its folder is missing, or it is a folder itself.
    """
    folder = Path(path).absolute().parent
    if path != "-" and not folder.is_dir():
        raise UsageError(f"no folder {folder} to write {path} into: make it first")
    if path != "-" and Path(path).is_dir():
        raise UsageError(f"{path} is a folder: name a file")


def printable(message: object) -> str:
    """A message on one line, without secrets; control characters of names are shown, not obeyed."""
    line = hide_secrets(" ".join(str(message).split()))
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in line)


@contextlib.contextmanager
def terminable() -> Iterator[None]:
    """Ended by a service manager, a command closes its files as it does for Ctrl-C."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(_TERMINATED))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def usage_errors() -> Iterator[None]:
    """Inside, a wrong value or type is the user's: it ends in one line instead of a traceback.

    A full or failing disk is not.
    """
    try:
        yield
    except (ValueError, TypeError, OSError) as error:
        if isinstance(error, (Error, BrokenPipeError)) or (isinstance(error, OSError) and error.errno in _ACCIDENTS):
            raise
        raise UsageError(in_words(error)) from error


# command-line flag -> (flat name of the option, arguments of add_argument)
_FLAGS: dict[str, tuple[str, dict[str, Any]]] = {
    "--device": ("device", {"metavar": "NAME", "help": "auto, cpu, cuda or cuda:N"}),
    "--runtime": ("runtime", {"metavar": "NAME", "help": "auto, onnxruntime or tensorrt"}),
    "--threads": ("threads", {"type": int, "metavar": "N", "help": "CPU threads per model"}),
    "--detector": ("detect_model", {"metavar": "MODEL", "help": "name or path of the face detector"}),
    "--affect": ("affect_model", {"metavar": "MODEL", "help": "name or path of the affect model"}),
    "--voice": ("voice_model", {"metavar": "MODEL", "help": "name or path of the voice model"}),
    "--max-side": ("max_side", {"type": int, "metavar": "PX", "help": "longest side of the detector's input; 0 = all"}),
    "--max-faces": ("max_faces", {"type": int, "metavar": "N", "help": "faces per frame"}),
    "--score": ("score_threshold", {"type": float, "metavar": "P", "help": "minimum score of a face"}),
    "--detect-interval": ("detect_interval", {"type": float, "metavar": "S", "help": "seconds between detections"}),
    "--affect-interval": (
        "affect_interval",
        {"type": float, "metavar": "S", "help": "seconds between analyses of a face"},
    ),
    "--camera-roll": (
        "camera_roll",
        {
            "type": int,
            "metavar": "DEGREES",
            "help": "camera mounted turned clockwise: 90, 180 or 270; nothing is copied",
        },
    ),
    "--max-fps": ("max_fps", {"type": float, "metavar": "N", "help": "skip frames that come faster; 0 = none"}),
    "--smooth": ("smooth_method", {"metavar": "HOW", "help": "one_euro, exponential or none"}),
    "--models": ("models", {"metavar": "SET", "help": "default, or permissive: may be shipped by a company"}),
    "--calibration": ("affect_calibration", {"metavar": "FILE", "help": "what `edgeaffect calibrate` wrote"}),
    "--licence": ("require_licence", {"metavar": "KIND", "help": "permissive: refuse models under research licences"}),
}

# what None means for an option
_NO_VALUE = {
    "detect_model": "the bundled one",
    "affect_model": "the bundled one",
    "voice_model": "the bundled one",
    "affect_calibration": "what its model says",
    "require_licence": "any licence",
    "score_threshold": "what its model says",
}


def add_option_flags(parser: argparse.ArgumentParser, only: Collection[str] | None = None) -> None:
    """Flags for the options of a pipeline, with the defaults of `options` in their help.

    The parser itself has none: a flag that is not given leaves what `--config` says.

    Args:
        parser: gets them.
        only: those flags, beside `--config` and `--set`; None: all.
    """
    from ..options import PipelineOptions, flat_names

    defaults = PipelineOptions()
    values, detect = defaults.to_dict(), defaults.detect
    no_value = {**_NO_VALUE, "max_side": f"{detect.side(still=False)}, for stills {detect.side(still=True)}"}
    group = parser.add_argument_group("pipeline options (over those of --config)")
    for flag, (name, arguments) in _FLAGS.items():
        if only is not None and flag not in only:
            continue
        section, field = flat_names()[name]
        value = (values[section] if section else values)[field]
        text = f"{arguments['help']} (default: {no_value[name] if value is None else value})"
        group.add_argument(flag, dest=f"option_{name}", default=None, **{**arguments, "help": text})
    if only is None:
        group.add_argument("--roi", metavar="X0,Y0,X1,Y1", help="look only here, in shares of the frame")
    group.add_argument("--config", metavar="FILE", help="TOML file with options")
    group.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="any option by its flat name, e.g. hold=0.5"
    )


def options_from(arguments: argparse.Namespace) -> PipelineOptions:
    """The options that the parsed flags ask for.

    Raises:
        UsageError: unknown option or impossible value.
    """
    from ..options import PipelineOptions

    with usage_errors():
        options = PipelineOptions.from_toml(arguments.config) if arguments.config else PipelineOptions()
        values = {name: getattr(arguments, f"option_{name}", None) for name, _ in _FLAGS.values()}
        changes = {name: value for name, value in values.items() if value is not None}
        if getattr(arguments, "roi", None) is not None:
            changes["roi"] = _region(arguments.roi)
        for entry in arguments.set:
            name, separator, text = entry.partition("=")
            if not separator:
                raise ValueError(f"--set takes NAME=VALUE, got {entry!r}")
            changes[name.strip()] = _value(text.strip())
        return options.override(**changes)


def _region(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise ValueError(f"--roi takes X0,Y0,X1,Y1 in shares of the frame, such as 0,0,0.5,1; got {text!r}") from None


def _value(text: str) -> Any:
    """A number, tuple, truth value or None where the text is one, else the text (`none` is a way to smooth)."""
    if text in ("true", "false"):
        return text == "true"
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError):  # the last two: thousands of brackets
        return text
