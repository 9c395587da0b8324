"""`edgeaffect run SOURCE`: perceive a camera, stream, video or pictures."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .._progress import ProgressLine
from ..adapters.ros2.bag_file import IMAGES, BagFile
from ..adapters.ros2.translator import Publication
from ..draw_cues import LAYERS
from ..errors import DependencyError, Error, PictureError, SourceError
from ..events import BUILTIN, EventDetector, read_rules, usable_rules
from ..results import Result
from ..sinks import CsvTable, EventLines, JsonLines, Sink, SinkError, SourceFacts, Text, Window, open_saver
from ..sinks.base import Redact, check_folder, counted
from ..sources import Bag, Camera, Images, SoundSource, Source, VideoFile, open_source
from ..sources.bag import is_bag
from ..sources.select_sound import open_sound_beside
from .redact_flag import add_redact_flag, open_redactor
from .source_flags import add_source_flags
from .usage import Failure, Parser, UsageError, add_option_flags, complain, options_from, terminable, usage_errors


@dataclass
class _Totals:
    """What the closing line tells."""

    began: float
    frames: int = 0
    faces: int = 0
    dropped: int = 0
    left_out: int = 0
    sound_lost: float = 0.0
    """Seconds."""

    def line(self, written: Sequence[str], lost: int) -> str:
        """Frames, faces, speed, files and frames that could not be decoded in a few words."""
        seconds = max(time.monotonic() - self.began, 1e-9)
        parts = [counted(self.frames, "frame"), counted(self.faces, "face"), f"{self.frames / seconds:.1f} frames/s"]
        if self.dropped:
            parts.append(f"{self.dropped} dropped")
        if lost:
            parts.append(f"{lost} lost to damage")
        if self.sound_lost:
            parts.append(f"{self.sound_lost:.1f} s of sound lost")
        if self.left_out:
            parts.append(f"{counted(self.left_out, 'picture')} left out")
        return ", ".join(parts) + (f"; wrote {', '.join(written)}" if written else "")


def main(words: list[str]) -> int:
    """Run the verb; the exit code."""
    arguments = _parser().parse_args(words)
    _check(arguments)
    # FFmpeg prints its own complaints about damaged files; ours say the same in one line. Read once, by OpenCV.
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    options = options_from(arguments)
    from ..pipeline.pipeline import Pipeline

    with contextlib.ExitStack() as stack:
        stack.enter_context(terminable())
        with usage_errors():
            source = stack.enter_context(open_frames(arguments))
            sound = open_sound_of(arguments, source)
            if sound is not None:
                stack.enter_context(sound)
            pipeline = stack.enter_context(
                Pipeline(
                    options, affect=False if arguments.no_affect else None, cues=_wants_cues(arguments),
                    voice=True if sound is not None else None,
                )
            )  # fmt: skip
            redact = stack.enter_context(open_redactor(arguments))
            sinks = _sinks(arguments, source, pipeline, redact)
        watched = not source.live and (source.length or 0) > 1
        totals = _Totals(time.monotonic())
        with ProgressLine(enabled=watched) as progress:
            written = _run(pipeline, source, sound, sinks, arguments, progress, totals)
    totals.sound_lost = 0.0 if sound is None else sound.lost / sound.sample_rate
    totals.left_out = sum(isinstance(error, PictureError) for error in source.errors)
    complain(totals.line(written, source.lost))
    return 2 if source.errors or (sound is not None and sound.errors) else 0


def _parser() -> Parser:
    parser = Parser(prog="edgeaffect run", description="Perceive a camera, stream, video or pictures.")
    parser.add_argument(
        "source", help="camera index, URL, GStreamer pipeline, video, picture, folder, pattern or recording of ROS 2"
    )
    out = parser.add_argument_group("output (one readable line per frame if none is named)")
    out.add_argument("--json", metavar="FILE", help="JSON Lines, one object per frame; - is standard output")
    out.add_argument("--compact", action="store_true", help="short JSON: box, label, probability, valence, arousal")
    out.add_argument("--csv", metavar="FILE", help="table, one row per face and frame; - is standard output")
    out.add_argument(
        "--save", metavar="PATH", help="annotated video (.mp4), picture (.png, .jpg) or folder of pictures"
    )
    out.add_argument("--bag", metavar="FILE", help="recording for ROS 2 and Foxglove (.mcap): images and messages")
    out.add_argument("--bag-images", choices=IMAGES, help="how --bag keeps images (default: jpeg)")
    out.add_argument("--events", metavar="FILE", help="JSON Lines of events (smile, looks_away, nod, ...); reads cues")
    out.add_argument("--rules", metavar="FILE", help="TOML file with events of your own, for --events")
    out.add_argument("--draw", metavar="LAYERS", help="on saved and shown frames: landmarks,pose,gaze,cues")
    add_redact_flag(out)
    out.add_argument("--show", action="store_true", help="window with the annotated frames; q ends")
    limits = parser.add_argument_group("limits")
    limits.add_argument("--duration", type=float, metavar="S", help="stop after this many seconds of the source's time")
    limits.add_argument("--max-frames", type=int, metavar="N", help="stop after this many frames")
    add_source_flags(parser)
    parser.add_argument("--cues", action="store_true", help="landmarks, blendshapes, action units, head pose, gaze")
    parser.add_argument("--no-affect", action="store_true", help="only find and follow faces")
    add_option_flags(parser)
    return parser


def _check(arguments: Any) -> None:
    """Limits are looked at before any file is opened for writing."""
    if arguments.max_frames is not None and arguments.max_frames < 1:
        raise UsageError(f"--max-frames must be 1 or more; got {arguments.max_frames}")
    if arguments.duration is not None and not 0 < arguments.duration < float("inf"):
        raise UsageError(f"--duration must be a positive number of seconds; got {arguments.duration}")
    for flag, given, needs, is_there in (
        ("--rules", arguments.rules, "--events", arguments.events),
        ("--compact", arguments.compact, "--json", arguments.json),
        ("--draw", arguments.draw, "--save or --show", arguments.save or arguments.show),
        ("--redact", arguments.redact, "--save, --show or --bag", arguments.save or arguments.show or arguments.bag),
        ("--bag-images", arguments.bag_images, "--bag", arguments.bag),
    ):
        if given and not is_there:
            raise UsageError(f"{flag} does nothing without {needs}: add it, or leave out {flag}")
    if arguments.mic and arguments.sound:
        raise UsageError("--mic and --sound are two sounds: leave out one of them")
    if arguments.option_voice_model is not None and not (arguments.mic or arguments.sound):
        raise UsageError("--voice does nothing without --mic or --sound: add one of them, or leave out --voice")
    for flag, given in (
        ("--affect", arguments.option_affect_model), ("--calibration", arguments.option_affect_calibration),
        ("--affect-interval", arguments.option_affect_interval),
    ):  # fmt: skip
        if given is not None and arguments.no_affect:
            raise UsageError(f"{flag} does nothing with --no-affect: leave out one of them")
    targets = (arguments.json, arguments.csv, arguments.events)
    if targets.count("-") > 1:
        raise UsageError("only one of --json, --csv and --events can go to standard output (-): give the others a file")
    if sys.stdout is None and (
        "-" in targets
        or not (
            arguments.json or arguments.csv or arguments.save or arguments.show or arguments.events or arguments.bag
        )
    ):
        raise UsageError("standard output is closed: name a file with --json, --csv or --save")


def open_frames(arguments: Any) -> Source:
    """The source that the flags of `add_source_flags` ask for."""
    names = ("width", "height", "fps", "pixel_format")
    wishes = {name: getattr(arguments, name) for name in names if getattr(arguments, name) is not None}
    turn: dict[str, Any] = {"rotate": arguments.rotate or 0, "mirror": arguments.mirror}
    if arguments.reconnect is not None:
        turn["reconnect"] = arguments.reconnect
    if arguments.topic is not None:
        if wishes or not is_bag(arguments.source):
            raise UsageError(f"--topic is for recordings of ROS 2; {arguments.source} is none")
        turn.pop("reconnect", None)
        limit = {} if arguments.max_pixels is None else {"max_pixels": arguments.max_pixels}
        return Bag(arguments.source, topic=arguments.topic, **turn, **limit)
    if not wishes:
        return open_source(arguments.source, max_pixels=arguments.max_pixels, **turn)
    text = arguments.source
    if not (text.isdigit() or text.startswith("/dev/video") or "://" in text or "!" in text):
        raise UsageError(f"--{next(iter(wishes)).replace('_', '-')} is for cameras; {text} is none")
    return Camera(int(text) if text.isdigit() else text, **wishes, **turn)


def open_sound_of(arguments: Any, source: Source) -> SoundSource | None:
    """The sound that goes with the frames; None where none is asked for."""
    if not (arguments.mic or arguments.sound):
        return None
    if arguments.mic and not source.live:
        raise UsageError(f"--mic is for cameras, and {source.name} is none: for a film's own track take --sound")
    if arguments.sound and source.live:
        raise UsageError(f"--sound is for films, and {source.name} is live: take --mic")
    how: dict[str, Any] = {}
    if arguments.mic and arguments.reconnect is not None:
        how["reconnect"] = arguments.reconnect
    return open_sound_beside("track" if arguments.sound else arguments.mic, source, **how)


def _check_targets(arguments: Any, source: Source) -> None:
    """Refuse outputs that cannot be made, that would overwrite what is read, or that are one file."""
    texts = [name for name in (arguments.json, arguments.csv, arguments.events) if name and name != "-"]
    targets = [*texts, *(name for name in (arguments.save, arguments.bag) if name)]
    pictures = source.paths if isinstance(source, Images) else ()
    read = {os.path.realpath(name) for name in (source.name, arguments.rules, arguments.config, *pictures) if name}
    written: set[str] = set()
    for target in targets:
        place = os.path.realpath(target)
        if place in read and os.path.exists(place):
            what = "the source itself" if place == os.path.realpath(source.name) else "read by this run"
            raise UsageError(f"{target} is {what} and would be overwritten: write to another place")
        if place in written and (os.path.isfile(place) or not os.path.exists(place)):
            raise UsageError(f"two outputs would be written into one file, {target}: give each a name of its own")
        written.add(place)
    for target in (*texts, *([arguments.bag] if arguments.bag else ())):
        check_folder(Path(target))


def _sinks(arguments: Any, source: Source, pipeline: Any, redact: Redact | None) -> list[Sink]:
    _check_targets(arguments, source)
    # What can be wrong is looked at before the first file is opened, which loses what was in it.
    layers = layers_of(arguments.draw)
    own = read_rules(arguments.rules) if arguments.rules else None
    rules = usable_rules(own, has_cues=True, has_affect=not arguments.no_affect, known=BUILTIN)
    saver = None
    if arguments.save:
        saver = open_saver(arguments.save, _facts(source), pipeline.options.max_fps, layers, redact)
    sinks: list[Sink] = []
    if arguments.json:
        sinks.append(JsonLines(arguments.json, compact=arguments.compact, errors=source.errors))
    if arguments.csv:
        sinks.append(CsvTable(arguments.csv))
    if saver is not None:
        sinks.append(saver)
    if arguments.events:
        sinks.append(EventLines(arguments.events, EventDetector(rules)))
    if arguments.bag:
        say = Publication(fov=pipeline.options.cues.fov)
        sinks.append(BagFile(arguments.bag, images=arguments.bag_images or IMAGES[0], publication=say, redact=redact))
    if arguments.show:
        sinks.append(Window(source.name, layers, redact))
    return sinks or [Text(sys.stdout)]


def _wants_cues(arguments: Any) -> bool | None:
    """True where a flag needs cues; None follows the options."""
    return True if arguments.cues or arguments.events or arguments.draw else None


def layers_of(text: str | None) -> tuple[str, ...]:
    """Names of `--draw`, checked."""
    names = tuple(name.strip() for name in text.split(",")) if text else ()
    for name in names:
        if name not in LAYERS:
            raise UsageError(f"--draw takes {', '.join(LAYERS)}, joined by commas; got {name!r}")
    return names


def _facts(source: Source) -> SourceFacts:
    file = Path(source.name) if isinstance(source, VideoFile) and os.path.isfile(source.name) else None
    paths = source.paths if isinstance(source, Images) else ()
    return SourceFacts(source.name, source.fps, source.length, paths, file)


def _run(
    pipeline: Any,
    source: Source,
    sound: SoundSource | None,
    sinks: Sequence[Sink],
    arguments: Any,
    progress: ProgressLine,
    totals: _Totals,
) -> list[str]:
    """Feed every frame to every sink, and close them whatever happens; what they wrote.

    The error of the run itself is raised before one of a sink that could not be closed.
    """
    written: list[str] = []
    failure: SinkError | BrokenPipeError | None = None
    try:
        _loop(pipeline, source, sound, sinks, arguments, progress, totals)
    finally:
        for sink in sinks:
            try:
                written.append(sink.close())
            except (SinkError, BrokenPipeError) as error:
                failure = failure or error
    if isinstance(failure, SinkError):
        raise Failure(str(failure)) from failure
    if failure is not None:
        raise failure
    return [text for text in written if text]


def _loop(
    pipeline: Any,
    source: Source,
    sound: SoundSource | None,
    sinks: Sequence[Sink],
    arguments: Any,
    progress: ProgressLine,
    totals: _Totals,
) -> None:
    """Feed every frame to every sink; a sink that returns False ends the run."""
    began = None
    try:
        with contextlib.closing(pipeline.frames(source, microphone=sound)) as pairs:
            for frame, result in pairs:
                began = frame.timestamp if began is None else began
                if arguments.duration is not None and frame.timestamp - began >= arguments.duration:
                    return
                _tell(totals, result, source.lost)
                if not all([sink.write(frame, result) for sink in sinks]):
                    return
                milliseconds = result.timings_ms.get("total", 0.0)
                progress.show(frame.index + 1, source.length, f"{milliseconds:5.1f} ms a frame")
                if totals.frames == arguments.max_frames:
                    return
    except SourceError as error:
        # A file that cannot be read was bad input; a camera that goes away is an accident.
        raise (Failure(str(error)) if source.live else error) from error
    except (DependencyError, UsageError):
        raise
    except Error as error:
        raise Failure(str(error)) from error


def _tell(totals: _Totals, result: Result, lost: int) -> None:
    totals.frames += 1
    totals.faces += len(result.faces)
    totals.dropped = result.dropped_frames - lost
