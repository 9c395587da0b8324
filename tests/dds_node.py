"""A process of its own: `Bridge` between DDS topics, as a node of ROS 2 would be. `python dds_node.py DOMAIN`."""

from __future__ import annotations

import sys
import time

from cyclonedds.domain import DomainParticipant
from cyclonedds.pub import DataWriter
from cyclonedds.sub import DataReader
from cyclonedds.topic import Topic
from ros_dds import RELIABLE, dds_class, dds_topic, to_dds

from edgeaffect import Pipeline
from edgeaffect.adapters.ros2 import Publication
from edgeaffect.adapters.ros2.bridge import Bridge

participant = DomainParticipant(int(sys.argv[1]))
images = DataReader(
    participant, Topic(participant, dds_topic("/image"), dds_class("sensor_msgs/msg/Image")), qos=RELIABLE
)
writers: dict[str, DataWriter] = {}
with Pipeline(cues=True) as pipeline:
    bridge = Bridge(pipeline, Publication())
    ends = time.monotonic() + 90
    while time.monotonic() < ends:
        for image in images.take(N=1):
            for topic, message in bridge.image(image, time.time_ns()):
                if topic not in writers:
                    described = Topic(participant, dds_topic(topic), dds_class(message.type))
                    writers[topic] = DataWriter(participant, described, qos=RELIABLE)
                writers[topic].write(to_dds(message))
        time.sleep(0.005)
