"""Sources against real files, a real local MJPEG camera, and the real absence of one."""

from __future__ import annotations

import http.server
import struct
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from edgeaffect.errors import SourceError
from edgeaffect.frames import check_frame
from edgeaffect.sources import Arrays, Camera, Images, VideoFile, open_source
from edgeaffect.sources.base import public_name
from edgeaffect.sources.images import natural_key, read_image
from edgeaffect.sources.mailbox import Mailbox

cv2 = pytest.importorskip("cv2")


def scene(width: int = 64, height: int = 48, level: int = 0) -> np.ndarray:
    """Left half blue, right half red, a green block in the top-left corner: every orientation looks different."""
    image = np.zeros((height, width, 3), np.uint8)
    image[:, : width // 2, 0] = 200
    image[:, width // 2 :, 2] = 200
    image[: height // 4, : width // 4] = (0, 220, 0)
    image[-4:] = level
    return image


@pytest.fixture
def video(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"mp4v"), 25, (64, 48))
    assert writer.isOpened()
    for i in range(20):
        writer.write(scene(level=i * 12))
    writer.release()
    return path


def rotated(path: Path, degrees: int) -> Path:
    """A copy of an MP4 whose track header asks players to turn the picture clockwise."""
    data = bytearray(path.read_bytes())
    c, s = {0: (1, 0), 90: (0, 1), 180: (-1, 0), 270: (0, -1)}[degrees]
    start = data.index(b"tkhd") + 4 + 40  # version 0: the 3x3 matrix follows 40 bytes of times, ids and volume
    matrix = struct.pack(">9i", c << 16, s << 16, 0, -s << 16, c << 16, 0, 0, 0, 1 << 30)
    assert data[start : start + 4] == struct.pack(">i", 1 << 16)
    data[start : start + 36] = matrix
    target = path.with_name(f"turned{degrees}.mp4")
    target.write_bytes(data)
    return target


def test_video_yields_every_frame_with_media_time(video):
    source = open_source(video)
    assert isinstance(source, VideoFile) and not source.live
    frames = [(f.index, f.timestamp, f.image[-2:].mean()) for f in source]
    assert [f[0] for f in frames] == list(range(20))
    np.testing.assert_allclose([f[1] for f in frames], np.arange(20) / 25, atol=1e-6)
    np.testing.assert_allclose([f[2] for f in frames], np.arange(20) * 12, atol=12)
    assert (source.fps, source.length, source.errors) == (25, 20, [])
    assert len(list(source)) == 20  # a second pass starts again


@pytest.mark.parametrize(("degrees", "code"), [(90, 0), (180, 1), (270, 2)])
def test_video_rotation_is_honoured(video, degrees, code):
    seen = next(iter(VideoFile(rotated(video, degrees)))).image
    np.testing.assert_allclose(seen.astype(int), cv2.rotate(scene(), code).astype(int), atol=90)
    assert np.abs(seen.astype(int) - cv2.rotate(scene(), code)).mean() < 12


def test_video_errors_name_the_file(tmp_path, video, capfd):
    with pytest.raises(SourceError, match=r"no such file: .*none\.mp4"):
        open_source(tmp_path / "none.mp4")
    (tmp_path / "garbage.mp4").write_bytes(b"not a video" * 100)
    with pytest.raises(SourceError, match=r"garbage\.mp4 is not a video"):
        open_source(tmp_path / "garbage.mp4")
    assert "WARN" not in capfd.readouterr().err  # OpenCV's own noise
    cut = tmp_path / "cut.avi"
    writer = cv2.VideoWriter(str(cut), cv2.VideoWriter_fourcc(*"MJPG"), 25, (64, 48))
    for i in range(40):
        writer.write(scene(level=i))
    writer.release()
    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size // 2])
    source = VideoFile(cut)
    count = len(list(source))
    assert 10 < count < 30
    assert not source.length or "may be cut off" in str(source.errors[0])


def exif_jpeg(path: Path, orientation: int) -> None:
    ok, data = cv2.imencode(".jpg", scene(), [cv2.IMWRITE_JPEG_QUALITY, 95])
    assert ok
    tiff = struct.pack("<2sHIHHHIHHI", b"II", 42, 8, 1, 0x0112, 3, 1, orientation, 0, 0)
    payload = b"Exif\0\0" + tiff
    segment = b"\xff\xe1" + struct.pack(">H", len(payload) + 2) + payload
    path.write_bytes(data.tobytes()[:2] + segment + data.tobytes()[2:])


@pytest.mark.parametrize(("orientation", "code"), [(1, None), (3, 1), (6, 0), (8, 2)])
def test_exif_orientation_is_honoured(tmp_path, orientation, code):
    exif_jpeg(tmp_path / "a.jpg", orientation)
    wanted = scene() if code is None else cv2.rotate(scene(), code)
    assert np.abs(read_image(tmp_path / "a.jpg").astype(int) - wanted).mean() < 8


def test_folder_in_natural_order_goes_on_past_bad_pictures(tmp_path, caplog):
    for number in (10, 2, 1):
        cv2.imwrite(str(tmp_path / f"frame{number}.png"), scene(level=number))
    (tmp_path / "frame3.jpg").write_bytes(cv2.imencode(".jpg", scene())[1].tobytes()[:400])
    (tmp_path / "frame4.png").write_bytes(cv2.imencode(".png", scene())[1].tobytes()[:90])
    (tmp_path / "frame5.jpg").write_bytes(b"")
    (tmp_path / "frame6.jpg").write_bytes(b"hello")
    (tmp_path / "notes.txt").write_text("not a picture")
    source = open_source(tmp_path)
    assert isinstance(source, Images) and source.length == 7
    names = [Path(f.source).name for f in source]
    assert names == ["frame1.png", "frame2.png", "frame10.png"]
    assert [e.__class__ for e in source.errors] == [SourceError] * 4
    assert "cut off" in str(source.errors[0]) and "cut off" in str(source.errors[1])
    assert len(caplog.records) == 4


def test_patterns_lists_and_grey_pictures(tmp_path):
    for name in ("a1.png", "a2.png", "b1.png"):
        cv2.imwrite(str(tmp_path / name), scene()[..., 0])
    assert [Path(f.source).name for f in open_source(str(tmp_path / "a*.png"))] == ["a1.png", "a2.png"]
    listed = list(Images([tmp_path / "b1.png", tmp_path / "a1.png"]))
    assert [Path(f.source).name for f in listed] == ["b1.png", "a1.png"]
    assert listed[0].image.shape == (48, 64, 3) and listed[0].still


def test_picture_errors(tmp_path):
    with pytest.raises(SourceError, match="no pictures in folder"):
        open_source(tmp_path)
    with pytest.raises(SourceError, match="no picture matches"):
        open_source(str(tmp_path / "*.jpg"))
    with pytest.raises(SourceError, match="no such file"):
        Images(tmp_path / "x.jpg")
    (tmp_path / "x.jpg").write_bytes(cv2.imencode(".jpg", scene())[1].tobytes()[:300])
    with pytest.raises(SourceError, match="cut off"):
        list(open_source(tmp_path / "x.jpg"))


def test_natural_key_compares_numbers_and_words():
    names = ["b", "a10", "a2", "10", "2", "a"]
    assert sorted(names, key=natural_key) == ["2", "10", "a", "a2", "a10", "b"]


def test_arrays():
    frames = [scene(level=i) for i in range(3)]
    assert [f.timestamp for f in open_source(iter(frames))] == pytest.approx([0, 1 / 30, 2 / 30])
    live = list(Arrays(frames, fps=None))
    assert live[0].clock == "monotonic" and live[1].timestamp > live[0].timestamp
    one = list(open_source(frames[0]))
    assert len(one) == 1 and one[0].still
    assert len(list(open_source(np.stack(frames)))) == 3
    with pytest.raises(ValueError, match="fps must be positive"):
        Arrays(frames, fps=0)
    with pytest.raises(TypeError, match="a source is"):
        open_source(3.5)


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
    with pytest.raises(ValueError, match="cannot be rotated"):
        Camera(0, rotate=90, pixel_format="NV12")


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

    def isOpened(self) -> bool:
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


def test_several_sources_at_once_are_sent_where_they_belong(tmp_path):
    with pytest.raises(TypeError, match=r"2 sources at once are for Pipeline\.stream_batch"):
        open_source([tmp_path / "a.mp4", tmp_path / "b.mp4"])
