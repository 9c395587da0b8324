"""`run --bag` and back: what is recorded can be read by other readers of MCAP, and replayed."""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path

import numpy as np
import pytest
from squares import SquareDetector, draw

pytest.importorskip("mcap")
pytest.importorskip("rosbags")
pytest.importorskip("cv2")

import cv2
from mcap.reader import make_reader
from rosbags.highlevel import AnyReader
from rosbags.rosbag2 import StoragePlugin, Writer

from edgeaffect import Pipeline, Result, SourceError
from edgeaffect.adapters.ros2 import Header
from edgeaffect.adapters.ros2.bag_file import BagFile, compressed
from edgeaffect.adapters.ros2.faces import image
from edgeaffect.adapters.ros2.message import Message
from edgeaffect.adapters.ros2.typestore import to_cdr, typestore
from edgeaffect.cli import main
from edgeaffect.models.registry import FILES
from edgeaffect.sinks.base import SinkError
from edgeaffect.sources import Arrays, Bag, SourceFrame, open_source

bundled = pytest.mark.skipif(not (FILES / "face-detector.onnx").exists(), reason="no bundled detector in this tree")
FRAMES = [draw((160, 120), (60 + 2 * i, 60, 40)) for i in range(5)]


def record(path: Path, **how: object) -> list[Result]:
    """Frames at 10 per second with what was found in them."""
    sink = BagFile(path, **how)
    results = []
    with Pipeline(detect=SquareDetector(), affect=False) as pipeline:
        for frame, result in pipeline.frames(Arrays(FRAMES, fps=10)):
            assert sink.write(frame, result)
            results.append(result)
    assert str(path) in sink.close()
    return results


def write_bag(folder: Path, plugin: StoragePlugin, sent: list[tuple[str, int, Message]]) -> None:
    """A recording as `ros2 bag record` makes it."""
    with Writer(folder, version=9, storage_plugin=plugin) as writer:
        made: dict = {}
        for topic, time, message in sent:
            if topic not in made:
                made[topic] = writer.add_connection(topic, message.type, typestore=typestore())
            writer.write(made[topic], time, to_cdr(message))


