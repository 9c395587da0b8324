"""The way of a frame through the stages."""

from .cameras import CameraError
from .pipeline import Pipeline

__all__ = ["CameraError", "Pipeline"]
