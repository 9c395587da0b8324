"""`Camera` against a real local MJPEG server, raw devices that are stood in for, and the real absence of any."""

from __future__ import annotations

import http.server
import threading
import time

import numpy as np
import pytest
from scenes import scene

from edgeaffect.errors import SourceError
from edgeaffect.image import check_frame
from edgeaffect.sources import Camera, open_source
from edgeaffect.sources.base import public_name
from edgeaffect.sources.mailbox import Mailbox

cv2 = pytest.importorskip("cv2")


class _MjpegServer:
    """A camera in the network: each client gets numbered frames; `frames` per connection, then it hangs up."""

    def __init__(self, frames: int = 10**9, fps: float = 100.0) -> None:
        outer = self
        self.sent = 0

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
                self.end_headers()
                try:
                    for _ in range(frames):
                        data = cv2.imencode(".jpg", scene(level=outer.sent % 250))[1].tobytes()
                        head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n"
                        self.wfile.write(head.encode() + data + b"\r\n")
                        outer.sent += 1
                        time.sleep(1 / fps)
                except OSError:
                    return  # the client went away

            def log_message(self, *args: object) -> None:
                return

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/camera"
        self._thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()

    def __enter__(self) -> _MjpegServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def test_camera_delivers_the_latest_frame_and_counts_drops():
    with _MjpegServer(fps=100) as server, Camera(server.url) as camera:
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
    with _MjpegServer(fps=200) as server, Camera(server.url) as camera:
        for frame, _ in zip(camera, range(5), strict=False):
            before = frame.image.copy()
            time.sleep(0.05)
            np.testing.assert_array_equal(frame.image, before)


def test_camera_is_rotated():
    with _MjpegServer() as server, Camera(server.url, rotate=90) as camera:
        image = next(iter(camera)).image
        assert np.abs(image.astype(int) - cv2.rotate(scene(), cv2.ROTATE_90_CLOCKWISE)).mean() < 15


def test_lost_camera_reconnects():
    with _MjpegServer(frames=8) as server, Camera(server.url, reconnect=10) as camera:
        last = -1
        for frame in camera:
            assert frame.index > last
            last = frame.index
            if camera.reconnects >= 2 and last > 16:
                break
        assert camera.reconnects >= 2


def test_camera_that_does_not_come_back_raises():
    server = _MjpegServer(frames=8)
    with Camera(server.url, reconnect=0.6) as camera:
        frames = iter(camera)
        next(frames)
        server.stop()
        began = time.monotonic()
        with pytest.raises(SourceError, match=r"did not come back within 0\.6 s"):
            list(frames)
        assert time.monotonic() - began < 10


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
    monkeypatch.setattr("edgeaffect.sources.camera._FIRST_WAIT", 0.01)
    with Camera("http://127.0.0.1/film", reconnect=0.2) as camera:
        last = max(frame.index for frame in camera)
    assert (last, camera.reconnects, connections.opened) == (sum(lengths) - 1, reconnects, len(lengths))
