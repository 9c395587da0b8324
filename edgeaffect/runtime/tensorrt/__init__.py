"""TensorRT engines: build, file, cache, self-test."""

from ...models.engine_file import EngineFile, EngineFileError, EngineHeader, read_engine
from .build import build_engine
from .builder import BuildOptions, SerializedEngine, build_plan
from .cache import EngineCache
from .request import BuildRequest
from .selftest import SelfTestError
from .variants import VARIANTS, Variant, find_variant

__all__ = [
    "VARIANTS",
    "BuildOptions",
    "BuildRequest",
    "EngineCache",
    "EngineFile",
    "EngineFileError",
    "EngineHeader",
    "SelfTestError",
    "SerializedEngine",
    "Variant",
    "build_engine",
    "build_plan",
    "find_variant",
    "read_engine",
]
