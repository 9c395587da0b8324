"""What an HTTP address gives decides what it is: its bytes, not its name, ending or announced type."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest
from film_files import erase_packets, remux, write_film, write_matrix
from scenes import scene

from edgeaffect.errors import SourceError
from edgeaffect.sources import Camera, VideoFile, open_source
from edgeaffect.sources.animation import Animation
from edgeaffect.sources.geometry import Turn
from edgeaffect.sources.http_file import HttpFile
from edgeaffect.sources.remote import Answer, RemotePicture, probe

cv2 = pytest.importorskip("cv2")


@dataclass
class Page:
    """What the server answers at one path."""

    data: bytes = b""
    kind: str = "application/octet-stream"
    has_length: bool = True
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class Server:
    """Answers on loopback; `pages` by path."""

    def __init__(self) -> None:
        pages: dict[str, Page] = {}
        asked: list[tuple[str, dict[str, str]]] = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append((self.path, dict(self.headers)))
                page = pages.get(self.path, Page(b"nothing here", "text/plain", status=404))
                data, status = page.data, page.status
                wanted = self.headers.get("Range", "")
                self.send_response(206 if wanted and page.has_length and status == 200 else status)
                if wanted and page.has_length and status == 200:
                    start = int(wanted.removeprefix("bytes=").split("-")[0])
                    self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
                    data = data[start:]
                self.send_header("Content-Type", page.kind)
                if page.has_length:
                    self.send_header("Content-Length", str(len(data)))
                    self.send_header("Accept-Ranges", "bytes")
                for name, value in page.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                try:
                    self.wfile.write(data)
                except OSError:
                    return  # the client has seen enough

            def log_message(self, *args: object) -> None:
                return

        self.pages, self.asked = pages, asked
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    def add(self, path: str, data: bytes, kind: str = "application/octet-stream", **options: object) -> str:
        """Serve this there; the whole address."""
        self.pages[path] = Page(data, kind, **options)
        return f"http://127.0.0.1:{self.server.server_port}{path}"

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.stop()


JPEG = cv2.imencode(".jpg", scene())[1].tobytes()
PAGE = b"<!DOCTYPE html><html><body>Please log in</body></html>"


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> bytes:
    pytest.importorskip("av")
    return write_film(tmp_path_factory.mktemp("film") / "a.mp4", frames=30).read_bytes()


@pytest.mark.parametrize("path", ["/photo.jpg", "/photo", "/film.mp4", "/cgi?image=1"])
@pytest.mark.parametrize("kind", ["image/jpeg", "text/html", "video/mp4", "application/octet-stream"])
def test_a_picture_is_a_picture_under_any_name_and_type(server, path, kind):
    source = open_source(server.add(path, JPEG, kind))
    assert isinstance(source, RemotePicture) and source.length == 1
    (frame,) = source
    assert frame.still and frame.clock == "media"
    assert np.abs(frame.image.astype(int) - scene()).mean() < 8
    assert len(list(source)) == 1


def test_a_picture_is_upright_and_turned(server):
    exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"
    data = JPEG[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + JPEG[2:]
    (frame,) = open_source(server.add("/a", data), mirror=True)
    assert np.abs(frame.image.astype(int) - np.rot90(scene(), -1)[:, ::-1]).mean() < 8


@pytest.mark.parametrize("path", ["/film.mp4", "/film", "/photo.jpg", "/stream"])
@pytest.mark.parametrize("kind", ["video/mp4", "text/plain"])
def test_a_film_is_read_whole_under_any_name_and_type(server, film, path, kind):
    source = open_source(server.add(path, film, kind))
    assert isinstance(source, VideoFile)
    times = [frame.timestamp for frame in source]
    np.testing.assert_allclose(times, np.arange(30) / 25, atol=0.001)
    assert not source.errors and not source.lost


def test_films_without_a_length_end_if_their_index_says_so(server, film, tmp_path):
    source = open_source(server.add("/film", film, "video/mp4", has_length=False))
    assert isinstance(source, VideoFile) and len(list(source)) == 30
    (tmp_path / "a.mp4").write_bytes(film)
    pieces = remux(tmp_path / "a.mp4", tmp_path / "b.mp4", {"movflags": "frag_keyframe+empty_moov"}).read_bytes()
    assert probe(server.add("/live", pieces, "video/mp4", has_length=False)) == Answer("video", "mp4", False)
    assert isinstance(open_source(server.add("/film.mp4", pieces, has_length=False)), VideoFile)
    stream = remux(tmp_path / "a.mp4", tmp_path / "b.ts").read_bytes()
    assert probe(server.add("/live.ts", stream, "video/mp2t", has_length=False)) == Answer("video", "ts", False)


def test_pictures_without_a_length_may_be_a_stream(server):
    """A server that sends one picture after another also tells no length."""
    assert probe(server.add("/a", JPEG, "video/x-motion-jpeg", has_length=False)) == Answer("picture", "jpeg", False)
    (frame,) = open_source(server.add("/snapshot", JPEG, "image/jpeg", has_length=False))
    assert frame.still
    boundary = b"--x\r\nContent-Type: image/jpeg\r\n\r\n" + JPEG + b"\r\n"
    stream = server.add("/b", boundary * 20, "multipart/x-mixed-replace; boundary=x", has_length=False)
    assert probe(stream) == Answer("stream", "multipart/x-mixed-replace", False)
    with open_source(stream) as source:
        assert isinstance(source, Camera)


@pytest.mark.parametrize(
    ("data", "words"),
    [(PAGE, "is a web page"), (b"%PDF-1.7 " + bytes(99), "is a PDF"), (b"ID3\x03" + bytes(99), "is sound without a")],
)
def test_what_holds_no_pictures_is_named(server, data, words):
    address = server.add("/film.mp4", data, "video/mp4").replace("//", "//user:S3cret@")
    with pytest.raises(SourceError, match=words) as caught:
        open_source(address)
    assert "S3cret" not in str(caught.value) and "address of a video, stream or picture" in str(caught.value)


def test_redirects_are_followed_and_the_login_stays_here(server, film):
    target = server.add("/there", film)
    address = server.add("/here.jpg", b"", status=302, headers={"Location": target.replace("127.0.0.1", "localhost")})
    assert probe(address.replace("//", "//user:S3cret@")) == Answer("video", "mp4", True)
    (_, first), (_, second) = server.asked
    assert first["Authorization"].startswith("Basic ") and "Authorization" not in second
    source = open_source(address)
    assert isinstance(source, VideoFile) and len(list(source)) == 30


def test_missing_pages_and_servers_are_errors(server):
    assert probe(server.add("/none", b"x", status=404)) is None
    assert probe("rtsp://127.0.0.1/a") is None
    with pytest.raises(SourceError, match=r"none\.mp4 is not a video"):
        open_source(server.add("/none.mp4", b"x", status=404))
    picture = server.add("/a", JPEG)
    source = open_source(picture)
    server.pages.clear()
    with pytest.raises(SourceError, match=r"cannot fetch http://127.0.0.1:[0-9]+/a: HTTPError"):
        list(source)


def test_animations_are_films(server, tmp_path):
    image = pytest.importorskip("PIL.Image")
    moments = [image.fromarray(scene(level=40 * number)) for number in range(4)]
    for form, kind in (("GIF", VideoFile), ("WEBP", Animation), ("PNG", Animation)):
        moments[0].save(tmp_path / form, form, save_all=True, append_images=moments[1:], duration=200)
        source = open_source(server.add(f"/{form}.jpg", (tmp_path / form).read_bytes(), "image/jpeg"))
        assert isinstance(source, kind)
        np.testing.assert_allclose([frame.timestamp for frame in source], [0, 0.2, 0.4, 0.6], atol=0.002)
    moments[0].save(tmp_path / "one", "GIF")
    (frame,) = open_source(server.add("/one.gif", (tmp_path / "one").read_bytes()))
    assert frame.still


def test_recorded_and_live_playlists(server, film):
    lines = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfilm.mp4\n"
    server.add("/film.mp4", film)
    recorded = server.add("/recorded.m3u8", (lines + "#EXT-X-ENDLIST\n").encode(), has_length=False)
    live = server.add("/live.m3u8", lines.encode())
    assert probe(recorded) == Answer("playlist", "m3u8", True)
    assert probe(live) == Answer("playlist", "m3u8", False)
    variants = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{}\n"
    assert probe(server.add("/a.m3u8", variants.format("recorded.m3u8").encode())).is_finite
    assert not probe(server.add("/b.m3u8", variants.format("live.m3u8").encode())).is_finite
    assert not probe(server.add("/c.m3u8", variants.format("file:///etc/passwd").encode())).is_finite


@pytest.mark.parametrize("is_fast", [False, True])
def test_a_film_behind_an_address_is_turned_as_one_on_the_disk(server, tmp_path, is_fast):
    pytest.importorskip("av")
    film = write_film(tmp_path / "a.mp4", is_still=True, frames=8)
    write_matrix(film, b"tkhd", Turn(90, True))
    if is_fast:
        film = remux(film, tmp_path / "b.mp4", {"movflags": "faststart"})
    source = open_source(server.add("/film", film.read_bytes()))
    frames = [frame.image.copy() for frame in source]
    assert len(frames) == 8 and source.lost == 0
    assert np.abs(frames[0].astype(int) - Turn(90, True)(scene())).mean() < 12


def test_only_the_parts_of_a_file_are_fetched_that_are_read(server):
    data = np.random.default_rng(0).integers(0, 256, 5_000_000, np.uint8).tobytes()
    address = server.add("/large", data)
    with HttpFile(address.replace("//", "//user:S3cret@")) as file:
        assert file.seek(0, 2) == len(data)
        file.seek(3_000_000)
        assert file.read(100_000) == data[3_000_000:3_100_000]
        file.seek(-10, 2)
        assert file.read() == data[-10:] and file.read(5) == b""
    assert len(server.asked) == 5  # the first part, three in the middle, the last
    assert all(headers["Authorization"].startswith("Basic ") for _, headers in server.asked)
    with pytest.raises(OSError, match="no ranges"):
        HttpFile(server.add("/old", data, has_length=False))
    with HttpFile(address) as file, pytest.raises(OSError, match="too many parts"):
        file.read()


def test_damage_behind_an_address_is_counted(server, tmp_path):
    pytest.importorskip("av")
    film = write_film(tmp_path / "a.mp4", "mpeg4")
    erase_packets(film, [30])
    source = open_source(server.add("/film", film.read_bytes()))
    assert (len(list(source)), source.lost) == (59, 1)
