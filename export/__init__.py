"""PyTorch checkpoint -> verified ONNX file -> TensorRT engine.

    from edgeaffect.export import export
    report = export("enet_b0_8.pt", "out", arch="hsemotion-b0", trust_pickle=True)

This package, with `training/`, is the only place that imports PyTorch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .errors import CheckpointError, GraphError, ParityError
    from .flow import export

__all__ = ["CheckpointError", "GraphError", "ParityError", "export"]


def __getattr__(name: str) -> Any:
    """PyTorch takes seconds to import: the zoo's names and the command line's help do without it."""
    if name == "export":
        from edgeaffect._lazy import require

        require("torch")
        require("onnx")
        from .flow import export

        return export
    if name in __all__:
        from . import errors

        return getattr(errors, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
