"""All sections by name, in the order in which they run."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from benchmarks.cuda import checks, counters, kernels, peers, pipelines, textures
from benchmarks.cuda.bench import Bench

Section = Callable[[Bench], Any]

SECTIONS: dict[str, Section] = {
    "copy": kernels.copies,
    "crops": kernels.crops,
    "decode": kernels.decode,
    "textures": textures.textures,
    "pytorch": peers.pytorch,
    "cupy": peers.cupy,
    "cvcuda": peers.cvcuda,
    "tensorrt": functools.partial(pipelines.with_runtime, runtime="tensorrt"),
    "onnxruntime": functools.partial(pipelines.with_runtime, runtime="onnxruntime"),
    "pytorch-session": pipelines.pytorch_session,
    "pytorch-pipeline": pipelines.pytorch_pipeline,
    "counters": counters.counters,
    "tests": checks.tests,
    "sanitizers": checks.sanitizers,
}
# Run by other sections.
HIDDEN: dict[str, Section] = {"once": counters.once}
SECONDS = {"tests": 1800, "sanitizers": 3600, "tensorrt": 1800}
"""Longest a section may take; 900 where nothing is said (TensorRT builds engines first)."""
