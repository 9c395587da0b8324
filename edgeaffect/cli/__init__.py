"""The command `edgeaffect`.

Each verb is a function `main(arguments) -> exit code` in a module of its own, imported when it is called for.
Exit codes: 0 done, 1 failed while running, 2 bad usage or input, 3 regression found by a comparison.
"""

from __future__ import annotations

import importlib
import logging
import os
import sys
from collections.abc import Sequence

from .. import _start
from .._checks import show
from .._version import __version__
from ..errors import Error
from .usage import Failure, UsageError, complain

# verb -> (module with `main`, one line of help)
VERBS = {
    "run": ("edgeaffect.cli.run", "perceive a camera, stream, video or pictures"),
    "serve": ("edgeaffect.cli.serve", "live page in a browser: video, faces, voice, events, explanations"),
    "listen": ("edgeaffect.cli.listen", "hear what a voice expresses, from a microphone, sound file or film"),
    "batch": ("edgeaffect.cli.batch", "analyse many recordings to tables, in processes or on a Ray cluster"),
    "plot": ("edgeaffect.cli.plot", "draw the tables that batch wrote: timelines, circumplex paths, summary"),
    "eval": ("edgeaffect.cli.eval", "score the models on labelled data"),
    "calibrate": ("edgeaffect.cli.calibrate", "fit a model's probabilities to labelled faces of your own"),
    "labels": ("edgeaffect.cli.labels", "a head for labels of your own, from tens of faces per class"),
    "explain": ("edgeaffect.cli.explain", "say why the faces of a picture or video got their labels"),
    "ask": ("edgeaffect.cli.ask", "answer a question about the faces of a picture or video"),
    "models": ("edgeaffect.cli.models", "list, show, verify or annotate model files"),
    "doctor": ("edgeaffect.cli.doctor", "what is installed and what would be used"),
    "export": ("edgeaffect.export.cli", "PyTorch checkpoint to ONNX with its model spec"),
    "engines": ("edgeaffect.cli.engines", "list, build, extract, inspect or clean TensorRT engines"),
    "tune": ("edgeaffect.bench.tune", "find the options that keep a frame within a time on this machine"),
    "bench": ("edgeaffect.bench.cli", "measure speed, memory and energy"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb.

    Args:
        arguments: words after the program's name; None takes those of the process.

    Returns:
        The exit code.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    is_in_charge = _start.is_in_charge()
    try:
        if is_in_charge:
            _start.raise_on_interrupt()
        code = _run(words)
        return _start.INTERRUPTED if is_in_charge and _start.was_interrupted() else code
    except KeyboardInterrupt:
        return _start.INTERRUPTED
    finally:
        if is_in_charge:
            _start.exit_on_interrupt()


def _run(words: list[str]) -> int:
    if hasattr(sys.stdout, "reconfigure"):
        # Names of files may hold what the terminal's encoding, or any, has no character for.
        sys.stdout.reconfigure(errors="backslashreplace")
    logging.basicConfig(level=logging.WARNING, format="edgeaffect: %(message)s")
    try:
        if not words:
            print(_help(), file=sys.stderr)
            return 2
        if words[0] in ("-h", "--help", "help"):
            print(_help())
            return 0
        if words[0] == "--version":
            print(f"edgeaffect {__version__}")
            return 0
        return _call(words[0], words[1:])
    except Failure as error:
        return _complain(error, 1)
    except (Error, ImportError) as error:  # the latter: a package that is half there
        return _complain(error, 2)
    except BrokenPipeError:
        # The reader (head, less) has seen enough. Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:  # a full disk, a folder that may not be written
        return _complain(error, 1)
    except MemoryError as error:
        return _complain(Failure(f"not enough memory: {error}; give less at once, such as smaller frames"), 1)
    except SystemExit as stop:  # from argparse
        return stop.code if isinstance(stop.code, int) else 2


def _call(verb: str, words: list[str]) -> int:
    if verb not in VERBS:
        raise UsageError(f"no command {show(verb)}; there are {', '.join(VERBS)}")
    name, _ = VERBS[verb]
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if not name.startswith(error.name or " "):
            raise UsageError(f"`edgeaffect {verb}` needs the package {error.name}: pip install {error.name}") from error
        raise UsageError(f"this installation has no `edgeaffect {verb}`: install the complete package") from error
    return int(module.main(words))


def _help() -> str:
    width = max(map(len, VERBS))
    lines = [f"  {verb:{width}}  {text}" for verb, (_, text) in VERBS.items()]
    return "\n".join(
        ["usage: edgeaffect COMMAND ...", "", "On-device perception of faces and what they express.", "", *lines, "",
         "edgeaffect COMMAND --help tells more; edgeaffect --version"]
    )  # fmt: skip


def _complain(error: Exception, code: int) -> int:
    if _start.was_interrupted():
        return _start.INTERRUPTED
    complain(error)
    return code
