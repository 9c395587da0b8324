"""The way of a frame through the stages."""

from .pipeline import Pipeline

__all__ = ["Pipeline"]
