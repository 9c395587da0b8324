"""What a name leads to decides what is opened: sound, devices, links, pipes, folders, files with lying names."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import threading
from pathlib import Path

import numpy as np
import pytest
from film_files import write_film
from scenes import scene

from edgeaffect.errors import SourceError
from edgeaffect.sources import Images, VideoFile, open_source

cv2 = pytest.importorskip("cv2")


def write_sound(path: Path, codec: str, container: str | None = None, *, has_cover: bool = False) -> Path:
    """Half a second of silence, if asked for with a cover picture."""
    av = pytest.importorskip("av")
    with av.open(str(path), "w", format=container) as file:
        sound = file.add_stream(codec, rate=48000)
        cover = file.add_stream("mjpeg") if has_cover else None
        if cover is not None:
            cover.width, cover.height, cover.pix_fmt = 64, 48, "yuvj420p"
            cover.disposition = av.stream.Disposition.attached_pic
        form = "s16" if codec in ("pcm_s16le", "flac", "libopus") else "fltp"
        silence = np.zeros((1, 2048), np.int16) if form == "s16" else np.zeros((2, 1024), np.float32)
        for number in range(24):
            frame = av.AudioFrame.from_ndarray(silence, format=form, layout="stereo")
            frame.sample_rate, frame.pts = 48000, 1024 * number
            file.mux(sound.encode(frame))
        file.mux(sound.encode(None))
        if cover is not None:
            packet = av.Packet(cv2.imencode(".jpg", scene())[1].tobytes())
            packet.stream, packet.pts, packet.dts = cover, 0, 0
            file.mux(packet)
    return path


@pytest.mark.parametrize(
    ("codec", "container", "has_cover"),
    [
        ("aac", "mp4", True), ("aac", "mp4", False), ("aac", "mov", False), ("aac", "ipod", False),
        ("libmp3lame", "mp3", True), ("libmp3lame", "mp3", False), ("flac", "flac", False), ("flac", "flac", True),
        ("libopus", "ogg", False), ("libopus", "webm", False), ("aac", "matroska", False), ("pcm_s16le", "wav", False),
        ("pcm_s16le", "aiff", False), ("aac", "adts", False),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["song.mp4", "song.jpg", "song"])
def test_sound_is_refused_with_and_without_a_cover(tmp_path, codec, container, has_cover, name):
    codec = "pcm_s16be" if container == "aiff" else codec
    try:
        path = write_sound(tmp_path / name, codec, container, has_cover=has_cover)
    except ValueError as error:
        pytest.skip(f"PyAV: {error}")
    with pytest.raises(SourceError, match=r"holds sound and no film|is sound without a picture"):
        open_source(path)


def test_a_film_whose_sound_comes_first_is_a_film(tmp_path):
    av = pytest.importorskip("av")
    with av.open(str(tmp_path / "a.mp4"), "w") as file:
        sound, film = file.add_stream("aac", rate=48000), file.add_stream("libx264", rate=25)
        film.width, film.height, film.pix_fmt = 64, 48, "yuv420p"
        for number in range(10):
            frame = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), format="fltp", layout="stereo")
            frame.sample_rate, frame.pts = 48000, 1024 * number
            file.mux(sound.encode(frame))
            file.mux(film.encode(av.VideoFrame.from_ndarray(scene(), format="bgr24")))
        for stream in (sound, film):
            file.mux(stream.encode(None))
    assert len(list(open_source(tmp_path / "a.mp4"))) == 10


@pytest.mark.parametrize("device", ["/dev/null", "/dev/zero", "/dev/urandom"])
@pytest.mark.parametrize("name", [None, "film.mp4", "photo.jpg"])
def test_devices_that_are_no_cameras_are_refused_under_any_name(tmp_path, device, name):
    assert stat.S_ISCHR(os.stat(device).st_mode)
    path = device
    if name:
        path = str(tmp_path / name)
        os.symlink(device, path)
    with pytest.raises(SourceError, match="is a device, but no camera; cameras are /dev/video"):
        open_source(path)


def test_a_link_to_a_camera_is_opened_as_what_it_names(tmp_path):
    device = tmp_path / "device"
    try:
        os.mknod(device, stat.S_IFCHR | 0o600, os.makedev(81, 255))  # Video4Linux, a number that nobody has
    except PermissionError:
        pytest.skip("only root makes devices")
    os.symlink(device, tmp_path / "front.mp4")
    with pytest.raises(SourceError, match=f"cannot open {device}: devices present: "):
        open_source(tmp_path / "front.mp4")


def test_links_lead_to_files_and_folders(tmp_path):
    (tmp_path / "in").mkdir()
    cv2.imwrite(str(tmp_path / "in" / "a.png"), scene())
    os.symlink(tmp_path / "in" / "a.png", tmp_path / "film.mp4")
    os.symlink(tmp_path / "in", tmp_path / "folder.mp4")
    assert isinstance(open_source(tmp_path / "film.mp4"), Images)
    assert open_source(tmp_path / "folder.mp4").length == 1
    os.symlink(tmp_path / "gone", tmp_path / "broken.mp4")
    with pytest.raises(SourceError, match=r"no such file: .*broken\.mp4"):
        open_source(tmp_path / "broken.mp4")


def test_a_film_comes_through_a_pipe(tmp_path):
    pytest.importorskip("av")
    film, pipe = write_film(tmp_path / "a.ts", frames=20), tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(film.read_bytes()))
    writer.start()
    source = open_source(pipe)
    assert isinstance(source, VideoFile) and len(list(source)) == 20
    writer.join()


def test_sockets_are_neither(tmp_path):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
        with pytest.raises(SourceError, match="is neither a file, folder, pipe nor camera"):
            open_source(tmp_path / "s")


@pytest.mark.parametrize("name", ["data:film.mp4", "concat:a|b.mp4", "http:film", "film%03d.mp4", "-i", "pipe:0"])
def test_names_that_ffmpeg_has_other_uses_for_are_files(tmp_path, monkeypatch, name):
    pytest.importorskip("av")
    shutil.copy(write_film(tmp_path / "a.mp4", frames=5), tmp_path / name)
    monkeypatch.chdir(tmp_path)
    assert len(list(open_source(name))) == 5


def test_folders_leave_out_hidden_files_in_silence_and_others_with_a_reason(tmp_path, caplog):
    cv2.imwrite(str(tmp_path / "a.jpg"), scene())
    shutil.copy(tmp_path / "a.jpg", tmp_path / "no_ending")
    (tmp_path / "._a.jpg").write_bytes(b"\0\5\x16\7Mac OS X")
    (tmp_path / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")
    (tmp_path / "fork.jpg").write_bytes(b"\0\5\x16\7Mac OS X")
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "page.htm").write_text("<!doctype html>")
    (tmp_path / "scan.pdf").write_bytes(b"%PDF-1.4")
    (tmp_path / "sub").mkdir()
    source = open_source(tmp_path)
    assert [Path(frame.source).name for frame in source] == ["a.jpg", "no_ending"]
    reasons = {path.name: reason for path, reason in source.skipped}
    assert reasons == {"notes.txt": "no picture", "page.htm": "a web page", "scan.pdf": "a PDF"}
    assert "3 files are left out: notes.txt (no picture), page.htm (a web page), scan.pdf (a PDF)" in caplog.messages
    assert [str(error) for error in source.errors] == [
        f"{tmp_path / 'fork.jpg'} is a resource fork of macOS, not a picture"
    ]


def test_a_folder_of_other_things_says_what_they_are(tmp_path):
    (tmp_path / "scan.pdf").write_bytes(b"%PDF-1.4")
    with pytest.raises(SourceError, match=r"no pictures in folder .* \(scan\.pdf is a PDF\)"):
        open_source(tmp_path)
