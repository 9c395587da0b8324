"""Parameters of the node: names, defaults, words and ranges, without ROS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...options import PipelineOptions
from .sound import FORMATS, SoundFormat
from .translator import Publication

TRANSPORTS = ("raw", "compressed")


@dataclass(frozen=True)
class Parameter:
    """One parameter; its type is that of its default."""

    name: str
    default: Any
    text: str
    least: float | None = None
    most: float | None = None
    """Range of a number, both or none."""


PARAMETERS = (
    Parameter(
        "image_transport", "raw", "raw: sensor_msgs/Image on `image`; compressed: CompressedImage on `image/compressed`"
    ),
    Parameter("frame_id", "", "optical frame of the camera; empty: what the header of each image says"),
    Parameter("options", "", "TOML file with any options of edgeaffect.PipelineOptions; the parameters here go before"),
    Parameter("device", "auto", "auto, cpu, cuda or cuda:N"),
    Parameter("models", "default", "default, or permissive: models that a company can ship"),
    Parameter("cues", True, "read landmarks, action units, head pose and gaze"),
    Parameter("voice", False, "listen to `audio` (audio_common_msgs/AudioData or AudioDataStamped)"),
    Parameter("audio_stamped", False, "audio comes as AudioDataStamped, on the clock of the images"),
    Parameter("audio_rate", 16000, "Hz, until an AudioInfo on `audio_info` says otherwise", 1000, 384000),
    Parameter("audio_channels", 1, "channels, likewise", 1, 64),
    Parameter("audio_format", "S16LE", f"samples, likewise: {', '.join(FORMATS)}"),
    Parameter("max_side", 320, "longest side of the detector's input in pixels; 0: all of it", 0, 4096),
    Parameter("detect_interval", 0.1, "seconds between two searches for faces", 0.0, 10.0),
    Parameter("affect_interval", 0.0, "seconds between two analyses of one face", 0.0, 10.0),
    Parameter("fov", 0.0, "horizontal field of view of the camera in degrees; 0: not known, 53", 0.0, 170.0),
    Parameter("on_time_jump", "reset", "stamps that go back (a looped bag): reset, drop or raise"),
    Parameter("publish_roi", True, "/humans/faces/ID/roi"),
    Parameter("publish_cropped", False, "/humans/faces/ID/cropped, which REP-155 asks for and few read"),
    Parameter("publish_landmarks", True, "/humans/faces/ID/landmarks, with cues"),
    Parameter("publish_facs", True, "/humans/faces/ID/facs, with cues"),
    Parameter("publish_expression", True, "/humans/faces/ID/expression"),
    Parameter("publish_frames", True, "tf frames face_ID and gaze_ID, with cues"),
    Parameter("publish_detections", True, "vision_msgs/Detection2DArray on `~/detections`"),
    Parameter("stall_seconds", 2.0, "without an image for so long, diagnostics say so", 0.1, 3600.0),
    Parameter("diagnostics_period", 1.0, "seconds between two reports on /diagnostics", 0.1, 3600.0),
)


def options_of(values: Mapping[str, Any]) -> PipelineOptions:
    """Options of the pipeline that parameters ask for.

    Raises:
        ValueError, TypeError, OSError: a value that is none, or an options file that cannot be read.
    """
    options = PipelineOptions.from_toml(values["options"]) if values["options"] else PipelineOptions()
    same = ("device", "models", "max_side", "detect_interval", "affect_interval", "on_time_jump")
    changes = {name: values[name] for name in same}
    if values["fov"]:
        changes["cues_fov"] = float(values["fov"])
    return options.override(**changes)


def publication_of(values: Mapping[str, Any], topic: str) -> Publication:
    """What is published, and where the detections go."""
    flags = {name.removeprefix("publish_"): values[name] for name in values if name.startswith("publish_")}
    return Publication(**flags, detections_topic=topic, fov=float(values["fov"]) or None)


def sound_of(values: Mapping[str, Any]) -> SoundFormat:
    """How sound comes.

    Raises:
        ValueError: see `SoundFormat`.
    """
    return SoundFormat(values["audio_rate"], values["audio_channels"], values["audio_format"])
