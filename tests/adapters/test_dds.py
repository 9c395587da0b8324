"""Messages on the wire: a camera, a perceiving node and a listener in two processes over DDS, as ROS 2 does it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("rosbags")
pytest.importorskip("cyclonedds")

from cyclonedds.domain import DomainParticipant
from cyclonedds.pub import DataWriter
from cyclonedds.sub import DataReader
from cyclonedds.topic import Topic
from ros_dds import RELIABLE, dds_class, dds_topic, to_dds

from edgeaffect.adapters.ros2 import Header
from edgeaffect.adapters.ros2.faces import image
from edgeaffect.models.registry import FILES

HERE = Path(__file__).resolve().parent.parent
LOOPBACK = (
    "<CycloneDDS><Domain><General><Interfaces><NetworkInterface name='lo' multicast='false'/></Interfaces>"
    "<AllowMulticast>false</AllowMulticast></General><Discovery><ParticipantIndex>auto</ParticipantIndex><Peers>"
    "<Peer address='127.0.0.1'/></Peers></Discovery></Domain></CycloneDDS>"
)


@pytest.mark.skipif(not (FILES / "face-detector.onnx").exists(), reason="no bundled detector in this tree")
def test_an_image_goes_to_another_process_and_faces_come_back(portrait, monkeypatch):
    monkeypatch.setenv("CYCLONEDDS_URI", LOOPBACK)
    domain = 20 + os.getpid() % 200
    participant = DomainParticipant(domain)

    def reader(topic: str, name: str) -> DataReader:
        return DataReader(participant, Topic(participant, dds_topic(topic), dds_class(name)), qos=RELIABLE)

    described = Topic(participant, dds_topic("/image"), dds_class("sensor_msgs/msg/Image"))
    assert described.typename == "sensor_msgs::msg::dds_::Image_" and described.name == "rt/image"
    camera = DataWriter(participant, described, qos=RELIABLE)
    tracked = reader("/humans/faces/tracked", "hri_msgs/msg/IdsList")
    expression = reader("/humans/faces/f1/expression", "hri_msgs/msg/Expression")
    frames = reader("/tf", "tf2_msgs/msg/TFMessage")
    command = [sys.executable, str(HERE / "dds_node.py"), str(domain)]
    node = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(HERE)}, stderr=subprocess.PIPE, text=True)
    try:
        camera.write(to_dds(image(np.ascontiguousarray(portrait[::2, ::2]), Header(1_700_000_000_250_000_000, "eye"))))
        heard: dict[str, list] = {"tracked": [], "expression": [], "tf": []}
        ends = time.monotonic() + 80
        while not all(heard.values()) and time.monotonic() < ends and node.poll() is None:
            for name, one in (("tracked", tracked), ("expression", expression), ("tf", frames)):
                heard[name] += one.take(N=10)
            time.sleep(0.01)
    finally:
        node.kill()
        told = node.communicate()[1]
    assert all(heard.values()), told
    assert heard["tracked"][0].ids == ["f1"]
    said = heard["expression"][0]
    assert said.expression == "happy" and said.confidence > 0.8 and said.valence > 0.3
    stamp = said.header.stamp
    assert (stamp.sec, stamp.nanosec, said.header.frame_id) == (1_700_000_000, 250_000_000, "eye")
    assert [one.child_frame_id for one in heard["tf"][0].transforms] == ["face_f1", "gaze_f1"]
