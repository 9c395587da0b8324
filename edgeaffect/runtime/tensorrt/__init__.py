"""TensorRT engines: build, file, cache, self-test."""

from ...models.engine_file import EngineFile, EngineFileError, EngineHeader, read_engine
from .build import build_engine
from .builder import BuildOptions, Plan, build_plan
from .cache import EngineCache
from .selftest import SelfTestError
from .variants import VARIANTS, Variant, find_variant

__all__ = [
    "VARIANTS",
    "BuildOptions",
    "EngineCache",
    "EngineFile",
    "EngineFileError",
    "EngineHeader",
    "Plan",
    "SelfTestError",
    "Variant",
    "build_engine",
    "build_plan",
    "find_variant",
    "read_engine",
]
