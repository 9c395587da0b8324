"""ROS 2 node: a camera in, `hri_msgs/Expression` out, one topic per face, names as REP-155 asks.

    ros2 run ... or: python examples/ros2_node.py --ros-args -p source:=/dev/video0

Parameters: `source` (camera index, URL or file), `max_side`, `detect_interval`, `affect_interval`.

Topics: `/humans/faces/tracked` (hri_msgs/IdsList) and `/humans/faces/<id>/expression` (hri_msgs/Expression). Needs a
sourced ROS 2 (Humble or later) with the package `hri_msgs`.
"""

from __future__ import annotations

import sys
import threading
from typing import Any

from edgeaffect import Pipeline
from edgeaffect.results import Face, Result

try:
    import rclpy
    from hri_msgs.msg import Expression, IdsList
    from rclpy.node import Node
except ModuleNotFoundError as error:
    sys.exit(
        f"this example needs ROS 2 ({error.name} is missing): source /opt/ros/<distribution>/setup.bash, then "
        "apt-get install ros-<distribution>-hri-msgs"
    )

# Our labels -> REP-155 words. REP-155 knows no contempt; those messages carry valence and arousal only.
WORDS = {
    "neutral": "NEUTRAL",
    "happiness": "HAPPY",
    "surprise": "SURPRISED",
    "sadness": "SAD",
    "anger": "ANGRY",
    "disgust": "DISGUSTED",
    "fear": "SCARED",
}


def name_of(face: Face) -> str:
    """Id of a face in ROS, where a name must not begin with a digit."""
    return f"f{face.track_id}"


class AffectNode(Node):  # type: ignore[misc]  # rclpy has no types
    """Publishes what a pipeline sees."""

    def __init__(self) -> None:
        super().__init__("edgeaffect")
        self.declare_parameter("source", "0")
        self.declare_parameter("max_side", 320)
        self.declare_parameter("detect_interval", 0.1)
        self.declare_parameter("affect_interval", 0.0)
        self._tracked = self.create_publisher(IdsList, "/humans/faces/tracked", 1)
        self._expressions: dict[str, Any] = {}
        self._stop = threading.Event()
        self.failure: BaseException | None = None
        self._worker = threading.Thread(target=self._work, name="edgeaffect")
        self._worker.start()

    def value(self, name: str) -> Any:
        return self.get_parameter(name).value

    def _work(self) -> None:
        options = {name: self.value(name) for name in ("max_side", "detect_interval", "affect_interval")}
        try:
            with Pipeline(**options) as pipeline:
                pipeline.run(str(self.value("source")), self._publish)
        except Exception as error:
            self.failure = error
        finally:
            rclpy.try_shutdown()

    def _publish(self, result: Result) -> bool:
        stamp = self.get_clock().now().to_msg()
        tracked = IdsList()
        tracked.header.stamp = stamp
        tracked.ids = [name_of(face) for face in result.faces]
        self._tracked.publish(tracked)
        for face in result.faces:
            if face.affect is not None and face.affect.is_sure:
                self._publisher(face).publish(self._message(face, stamp))
        for gone in set(self._expressions) - set(tracked.ids):
            self.destroy_publisher(self._expressions.pop(gone))
        return not self._stop.is_set()

    def _publisher(self, face: Face) -> Any:
        name = name_of(face)
        if name not in self._expressions:
            self._expressions[name] = self.create_publisher(Expression, f"/humans/faces/{name}/expression", 1)
        return self._expressions[name]

    @staticmethod
    def _message(face: Face, stamp: Any) -> Any:
        assert face.affect is not None
        message = Expression()
        message.header.stamp = stamp
        word = WORDS.get(face.affect.label)
        message.expression = getattr(Expression, word) if word else ""
        message.valence = float(face.affect.valence)
        message.arousal = float(face.affect.arousal)
        message.confidence = float(face.affect.confidence)
        return message

    def stop(self) -> None:
        self._stop.set()
        self._worker.join()


def main() -> None:
    rclpy.init()
    node = AffectNode()
    try:
        rclpy.spin(node)
    except (KeyboardInterrupt, rclpy.executors.ExternalShutdownException):
        pass
    finally:
        node.stop()
        node.destroy_node()
    if node.failure is not None:
        sys.exit(f"edgeaffect: {node.failure}")


if __name__ == "__main__":
    main()
