"""Where frames come from: cameras and streams, video files, pictures, arrays.

A source is iterated once and yields `SourceFrame`s. Live sources deliver the latest frame and count what they drop;
files deliver every frame with its position in the file as the time.
"""

from .arrays import Arrays
from .base import Source, SourceFrame
from .camera import Camera
from .images import Images
from .paced import PacedSource
from .reconnect import ReconnectPolicy
from .select import open_source
from .video import VideoFile

__all__ = [
    "Arrays",
    "Camera",
    "Images",
    "PacedSource",
    "ReconnectPolicy",
    "Source",
    "SourceFrame",
    "VideoFile",
    "open_source",
]
