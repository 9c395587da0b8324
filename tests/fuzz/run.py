"""Coverage-guided fuzzing of the readers: `python tests/fuzz/run.py [--seconds S] [--keep FOLDER] [TARGET ...]`.

Every target (fuzz/readers.py) runs for S seconds in a process of its own, with atheris where it is installed, else by
the changes of fuzz/mutate.py. A finding is written beside its traceback into FOLDER; the exit status is 1 then.
"""

from __future__ import annotations

import argparse
import importlib.util
import math
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

MEMORY = 3 << 30
"""Bytes of address space that a target may take beyond what its imports took; more is a finding (MemoryError)."""
SLOW = 5.0
"""Seconds of one input that are a finding."""


def check(name: str, data: bytes, slow: float = SLOW) -> None:
    """Read once; raises what is a finding, more than `slow` seconds of this thread's processor time among it."""
    from fuzz.readers import TARGETS

    target = TARGETS[name]
    begin = time.thread_time()
    with tempfile.TemporaryDirectory() as folder:
        try:
            target.read(data, Path(folder))
        except target.refusals as error:
            text = str(error)
            if not text or "\n" in text or len(text) > 2000:
                raise AssertionError(f"refused, but not in one line: {text[:200]!r}") from error
    if (seconds := time.thread_time() - begin) > slow:
        raise AssertionError(f"took {seconds:.1f} s")


def bound_memory() -> None:
    """End a reader that allocates without bounds by MemoryError."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    limit = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def by_atheris(name: str, seconds: float, keep: Path) -> None:
    """Fuzz in this process until the time is over; does not return."""
    import atheris

    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder)
        # The seeds are read in here, since readers import what they need at their first input.
        with atheris.instrument_imports(include=["edgeaffect", "h11", "websockets"]):
            import fuzz.readers as readers

            for index, seed in enumerate(readers.seeds(name)):
                (corpus / str(index)).write_bytes(seed)
                check(name, seed, math.inf)  # the time of the imports, too
        bound_memory()
        atheris.Setup(
            [sys.argv[0], str(corpus), f"-max_total_time={max(1, round(seconds))}", "-max_len=65536",
             f"-artifact_prefix={keep}/{name}-", "-rss_limit_mb=0", "-timeout=20", "-print_final_stats=1"],
            lambda data: check(name, data),
        )  # fmt: skip
        atheris.Fuzz()


def by_mutation(name: str, seconds: float, keep: Path) -> None:
    """The same without atheris."""
    from fuzz.mutate import mutate
    from fuzz.readers import seeds

    given, rng, count = seeds(name), random.Random(time.time()), 0
    bound_memory()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        data = mutate(rng.choice(given), rng.choice(given), rng)
        count += 1
        try:
            check(name, data, SLOW if count > 1 else math.inf)
        except BaseException:
            (keep / f"{name}-crash").write_bytes(data)
            raise
    print(f"stat::number_of_executed_units: {count}", file=sys.stderr)


def main() -> int:
    """Run the command."""
    from fuzz.readers import TARGETS

    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(TARGETS)}; default: all")
    parser.add_argument("--seconds", type=float, default=1.0, help="per target (default 1)")
    parser.add_argument("--keep", type=Path, default=Path("findings"), help="folder for findings")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if unknown := set(given.targets) - set(TARGETS):
        parser.error(f"no such target: {', '.join(sorted(unknown))}")
    given.keep.mkdir(parents=True, exist_ok=True)
    if given.here:
        has_atheris = importlib.util.find_spec("atheris") is not None
        (by_atheris if has_atheris else by_mutation)(given.targets[0], given.seconds, given.keep)
        return 0
    return max(_alone(name, given) for name in given.targets or TARGETS)


def _alone(name: str, given: Any) -> int:
    command = [sys.executable, __file__, name, "--here", "--seconds", str(given.seconds), "--keep", str(given.keep)]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    count = re.search(r"number_of_executed_units: (\d+)", done.stderr)
    print(f"{name}: {count[1] if count else '?'} inputs, {'ok' if done.returncode == 0 else 'FINDING'}", flush=True)
    if done.returncode:
        print(done.stdout[-3000:], done.stderr[-3000:], sep="\n", flush=True)
    return int(done.returncode != 0)


if __name__ == "__main__":
    sys.exit(main())
