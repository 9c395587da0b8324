"""Files, folders, arrays and films by URL as sources; `test_camera` has the live ones."""

from __future__ import annotations

import contextlib
import functools
import http.server
import json
import pickle
import shutil
import struct
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from scenes import scene

import edgeaffect
from edgeaffect.errors import PictureError, SourceError
from edgeaffect.sources import Arrays, Camera, Images, SourceFrame, VideoFile, open_source
from edgeaffect.sources.geometry import Turn
from edgeaffect.sources.images import natural_key, read_image
from edgeaffect.sources.turned import Turned

cv2 = pytest.importorskip("cv2")
ERROR = json.loads((Path(edgeaffect.__file__).parent / "error.schema.json").read_text("utf-8"))


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
    assert [(Path(e.source).name, e.frame_index) for e in source.errors] == [
        ("frame3.jpg", 2), ("frame4.png", 3), ("frame5.jpg", 4), ("frame6.jpg", 5),
    ]  # fmt: skip
    assert "cut off" in str(source.errors[0]) and "cut off" in str(source.errors[1])
    assert len(caplog.records) == 5  # four damaged ones, and a line about what is left out
    assert [(path.name, reason) for path, reason in source.skipped] == [("notes.txt", "no picture")]
    assert all(isinstance(answer, SourceFrame) for answer in source.answers())  # nobody asked for these files by name


def test_patterns_lists_and_grey_pictures(tmp_path):
    for name in ("a1.png", "a2.png", "b1.png"):
        cv2.imwrite(str(tmp_path / name), scene()[..., 0])
    assert [Path(f.source).name for f in open_source(str(tmp_path / "a*.png"))] == ["a1.png", "a2.png"]
    listed = list(open_source([tmp_path / "b1.png", tmp_path / "a1.png"]))
    assert [Path(f.source).name for f in listed] == ["b1.png", "a1.png"]
    assert listed[0].image.shape == (48, 64, 3) and listed[0].still


def test_a_list_answers_each_entry_in_its_place(tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), scene())
    (tmp_path / "bad.jpg").write_bytes(b"hello")
    (tmp_path / "empty").mkdir()
    secret = "rtsp://admin:S3cr@127.0.0.1/live"
    entries = ["a.png", "bad.jpg", "none.png", "empty", "*.bmp", "a.png"]
    source = open_source([*(tmp_path / name for name in entries), secret], rotate=90)
    answers = list(source.answers())
    assert source.length == len(answers) == 7 and [answer.source for answer in answers[:6]] == [
        str(tmp_path / name) for name in entries
    ]
    good = [i for i, answer in enumerate(answers) if isinstance(answer, SourceFrame)]
    assert good == [0, 5] and answers[0].image.shape == (64, 48, 3) and answers[5].index == 5
    reasons = ("not a picture", "no such file", "no pictures in folder", "no picture matches", "stream_batch")
    for i, reason in zip((1, 2, 3, 4, 6), reasons, strict=True):
        assert isinstance(answers[i], PictureError) and answers[i].frame_index == i and reason in str(answers[i])
    assert "S3cr" not in answers[6].source + str(answers[6]) + repr(answers[6])
    assert [frame.index for frame in source] == good
    assert next(Turned(source, Turn(90)).answers()).image.shape == (48, 64, 3)
    copy = pickle.loads(pickle.dumps(answers[1]))
    assert type(copy) is PictureError and copy.to_dict() == answers[1].to_dict()
    jsonschema.validate(copy.to_dict(), ERROR)
    alone = open_source([secret])
    assert "S3cr" not in alone.name and [type(answer) for answer in alone.answers()] == [PictureError]


def test_picture_errors(tmp_path):
    with pytest.raises(SourceError, match="no pictures in folder"):
        open_source(tmp_path)
    with pytest.raises(SourceError, match="no picture matches"):
        open_source(str(tmp_path / "*.jpg"))
    with pytest.raises(SourceError, match="no such file"):
        Images(tmp_path / "x.jpg")
    for nothing in ("", "  "):  # not the folder we happen to be in
        with pytest.raises(SourceError, match="no name"):
            open_source(nothing)
    (tmp_path / "x.jpg").write_bytes(cv2.imencode(".jpg", scene())[1].tobytes()[:300])
    with pytest.raises(SourceError, match="cut off"):
        list(open_source(tmp_path / "x.jpg"))
    cv2.imwrite(str(tmp_path / "wide.png"), np.zeros((1, 40000), np.uint8))
    with pytest.raises(SourceError, match=r"wide\.png.*40000x1"):
        list(open_source(tmp_path / "wide.png"))


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
    gray = open_source(np.stack(frames)[..., 0], color="gray")
    assert [f.image.shape for f in gray] == [(48, 64)] * 3
    for fps in (0, "a", float("nan")):
        with pytest.raises(ValueError, match="fps must be positive"):
            Arrays(frames, fps=fps)
    for wrong in (3.5, True, None, b"film.mp4", {"film.mp4": 1}):
        with pytest.raises(TypeError, match="a source is"):
            open_source(wrong)


@pytest.fixture
def served(video, tmp_path):
    """URL of a folder that holds the film, as `film.mp4` and under a name that does not tell what it is."""
    for name in ("film.mp4", "stream"):
        shutil.copy(video, tmp_path / name)
    with serving(functools.partial(_QuietFiles, directory=str(tmp_path))) as url:
        yield url


@contextlib.contextmanager
def serving(handler) -> Iterator[str]:
    """A server on loopback; its URL."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


class _QuietFiles(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        return


def test_a_film_in_the_network_is_a_file(served, video):
    expected = [frame.timestamp for frame in VideoFile(video)]
    film = open_source(f"{served}/film.mp4")
    assert not film.live and [frame.timestamp for frame in film] == expected
    assert [frame.timestamp for frame in open_source(f"file://{video}")] == expected
    with pytest.raises(SourceError, match="is not a video"):
        open_source(f"{served}/none.mp4".replace("//", "//user:secret@"))


def test_a_stream_of_known_length_ends_and_is_not_taken_for_lost(served):
    with Camera(f"{served}/stream", reconnect=30) as camera:
        assert len(list(camera)) > 0
        assert camera.reconnects == 0


def test_a_finite_file_of_unknown_length_ends_too(tmp_path):
    """Sent piece by piece, without a length: the container knows how many frames it holds."""
    writer = cv2.VideoWriter(str(tmp_path / "a.avi"), cv2.VideoWriter_fourcc(*"MJPG"), 25, (64, 48))
    for i in range(30):
        writer.write(scene(level=i))
    writer.release()
    data = (tmp_path / "a.avi").read_bytes()

    class Pieces(_QuietFiles):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            with contextlib.suppress(OSError):
                for start in range(0, len(data), 5000):
                    piece = data[start : start + 5000]
                    self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
                self.wfile.write(b"0\r\n\r\n")

    with serving(Pieces) as url, open_source(f"{url}/camera", reconnect=30) as source:
        began = time.monotonic()
        assert isinstance(source, Camera) and 0 < len(list(source)) <= 30
        assert source.reconnects == 0 and time.monotonic() - began < 20


def test_several_sources_at_once_are_sent_where_they_belong(tmp_path):
    with pytest.raises(TypeError, match=r"2 sources at once are for Pipeline\.stream_batch"):
        open_source([tmp_path / "a.mp4", 0])
