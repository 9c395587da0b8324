"""`Camera` against a real local MJPEG server, raw devices that are stood in for, and the real absence of any."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mjpeg_server import MjpegServer
from scenes import scene

from edgeaffect.errors import SourceError
from edgeaffect.image import check_frame
from edgeaffect.sources import Camera, ReconnectPolicy, open_source
from edgeaffect.sources.base import public_name
from edgeaffect.sources.mailbox import Mailbox
from edgeaffect.sources.reconnect import Reconnect

cv2 = pytest.importorskip("cv2")


def test_camera_delivers_the_latest_frame_and_counts_drops():
    with MjpegServer(fps=100) as server, Camera(server.url) as camera:
        assert camera.live
        frames = iter(camera)
        first = next(frames)
        assert first.image.shape == (48, 64, 3) and first.clock == "monotonic"
        start = first.index
        time.sleep(0.4)  # a slow consumer
        second, third = next(frames), next(frames)
        assert second.dropped >= 5
        assert second.index - start > 5  # the latest, not the next
        assert second.index == start + 1 + second.dropped - first.dropped
        assert third.timestamp > second.timestamp > first.timestamp
        assert abs(third.timestamp - time.monotonic()) < 1
        frames.close()
        assert not [t for t in threading.enumerate() if t.name == camera.name]
    with pytest.raises(SourceError, match="make a new Camera"):
        next(iter(camera))


def test_camera_frames_stay_valid_until_the_next_one():
    with MjpegServer(fps=200) as server, Camera(server.url) as camera:
        for frame, _ in zip(camera, range(5), strict=False):
            before = frame.image.copy()
            time.sleep(0.05)
            np.testing.assert_array_equal(frame.image, before)


def test_camera_is_rotated():
    with MjpegServer() as server, Camera(server.url, rotate=90) as camera:
        image = next(iter(camera)).image
        assert np.abs(image.astype(int) - cv2.rotate(scene(), cv2.ROTATE_90_CLOCKWISE)).mean() < 15


def test_lost_camera_reconnects():
    with MjpegServer(frames=8) as server, Camera(server.url, reconnect=10) as camera:
        last = -1
        for frame in camera:
            assert frame.index > last
            last = frame.index
            if camera.reconnects >= 2 and last > 16:
                break
        assert camera.reconnects >= 2


def test_camera_that_does_not_come_back_raises():
    server = MjpegServer(frames=8)
    with Camera(server.url, reconnect=0.6) as camera:
        frames = iter(camera)
        next(frames)
        server.stop()
        began = time.monotonic()
        with pytest.raises(SourceError, match=r"did not come back to stay within 0\.\d s and 2 attempts"):
            list(frames)
        assert time.monotonic() - began < 10


def test_a_camera_that_comes_and_goes_is_given_up():
    """A recording sent as a stream plays again at each attempt, and would do so for ever."""
    policy = ReconnectPolicy(attempts=2, first_wait=0.05)
    with MjpegServer(frames=8) as server, open_source(server.url, reconnect=policy) as camera:
        indices = []
        with pytest.raises(SourceError, match=r"did not come back to stay within .* s and 2 attempts"):
            indices.extend(frame.index for frame in camera)
        assert camera.reconnects == 2 and 0 < len(indices) <= 24
        assert server.connections == 4  # the look at what is there, and three times the stream


def test_a_camera_that_was_steady_gets_all_attempts_again():
    policy = ReconnectPolicy(attempts=1, first_wait=0.02, steady=0.05)
    with MjpegServer(frames=8) as server, Camera(server.url, reconnect=policy) as camera:
        for _ in camera:
            if camera.reconnects == 3:
                break
        assert camera.reconnects == 3


def test_a_stream_that_tells_its_length_is_a_recording():
    with MjpegServer(frames=6, tells_length=True) as server, open_source(server.url) as source:
        assert not source.live and len(list(source)) == 6


@settings(max_examples=50, deadline=None)
@given(
    seconds=st.floats(0, 100), attempts=st.none() | st.integers(0, 20), first=st.floats(0.01, 10),
    growth=st.floats(1, 10), longest=st.floats(0.01, 20), opening=st.floats(0, 5),
)  # fmt: skip
def test_waits_grow_up_to_the_limits(seconds, attempts, first, growth, longest, opening):
    policy = ReconnectPolicy(seconds=seconds, attempts=attempts, first_wait=first, growth=growth, longest_wait=longest)
    reconnect, now = Reconnect(policy), 1000.0
    reconnect.lose(now)
    waits = []
    while (wait := reconnect.wait(now)) is not None and len(waits) < 50:
        waits.append(wait)
        now += wait + opening
    wanted = [min(first * growth**i, longest) for i in range(len(waits))]
    np.testing.assert_allclose(waits[:-1], wanted[:-1], rtol=1e-9)  # the last one may be cut to what is left
    assert all(0 < wait <= limit + 1e-9 for wait, limit in zip(waits, wanted, strict=True))
    assert sum(waits) <= seconds + 1e-6 and len(waits) <= (50 if attempts is None else attempts)


def test_policies_are_checked():
    for name, value in (("seconds", -1), ("attempts", -1), ("first_wait", 0), ("growth", 0.5), ("steady", "x")):
        with pytest.raises(ValueError, match=name):
            ReconnectPolicy(**{name: value})
    with pytest.raises(TypeError):
        ReconnectPolicy(3.0)


def test_missing_cameras_say_what_is_there(capfd):
    with pytest.raises(SourceError, match=r"cannot open camera:99: devices present: "):
        open_source("99")
    with pytest.raises(SourceError, match="nothing usable answered"):
        Camera("http://user:secret@127.0.0.1:9/none", timeout=1)
    if not cv2.videoio_registry.isBackendBuiltIn(cv2.CAP_GSTREAMER):
        with pytest.raises(SourceError, match="no GStreamer"):
            open_source("videotestsrc ! videoconvert ! appsink")
    assert "WARN" not in capfd.readouterr().err


def test_camera_options_are_checked():
    with pytest.raises(ValueError, match=r"pixel_format must be .* got 'XYZ'"):
        Camera(0, pixel_format="XYZ")
    with pytest.raises(ValueError, match="rotate must be"):
        Camera(0, rotate=45)
    for name, value in (("width", -5), ("height", "a"), ("fps", 0), ("timeout", float("nan"))):
        with pytest.raises(ValueError, match=f"{name} must be positive"):
            Camera(0, **{name: value})
    with pytest.raises(ValueError, match="reconnect"):
        Camera(0, reconnect=-1)
    for source in (None, 1.5, "", True):
        with pytest.raises(TypeError, match="a camera is"):
            Camera(source)


def test_passwords_stay_out_of_names():
    assert public_name("rtsp://user:secret@10.0.0.1:554/a") == "rtsp://10.0.0.1:554/a"
    assert public_name("http://10.0.0.1/a@b") == "http://10.0.0.1/a@b"


def test_mailbox_keeps_the_newest_and_ends_with_the_error():
    box: Mailbox[list[int]] = Mailbox(([0], [0], [0]))
    for value in (1, 2, 3):
        box.writing[0] = value
        box.publish()
    taken = box.take()
    assert taken == [3] and box.dropped == 2
    box.writing[0] = 4
    box.publish()
    box.writing[0] = 5  # being written: neither the reader's item nor the waiting one changes
    assert taken == [3]
    box.end(SourceError("gone"))
    assert box.take() == [4]
    with pytest.raises(SourceError, match="gone"):
        box.take()


class _RawDevice:
    """Speaks as OpenCV's capture of a V4L2 device does with conversion off: bytes in rows, whatever the format."""

    def __init__(self, fourcc: str, frame: np.ndarray, size: tuple[int, int]) -> None:
        self.fourcc, self.frame, self.size, self.settings = fourcc, frame, size, {}

    def isOpened(self) -> bool:  # noqa: N802  (OpenCV's name)
        return True

    def set(self, key: int, value: float) -> bool:
        self.settings[key] = value
        return True

    def get(self, key: int) -> float:
        facts = {
            cv2.CAP_PROP_FOURCC: cv2.VideoWriter_fourcc(*self.fourcc),
            cv2.CAP_PROP_FRAME_WIDTH: self.size[0],
            cv2.CAP_PROP_FRAME_HEIGHT: self.size[1],
            cv2.CAP_PROP_FPS: 30,
            cv2.CAP_PROP_FRAME_COUNT: -1,
        }
        return facts[key]

    def grab(self) -> bool:
        time.sleep(0.002)
        return True

    def retrieve(self, buffer: np.ndarray | None = None) -> tuple[bool, np.ndarray]:
        return True, self.frame.copy()

    def release(self) -> None:
        return


