"""Sound tracks of films: heard when the picture shows it; other codecs, gaps, damage, films without sound."""

from __future__ import annotations

import itertools
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from edgeaffect import DependencyError, FilmSound, SourceError, VideoFile
from edgeaffect.sources import open_sound

av = pytest.importorskip("av")

RATE, FPS = 48000, 25
FLASHES = (10, 30, 55)  # frames that are white, with a click at their beginning


def write(
    path: Path,
    *,
    sound: str | None = "aac",
    layout: str = "mono",
    delay: float = 0.0,
    first_frame: int = 0,
    skip: range = range(0),
    pictures: bool = True,
) -> Path:
    """A film of 75 frames. The track begins `delay` seconds into it; audio frames in `skip` are left out."""
    with av.open(str(path), "w") as file:
        film = track = None
        if pictures:
            film = file.add_stream("libx264", rate=FPS)
            film.width, film.height, film.pix_fmt = 64, 48, "yuv420p"
        if sound:
            track = file.add_stream(sound, rate=RATE, layout=layout)
        if film:
            for number in range(75):
                level = 235 if number in FLASHES else 20
                frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), level, np.uint8), format="bgr24")
                frame.pts, frame.time_base = number + first_frame, Fraction(1, FPS)
                file.mux(film.encode(frame))
            file.mux(film.encode(None))
        if track:
            samples = clicks(round(delay * RATE))
            channels = track.codec_context.layout.nb_channels
            for at in range(0, len(samples) - 1023, 1024):
                if at // 1024 in skip:
                    continue
                part = np.repeat(samples[None, at : at + 1024], channels, axis=0)
                frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(part), format="fltp", layout=layout)
                frame.sample_rate, frame.time_base = RATE, Fraction(1, RATE)
                frame.pts = at + round(delay * RATE) + round(first_frame / FPS * RATE)
                file.mux(track.encode(frame))
            file.mux(track.encode(None))
    return path


