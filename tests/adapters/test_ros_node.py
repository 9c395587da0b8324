"""The lifecycle node: `rclpy`'s node API is a stand-in (`fake_rclpy`), everything else is what runs on a robot."""

from __future__ import annotations

import array
import importlib
import re
import sys
import types
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("rosbags")

import fake_rclpy
from fake_rclpy import Node, Return

from edgeaffect.adapters.ros2.parameters import PARAMETERS, options_of, publication_of, sound_of
from edgeaffect.errors import DependencyError
from edgeaffect.models.registry import FILES

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "ros2"
source_tree = pytest.mark.skipif(not EXAMPLE.is_dir(), reason="needs the source tree around tests/")
bundled = pytest.mark.skipif(not (FILES / "face-detector.onnx").exists(), reason="no bundled detector in this tree")
DEFAULTS = {one.name: one.default for one in PARAMETERS}


@pytest.fixture
def ros(monkeypatch):
    fake_rclpy.install(monkeypatch)
    monkeypatch.setattr(Node, "overrides", {})
    yield importlib.import_module("edgeaffect.adapters.ros2.node")
    sys.modules.pop("edgeaffect.adapters.ros2.node", None)


def ros_image(picture: np.ndarray, stamp: float = 0.0, encoding: str = "bgr8"):
    kind = fake_rclpy.message_class_of("sensor_msgs/msg/Image")
    message = kind(
        height=picture.shape[0], width=picture.shape[1], encoding=encoding, step=picture.strides[0],
        data=array.array("B", picture.tobytes()),
    )  # fmt: skip
    message.header.frame_id = "eye"
    message.header.stamp.sec, message.header.stamp.nanosec = int(stamp), round(stamp % 1 * 1e9)
    return message


@bundled
def test_a_node_from_configuring_to_cleaning_up(ros, portrait):
    node = ros.AffectNode()
    assert node.trigger_configure() == Return.SUCCESS and not node.subscriptions
    assert node.trigger_activate() == Return.SUCCESS
    _, _, qos = node.subscriptions["image"]
    assert (qos.depth, qos.reliability.name) == (1, "BEST_EFFORT")  # the latest image counts, others are overwritten
    small = np.ascontiguousarray(portrait[::2, ::2])
    for step in range(3):
        node.deliver("image", ros_image(small, 100 + step / 10))
    assert set(node.publishers) == {
        "/humans/faces/tracked", "/humans/faces/f1/roi", "/humans/faces/f1/landmarks", "/humans/faces/f1/facs",
        "/humans/faces/f1/expression", "/tf", "/edgeaffect/detections",
    }  # fmt: skip
    (expression, *_) = node.publishers["/humans/faces/f1/expression"].sent
    assert expression.expression == "happy" and expression.header.frame_id == "eye"
    assert (expression.header.stamp.sec, expression.header.stamp.nanosec) == (100, 0)
    ((_, report),) = node.timers
    report()
    (status,) = node.publishers["/diagnostics"].sent[0].status
    assert status.level == b"\0" and status.message == "1 face in view" and status.hardware_id == "eye"
    told = {pair.key: pair.value for pair in status.values}
    assert told["images"] == "3" and told["detect model"].startswith("face-detector")
    for step in range(30):  # nobody is left, and after track.max_age nobody is remembered
        node.deliver("image", ros_image(np.zeros((120, 160, 3), np.uint8), 101 + step / 10))
    assert node.publishers["/humans/faces/tracked"].sent[-1].ids == []
    assert not any(topic.startswith("/humans/faces/f1") for topic in node.publishers)
    assert node.trigger_deactivate() == Return.SUCCESS and not node.subscriptions
    assert node.trigger_cleanup() == Return.SUCCESS
    node.destroy_node()
    assert node.logger.lines == []


@bundled
def test_what_cannot_be_read_is_logged_and_reported_and_the_node_lives_on(ros, portrait):
    node = ros.AffectNode()
    node.trigger_configure()
    node.trigger_activate()
    node.deliver("image", ros_image(portrait, 1.0, "bayer_rggb8"))
    assert "encoding 'bayer_rggb8' are not read" in node.logger.lines[0] and "debayer" in node.logger.lines[0]
    node.timers[0][1]()
    (status,) = node.publishers["/diagnostics"].sent[0].status
    assert status.level == b"\2" and "bayer_rggb8" in status.message
    node.deliver("image", ros_image(portrait, 2.0))
    node.deliver("image", ros_image(portrait, 1.0))  # a looped bag: on_time_jump is reset
    assert len(node.publishers["/humans/faces/tracked"].sent) == 2 and len(node.logger.lines) == 1
    node.on_shutdown(None)
    node.destroy_node()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"image_transport": "theora"}, "image_transport must be raw or compressed; got 'theora'"),
        ({"device": "tpu"}, "tpu"),
        ({"options": "/nowhere.toml"}, "nowhere.toml"),
        ({"audio_format": "MP3"}, "sample_format must be one of S16LE"),
    ],
)
def test_a_wrong_parameter_fails_the_transition_with_one_line(ros, monkeypatch, given, words):
    monkeypatch.setattr(Node, "overrides", given)
    node = ros.AffectNode()
    assert node.trigger_configure() == Return.FAILURE and node.state == "unconfigured"
    assert words in node.logger.lines[0] and len(node.logger.lines) == 1
    node.destroy_node()


def test_a_missing_package_of_messages_names_its_debian_package(ros, monkeypatch):
    monkeypatch.setitem(sys.modules, "hri_msgs.msg", None)
    node = ros.AffectNode()
    assert node.trigger_configure() == Return.FAILURE
    assert "apt-get install ros-$ROS_DISTRO-hri-msgs" in node.logger.lines[0]


