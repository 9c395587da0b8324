"""`edgeaffect serve SOURCE`: the live page of a camera, stream, video or pictures."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import DependencyError, Error, SourceError
from ..options.serve import LONGEST_TOKEN, ServeOptions
from .redact_flag import add_redact_flag, open_redactor
from .run import layers_of, open_frames, open_sound_of
from .source_flags import add_source_flags
from .usage import Failure, Parser, UsageError, add_option_flags, complain, options_from, terminable, usage_errors

if TYPE_CHECKING:
    from ..serve import Live

TOKEN_VARIABLE = "EDGEAFFECT_TOKEN"


def main(words: list[str]) -> int:
    """Run the verb; the exit code."""
    arguments = _parser().parse_args(words)
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    options = options_from(arguments)
    page_options = _page_options(arguments)
    from ..pipeline.pipeline import Pipeline
    from ..serve import Live, PageServer
    from ..serve.server import check_exposure

    with contextlib.ExitStack() as stack:
        stack.enter_context(terminable())
        with usage_errors():
            check_exposure(page_options)
            source = stack.enter_context(open_frames(arguments))
            sound = open_sound_of(arguments, source)
            if sound is not None:
                stack.enter_context(sound)
            explain = None if arguments.no_explain else True
            pipeline = stack.enter_context(
                Pipeline(
                    options, affect=False if arguments.no_affect else None, cues=True, explain=explain,
                    voice=True if sound is not None else None,
                )
            )  # fmt: skip
            live = Live(
                pipeline, source, microphone=sound, options=page_options, layers=layers_of(arguments.draw),
                redact=stack.enter_context(open_redactor(arguments)), repeat=arguments.loop,
            )  # fmt: skip
            stack.callback(live.close)
            server = stack.enter_context(PageServer(live))
            signals = stack.enter_context(_stopped_by_signals(live))
        _announce(server.address, page_options, arguments)
        try:
            live.run()
            if not (source.live or signals):
                complain(f"{source.name} has ended; the page stays until Ctrl-C (--loop begins again)")
                live.wait()
        except SourceError as error:
            raise (Failure(str(error)) if source.live else error) from error
        except (DependencyError, UsageError):
            raise
        except Error as error:
            raise Failure(str(error)) from error
    if signals:
        return 128 + signals[0]
    return 2 if source.errors else 0


@contextlib.contextmanager
def _stopped_by_signals(live: Live) -> Iterator[list[int]]:
    """Ctrl-C and SIGTERM end the run also where the exception that they raise is lost, as in a finaliser.

    Yields:
        Numbers of the signals that came.
    """
    came: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield came
        return

    def chained(before: Any) -> Callable[[int, Any], None]:
        def handle(number: int, frame: Any) -> None:
            came.append(number)
            live.stop()
            if callable(before):
                before(number, frame)

        return handle

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number, handler in before.items():
        if handler not in (signal.SIG_IGN, None):
            signal.signal(number, chained(handler))
    try:
        yield came
    finally:
        for number, handler in before.items():
            if handler is not None:
                signal.signal(number, handler)


def _parser() -> Parser:
    defaults = ServeOptions()
    parser = Parser(
        prog="edgeaffect serve", description="Live page of a camera, stream, video or pictures, in a browser.",
    )  # fmt: skip
    parser.add_argument("source", help="camera index, URL, GStreamer pipeline, video, folder or recording of ROS 2")
    page = parser.add_argument_group("page")
    page.add_argument("--host", default=defaults.host, help=f"address to listen at (default: {defaults.host})")
    page.add_argument("--port", type=int, default=defaults.port, help=f"0 = a free one (default: {defaults.port})")
    page.add_argument("--new-token", action="store_true", help="make a token, and print the address that holds it once")
    page.add_argument(
        "--token-file", metavar="FILE", help=f"a token of your own; else the variable {TOKEN_VARIABLE}, if it is set"
    )
    page.add_argument(
        "--allow-host", action="append", default=[], metavar="NAME", help="further name of this page, as of a proxy"
    )
    page.add_argument(
        "--video-fps", type=float, metavar="N", help=f"pictures a second (default: {defaults.video_fps:g})"
    )
    page.add_argument(
        "--stall-after", type=float, metavar="S",
        help=f"seconds without a frame until /healthz says 503 (default: {defaults.stall_after:g})",
    )  # fmt: skip
    page.add_argument("--draw", metavar="LAYERS", help="on the video: landmarks,pose,gaze,cues")
    add_redact_flag(page)
    page.add_argument("--loop", action="store_true", help="begin a film or folder again at its end")
    add_source_flags(parser)
    parser.add_argument("--no-affect", action="store_true", help="only find and follow faces, and read their cues")
    parser.add_argument("--no-explain", action="store_true", help="answer no questions about faces")
    add_option_flags(parser)
    return parser


def _page_options(arguments: Any) -> ServeOptions:
    given = {"video_fps": arguments.video_fps, "stall_after": arguments.stall_after}
    with usage_errors():
        return ServeOptions(
            host=arguments.host, port=arguments.port, token=_token(arguments),
            allow_hosts=tuple(arguments.allow_host),
            **{name: value for name, value in given.items() if value is not None},
        )  # fmt: skip


def _token(arguments: Any) -> str | None:
    """The token that is asked for; a new one is shown on a terminal alone, where no log keeps it."""
    if arguments.new_token:
        if arguments.token_file:
            raise UsageError("--new-token and --token-file are two tokens: leave out one of them")
        if sys.stderr is None or not sys.stderr.isatty():
            raise UsageError(
                "--new-token prints a secret, and standard error is no terminal: write a token into a file, and name "
                "it with --token-file"
            )
        return secrets.token_urlsafe(24)
    if arguments.token_file:
        try:
            with Path(arguments.token_file).open("rb") as file:
                content = file.read(LONGEST_TOKEN + 2)
        except OSError as error:
            raise UsageError(f"cannot read the token from {arguments.token_file}: {error.strerror}") from error
        return content.decode("ascii", "replace").strip()
    return os.environ.get(TOKEN_VARIABLE) or None


def _announce(address: str, options: ServeOptions, arguments: Any) -> None:
    complain(f"the page is at {address} (Ctrl-C ends)")
    if arguments.new_token:
        # Behind the `#`: browsers keep that to themselves, so that it is in no request and no log of a proxy.
        print(f"edgeaffect: with its token, shown only now: {address}#token={options.token}", file=sys.stderr)
    elif options.token is not None:
        complain("it asks for the token; an address that ends in #token=... brings it along")
