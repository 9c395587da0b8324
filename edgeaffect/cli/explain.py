"""`edgeaffect explain SOURCE` and `edgeaffect ask SOURCE QUESTION`: sentences about faces in pictures and videos."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from .._json import plain
from .._names import text_name
from ..errors import DependencyError, Error, SourceError
from ..sources import Source, open_source
from .usage import Failure, Parser, UsageError, add_option_flags, complain, options_from, usage_errors

if TYPE_CHECKING:
    from ..explain.explainer import Explainer
    from ..explain.result import Explanation
    from ..pipeline.pipeline import Pipeline
    from ..results import Face, Result
    from ..sources import SourceFrame

_LONGEST_QUESTION = 1000


def main(words: list[str]) -> int:
    """Run `explain`; the exit code."""
    parser = _parser("explain", "Say why faces got their labels.")
    return _run(parser.parse_args(words), None)


def ask(words: list[str]) -> int:
    """Run `ask`; the exit code."""
    parser = _parser("ask", "Answer a question about faces; what a face cannot tell is refused.")
    parser.add_argument("question", help='such as "Is she smiling?", "Why not angry?", "What changed?"')
    arguments = parser.parse_args(words)
    if not arguments.question.strip() or len(arguments.question) > _LONGEST_QUESTION:
        raise UsageError(f"a question has 1 to {_LONGEST_QUESTION} characters; got {len(arguments.question)}")
    return _run(arguments, arguments.question)


def _parser(verb: str, description: str) -> Parser:
    parser = Parser(prog=f"edgeaffect {verb}", description=description)
    parser.add_argument("source", help="picture, folder, pattern, video, or a stream's address")
    parser.add_argument("--json", action="store_true", help="one JSON object per face and answer")
    parser.add_argument("--prompt", action="store_true", help="what is known of the face, for another language model")
    parser.add_argument("--model", metavar="BUNDLE", help="name or path of the explainer (default: the bundled one)")
    parser.add_argument(
        "--every", type=float, metavar="S",
        help="videos: seconds of the source's time between two answers (default: one answer, at the end)",
    )  # fmt: skip
    add_option_flags(parser)
    return parser


def _run(arguments: Any, question: str | None) -> int:
    if arguments.every is not None and not 0 < arguments.every < float("inf"):
        raise UsageError(f"--every must be a positive number of seconds; got {arguments.every}")
    if arguments.json and arguments.prompt:
        raise UsageError("--json and --prompt exclude each other: leave out one of them")
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    options = options_from(arguments)
    from ..explain.explainer import Explainer
    from ..pipeline.pipeline import Pipeline

    with contextlib.ExitStack() as stack:
        with usage_errors():
            source = stack.enter_context(open_source(arguments.source))
            explainer = stack.enter_context(Explainer(arguments.model, options=options.explain))
            pipeline = stack.enter_context(Pipeline(options, cues=True, explain=explainer))
        write = _writer(arguments)
        said = 0
        for frame, result, face, answer in _answers(pipeline, explainer, source, question, arguments.every):
            write(frame, result, face, answer)
            said += 1
    if not said:
        complain(f"{source.name}: no face was found, so that there is nothing to say")
    return 2 if source.errors else 0


Answered = tuple["SourceFrame", "Result", "Face", "Explanation"]


def _answers(
    pipeline: Pipeline, explainer: Explainer, source: Source, question: str | None, every: float | None
) -> Iterator[Answered]:
    """Every face of pictures; of a video those of a frame every so many seconds, else those of its last one."""
    from ..explain.sight import Sight

    due: float | None = None
    last: list[tuple[SourceFrame, Result, Face, Any]] = []
    try:
        with contextlib.closing(pipeline.frames(source)) as pairs:  # type: ignore[type-var]
            for frame, result in pairs:
                if frame.still:
                    for face in result.faces:
                        yield frame, result, face, explainer.answer(question, Sight(frame.image, face, frame.color))
                    continue
                seen = [face for face in result.faces if face.affect is not None and face.cues is not None]
                if every is None:
                    # The pipeline forgets its faces with the last frame, and no frame says that it is the last one.
                    last = [(frame, result, face, pipeline.snapshot(face)) for face in seen] or last
                elif due is None or frame.timestamp >= due:
                    due = frame.timestamp + every
                    for face in seen:
                        yield frame, result, face, pipeline.talk(face, question).result()
        for frame, result, face, kept in last:
            yield frame, result, face, pipeline.talk(kept, question).result()
    except SourceError as error:
        raise (Failure(str(error)) if source.live else error) from error
    except (DependencyError, UsageError):
        raise
    except Error as error:
        raise Failure(str(error)) from error


def _writer(arguments: Any) -> Callable[..., None]:
    if sys.stdout is None:
        raise UsageError("standard output is closed: there is nowhere to write to")

    def write(frame: SourceFrame, result: Result, face: Face, answer: Explanation) -> None:
        if arguments.json:
            values = {
                "source": text_name(result.source), "frame_index": result.frame_index,
                "timestamp": plain(result.timestamp), "track_id": face.track_id, "box": plain(face.box),
                "explanation": answer.to_dict(),
            }  # fmt: skip
            print(json.dumps(values, allow_nan=False, separators=(",", ":")), flush=True)
        elif arguments.prompt:
            print(answer.to_prompt(), end="\n\n", flush=True)
        else:
            print(_line(frame, result, face, answer), flush=True)

    return write


def _line(frame: SourceFrame, result: Result, face: Face, answer: Explanation) -> str:
    place = "" if frame.still else f" {result.timestamp:.1f} s"
    who = "" if face.track_id is None else f" face {face.track_id}"
    return f"{text_name(result.source)}{place}{who}: {answer.text}"