def clicks(first: int) -> np.ndarray:
    """Quiet, and a burst of 5 ms at each flash, from sample `first` of the film on."""
    samples = np.zeros(75 * RATE // FPS, np.float32)
    for number in FLASHES:
        at = number * RATE // FPS
        samples[at : at + RATE // 200] = 0.7 * np.sin(np.arange(RATE // 200) * 0.5)
    return samples[first:]


def onsets(path: Path) -> list[float]:
    """When bursts begin, by the times of the chunks."""
    with FilmSound(path, block=0.01) as source:
        chunks = list(source)
    assert all(later.timestamp >= earlier.end - 1e-9 for earlier, later in itertools.pairwise(chunks))
    times = np.concatenate([chunk.timestamp + np.arange(len(chunk.samples)) / RATE for chunk in chunks])
    loud = times[np.abs(np.concatenate([chunk.samples for chunk in chunks])) > 0.2]
    return [float(loud[0]), *(float(b) for a, b in itertools.pairwise(loud) if b - a > 0.1)]


def flashes(path: Path) -> list[float]:
    with VideoFile(path) as film:
        return [frame.timestamp for frame in film if frame.image.mean() > 128]


@pytest.mark.parametrize(
    ("ending", "sound"),
    [(".mp4", "aac"), (".mov", "pcm_s16le"), (".mkv", "flac"), (".mkv", "libopus"), (".mkv", "mp3"), (".ts", "aac")],
)
@pytest.mark.parametrize("delay", [0.0, 0.2])
def test_a_click_is_heard_when_its_flash_is_seen(tmp_path: Path, ending: str, sound: str, delay: float) -> None:
    if sound not in av.codecs_available:
        pytest.skip(f"this PyAV has no {sound}")
    path = write(tmp_path / f"film{ending}", sound=sound, delay=delay)
    seen, heard = flashes(path), onsets(path)
    assert len(seen) == len(heard) == len(FLASHES)
    np.testing.assert_allclose(heard, seen, atol=0.006)


@pytest.mark.parametrize("ending", [".mp4", ".mkv", ".ts"])
def test_a_film_that_begins_late_keeps_both_together(tmp_path: Path, ending: str) -> None:
    path = write(tmp_path / f"film{ending}", first_frame=50)
    np.testing.assert_allclose(onsets(path), flashes(path), atol=0.006)


@pytest.mark.parametrize("layout", ["mono", "stereo", "5.1"])
def test_layouts_are_mixed_to_full_scale(tmp_path: Path, layout: str) -> None:
    path = write(tmp_path / "film.mkv", sound="flac", layout=layout)
    with FilmSound(path) as source:
        got = np.concatenate([chunk.samples for chunk in source])
    expected = clicks(0)
    got = got[: len(expected)]
    np.testing.assert_allclose(got, expected[: len(got)], atol=2e-4)  # the same in all channels: 16 bits of FLAC


def test_the_centre_speaks_and_the_room_does_not_shake(tmp_path: Path) -> None:
    for loud, share in ((2, 1 / (1 + 4 * 0.7071)), (3, 0.0)):  # FL FR FC LFE BL BR
        path = tmp_path / f"{loud}.mkv"
        with av.open(str(path), "w") as file:
            track = file.add_stream("flac", rate=RATE, layout="5.1")
            part = np.zeros((6, 4096), np.float32)
            part[loud] = 0.5
            frame = av.AudioFrame.from_ndarray(part, format="fltp", layout="5.1")
            frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
            file.mux(track.encode(frame))
            file.mux(track.encode(None))
        with FilmSound(path) as source:
            np.testing.assert_allclose(next(iter(source)).samples, 0.5 * share, atol=1e-3)


def test_sound_that_is_missing_in_the_middle_is_counted_and_moves_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "film.mkv", sound="flac", skip=range(40, 60))
    with FilmSound(path) as source:
        chunks = list(source)
    assert [chunk.lost for chunk in chunks if chunk.lost] == [pytest.approx(20 * 1024, abs=100)]
    assert source.lost == pytest.approx(20 * 1024, abs=100)
    np.testing.assert_allclose(onsets(path), [number / FPS for number in FLASHES if number != 30], atol=0.006)


def test_damaged_packets_cost_themselves_and_are_told(tmp_path: Path) -> None:
    path = write(tmp_path / "film.mkv", sound="flac")
    data = bytearray(path.read_bytes())
    with av.open(str(path)) as file:
        packets = [(p.pos, p.size) for p in file.demux(audio=0) if p.size][20:30]
    for place, size in packets:
        at = data.index(b"\xff\xf8", place)
        data[at : at + size // 2] = bytes(size // 2)
    path.write_bytes(data)
    with FilmSound(path) as source:
        seconds = sum(chunk.seconds for chunk in source)
    assert source.lost == pytest.approx(10 * 4608, abs=100)  # a FLAC packet's samples
    assert seconds + source.lost / RATE == pytest.approx(3.0, abs=0.05)
    assert len(source.errors) == 1 and "packets of its sound track were left out" in str(source.errors[0])


def test_a_film_without_sound_and_what_is_no_film(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"film\.mp4 has no sound track"):
        open_sound(write(tmp_path / "film.mp4", sound=None))
    for content, words in ((b"", "is empty"), (b"hello" * 100, "is not a film that PyAV can open")):
        (tmp_path / "no.mp4").write_bytes(content)
        with pytest.raises(SourceError, match=words):
            FilmSound(tmp_path / "no.mp4")
    with pytest.raises(SourceError, match="no such file"):
        FilmSound(tmp_path / "missing.mp4")
    whole = write(tmp_path / "cut.mp4").read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: len(whole) // 2])  # its index stands at its end
    with pytest.raises(SourceError, match="is not a film that PyAV can open"):
        FilmSound(tmp_path / "cut.mp4")


def test_music_in_a_films_container_begins_at_its_first_sample(tmp_path: Path) -> None:
    source = open_sound(write(tmp_path / "a.m4a", pictures=False))
    assert isinstance(source, FilmSound)
    with source:
        assert next(iter(source)).timestamp == pytest.approx(0, abs=0.03)


def test_without_pyav_the_extra_is_named(tmp_path: Path, monkeypatch) -> None:
    path = write(tmp_path / "film.mp4")
    monkeypatch.setitem(__import__("sys").modules, "av", None)
    with pytest.raises(DependencyError, match=r"pip install 'edgeaffect\[video\]'"):
        FilmSound(path)


def test_closing_in_the_middle_is_fine_and_ends_it(tmp_path: Path) -> None:
    source = FilmSound(write(tmp_path / "film.mp4"))
    assert source.poll() is not None
    source.close()
    source.close()
    assert source.poll() is None and source.ended and list(source) == []
