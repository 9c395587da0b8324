"""Reading models and writing checkpoints, as every recipe does it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import nn

from edgeaffect._lazy import require

M = TypeVar("M", bound=nn.Module)


def open_on_one_thread(model: Path | bytes) -> Any:
    """An ONNX Runtime session on one thread that does not spin, without the library's telemetry and warnings."""
    runtime = require("onnxruntime")
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3  # RFB-320 lists its weights as inputs; one warning for each
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    source = model if isinstance(model, bytes) else str(model)
    return runtime.InferenceSession(source, options, providers=["CPUExecutionProvider"])


def in_layout(module: M, memory_format: torch.memory_format) -> M:
    """The same module with its weights in another order of axes; PyTorch's stub of `Module.to` leaves this out."""
    module.to(memory_format=memory_format)  # type: ignore[call-overload]
    return module


def save_checkpoint(state: dict[str, Any], path: Path) -> None:
    """Writes `path` whole or not at all."""
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    partial.replace(path)
