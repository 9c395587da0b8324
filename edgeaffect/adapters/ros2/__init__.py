"""Results as messages of ROS 2: REP-155 topics, vision_msgs, tf, diagnostics; bags; a lifecycle node (`node`).

Messages are built without ROS: `Message` holds the name of a type and its fields, and `build` makes one of anybody's
classes of it, be they of `rclpy`, `rosbags` or a DDS library.
"""

from ...sources.ros_image import RosFrame, frame_of
from .message import Header, Message, Outgoing, build
from .sound import SoundFormat, samples_of
from .translator import Publication, Translator

__all__ = [
    "Header", "Message", "Outgoing", "Publication", "RosFrame", "SoundFormat", "Translator", "build", "frame_of",
    "samples_of",
]  # fmt: skip
