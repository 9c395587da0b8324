"""Live page of a pipeline: annotated video, faces, voice and events in a browser; JSON for programs; metrics."""

from ..options.serve import ServeOptions
from .live import Live
from .server import PageServer

__all__ = ["Live", "PageServer", "ServeOptions"]
