"""Where results go: lines of JSON, tables, text, pictures, videos, a window."""

from .base import Sink, SinkError, SourceFacts, TakenFrame
from .event_lines import EventLines
from .json_lines import JsonLines
from .pictures import Picture, PictureFolder
from .saver import open_saver
from .table import CsvTable
from .text import Text, describe_face
from .window import Window

__all__ = [
    "CsvTable", "EventLines", "JsonLines", "Picture", "PictureFolder", "Sink", "SinkError", "SourceFacts", "TakenFrame",
    "Text", "Window", "describe_face", "open_saver",
]  # fmt: skip
