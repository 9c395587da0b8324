"""`BagFile`: records what was seen and perceived as an MCAP file of ROS 2, which Foxglove and `ros2 bag play` open."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

import numpy as np

from ..._checks import show
from ..._lazy import require
from ..._redact import hide_secrets
from ...draw import to_bgr
from ...image import Frame
from ...results import Result
from ...sinks.base import Redact, SinkError, TakenFrame, check_folder, counted
from .detections import image_annotations
from .faces import image
from .frames import camera_info
from .message import SECOND, Header, Message
from .translator import Publication, Translator
from .typestore import schema_text, to_cdr

IMAGES = ("jpeg", "raw", "none")
CAMERA = "/camera"
RESULT_TOPIC = "/edgeaffect/result"
ANNOTATIONS_TOPIC = "/edgeaffect/annotations"
_QUALITY = 90
_CHUNK = 1 << 20
_STEP = SECOND // 1000


class BagFile:
    """A sink that writes one MCAP file.

    Topics: the images (`/camera/image/compressed`, or `/camera/image` with `images="raw"`), `/camera/camera_info`,
    those of `Translator`, `/edgeaffect/annotations` (Foxglove lays them over the image) and `/edgeaffect/result` (each
    whole `Result` as JSON, which `Result.from_json` reads). Messages are in CDR, and the file holds the definitions of
    their types.

    Args:
        target: ends in `.mcap`; an existing file is replaced.
        images: `jpeg`, `raw` (without loss, large), or `none`.
        publication: what `Translator` says.
        frame_id: optical frame of the camera.
        redact: hides faces in the images; None shows them.

    Raises:
        ValueError: another ending, or no such kind of images.
        FileNotFoundError: the folder is not there.
        DependencyError: `rosbags` or `mcap` is missing.
    """

    def __init__(
        self,
        target: str | os.PathLike[str],
        *,
        images: str = "jpeg",
        publication: Publication | None = None,
        frame_id: str = "camera",
        redact: Redact | None = None,
    ) -> None:
        path = Path(target)
        if path.suffix.lower() != ".mcap":
            raise ValueError(f"a bag is one file that ends in .mcap; got {hide_secrets(os.fspath(target))}")
        if images not in IMAGES:
            raise ValueError(f"images must be one of {', '.join(IMAGES)}; got {show(images)}")
        check_folder(path)
        require("rosbags.typesys")
        mcap = require("mcap.writer")
        self._target, self._images, self._frame_id, self._redact = path, images, frame_id, redact
        self._publication = publication or Publication()
        self._translator = Translator(self._publication)
        self._channels: dict[str, int] = {}
        self._schemas: dict[str, int] = {}
        self._count = 0
        self._start: tuple[int, float] | None = None
        self._newest, self._stamped = 0.0, -1
        self._stack = contextlib.ExitStack()
        file = self._stack.enter_context(open(path, "wb"))  # noqa: SIM115  (closed by close)
        self._writer: Any = mcap.Writer(file, chunk_size=_CHUNK)
        self._writer.start(profile="ros2", library="edgeaffect")

    def write(self, frame: TakenFrame, result: Result) -> bool:
        """Record a frame and what was perceived in it.

        Raises:
            SinkError: the disk refuses.
        """
        header = Header(self._stamp(frame, result), self._frame_id)
        sent = [(f"{CAMERA}/camera_info", camera_info(result.size, self._publication.fov, header))]
        pixels, color = frame.image, frame.color
        if self._redact is not None:
            pixels, color = self._redact(frame, result), "bgr"
        if self._images == "raw":
            sent.append((f"{CAMERA}/image", image(to_bgr(pixels, color), header)))
        elif self._images == "jpeg":
            sent.append((f"{CAMERA}/image/compressed", compressed(pixels, color, header)))
        sent += self._translator.messages(result, header, pixels, color)
        sent.append((ANNOTATIONS_TOPIC, image_annotations(result, header)))
        sent.append((RESULT_TOPIC, Message("std_msgs/msg/String", {"data": result.to_json()})))
        with self._named_errors():
            for topic, message in sent:
                self._add(topic, message, header.stamp_ns)
        return True

    def close(self) -> str:
        """Write the index and close the file.

        Raises:
            SinkError: the disk refuses.
        """
        with self._named_errors(), self._stack:
            if self._writer is not None:
                self._writer.finish()
                self._writer = None
        return f"{self._target} ({counted(self._count, 'message')})"

    def _stamp(self, frame: TakenFrame, result: Result) -> int:
        """Moment of a frame: the pace of its source, counted from when the first one was taken.

        Pictures have no pace, and a scene that begins anew (`on_time_jump="reset"`) has another: there, when it was
        taken.
        """
        if self._start is None or frame.still or result.timestamp < self._newest:
            self._start = max(round(result.wall_time * SECOND), self._stamped + _STEP), result.timestamp
        begin, first = self._start
        self._newest = result.timestamp
        self._stamped = begin + round((result.timestamp - first) * SECOND)
        return self._stamped

    def _add(self, topic: str, message: Message, stamp: int) -> None:
        if topic not in self._channels:
            self._channels[topic] = self._writer.register_channel(topic, "cdr", self._schema(message.type))
        self._writer.add_message(self._channels[topic], stamp, to_cdr(message), stamp)
        self._count += 1

    def _schema(self, name: str) -> int:
        if name not in self._schemas:
            self._schemas[name] = self._writer.register_schema(name, "ros2msg", schema_text(name).encode())
        return self._schemas[name]

    @contextlib.contextmanager
    def _named_errors(self) -> Any:
        try:
            yield
        except OSError as error:
            raise SinkError(f"{self._target} could not be written: {error.strerror}") from error


def compressed(pixels: Frame, color: str, header: Header) -> Message:
    """`sensor_msgs/CompressedImage`, JPEG, of a frame in the layout that `color` names.

    Raises:
        SinkError: OpenCV cannot encode it.
    """
    cv2 = require("cv2")
    done, data = cv2.imencode(".jpg", to_bgr(pixels, color), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not done:
        raise SinkError(f"OpenCV cannot write a frame of {pixels.shape[1]}x{pixels.shape[0]} pixels as JPEG")
    fields = {"header": header.message, "format": "jpeg", "data": np.asarray(data, np.uint8).reshape(-1)}
    return Message("sensor_msgs/msg/CompressedImage", fields)
