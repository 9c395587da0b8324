"""`edgeaffect run SOURCE`: perceive a camera, stream, video or pictures."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from .._progress import ProgressLine
from ..errors import DependencyError, Error, SourceError
from ..results import Face, Result
from ..sources import Camera, Source, SourceFrame, open_source
from .save import open_saver
from .usage import Failure, Parser, UsageError, add_option_flags, options_from, usage_errors

_ESCAPE = 27
_TERMINATED = 128 + signal.SIGTERM

Sink = Callable[[SourceFrame, Result], object]


def main(words: list[str]) -> int:
    arguments = _parser().parse_args(words)
    _check(arguments)
    # FFmpeg prints its own complaints about damaged files; ours say the same in one line. Read once, by OpenCV.
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    options = options_from(arguments)
    from ..pipeline.pipeline import Pipeline

    with contextlib.ExitStack() as stack:
        stack.enter_context(_terminable())
        with usage_errors():
            source = stack.enter_context(_open(arguments))
            pipeline = stack.enter_context(Pipeline(options, affect=False if arguments.no_affect else None))
            sinks = [stack.enter_context(sink) for sink in _sinks(arguments, source, pipeline)]
        watched = not source.live and (source.length or 0) > 1
        progress = stack.enter_context(ProgressLine(enabled=watched))
        _loop(pipeline, source, sinks, arguments, progress)
    return 2 if source.errors else 0


def _parser() -> Parser:
    parser = Parser(prog="edgeaffect run", description="Perceive a camera, stream, video or pictures.")
    parser.add_argument("source", help="camera index, URL, GStreamer pipeline, video, picture, folder or pattern")
    out = parser.add_argument_group("output (one readable line per frame if none is named)")
    out.add_argument("--json", metavar="FILE", help="JSON Lines, one object per frame; - is standard output")
    out.add_argument(
        "--save", metavar="PATH", help="annotated video (.mp4), picture (.png, .jpg) or folder of pictures"
    )
    out.add_argument("--show", action="store_true", help="window with the annotated frames; q ends")
    limits = parser.add_argument_group("limits")
    limits.add_argument("--duration", type=float, metavar="S", help="stop after this many seconds of the source's time")
    limits.add_argument("--max-frames", type=int, metavar="N", help="stop after this many frames")
    camera = parser.add_argument_group("camera")
    camera.add_argument("--width", type=int, metavar="PX")
    camera.add_argument("--height", type=int, metavar="PX")
    camera.add_argument("--fps", type=float, metavar="N")
    camera.add_argument("--pixel-format", metavar="NAME", help="NV12, YUYV or GREY: raw, without conversion; MJPG")
    camera.add_argument("--rotate", type=int, metavar="DEGREES", help="clockwise: 90, 180 or 270")
    parser.add_argument("--no-affect", action="store_true", help="only find and follow faces")
    add_option_flags(parser)
    return parser


def _check(arguments: Any) -> None:
    """Limits are looked at before any file is opened for writing."""
    if arguments.max_frames is not None and arguments.max_frames < 1:
        raise UsageError(f"--max-frames must be 1 or more; got {arguments.max_frames}")
    if arguments.duration is not None and not 0 < arguments.duration < float("inf"):
        raise UsageError(f"--duration must be a positive number of seconds; got {arguments.duration}")
    if sys.stdout is None and (arguments.json == "-" or not (arguments.json or arguments.save or arguments.show)):
        raise UsageError("standard output is closed: name a file with --json or --save")


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """Ended by a service manager, a run closes its files as it does for Ctrl-C."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(_TERMINATED))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _open(arguments: Any) -> Source:
    names = ("width", "height", "fps", "pixel_format", "rotate")
    wishes = {name: getattr(arguments, name) for name in names if getattr(arguments, name) is not None}
    if not wishes:
        return open_source(arguments.source)
    text = arguments.source
    if not (text.isdigit() or text.startswith("/dev/video") or "://" in text or "!" in text):
        raise UsageError(f"--{next(iter(wishes)).replace('_', '-')} is for cameras; {text} is none")
    return Camera(int(text) if text.isdigit() else text, **wishes)


