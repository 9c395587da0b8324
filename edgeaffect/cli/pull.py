"""`edgeaffect models pull`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from .._progress import ProgressLine
from ..models.download import MAX_BYTES, DownloadError
from ..models.remotes import REMOTES, RemoteFile
from ..models.store import pull
from .usage import Failure, UsageError

_MOST_MB = 1e9


def add_pull(verbs: Any) -> None:
    """Add the verb to those of `edgeaffect models`."""
    parser = verbs.add_parser(
        "pull",
        help="fetch model files of other projects",
        epilog="EDGEAFFECT_OFFLINE=1 forbids the network; EDGEAFFECT_HOME says where files go.",
    )
    parser.add_argument("what", nargs="?", metavar="NAME|URL", help="none: list the names")
    parser.add_argument("--sha256", metavar="HEX", help="what the file must hash to")
    parser.add_argument("--accept-licence", action="store_true", help="the terms were read and are accepted")
    parser.add_argument(
        "--max-size", type=float, default=MAX_BYTES / 1e6, metavar="MB", help="refuse larger files (%(default).0f)"
    )
    parser.add_argument("-o", "--output", type=Path, metavar="DIR", help="default: the cache folder")
    parser.set_defaults(run=_pull)


def _pull(arguments: argparse.Namespace) -> int:
    if arguments.what is None:
        return _list()
    if not 0 < arguments.max_size <= _MOST_MB:
        raise UsageError(f"--max-size takes megabytes, above 0 and up to {_MOST_MB:.0f}; got {arguments.max_size:g}")
    line = ProgressLine()
    try:
        pulled = pull(
            arguments.what,
            folder=arguments.output,
            sha256=arguments.sha256,
            accept=lambda remote: _accept(remote, arguments.accept_licence),
            progress=lambda done, total: line.show(done, total, f"{done / 1e6:.1f} MB"),
            max_bytes=int(arguments.max_size * 1e6),
        )
    except DownloadError as error:
        raise Failure(str(error)) from error
    finally:
        line.clear()
    origin = {"nobody": "recorded now: nobody publishes one", "first pull": "as on the first pull"}
    print(f"{pulled.path}{'' if pulled.fetched else ' (was there already)'}")
    print(f"sha256 {pulled.sha256} ({origin.get(pulled.known_by, pulled.known_by)})")
    remote = next((r for r in REMOTES if r.name == arguments.what), None)
    if remote is not None:
        print(f"next: {remote.next_step.replace('FILE', str(pulled.path))}")
    return 0


def _list() -> int:
    for remote in REMOTES:
        where = remote.url or "no public download"
        print(f"{remote.name:18} {remote.licence:34} {where}")
        print(f"{'':18} sha256 {remote.sha256 or 'unknown until the first pull records it'}")
    return 0


def _accept(remote: RemoteFile, accepted: bool) -> bool:
    """Show the terms; ask where somebody can answer."""
    print(f"{remote.name}: {remote.licence}\n{remote.terms}", file=sys.stderr)
    if accepted:
        return True
    if not sys.stdin.isatty():
        return False
    print("Accept these terms? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
