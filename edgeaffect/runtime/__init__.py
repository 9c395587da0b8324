"""Inference runtimes behind one `Session` protocol; `open_session` picks one and says which."""

from .select import is_gpu, open_session
from .session import Session, TensorInfo

__all__ = ["Session", "TensorInfo", "is_gpu", "open_session"]
