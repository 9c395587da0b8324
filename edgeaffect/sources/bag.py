"""`Bag`: images that a robot recorded, as a source with their recorded times (`.mcap`, `.db3`, folders of rosbag2)."""

from __future__ import annotations

import contextlib
import os
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .._checks import check_positive
from .._lazy import require
from ..errors import SourceError
from .base import Source, SourceFrame, public_name
from .decode import MAX_PIXELS
from .geometry import Turn
from .images import natural_key
from .mcap_file import MAGIC as MCAP_MAGIC
from .mcap_file import McapFile, Recorded
from .ros_image import frame_of

IMAGE_TYPES = ("sensor_msgs/msg/Image", "sensor_msgs/msg/CompressedImage")
SQLITE_MAGIC = b"SQLite format 3\x00"
_METADATA = "metadata.yaml"
_SECOND = 1_000_000_000  # nanoseconds


class Bag(Source):
    """Images of one topic of a recording, in the order in which they were recorded.

    `timestamp` is the position after the first image, in seconds; it and `wall_time` follow the stamp in the header of
    an image, and where there is none the time of recording. An image that cannot be read is kept in `errors`, and the
    rest goes on.

    Args:
        path: an `.mcap` or `.db3` file, or the folder that `ros2 bag record` made.
        topic: of the images; None: the only one there is.
        rotate: degrees clockwise, 0, 90, 180 or 270.
        mirror: swap left and right, after the turn.
        max_pixels: larger images are refused.

    Raises:
        SourceError: no recording, no topic with images, or several and `topic` names none of them.
        DependencyError: `rosbags` is missing.
    """

    clock = "media"

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        topic: str | None = None,
        rotate: int = 0,
        mirror: bool = False,
        max_pixels: int = MAX_PIXELS,
    ) -> None:
        super().__init__()
        check_positive("max_pixels", max_pixels)
        self.path = Path(path)
        self.name = public_name(os.fspath(path))
        self._turn, self._max_pixels = Turn(rotate, mirror), max_pixels
        if not self.path.exists():
            raise SourceError(f"no such file or folder: {self.name}")
        self.topics = self._count()
        """Topics with images -> how many."""
        self.topic = self._choose(topic)
        """The one that is read."""
        self.length = self.topics[self.topic]

    def _choose(self, topic: str | None) -> str:
        named = ", ".join(self.topics)
        if not self.topics:
            raise SourceError(f"{self.name} has no topic with images ({', '.join(IMAGE_TYPES)})")
        if topic is None and len(self.topics) > 1:
            raise SourceError(f"{self.name} has images on several topics, {named}: choose one (topic=, --topic)")
        if topic is not None and topic not in self.topics:
            raise SourceError(f"{self.name} has no images on {topic}: choose {named}")
        return topic or next(iter(self.topics))

    def _count(self) -> dict[str, int]:
        if files := self._mcap_files():
            counts: Counter[str] = Counter()
            for file in files:
                counts.update({topic: count for (topic, kind), count in file.topics.items() if kind in IMAGE_TYPES})
            return dict(counts)
        with self._reading() as reader:
            return {one.topic: one.msgcount for one in reader.connections if one.msgtype in IMAGE_TYPES}

    def _recorded(self) -> Iterator[Recorded]:
        """Messages of the topic."""
        if files := self._mcap_files():
            for file in files:
                yield from file.messages(self.topic)
            return
        with self._reading() as reader:
            wanted = [one for one in reader.connections if one.topic == self.topic]
            for connection, time_ns, data in reader.messages(wanted):
                yield Recorded(self.topic, connection.msgtype, time_ns, data)

    def _mcap_files(self) -> list[McapFile]:
        """The `.mcap` files of a recording; none where it is kept otherwise."""
        if not self.path.is_dir():
            with open(self.path, "rb") as file:
                is_mcap = file.read(len(MCAP_MAGIC)) == MCAP_MAGIC
            return [McapFile(self.path, self.name)] if is_mcap else []
        return [McapFile(path, str(path)) for path in sorted(self.path.glob("*.mcap"), key=natural_key)]

    @contextlib.contextmanager
    def _reading(self) -> Iterator[Any]:
        """The open recording; whatever a damaged one raises inside is told as a `SourceError`."""
        rosbag2 = require("rosbags.rosbag2")
        try:
            with rosbag2.Reader(self.path) as reader:
                yield reader
        except (SourceError, GeneratorExit):
            raise
        except Exception as error:  # of a damaged file the reader raises anything
            words = "".join(c if c.isprintable() else " " for c in str(error)[:400])  # it repeats parts of the file
            reason = " ".join(words.split())[:200] or type(error).__name__
            raise SourceError(f"{self.name} is not a recording that can be read: {reason}") from error

    def __iter__(self) -> Iterator[SourceFrame]:
        self.errors.clear()
        self.lost = 0
        types = require("rosbags.typesys")
        store = types.get_typestore(types.Stores.ROS2_JAZZY)  # images have the same fields in every release
        start: int | None = None
        for index, recorded in enumerate(self._recorded()):
            begin = time.perf_counter()
            try:
                message = _message(store, recorded)
                frame = frame_of(message, max_pixels=self._max_pixels)
                pixels = self._turn(frame.pixels, frame.color)
            except (SourceError, ValueError) as error:
                self.errors.append(SourceError(f"{self.name}, image {index} of {self.topic}: {error}"))
                self.lost += 1
                continue
            seconds = time.perf_counter() - begin
            stamp = message.header.stamp
            taken = int(stamp.sec) * _SECOND + int(stamp.nanosec) or recorded.time_ns
            start = taken if start is None else start
            yield SourceFrame(
                pixels, index, (taken - start) / _SECOND, "media", self.name, taken / _SECOND,
                color=frame.color, dropped=self.lost, capture_seconds=seconds,
            )  # fmt: skip
        if start is None:
            raise self.errors[0] if self.errors else SourceError(f"{self.name} has no image on {self.topic}")


def _message(store: Any, recorded: Recorded) -> Any:
    """An image out of its bytes.

    Raises:
        SourceError: they are none.
    """
    try:
        return store.deserialize_cdr(recorded.data, recorded.type)
    except Exception as error:  # of bytes that are no message the reader raises anything
        raise SourceError(f"its {len(recorded.data)} bytes are no {recorded.type}") from error


def is_bag(path: str | os.PathLike[str]) -> bool:
    """Whether a file or folder is a recording of ROS 2, by its first bytes or the metadata in it."""
    if os.path.isdir(path):
        return os.path.isfile(os.path.join(path, _METADATA))
    try:
        with open(path, "rb") as file:
            head = file.read(len(SQLITE_MAGIC))
    except OSError:
        return False
    return head.startswith(MCAP_MAGIC) or (head == SQLITE_MAGIC and Path(path).suffix.lower() == ".db3")
