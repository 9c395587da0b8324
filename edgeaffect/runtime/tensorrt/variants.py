"""The two TensorRT products behind one face: `tensorrt` (JetPack, desktop) and `tensorrt_rtx`."""

from __future__ import annotations

import functools
import importlib
import logging
import re
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from ..._lazy import check_whole, explain_import_failure
from ...errors import DependencyError

log = logging.getLogger("edgeaffect.runtime.tensorrt")

# variant -> modules that hold its Python API, best first. The RTX wheels exist with and without a meta package.
_MODULES = {"tensorrt": ("tensorrt",), "tensorrt_rtx": ("tensorrt_rtx", "tensorrt_rtx_bindings")}
VARIANTS: tuple[str, ...] = tuple(_MODULES)

_REMEDY = {
    "tensorrt": "pip install 'edgeaffect[tensorrt]' (on a Jetson it comes with JetPack: make the virtual environment "
    "with --system-site-packages)",
    "tensorrt_rtx": "pip install 'edgeaffect[tensorrt-rtx]'",
}

_OLDEST_TENSORRT = 10  # the first with strongly typed networks that also take explicit Q/DQ
_KEPT_ERRORS = 8


@dataclass(frozen=True)
class Variant:
    """An importable TensorRT."""

    name: str
    """`tensorrt` or `tensorrt_rtx`."""
    version: str
    """Full version: an engine runs only under the very one that built it."""
    api: ModuleType

    @property
    def builds_without_gpu(self) -> bool:
        """Whether engines can be built ahead of time, on a machine that has no GPU."""
        return hasattr(self.api, "ComputeCapability")


def find_variant(name: str | None = None) -> Variant:
    """The TensorRT of that name, or the first that imports.

    Raises:
        ValueError: no such variant.
        DependencyError: it is not installed, cannot be imported, or is too old.
    """
    if name is not None and name not in VARIANTS:
        raise ValueError(f"variant must be one of {', '.join(VARIANTS)}; got {name!r}")
    failures = []
    for variant in VARIANTS if name is None else (name,):
        try:
            return _import(variant)
        except DependencyError as error:
            failures.append(str(error))
    raise DependencyError("; ".join(failures))


@functools.cache
def _import(name: str) -> Variant:
    for module in _MODULES[name]:
        try:
            api = importlib.import_module(module)
        except ModuleNotFoundError as error:
            if error.name == module:
                continue
            raise DependencyError(f"{explain_import_failure(module, error)}; {_REMEDY[name]}") from error
        except Exception as error:  # bindings without their libraries raise anything
            raise DependencyError(f"{module} cannot be imported ({error}): {_REMEDY[name]}") from error
        check_whole(api, "Builder", _REMEDY[name])
        version = str(api.__version__)
        found = re.match(r"\d+", version)
        if name == "tensorrt" and (found is None or int(found[0]) < _OLDEST_TENSORRT):
            raise DependencyError(
                f"TensorRT {version} is too old, {_OLDEST_TENSORRT}.0 or later is needed: update JetPack to 6.1 or "
                f"later, or {_REMEDY[name]}"
            )
        return Variant(name, version, api)
    raise DependencyError(f"{name} is not installed: {_REMEDY[name]}")


@functools.cache
def logger_of(variant: Variant) -> Any:
    """The one logger of that variant in this process (TensorRT keeps the first it is given, for good)."""
    levels = {
        "INTERNAL_ERROR": logging.ERROR,
        "ERROR": logging.ERROR,
        # TensorRT warns about things nobody can act on (weights it rounds, timing caches it lacks)
        "WARNING": logging.INFO,
        "INFO": logging.DEBUG,
        "VERBOSE": logging.DEBUG - 5,
    }

    class Logger(variant.api.ILogger):  # type: ignore[name-defined, misc]
        def __init__(self) -> None:
            variant.api.ILogger.__init__(self)
            self.errors: list[str] = []

        def log(self, severity: Any, message: str) -> None:
            level = levels[severity.name]
            if level == logging.ERROR:
                # They end up in the exception that follows; logging them as well would say everything twice.
                self.errors = [*self.errors[1 - _KEPT_ERRORS :], message]
                level = logging.DEBUG
            log.log(level, "%s: %s", variant.name, message)

        def take_errors(self) -> str:
            """What went wrong since the last call, in one line."""
            # Without a GPU every failure drags a CUDA error behind it, which says nothing about the failure.
            telling = [e for e in self.errors if "catchCudaError" not in e] or self.errors
            self.errors = []
            return "; ".join(telling) or "no reason given"

    return Logger()
