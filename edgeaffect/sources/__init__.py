"""Where frames come from: cameras and streams, video files, pictures, arrays; and sound: microphones, files, films.

A source is iterated once and yields `SourceFrame`s. Live sources deliver the latest frame and count what they drop;
files deliver every frame with its position in the file as the time.
"""

from .arrays import Arrays
from .bag import Bag
from .base import Source, SourceFrame
from .camera import Camera
from .film_sound import FilmSound
from .images import Images
from .microphone import Microphone
from .paced import PacedSource
from .reconnect import ReconnectPolicy
from .select import open_source
from .select_sound import open_sound
from .sound import SoundChunk, SoundSource
from .sound_file import PcmStream, SoundFile
from .video import VideoFile

__all__ = [
    "Arrays",
    "Bag",
    "Camera",
    "FilmSound",
    "Images",
    "Microphone",
    "PacedSource",
    "PcmStream",
    "ReconnectPolicy",
    "SoundChunk",
    "SoundFile",
    "SoundSource",
    "Source",
    "SourceFrame",
    "VideoFile",
    "open_sound",
    "open_source",
]