def test_other_readers_understand_the_file(tmp_path):
    results = record(tmp_path / "out.mcap", images="raw")
    with open(tmp_path / "out.mcap", "rb") as file:
        reader = make_reader(file)
        assert reader.get_header().profile == "ros2"
        messages = list(reader.iter_messages())
    assert {schema.encoding for schema, *_ in messages} == {"ros2msg"}
    assert all(channel.message_encoding == "cdr" for _, channel, _ in messages)
    times = sorted({message.log_time for *_, message in messages})
    np.testing.assert_allclose(np.diff(times), 1e8, atol=1000)  # the source's own pace
    with AnyReader([tmp_path / "out.mcap"]) as bag:  # by the definitions in the file alone
        said = [json.loads(m.data) for m in texts(bag, "/edgeaffect/result")]
        assert said == [json.loads(result.to_json()) for result in results]
        drawn = texts(bag, "/edgeaffect/annotations")
        x0, y0, x1, y1 = results[0].faces[0].box
        corners = [(one.x, one.y) for one in drawn[0].points[0].points]
        np.testing.assert_allclose(corners, [(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
        (info, *_) = texts(bag, "/camera/camera_info")
        assert (info.width, info.height, info.k[0]) == (160, 120, 160)


def test_times_go_on_where_a_scene_begins_anew(tmp_path):
    """A looped camera, and pictures, which all have the time 0."""
    sink = BagFile(tmp_path / "out.mcap")
    with Pipeline(detect=SquareDetector(), affect=False, on_time_jump="reset") as pipeline:
        for timestamp in (0.0, 0.1, 0.0, 0.1):
            frame = SourceFrame(FRAMES[0], 0, timestamp, "media", "loop", 1_700_000_000.0)
            sink.write(frame, pipeline.process_frame(frame))
        for frame, result in pipeline.frames(Arrays(FRAMES[:2], still=True)):
            sink.write(frame, result)
    sink.close()
    times = [one.timestamp for one in Bag(tmp_path / "out.mcap")]
    assert len(times) == 6 and times == sorted(set(times))


def texts(bag: AnyReader, topic: str) -> list:
    chosen = [one for one in bag.connections if one.topic == topic]
    return [bag.deserialize(data, connection.msgtype) for connection, _, data in bag.messages(chosen)]


@pytest.mark.parametrize(("images", "tolerance"), [("raw", 0), ("jpeg", 3)])
def test_images_are_replayed_with_their_times(tmp_path, images, tolerance):
    results = record(tmp_path / "out.mcap", images=images)
    source = open_source(tmp_path / "out.mcap")
    assert isinstance(source, Bag) and source.length == 5 and not source.live
    frames = [(one.index, one.timestamp, one.wall_time, one.image.copy()) for one in source]
    np.testing.assert_allclose([one[1] for one in frames], np.arange(5) / 10, atol=1e-6)
    assert frames[0][2] == pytest.approx(results[0].wall_time, abs=1e-6)
    for frame, drawn in zip(frames, FRAMES, strict=True):
        assert np.abs(frame[3].astype(int) - drawn).mean() <= tolerance
    assert len(list(source)) == 5  # a second pass starts again


def test_a_recording_without_images_is_told(tmp_path):
    record(tmp_path / "out.mcap", images="none")
    with pytest.raises(SourceError, match="no topic with images"):
        open_source(tmp_path / "out.mcap")


@pytest.mark.parametrize("plugin", [StoragePlugin.MCAP, StoragePlugin.SQLITE3])
def test_folders_and_files_of_ros2_bag_record(tmp_path, plugin):
    header = Header(1_700_000_000_500_000_000)
    later = Header(1_700_000_001_000_000_000)
    sent = [
        ("/left", 1, image(FRAMES[0], header)),
        ("/left", 2, compressed(FRAMES[1], "bgr", later)),
        ("/chatter", 3, Message("std_msgs/msg/String", {"data": "hello"})),
    ]
    sent[1] = ("/left/compressed", *sent[1][1:])
    write_bag(tmp_path / "bag", plugin, sent)
    with pytest.raises(SourceError, match=r"several topics, /left, /left/compressed: choose one"):
        open_source(tmp_path / "bag")
    with pytest.raises(SourceError, match="no images on /right: choose /left"):
        Bag(tmp_path / "bag", topic="/right")
    (frame,) = Bag(tmp_path / "bag", topic="/left")
    assert (frame.timestamp, frame.wall_time) == (0.0, 1_700_000_000.5)
    np.testing.assert_array_equal(frame.image, FRAMES[0])
    (inside,) = [one for one in (tmp_path / "bag").iterdir() if one.suffix in (".mcap", ".db3")]
    assert Bag(inside, topic="/left/compressed", rotate=90).topic == "/left/compressed"
    (turned,) = Bag(inside, topic="/left/compressed", rotate=90)
    assert turned.image.shape == (160, 120, 3)


def test_a_bad_image_is_left_out_and_told(tmp_path):
    good = image(FRAMES[0], Header(10**9))
    bad = Message(good.type, {**good.fields, "encoding": "16UC1", "header": Header(2 * 10**9).message})
    write_bag(
        tmp_path / "bag",
        StoragePlugin.MCAP,
        [("/i", 1, good), ("/i", 2, bad), ("/i", 3, image(FRAMES[2], Header(3 * 10**9)))],
    )
    source = Bag(tmp_path / "bag")
    assert [(one.index, one.timestamp, one.dropped) for one in source] == [(0, 0.0, 0), (2, 2.0, 1)]
    assert source.lost == 1 and "image 1 of /i" in str(source.errors[0]) and "16UC1" in str(source.errors[0])


def test_damaged_files_are_told_in_one_line(tmp_path):
    record(tmp_path / "out.mcap")
    whole = (tmp_path / "out.mcap").read_bytes()
    for size in (9, 60, len(whole) // 2):
        (tmp_path / "cut.mcap").write_bytes(whole[:size])
        try:
            frames = list(open_source(tmp_path / "cut.mcap"))
        except SourceError as error:
            told = str(error)
        else:
            told = "cut.mcap" * (0 < len(frames) < 5)  # what was written before the power went
        assert "cut.mcap" in told and "\n" not in told
    (tmp_path / "x.db3").write_bytes(b"SQLite format 3\x00" + bytes(200))
    with pytest.raises(SourceError, match=r"x\.db3 is not a recording"):
        open_source(tmp_path / "x.db3")
    sqlite3.connect(tmp_path / "y.db3").execute("create table t (x)").connection.close()
    with pytest.raises(SourceError, match=r"y\.db3 is not a recording"):
        open_source(tmp_path / "y.db3")


def test_wrong_targets_are_refused_before_anything_is_written(tmp_path):
    with pytest.raises(ValueError, match=r"ends in \.mcap; got .*out\.bag"):
        BagFile(tmp_path / "out.bag")
    with pytest.raises(FileNotFoundError, match="no such folder"):
        BagFile(tmp_path / "no" / "out.mcap")
    with pytest.raises(ValueError, match="images must be one of jpeg, raw, none; got 'png'"):
        BagFile(tmp_path / "out.mcap", images="png")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_is_told(tmp_path):
    (tmp_path / "out.mcap").symlink_to("/dev/full")
    with pytest.raises(SinkError, match=r"out\.mcap could not be written: No space left"):
        record(tmp_path / "out.mcap", images="raw")


@bundled
def test_a_run_is_recorded_and_replayed_by_the_command(tmp_path, portrait, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    cv2.imwrite("face.png", portrait)
    assert main(["run", "face.png", "--cues", "--bag", "out.mcap", "--json", "first.jsonl"]) == 0
    assert "wrote first.jsonl (1 line), out.mcap (11 messages)" in capsys.readouterr().err
    assert main(["run", "out.mcap", "--json", "again.jsonl", "--topic", "/camera/image/compressed"]) == 0
    first, again = (Result.from_json(Path(name).read_text("utf-8")) for name in ("first.jsonl", "again.jsonl"))
    np.testing.assert_allclose(first.faces[0].box, again.faces[0].box, atol=8)  # stills are searched finer
    assert first.faces[0].label == again.faces[0].label == "happiness"
    capsys.readouterr()
    assert main(["run", "out.mcap", "--bag", "out.mcap"]) == 2  # would overwrite what is read
    assert "would be overwritten" in capsys.readouterr().err
    assert main(["run", "face.png", "--topic", "/x"]) == 2
    assert "--topic is for recordings of ROS 2; face.png is none" in capsys.readouterr().err
    assert main(["run", "face.png", "--bag-images", "raw"]) == 2
    assert main(["run", "face.png", "--bag", "out.avi"]) == 2
    assert "ends in .mcap" in capsys.readouterr().err
