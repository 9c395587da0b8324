"""The way of a frame through the stages."""

from .feeds import CameraError
from .pipeline import Pipeline

__all__ = ["CameraError", "Pipeline"]
