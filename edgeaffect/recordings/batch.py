"""`analyse`: many recordings to tables, in one folder that a killed run can go on in."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .._checks import check_count, show
from .._files import write_atomically
from .._redact import hide_secrets
from .._table_files import TableFile
from ..events import Rule
from ..options import PipelineOptions, RecordingOptions
from .analyst import tables_of
from .engines import Engine, InProcess, Processes
from .inputs import Found, find_recordings
from .job import Job, make_job
from .journal import Journal, Outcome, Problem
from .summary import SUMMARY_COLUMNS

ENGINES = ("processes", "ray")


@dataclass(frozen=True)
class Progress:
    """How far a job is."""

    recordings: int
    """Those that are finished, in this run and before."""
    of: int
    done_bytes: float
    """Bytes of the files of this run, finished and under way."""
    of_bytes: int
    frames: int
    """Analysed in this run."""
    name: str
    """What was told of last."""


@dataclass(frozen=True)
class Report:
    """What a run did."""

    out: Path
    outcomes: tuple[Outcome, ...]
    """Of this run, in the order of the inputs."""
    already: int
    """Recordings that an earlier run had finished."""
    left_out: tuple[str, ...]
    """Files of folders and patterns that are no recordings."""
    remarks: tuple[str, ...]
    """What the job goes without, in a line each."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What could not be read in this run."""
        return tuple(problem for outcome in self.outcomes for problem in outcome.problems)

    @property
    def rows(self) -> int:
        """Rows written by this run."""
        return sum(outcome.rows for outcome in self.outcomes)

    @property
    def frames(self) -> int:
        """Frames, pictures and windows of sound analysed by this run."""
        return sum(outcome.frames for outcome in self.outcomes)


def analyse(
    inputs: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    out: str | os.PathLike[str],
    *,
    pipeline: PipelineOptions | None = None,
    options: RecordingOptions | None = None,
    rules: Iterable[Rule] | None = None,
    workers: int | None = 0,
    engine: str = "processes",
    ray_address: str | None = None,
    on_progress: Callable[[Progress], object] | None = None,
) -> Report:
    """Analyse recordings into `out/tables`, `out/events` and `out/summary`; what cannot be read stands in `errors.csv`.

    A recording's tables appear whole or not at all. Called again with the same options, what is done is left as it is;
    what failed, and what has changed since, is tried again. The rows do not depend on workers or engine.

    Args:
        inputs: films, sound files, pictures, folders (with what is below them), glob patterns.
        out: folder; made when it is missing, else that of an earlier run of the same job.
        pipeline: options of the pipeline.
        options: of the tables.
        rules: of events, with signals by name; None: the built-in ones.
        workers: processes. 0: this process itself. None: one for each core this process may use. With 1 or more, a
            script needs `if __name__ == "__main__":` around what it does, as `multiprocessing` asks.
        engine: `processes`, or `ray` (extra `[ray]`; `workers` 0 is None there).
        ray_address: of a Ray cluster; None starts a local Ray.
        on_progress: told a few times a second.

    Raises:
        SourceError: an input names nothing.
        JobError: `out` belongs to a job of other options or models; the message names them.
        DependencyError: a package is missing.
        ValueError, TypeError: an option is impossible.
    """
    if engine not in ENGINES:
        raise ValueError(f"engine must be {' or '.join(ENGINES)}; got {show(engine)}")
    if workers is not None:
        check_count("workers", workers, 0, 4096)
    if ray_address is not None and engine != "ray":
        raise ValueError(f"ray_address={show(ray_address)} does nothing with engine={engine!r}: take engine='ray'")
    folder = Path(os.path.abspath(out))
    given = [inputs] if isinstance(inputs, (str, os.PathLike)) else list(inputs)
    find_recordings(given, exclude=folder)  # before models are loaded and a folder is made
    chosen = _engine(engine, workers, ray_address)
    job, remarks = make_job(
        folder, pipeline or PipelineOptions(), options or RecordingOptions(), None if rules is None else tuple(rules)
    )
    with Journal(folder, job.identity()) as journal:
        known = {recording.key: recording.name for recording in journal.recordings.values()}
        found = find_recordings(given, exclude=folder, known=known)
        for name in tables_of(job):
            job.folder(name).mkdir(exist_ok=True)
        outcomes = _run(job, journal, found, chosen, on_progress)
    already = len(found.recordings) - len(outcomes)
    order = {recording.name: place for place, recording in enumerate(found.recordings)}
    return Report(
        folder,
        tuple(sorted(outcomes, key=lambda outcome: order[outcome.name])),
        already,
        found.left_out,
        tuple(remarks),
    )


def _engine(name: str, workers: int | None, address: str | None) -> Engine:
    if name == "ray":
        from .ray_engine import RayEngine

        return RayEngine(workers or None, address)
    if workers == 0:
        return InProcess()
    return Processes(workers or len(os.sched_getaffinity(0)))


def _run(
    job: Job, journal: Journal, found: Found, engine: Engine, on_progress: Callable[[Progress], object] | None
) -> list[Outcome]:
    todo = journal.begin(found.recordings)
    sizes = {recording.name: recording.size for recording in todo}
    shares: dict[str, float] = {}
    frames = 0
    outcomes: list[Outcome] = []

    def tell(name: str, share: float, more: int) -> None:
        nonlocal frames
        shares[name] = share
        frames += more
        if on_progress is not None:
            done_bytes = sum(sizes[one] * part for one, part in shares.items())
            done = len(found.recordings) - len(todo) + len(outcomes)
            on_progress(Progress(done, len(found.recordings), done_bytes, sum(sizes.values()), frames, name))

    results = engine.run(job, todo, tell)
    try:
        for outcome in results:
            journal.add(outcome)
            outcomes.append(outcome)
            if outcome.problems:
                _write_errors(job.out, journal.in_order())
            tell(outcome.name, 1.0, 0)
    finally:
        results.close()  # type: ignore[attr-defined]
        # Also after Ctrl-C: what is done is whole.
        _write_errors(job.out, journal.in_order())
        _write_summary(job, list(journal.in_order()))
    return outcomes


def _write_errors(out: str, outcomes: Iterable[Outcome]) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["recording", "source", "what", "error"])
    is_any = False
    for outcome in outcomes:
        for problem in outcome.problems:
            is_any = True
            writer.writerow([outcome.name, problem.source, problem.what, problem.error])
    path = Path(out) / "errors.csv"
    if is_any:
        write_atomically(path, text.getvalue().encode("utf-8", "backslashreplace"))
    else:
        path.unlink(missing_ok=True)


def _write_summary(job: Job, outcomes: Sequence[Outcome]) -> None:
    facts = {**job.facts("summary", "", ""), "recordings": len(outcomes)}
    with TableFile(Path(job.out), "summary", SUMMARY_COLUMNS, job.formats, facts) as table:
        for outcome in outcomes:
            for row in outcome.summary if outcome.status == "done" else ():
                table.add(
                    [hide_secrets(v) if isinstance(v, str) else v for v in (c.read(row) for c in SUMMARY_COLUMNS)]
                )
