"""Inference runtimes behind one `Session` protocol; `open_session` picks one and says which."""

from .base import Session, TensorInfo
from .select import is_gpu, open_session

__all__ = ["Session", "TensorInfo", "is_gpu", "open_session"]
