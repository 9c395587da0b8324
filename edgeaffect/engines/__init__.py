"""TensorRT engines: build, file, cache, self-test."""

from .build import build_engine
from .cache import EngineCache
from .file import EngineFile, EngineFileError, EngineHeader, read_engine
from .flavour import FLAVOURS, Flavour, find_flavour
from .plan import BuildOptions, Plan, build_plan
from .selftest import SelfTestError

__all__ = [
    "FLAVOURS",
    "BuildOptions",
    "EngineCache",
    "EngineFile",
    "EngineFileError",
    "EngineHeader",
    "Flavour",
    "Plan",
    "SelfTestError",
    "build_engine",
    "build_plan",
    "find_flavour",
    "read_engine",
]