def _sinks(arguments: Any, source: Source, pipeline: Any) -> list[contextlib.AbstractContextManager[Sink]]:
    for target in (arguments.json, arguments.save):
        if target and os.path.exists(target) and os.path.exists(source.name) and os.path.samefile(target, source.name):
            raise UsageError(f"{target} is the source itself and would be overwritten")
    sinks: list[contextlib.AbstractContextManager[Sink]] = []
    if arguments.json:
        sinks.append(_json_lines(arguments.json))
    if arguments.save:
        sinks.append(open_saver(arguments.save, source, pipeline.options.max_fps))
    if arguments.show:
        sinks.append(_window(source.name))
    return sinks or [_text(sys.stdout)]


def _loop(pipeline: Any, source: Source, sinks: list[Sink], arguments: Any, progress: ProgressLine) -> None:
    """Feed every frame to every sink; a sink that returns False ends the run."""
    began, count = None, 0
    try:
        with contextlib.closing(pipeline.frames(source)) as pairs:
            for frame, result in pairs:
                began = frame.timestamp if began is None else began
                if arguments.duration is not None and frame.timestamp - began >= arguments.duration:
                    return
                if any([sink(frame, result) is False for sink in sinks]):
                    return
                count += 1
                milliseconds = result.timings_ms.get("total", 0.0)
                progress.show(frame.index + 1, source.length, f"{milliseconds:5.1f} ms a frame")
                if count == arguments.max_frames:
                    return
    except SourceError as error:
        # A file that cannot be read was bad input; a camera that goes away is an accident.
        raise (Failure(str(error)) if source.live else error) from error
    except (DependencyError, UsageError):
        raise
    except Error as error:
        raise Failure(str(error)) from error


@contextlib.contextmanager
def _json_lines(target: str) -> Any:
    with contextlib.ExitStack() as stack:
        stream: TextIO = sys.stdout if target == "-" else stack.enter_context(open(target, "w", encoding="utf-8"))

        def write(frame: SourceFrame, result: Result) -> None:
            stream.write(result.to_json() + "\n")
            stream.flush()

        yield write


@contextlib.contextmanager
def _text(stream: TextIO) -> Any:
    def write(frame: SourceFrame, result: Result) -> None:
        place = Path(result.source).name if frame.still else f"{result.timestamp:9.3f} s"
        faces = "; ".join(describe_face(face) for face in result.faces) or "no face"
        print(f"{place}  {faces}", file=stream, flush=True)

    yield write


def describe_face(face: Face) -> str:
    """One face in a few words."""
    number = "" if face.track_id is None else f"#{face.track_id} "
    x0, y0, x1, y1 = (round(float(v)) for v in face.box)
    place = f"at {x0},{y0} {x1 - x0}x{y1 - y0}"
    if face.affect is None:
        return f"{number}face {place}"
    affect = face.affect
    doubt = "" if affect.is_sure else " (unsure)"
    return (
        f"{number}{affect.label} {affect.confidence:.0%}{doubt}, valence {affect.valence:+.2f}, "
        f"arousal {affect.arousal:+.2f}, {place}"
    )


@contextlib.contextmanager
def _window(name: str) -> Any:
    from .._lazy import require
    from ..draw import annotate

    cv2 = require("cv2")
    if "GUI:                           NONE" in cv2.getBuildInformation():
        raise DependencyError(
            "--show needs windows, which this OpenCV was built without: pip uninstall opencv-python-headless and "
            "pip install opencv-python, or use --save"
        )
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")) and sys.platform == "linux":
        raise DependencyError("--show needs a screen: neither DISPLAY nor WAYLAND_DISPLAY is set; use --save")
    last = 0.0

    def show(frame: SourceFrame, result: Result) -> bool:
        nonlocal last
        cv2.imshow(name, annotate(frame.image, result, color=frame.color))
        elapsed, last = frame.timestamp - last, frame.timestamp
        # waitKey takes milliseconds: a camera is not held up, a film plays at its pace, a picture waits (0) for a key.
        pause = 0 if frame.still else 1 if frame.clock == "monotonic" else int(np.clip(1000 * elapsed, 1, 100))
        return cv2.waitKey(pause) & 0xFF not in (ord("q"), _ESCAPE)

    try:
        yield show
    finally:
        cv2.destroyAllWindows()
