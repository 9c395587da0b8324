"""`BuildRequest`: everything an engine depends on. Making one reads and hashes the ONNX file, once."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..._files import file_sha256
from ...models.file import ModelFile
from ...models.precision import GraphPrecision, read_precision
from ...models.spec import ModelSpec
from .builder import Bounds, BuildOptions, build_flags
from .target import target_of
from .variants import Variant, find_variant


@dataclass(frozen=True)
class BuildRequest:
    """One engine to be built, or found in the cache."""

    model: ModelFile
    options: BuildOptions
    variant: Variant
    target: Mapping[str, Any]
    precision: GraphPrecision
    onnx_sha256: str
    profile: Mapping[str, Bounds] | None = None
    """Shapes of inputs with free axes; those not named follow `options`."""

    @classmethod
    def of(
        cls,
        model: ModelFile | str | os.PathLike[str],
        options: BuildOptions | None = None,
        *,
        profile: Mapping[str, Bounds] | None = None,
        device_index: int = 0,
    ) -> BuildRequest:
        """Look at the file and at this machine.

        Args:
            model: an ONNX file that carries a `ModelSpec`.
            options: None is all defaults.
            profile: see the class.
            device_index: TensorRT: the GPU to build for. TensorRT for RTX needs none.

        Raises:
            DependencyError: that TensorRT is not installed.
            DeviceError: this TensorRT builds for the GPU at hand, and there is none.
        """
        options = options or BuildOptions()
        if not isinstance(model, ModelFile):
            model = ModelFile(Path(model), ModelSpec.from_onnx(model))
        variant = find_variant(options.variant)
        target = target_of(variant, options, device_index)
        return cls(model, options, variant, target, read_precision(model.path), onnx_digest(model.path), profile)

    @property
    def key(self) -> dict[str, Any]:
        """Everything the engine depends on, in the clear; any difference means another engine."""
        options = self.options
        shapes: dict[str, Any] = {
            "batch": [1, options.opt_batch, options.max_batch],
            "frames": options.max_frames,
            "tokens": options.max_tokens,
            "side": [*options.opt_size, options.max_side],
        }
        if self.profile:
            shapes["given"] = {name: [list(s) for s in bounds] for name, bounds in sorted(self.profile.items())}
        return {
            "onnx_sha256": self.onnx_sha256,
            "variant": self.variant.name,
            "version": self.variant.version,
            "precision": self.precision.name,
            "profile": shapes,
            "flags": build_flags(options, self.variant),
            "target": dict(self.target),
        }


def onnx_digest(path: Path) -> str:
    """sha256 of an ONNX file, and of the weights beside it where the exporter put them there (`x.onnx.data`)."""
    beside = path.with_name(path.name + ".data")
    if not beside.exists():
        return file_sha256(path)
    return hashlib.sha256((file_sha256(path) + file_sha256(beside)).encode()).hexdigest()
