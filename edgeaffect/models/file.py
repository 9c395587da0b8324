"""`ModelFile`: a model on disk with what it says about itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .spec import ModelSpec

PERMISSIVE = ("apache-2.0", "mit", "bsd-2-clause", "bsd-3-clause")


@dataclass(frozen=True)
class ModelFile:
    """A model on disk with what it says about itself."""

    path: Path
    spec: ModelSpec

    @property
    def name(self) -> str:
        """The model's own name."""
        return self.spec.name

    @property
    def size_bytes(self) -> int:
        """Length of the file."""
        return self.path.stat().st_size

    @property
    def is_permissive(self) -> bool:
        """Whether its licence is one of `PERMISSIVE`."""
        return self.spec.licence.lower() in PERMISSIVE
