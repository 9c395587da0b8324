"""`edgeaffect listen [DEVICE|FILE]`: what a voice expresses, from a microphone, sound file or film."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from dataclasses import dataclass
from typing import Any

from ..errors import DependencyError, Error, SourceError
from ..heard import Voice
from ..sinks.base import SinkError, counted
from ..sinks.lines import LineFile
from ..sinks.text import describe_voice
from ..sources import PcmStream, ReconnectPolicy, SoundSource, open_sound
from ..sources.portaudio import each_line, input_devices
from .usage import Failure, Parser, UsageError, add_option_flags, complain, options_from, terminable, usage_errors

_FLAGS = ("--voice", "--threads", "--models", "--licence")


@dataclass
class _Totals:
    """What the closing line tells."""

    windows: int = 0
    spoken: int = 0
    first: float | None = None
    last: float = 0.0

    def add(self, voice: Voice) -> None:
        self.windows += 1
        self.spoken += voice.is_speech
        self.first = voice.window[0] if self.first is None else self.first
        self.last = voice.timestamp

    def line(self, source: SoundSource, written: str) -> str:
        """Windows, speech, sound, and what is missing of it."""
        seconds = self.last - (self.last if self.first is None else self.first)
        parts = [counted(self.windows, "window"), f"{self.spoken} with speech", f"{seconds:.1f} s of sound"]
        if source.lost:
            parts.append(f"{source.lost / source.sample_rate:.1f} s lost")
        reconnects = int(getattr(source, "reconnects", 0))
        if reconnects:
            parts.append(f"found again {counted(reconnects, 'time')}")
        return ", ".join(parts) + (f"; wrote {written}" if written else "")


def main(words: list[str]) -> int:
    """Run the verb; the exit code."""
    arguments = _parser().parse_args(words)
    if arguments.list_devices:
        return _list_devices()
    _check(arguments)
    options = options_from(arguments)
    from ..models import check_licence
    from ..pipeline.stage_builder import StageBuilder
    from ..runtime import Placement

    totals = _Totals()
    with contextlib.ExitStack() as stack:
        stack.enter_context(terminable())
        with usage_errors():
            source = stack.enter_context(_open(arguments))
            models = StageBuilder(options, Placement("cpu", "onnxruntime", options.threads)).voice()
            stack.callback(models.close)
            check_licence(models.files.values(), options.require_licence)
            lines = _lines(arguments, source)
        written = ""
        try:
            _loop(source, models, lines, arguments, totals)
        finally:
            # Ctrl-C is how listening usually ends: what was heard is told then, too.
            try:
                written = lines.close("line")
            except SinkError as error:
                raise Failure(str(error)) from error
            finally:
                complain(totals.line(source, written))
    return 2 if source.errors else 0


def _parser() -> Parser:
    parser = Parser(
        prog="edgeaffect listen", description="What a voice expresses, from a microphone, sound file or film."
    )
    parser.add_argument(
        "source", nargs="?",
        help="microphone (index, name or part of it), sound file, film, or - for bare 16-bit samples from standard "
        "input (default: the system's microphone)",
    )  # fmt: skip
    parser.add_argument("--list-devices", action="store_true", help="list the microphones, and end")
    parser.add_argument(
        "--json", metavar="FILE", help="JSON Lines, one object per window; - is standard output (default: text)"
    )
    parser.add_argument("--duration", type=float, metavar="S", help="stop after this many seconds of the source's time")
    parser.add_argument("--rate", type=int, metavar="HZ", help="of -, required; or to ask of the microphone")
    parser.add_argument("--channels", type=int, metavar="N", help="interleaved in - (default: 1)")
    parser.add_argument(
        "--reconnect", type=float, metavar="S",
        help=f"seconds to keep trying to open a lost microphone (default: {ReconnectPolicy().seconds:g})",
    )  # fmt: skip
    add_option_flags(parser, only=_FLAGS)
    return parser


def _check(arguments: Any) -> None:
    if arguments.duration is not None and not 0 < arguments.duration < float("inf"):
        raise UsageError(f"--duration must be a positive number of seconds; got {arguments.duration}")
    if arguments.source == "-" and arguments.rate is None:
        raise UsageError("bare samples do not say how fast they are: add --rate HZ")
    if arguments.source == "-" and arguments.reconnect is not None:
        raise UsageError("--reconnect is for microphones; - is standard input")
    if arguments.channels is not None and arguments.source != "-":
        raise UsageError("--channels is for - alone: files say theirs, and of a microphone one is taken")
    if sys.stdout is None and arguments.json in (None, "-"):
        raise UsageError("standard output is closed: name a file with --json")


def _list_devices() -> int:
    devices = input_devices()
    for line in each_line(devices):
        print(line)
    if not devices:
        complain("no microphone: PortAudio finds no device that delivers sound")
    return 0


def _open(arguments: Any) -> SoundSource:
    if arguments.source == "-":
        if sys.stdin is None:
            raise UsageError("standard input is closed")
        return PcmStream(
            sys.stdin.buffer, arguments.rate, channels=1 if arguments.channels is None else arguments.channels
        )
    is_file = arguments.source is not None and os.path.exists(arguments.source)
    how = {"sample_rate": arguments.rate, "reconnect": arguments.reconnect}
    given = {name: value for name, value in how.items() if value is not None}
    if is_file and given:
        flag = "--rate" if arguments.rate is not None else "--reconnect"
        raise UsageError(f"{flag} is for microphones; {arguments.source} is a file")
    return open_sound(arguments.source, **given)


def _lines(arguments: Any, source: SoundSource) -> LineFile:
    target = arguments.json or "-"
    if target != "-" and os.path.exists(target) and os.path.realpath(target) == os.path.realpath(source.name):
        raise UsageError(f"{target} is the source itself and would be overwritten: write to another place")
    return LineFile(target)


def _loop(source: SoundSource, models: Any, lines: LineFile, arguments: Any, totals: _Totals) -> None:
    from ..voice.listen import listen

    try:
        for voice in listen(source, models, seconds=arguments.duration):
            totals.add(voice)
            lines.write(json.dumps(voice.to_dict()) if arguments.json else _text(voice))
    except SourceError as error:
        # A file that cannot be read was bad input; a microphone that goes away is an accident.
        raise (Failure(str(error)) if source.live else error) from error
    except (DependencyError, UsageError):
        raise
    except Error as error:
        raise Failure(str(error)) from error


def _text(voice: Voice) -> str:
    return f"{voice.timestamp:9.3f} s  {describe_voice(voice)}"
