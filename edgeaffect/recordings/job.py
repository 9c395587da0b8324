"""`Job`: everything that decides the rows of a recording, as plain values that travel to other processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from .._files import file_sha256
from .._lazy import require
from .._version import __version__
from ..errors import DependencyError
from ..events import BUILTIN, Rule, usable_rules
from ..face.first_look import FirstLook
from ..options import PipelineOptions, RecordingOptions
from ..pipeline.pipeline import Pipeline
from .columns import Group, groups_of

JOB_SCHEMA = "edgeaffect.job/1"
TABLE_SCHEMA = "edgeaffect.table/1"


@dataclass(frozen=True)
class Job:
    """What is done with every recording."""

    out: str
    """Absolute path of the folder; on a cluster every machine must see it under this name."""
    pipeline: PipelineOptions
    options: RecordingOptions
    formats: tuple[str, ...]
    """`parquet`, `csv` or both."""
    sound: bool
    rules: tuple[Rule, ...]
    models: Mapping[str, str]
    """Stage -> name, version and sha256 of its model."""

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """Groups of columns."""
        return groups_of(self.options.extra, cues=self.options.cues, sound=self.sound)

    def identity(self) -> dict[str, Any]:
        """What must be the same for two runs to share a folder: flat, of plain values."""
        identity: dict[str, Any] = {"schema": JOB_SCHEMA, "version": __version__}
        for name, value in self.pipeline.to_dict().items():
            parts = value.items() if isinstance(value, dict) else ()
            identity |= {f"{name}.{key}": entry for key, entry in parts} if parts else {name: value}
        identity |= {
            "every": self.options.every, "cues": self.options.cues, "sound": self.sound,
            "extra": sorted(self.options.extra), "formats": sorted(self.formats),
            "columns": sorted(self.options.columns),
            "rules": [_rule(rule) for rule in self.rules],
        }  # fmt: skip
        identity |= {f"model.{stage}": digest for stage, digest in self.models.items()}
        calibration = self.pipeline.affect.calibration
        if calibration is not None:
            identity["model.calibration"] = file_sha256(calibration)
        return {name: list(value) if isinstance(value, tuple) else value for name, value in identity.items()}

    def facts(self, what: str, recording: str, source: str) -> dict[str, Any]:
        """Metadata of one table."""
        return {
            "schema": TABLE_SCHEMA, "table": what, "recording": recording, "source": source,
            "edgeaffect": __version__, "every": self.options.every, "models": dict(self.models),
        }  # fmt: skip

    def folder(self, name: str) -> Path:
        """A folder of tables."""
        return Path(self.out) / name

    def open_pipeline(self) -> Pipeline:
        """A pipeline of the job's options."""
        return Pipeline(self.pipeline, cues=True if self.options.cues else None, voice=True if self.sound else None)


def make_job(
    out: Path, pipeline: PipelineOptions, options: RecordingOptions, rules: tuple[Rule, ...] | None
) -> tuple[Job, list[str]]:
    """Decide what `auto` means, and look at the models.

    Args:
        out: folder of the job.
        pipeline: options of the pipeline.
        options: of the tables.
        rules: of events; None: the built-in ones that can be seen.

    Returns:
        The job, and in a line each what it goes without.

    Raises:
        DependencyError: something that was asked for needs a package.
        ValueError, TypeError: options that exclude each other.
        Error: a model cannot be used.
    """
    formats, remarks = _formats(options.format)
    sound, remark = _sound(pipeline, options.sound)
    remarks += remark
    own = [rule for rule in rules or () if not isinstance(rule.signal, str)]
    if own:
        raise ValueError(
            f"rule {own[0].name!r} has a function for a signal; a job needs names, which can be written down"
        )
    usable = usable_rules(rules, has_cues=options.cues, has_affect=True, known=BUILTIN)
    job = Job(str(out), pipeline, options, formats, sound, usable, {})
    with job.open_pipeline() as opened:
        models = _digests(opened)
    return Job(str(out), pipeline, options, formats, sound, usable, models), remarks


def _formats(wish: str) -> tuple[tuple[str, ...], list[str]]:
    if wish == "csv":
        return ("csv",), []
    try:
        require("pyarrow")
    except DependencyError as error:
        if wish != "auto":
            raise
        return ("csv",), [f"tables are written as CSV: {error}"]
    return (("parquet",) if wish in ("auto", "parquet") else ("parquet", "csv")), []


def _sound(pipeline: PipelineOptions, wish: bool | None) -> tuple[bool, list[str]]:
    if wish is False:
        return False, []
    why = ""
    if pipeline.models == "permissive" and (pipeline.voice.model is None or pipeline.voice.activity is None):
        why = "models='permissive' has no voice"
    else:
        try:
            require("av")
        except DependencyError as error:
            why = str(error)
    if why and wish is None:
        return False, [f"sound is not heard: {why}"]
    if wish is True and "permissive" not in why and why:
        raise DependencyError(why)
    return True, []


def _digests(pipeline: Pipeline) -> dict[str, str]:
    files = {
        name: getattr(stage, "model", None)
        for name, stage in (("detect", pipeline.detector), ("affect", pipeline.affect), ("cues", pipeline.cues))
    }
    if isinstance(pipeline.affect, FirstLook):
        files["first_look"] = pipeline.affect.first.model
    if pipeline.hearing is not None:
        files |= pipeline.hearing.models.files
    return {
        name: f"{file.name} {file.spec.version} sha256:{file_sha256(file.path)}"
        for name, file in files.items()
        if file is not None
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {name: getattr(rule, name) for name in rule.__dataclass_fields__}
