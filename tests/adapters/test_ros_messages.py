"""What messages say, and that two CDR implementations write each of them in the same bytes."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

pytest.importorskip("rosbags")

from edgeaffect import Pipeline, Result
from edgeaffect.adapters.ros2 import Header, Message, Publication, SoundFormat, Translator, samples_of
from edgeaffect.adapters.ros2.definitions import DEFINITIONS
from edgeaffect.adapters.ros2.detections import image_annotations
from edgeaffect.adapters.ros2.diagnostics import Level, diagnostics
from edgeaffect.adapters.ros2.faces import WORDS, cropped, expression
from edgeaffect.adapters.ros2.frames import camera_info, quaternion, transforms
from edgeaffect.adapters.ros2.message import build
from edgeaffect.adapters.ros2.typestore import to_cdr, typestore
from edgeaffect.circumplex import EMOTIONS
from edgeaffect.cues import Gaze, HeadPose
from edgeaffect.models.registry import FILES
from edgeaffect.results import Voice

HEADER = Header(1_700_000_000_123_456_789, "eye")
pytestmark = pytest.mark.skipif(not (FILES / "face-detector.onnx").exists(), reason="no bundled detector in this tree")


@pytest.fixture(scope="module")
def seen(portrait) -> Result:
    with Pipeline(cues=True) as pipeline:
        return pipeline.process(portrait)


@pytest.fixture(scope="module")
def spoken(seen) -> Result:
    """The same, and this face is heard."""
    (face,) = seen.faces
    cues = dataclasses.replace(face.cues, extra={**face.cues.extra, "speaker": 0.75})
    voice = Voice(True, face.affect, -20.0, (0.0, 2.0), 2.0, "user")
    return dataclasses.replace(
        seen, faces=(dataclasses.replace(face, cues=cues),), voice=voice, speaker=face.track_id
    )  # fmt: skip


def read_back(message: Message):
    """Through bytes, as a subscriber gets it."""
    return typestore().deserialize_cdr(to_cdr(message), message.type)


def everything(result: Result, picture: np.ndarray) -> dict[str, Message]:
    said = Translator(Publication(cropped=True)).messages(result, HEADER, picture)
    return {
        **dict(said), "info": camera_info(result.size, None, HEADER), "drawn": image_annotations(result, HEADER),
        "health": diagnostics(Level.WARN, "slow", {"images": 3}, HEADER, device="eye"),
    }  # fmt: skip


def test_two_implementations_write_the_same_bytes(spoken, portrait):
    pytest.importorskip("cyclonedds")
    from ros_dds import to_dds

    messages = everything(spoken, portrait)
    assert len({one.type for one in messages.values()}) >= 12
    for topic, message in messages.items():
        assert to_dds(message).serialize() == to_cdr(message), topic


def test_topics_are_those_of_rep_155(spoken, portrait):
    messages = everything(spoken, portrait)
    types = {topic: one.type.replace("/msg/", "/") for topic, one in messages.items() if topic.startswith("/")}
    assert types == {
        "/humans/faces/tracked": "hri_msgs/IdsList",
        "/humans/faces/f1/roi": "hri_msgs/NormalizedRegionOfInterest2D",
        "/humans/faces/f1/cropped": "sensor_msgs/Image",
        "/humans/faces/f1/landmarks": "hri_msgs/FacialLandmarks",
        "/humans/faces/f1/facs": "hri_msgs/FacialActionUnits",
        "/humans/faces/f1/expression": "hri_msgs/Expression",
        "/tf": "tf2_msgs/TFMessage",
        "/edgeaffect/detections": "vision_msgs/Detection2DArray",
        "/humans/voices/tracked": "hri_msgs/IdsList",
        "/humans/voices/v1/is_speaking": "std_msgs/Bool",
        "/humans/voices/v1/expression": "hri_msgs/Expression",
        "/humans/candidate_matches": "hri_msgs/IdsMatch",
    }


def test_a_face_arrives_as_it_was_seen(seen, portrait):
    (face,) = seen.faces
    said = {topic.rpartition("/")[2]: read_back(one) for topic, one in everything(seen, portrait).items()}
    width, height = seen.size
    roi = said["roi"]
    np.testing.assert_allclose(
        [roi.xmin * width, roi.ymin * height, roi.xmax * width, roi.ymax * height], face.box, atol=1e-3
    )
    points = np.array([[one.x * width, one.y * height] for one in said["landmarks"].landmarks])
    np.testing.assert_allclose(points[:68], face.cues.landmarks68, atol=1e-3)
    np.testing.assert_allclose(points[68], face.cues.landmarks68[36:42].mean(0), atol=1e-3)  # the person's right pupil
    assert [one.c for one in said["landmarks"].landmarks[68:]] == [0, 0]
    facs = said["facs"]
    assert {i: pytest.approx(float(v)) for i, v in enumerate(facs.intensity) if facs.confidence[i]} == {
        number: pytest.approx(value) for number, value in face.cues.action_units.items()
    }
    assert said["expression"].expression == "happy"
    assert said["expression"].valence == pytest.approx(face.affect.valence)
    (detection,) = said["detections"].detections
    assert detection.id == "f1" and detection.results[0].hypothesis.class_id == "happiness"
    assert [one.hypothesis.score for one in detection.results] == sorted(face.affect.probabilities.tolist())[::-1]
    assert said["tracked"].header.stamp.nanosec == 123_456_789 and said["tracked"].header.frame_id == "eye"


def test_a_crop_shows_the_face_and_black_where_the_frame_ends(seen, portrait):
    (face,) = seen.faces
    crop = read_back(cropped(portrait, "bgr", face, HEADER))
    picture = crop.data.reshape(crop.height, crop.width, 3)
    assert (crop.height, crop.width, crop.step, crop.encoding) == (128, 128, 384, "bgr8")
    x, y = ((face.box[:2] + face.box[2:]) / 2).astype(int)
    assert np.abs(picture[64, 64].astype(int) - portrait[y, x]).max() < 40
    aside = dataclasses.replace(face, box=np.array([-60, 0, 40, 100], np.float32))
    beyond = read_back(cropped(portrait, "bgr", aside, HEADER)).data.reshape(128, 128, 3)
    assert not beyond[:, :70].any() and beyond[:, 80:].any()


def test_every_label_has_a_word_or_is_known_to_have_none(seen):
    (face,) = seen.faces
    assert set(EMOTIONS) - set(WORDS) == {"contempt"}
    doubtful = dataclasses.replace(face.affect, is_sure=False)
    assert expression(doubtful, HEADER).fields["expression"] == ""
    assert expression(doubtful, HEADER).fields["confidence"] == face.affect.confidence


def turned(seen, yaw=0.0, pitch=0.0, roll=0.0, gaze=(0.0, 0.0)):
    (face,) = seen.faces
    cues = dataclasses.replace(face.cues, head_pose=HeadPose(yaw, pitch, roll), gaze=Gaze(*gaze))
    return dataclasses.replace(face, cues=cues)


def axes(transform: Message) -> np.ndarray:
    """Columns: x, y, z of the frame in the camera's; by the textbook's formula."""
    q = transform.fields["transform"].fields["rotation"].fields
    x, y, z, w = (q[name] for name in "xyzw")
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )


def test_frames_point_as_rep_155_says(seen):
    """Optical frame of the camera: x right, y down, z into the scene."""
    face, gaze = map(axes, transforms(turned(seen), "f1", seen.size, None, HEADER))
    np.testing.assert_allclose(face.T, [[0, 0, -1], [1, 0, 0], [0, -1, 0]], atol=1e-9)  # x to the camera, z up
    np.testing.assert_allclose(gaze.T, [[-1, 0, 0], [0, 1, 0], [0, 0, -1]], atol=1e-9)  # z to the camera, y down
    face, gaze = map(axes, transforms(turned(seen, yaw=30, gaze=(0, 20)), "f1", seen.size, None, HEADER))
    np.testing.assert_allclose(face[:, 0], [0.5, 0, -math.sqrt(3) / 2], atol=1e-9)  # to the image's right
    np.testing.assert_allclose(gaze[:, 2], [0, -math.sin(math.radians(20)), -math.cos(math.radians(20))], atol=1e-9)
    face, _ = map(axes, transforms(turned(seen, roll=90), "f1", seen.size, None, HEADER))
    np.testing.assert_allclose(face[:, 2], [1, 0, 0], atol=1e-9)  # leaning clockwise: the scalp to the image's right


def test_distance_follows_the_distance_of_the_eyes(seen):
    """Eyes 63 mm apart that are as many pixels apart as the focal length has stand 63 mm away."""
    (face,) = seen.faces
    points = face.cues.landmarks68.copy()
    points[36:42], points[42:48] = (100, 240), (164, 240)
    cues = dataclasses.replace(face.cues, landmarks68=points, head_pose=HeadPose(0, 0, 0))
    there = transforms(dataclasses.replace(face, cues=cues), "f1", (640, 480), None, HEADER)[0]
    place = there.fields["transform"].fields["translation"].fields
    assert place["z"] == pytest.approx(0.63) and place["y"] == pytest.approx(0)
    assert place["x"] == pytest.approx((132 - 320) / 640 * 0.63)
    assert (there.fields["child_frame_id"], there.fields["header"].fields["frame_id"]) == ("face_f1", "eye")


def test_quaternions_of_random_turns():
    rng = np.random.default_rng(5)
    for _ in range(50):
        turn, upper = np.linalg.qr(rng.normal(size=(3, 3)))
        turn = turn @ np.diag(np.sign(np.diag(upper)))
        turn *= np.sign(np.linalg.det(turn))
        x, y, z, w = quaternion(turn)
        fields = {"transform": Message("", {"rotation": Message("", {"x": x, "y": y, "z": z, "w": w})})}
        np.testing.assert_allclose(axes(Message("", fields)), turn, atol=1e-12)


def test_a_voice_is_said_once_and_leaves(spoken, seen):
    translator = Translator()

    def voices(result: Result) -> list[str]:
        return [one.topic for one in translator.messages(result, HEADER) if "voices" in one.topic]

    assert len(voices(spoken)) == 3 and voices(spoken) == []  # the same window again
    match = dict(translator.messages(spoken, HEADER))["/humans/candidate_matches"].fields
    assert (match["id1"], match["id2"], match["confidence"]) == ("f1", "v1", 0.75)
    assert voices(seen) == ["/humans/voices/tracked"] and voices(seen) == []
    assert [one.topic for one in translator.farewell(HEADER)] == ["/humans/faces/tracked"]


def test_definitions_of_ours_do_not_stand_in_for_the_cores():
    types = pytest.importorskip("rosbags.typesys")
    core = types.get_typestore(types.Stores.ROS2_JAZZY).fielddefs
    assert not set(DEFINITIONS) & set(core)


@pytest.mark.parametrize(
    ("form", "kind", "scale"),
    [("S16LE", "<i2", 32768), ("S16BE", ">i2", 32768), ("S32LE", "<i4", 2**31), ("F32LE", "<f4", 1), ("S8", "i1", 128)],
)
def test_sound_of_every_format(form, kind, scale):
    wanted = np.array([[0, 0.5], [-1, 0.25], [-0.5, 0.125]])
    raw = (wanted * scale).astype(kind).tobytes()
    message = build(
        Message("audio_common_msgs/msg/AudioData", {"data": np.frombuffer(raw, np.uint8)}), typestore().types.get
    )
    heard = samples_of(message, SoundFormat(48000, 2, form))
    assert heard.dtype == np.float32
    np.testing.assert_array_equal(heard, wanted.astype(np.float32))


def test_sound_that_cannot_be_read_is_named():
    info = Message("audio_common_msgs/msg/AudioInfo", {
        "channels": 1, "sample_rate": 16000, "sample_format": "S16LE", "bitrate": 128, "coding_format": "MP3",
    })  # fmt: skip
    with pytest.raises(ValueError, match="coded as 'MP3' is not read"):
        SoundFormat.of(build(info, typestore().types.get))
    with pytest.raises(ValueError, match="sample_rate"):
        SoundFormat(10)


def test_a_stamp_that_no_message_can_hold_is_refused():
    with pytest.raises(ValueError, match="stamp_ns"):
        Header(-1)
    with pytest.raises(ValueError, match="stamp_ns"):
        Header(2**31 * 10**9)