@pytest.mark.parametrize(
    ("pixel_format", "delivered", "color", "shape"),
    [
        ("NV12", (1, 64 * 48 * 3 // 2), "nv12", (72, 64)),
        ("NV12", (72, 64), "nv12", (72, 64)),
        ("YUYV", (1, 64 * 48 * 2), "yuyv", (48, 64, 2)),
        ("YUYV", (48, 64, 2), "yuyv", (48, 64, 2)),
        ("GREY", (48, 64, 1), "gray", (48, 64)),
    ],
)
def test_raw_formats_get_their_shape(monkeypatch, pixel_format, delivered, color, shape):
    raw = np.random.default_rng(0).integers(0, 255, delivered, np.uint8)
    device = _RawDevice(pixel_format, raw, (64, 48))
    monkeypatch.setattr(cv2, "VideoCapture", lambda *_: device)
    with Camera(0, pixel_format=pixel_format, width=64, height=48) as camera:
        frame = next(iter(camera))
    assert (frame.color, frame.image.shape) == (color, shape)
    np.testing.assert_array_equal(frame.image.ravel(), raw.ravel())
    check_frame(frame.image, frame.color)
    assert device.settings[cv2.CAP_PROP_CONVERT_RGB] == 0


def test_device_without_the_format_says_what_it_delivers(monkeypatch):
    device = _RawDevice("MJPG", np.zeros((48, 64, 3), np.uint8), (64, 48))
    monkeypatch.setattr(cv2, "VideoCapture", lambda *_: device)
    with pytest.raises(SourceError, match="delivers 'MJPG', not NV12"):
        Camera(0, pixel_format="NV12")


class _Connections:
    """A finite stream of ten frames in the network, whose connections break: `lengths` frames each, then nobody."""

    def __init__(self, *lengths: int) -> None:
        self.lengths, self.opened = list(lengths), 0

    def __call__(self, *_: object) -> _Connections:
        self.opened += 1
        self.left = self.lengths.pop(0) if self.lengths else -1
        return self

    def isOpened(self) -> bool:  # noqa: N802  (OpenCV's name)
        return self.left >= 0

    def set(self, key: int, value: float) -> bool:
        return True

    def get(self, key: int) -> float:
        return {cv2.CAP_PROP_FRAME_COUNT: 10, cv2.CAP_PROP_FPS: 30}.get(key, 48)

    def grab(self) -> bool:
        time.sleep(0.002)
        self.left -= 1
        return self.left >= 0

    def retrieve(self, buffer: np.ndarray | None = None) -> tuple[bool, np.ndarray]:
        return True, np.zeros((48, 48, 3), np.uint8)

    def release(self) -> None:
        return


@pytest.mark.parametrize(
    ("lengths", "reconnects"), [((10,), 0), ((9,), 0), ((4, 6, 10), 2), ((4, 9), 1), ((8, 2, 9), 2)]
)
def test_a_finite_stream_ends_with_its_last_frame_counted_from_the_last_reconnect(monkeypatch, lengths, reconnects):
    connections = _Connections(*lengths)
    monkeypatch.setattr(cv2, "VideoCapture", connections)
    policy = ReconnectPolicy(seconds=0.2, first_wait=0.01)
    with Camera("http://127.0.0.1/film", reconnect=policy) as camera:
        last = max(frame.index for frame in camera)
    assert (last, camera.reconnects, connections.opened) == (sum(lengths) - 1, reconnects, len(lengths))


def test_the_page_about_sources_states_the_defaults():
    page = Path(__file__).resolve().parents[2] / "docs" / "sources.md"
    if not page.exists():
        pytest.skip("needs the source tree around tests/")
    policy = ReconnectPolicy()
    rows = [line.split(" | ") for line in page.read_text("utf-8").splitlines() if line.startswith("| `")]
    stated = {row[0].strip("| "): row[1] for row in rows}
    seen: list[str] = []
    for names, values in stated.items():
        fields = [name.strip("` ") for name in names.split(",")]
        if fields[0] in policy.__dataclass_fields__:
            seen += fields
            given = [getattr(policy, field) for field in fields]
            assert values == ", ".join("no limit" if value is None else f"{value:g}" for value in given)
    assert seen == list(policy.__dataclass_fields__)
