"""Flags that name a source and how to open it, of the verbs that read one."""

from __future__ import annotations

import argparse

from ..sources import ReconnectPolicy


def add_source_flags(parser: argparse.ArgumentParser) -> None:
    """Flags for cameras, sound, orientation and size; `run.open_frames` and `run.open_sound_of` read them."""
    parser.add_argument("--topic", metavar="NAME", help="of a recording with images on several topics: which")
    parser.add_argument(
        "--max-pixels", type=int, metavar="N", help="refuse larger pictures and frames (default: 256 and 67 million)"
    )
    camera = parser.add_argument_group("camera")
    camera.add_argument("--width", type=int, metavar="PX", help="pixels to ask of the camera (default: its own)")
    camera.add_argument("--height", type=int, metavar="PX", help="likewise (default: its own)")
    camera.add_argument("--fps", type=float, metavar="N", help="frames per second to ask of it (default: its own)")
    camera.add_argument("--pixel-format", metavar="NAME", help="NV12, YUYV or GREY: raw, without conversion; MJPG")
    camera.add_argument(
        "--reconnect",
        type=float,
        metavar="S",
        help=f"seconds to keep trying to open a lost camera (default: {ReconnectPolicy().seconds:g})",
    )
    sound = parser.add_argument_group("sound: what the voice expresses, beside the faces")
    sound.add_argument(
        "--mic", nargs="?", const=True, metavar="DEVICE", help="microphone: index or name (default: the system's)"
    )
    sound.add_argument("--sound", action="store_true", help="the film's own sound track")
    geometry = parser.add_argument_group("orientation, of any source")
    geometry.add_argument("--rotate", type=int, metavar="DEGREES", help="clockwise: 90, 180 or 270 (default: 0)")
    geometry.add_argument("--mirror", action="store_true", help="swap left and right, after the turn")
