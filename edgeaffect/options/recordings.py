"""`RecordingOptions`: what `edgeaffect.recordings` writes of each recording."""

from __future__ import annotations

from dataclasses import dataclass

from .._checks import check, check_flag, check_seconds

EXTRA_GROUPS = ("raw", "blendshapes", "landmarks")
"""Groups of columns that are written on request only."""
FORMATS = ("auto", "parquet", "csv", "both")
ALIASES = ("openface", "pyfeat")
"""Other tools whose columns can be written beside ours."""


@dataclass(frozen=True, kw_only=True)
class RecordingOptions:
    """What is written of each recording; a part of the job's identity."""

    every: float = 0.0
    """Seconds between two rows of a face: the first frame at or after each multiple. All frames are analysed all the
    same. 0 = every frame."""
    cues: bool = True
    """Read landmarks, blendshapes, action units, head pose, gaze; most events need them."""
    sound: bool | None = None
    """Hear the sound tracks of films, and sound files. None: where PyAV and a voice model are at hand."""
    extra: tuple[str, ...] = ()
    """Groups of columns beside the usual ones: `raw`, `blendshapes`, `landmarks`."""
    format: str = "auto"
    """`parquet`, `csv` or `both`; `auto` is Parquet where pyarrow is installed, else CSV."""
    columns: tuple[str, ...] = ()
    """Tables with the columns of other tools, beside ours: `openface`, `pyfeat`."""

    def __post_init__(self) -> None:
        check_seconds("every", self.every)
        check_flag("cues", self.cues)
        check(self.sound is None or isinstance(self.sound, bool), "sound", self.sound, "True, False or None")
        for name, allowed in (("extra", EXTRA_GROUPS), ("columns", ALIASES)):
            given = getattr(self, name)
            check(
                isinstance(given, tuple) and all(one in allowed for one in given) and len(set(given)) == len(given),
                name, given, f"a tuple of names among {', '.join(allowed)}, each once",
            )  # fmt: skip
        check(self.format in FORMATS, "format", self.format, ", ".join(FORMATS))
        needs_cues = [name for name in (*self.extra, *self.columns) if name != "raw"]
        check(self.cues or not needs_cues, "cues", self.cues, f"True, as {' and '.join(needs_cues)} come from cues")
