"""Many recordings to tables: resumable, in processes or on a Ray cluster; see docs/recordings.md."""

from .._table_files import Table, TableError, read_table
from ..options import RecordingOptions
from .batch import Progress, Report, analyse
from .inputs import Recording, find_recordings
from .journal import JobError, Outcome, Problem
from .tabulate import tabulate

__all__ = [
    "JobError", "Outcome", "Problem", "Progress", "Recording", "RecordingOptions", "Report", "Table", "TableError",
    "analyse", "find_recordings", "read_table", "tabulate",
]  # fmt: skip
