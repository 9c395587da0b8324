"""Inference runtimes behind one `Session` protocol; `open_session` picks one and says which."""

from .placement import Placement
from .select import open_session
from .session import Session, TensorInfo

__all__ = ["Placement", "Session", "TensorInfo", "open_session"]
