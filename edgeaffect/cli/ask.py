"""`edgeaffect ask SOURCE QUESTION`; what it does is in `explain`."""

from __future__ import annotations

from .explain import ask as main

__all__ = ["main"]