@pytest.mark.skipif(not (FILES / "voice-small.onnx").exists(), reason="no bundled voice in this tree")
def test_sound_comes_in_and_a_voice_goes_out(ros, monkeypatch, portrait):
    import voice_nets

    monkeypatch.setattr(Node, "overrides", {"voice": True, "cues": False})
    node = ros.AffectNode()
    assert node.trigger_configure() == Return.SUCCESS, node.logger.lines
    node.trigger_activate()
    told = fake_rclpy.message_class_of("audio_common_msgs/msg/AudioInfo")(
        channels=1, sample_rate=16000, sample_format="S16LE", coding_format="wave"
    )
    node.deliver("audio_info", told)
    sound = np.round(voice_nets.murmur(3.0) * 32767).astype("<i2")
    start = node.now_ns
    data = fake_rclpy.message_class_of("audio_common_msgs/msg/AudioData")
    for begin in range(0, len(sound), 1600):
        node.now_ns = start + round((begin + 1600) / 16000 * 1e9)
        node.deliver("audio", data(data=array.array("B", sound[begin : begin + 1600].tobytes())))
    node.deliver("image", ros_image(np.zeros((120, 160, 3), np.uint8), node.now_ns / 1e9))
    assert node.publishers["/humans/voices/tracked"].sent[-1].ids == ["v1"]
    assert isinstance(node.publishers["/humans/voices/v1/is_speaking"].sent[-1].data, bool)
    assert node.logger.lines == []
    bad = data(data=array.array("B", b"odd"))
    node.deliver("audio", bad)
    assert "no whole number of samples" in node.logger.lines[0]
    node.trigger_deactivate()
    assert node.publishers["/humans/voices/tracked"].sent[-1].ids == []
    node.trigger_cleanup()
    node.destroy_node()


def test_autostart_runs_and_ends(ros, monkeypatch):
    monkeypatch.setattr(Node, "overrides", {"autostart": True, "device": "tpu"})
    assert ros.main([]) == 1
    monkeypatch.setattr(Node, "overrides", {"autostart": False})
    assert ros.main([]) == 0


def test_without_ros_the_remedy_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "rclpy", None)
    monkeypatch.delitem(sys.modules, "edgeaffect.adapters.ros2.node", raising=False)
    with pytest.raises(DependencyError, match=r"source /opt/ros/"):
        importlib.import_module("edgeaffect.adapters.ros2.node")


def test_parameters_have_descriptors_and_become_options(ros):
    node = ros.AffectNode()
    assert node.descriptors["fov"].floating_point_range[0].to_value == 170.0
    assert node.descriptors["max_side"].integer_range[0].to_value == 4096
    assert all(one.description for one in node.descriptors.values())
    options = options_of(DEFAULTS | {"fov": 90.0, "max_side": 480})
    assert (options.cues.fov, options.detect.max_side, options.on_time_jump) == (90.0, 480, "reset")
    said = publication_of(DEFAULTS | {"publish_roi": False}, "/x/detections")
    assert (said.roi, said.expression, said.detections_topic, said.fov) == (False, True, "/x/detections", None)
    assert sound_of(DEFAULTS).sample_rate == 16000


@source_tree
def test_the_file_of_parameters_has_all_with_their_defaults():
    yaml = pytest.importorskip("ruamel.yaml")
    text = (EXAMPLE / "config" / "params.yaml").read_text("utf-8")
    assert yaml.YAML(typ="safe").load(text) == {"edgeaffect": {"ros__parameters": DEFAULTS}}


@source_tree
def test_the_package_is_whole(monkeypatch):
    """What `ros2 run` and `ros2 launch` look for: the executable, its files, and every argument of the launch file."""
    import xml.etree.ElementTree as ElementTree

    package = ElementTree.parse(EXAMPLE / "package.xml").getroot()
    needed = {one.text for one in package.findall("exec_depend")}
    assert {"rclpy", "hri_msgs", "vision_msgs", "diagnostic_msgs", "tf2_msgs"} <= needed
    setup = (EXAMPLE / "setup.py").read_text("utf-8")
    assert package.findtext("name") == "edgeaffect_ros2" and "affect = edgeaffect_ros2.affect:main" in setup
    assert (EXAMPLE / "resource" / "edgeaffect_ros2").is_file()
    made: list[dict] = []

    def module(name: str, **names: object) -> None:
        monkeypatch.setitem(sys.modules, name, types.SimpleNamespace(**names))

    def action(*given: object, **named: object) -> object:
        made.append({"given": given, **named})
        return made[-1]

    module("ament_index_python.packages", get_package_share_directory=lambda name: str(EXAMPLE))
    module("launch_ros.actions", LifecycleNode=action)
    module("launch_ros.parameter_descriptions", ParameterValue=lambda value, value_type: value)
    module("launch", LaunchDescription=lambda parts: parts)
    module("launch.actions", DeclareLaunchArgument=action)
    module("launch.substitutions", LaunchConfiguration=lambda name: f"${name}")
    names: dict = {}
    exec((EXAMPLE / "launch" / "affect.launch.py").read_text("utf-8"), names)
    *arguments, node = names["generate_launch_description"]()
    assert (node["package"], node["executable"], node["name"]) == ("edgeaffect_ros2", "affect", "edgeaffect")
    declared = {one["given"][0]: one["default_value"] for one in arguments}
    assert set(re.findall(r"\$(\w+)", repr(node))) == set(declared)
    assert Path(declared["params"]).is_file()
    assert set(node["parameters"][1]) <= {*DEFAULTS, "autostart"}
