"""Sinks: lines, tables, pictures and videos hold what was given, at its own times, or say why not."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest
from squares import ShadeAffect, SquareDetector, draw

from edgeaffect import Pipeline, Result
from edgeaffect.sinks import (
    CsvTable,
    EventLines,
    JsonLines,
    Picture,
    PictureFolder,
    SinkError,
    SourceFacts,
    Text,
    open_saver,
)
from edgeaffect.sinks import video as video_module
from edgeaffect.sinks.table import COLUMNS

SIZE = (160, 120)


@dataclass
class Taken:
    """A frame as a source gives it."""

    image: np.ndarray
    timestamp: float
    index: int = 0
    color: str = "bgr"
    clock: str = "media"
    still: bool = False


def perceived(times: list[float], name: str = "film.mp4") -> list[tuple[Taken, Result]]:
    pipeline = Pipeline(detect=SquareDetector(), affect=ShadeAffect())
    pairs = []
    for index, now in enumerate(times):
        image = draw(SIZE, (60 + index, 60, 40), shade=160)
        pairs.append((Taken(image, now, index), pipeline.process(image, now)))
    return pairs


def test_json_lines_read_back_and_in_short(tmp_path):
    for compact in (False, True):
        target = tmp_path / f"{compact}.jsonl"
        sink = JsonLines(str(target), compact=compact)
        pairs = perceived([0.0, 0.1])
        assert all(sink.write(*pair) for pair in pairs)
        assert sink.close() == f"{target} (2 lines)"
        lines = target.read_text("utf-8").splitlines()
        if compact:
            (face,) = json.loads(lines[1])["faces"]
            assert face.keys() == {"id", "box", "label", "probability", "valence", "arousal", "sure"}
            assert len(lines[1]) < len(pairs[1][1].to_json()) / 3
        else:
            assert [Result.from_json(line).to_dict() for line in lines] == [result.to_dict() for _, result in pairs]


@pytest.mark.parametrize("make", [JsonLines, CsvTable, lambda target: EventLines(target, _OneEvent())])
def test_text_goes_to_a_file_or_to_standard_output(tmp_path, capsys, make):
    (pair,) = perceived([0.0])
    target = tmp_path / "out.txt"
    said = []
    for name in (str(target), "-"):
        sink = make(name)
        assert sink.write(*pair)
        said.append(sink.close())
    assert said[0].startswith(f"{target} (") and said[1] == ""
    assert target.read_bytes().decode() == capsys.readouterr().out != ""
    print("standard output is still open")
    with pytest.raises(FileNotFoundError, match=r"no such folder: .*missing; make it first"):
        make(str(tmp_path / "missing" / "a.jsonl"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is always full")
@pytest.mark.parametrize("make", [JsonLines, CsvTable, lambda target: EventLines(target, _OneEvent())])
def test_text_that_a_full_disk_refuses_names_its_file(make):
    (pair,) = perceived([0.0])
    sink = make("/dev/full")
    for attempt in (lambda: sink.write(*pair), sink.close):
        with pytest.raises(SinkError, match=r"^/dev/full could not be written: No space left on device$"):
            attempt()


class _OneEvent:
    """Finds an event in each result, and another at the end."""

    def update(self, result):
        return [self]

    def finish(self):
        return [self]

    def to_dict(self):
        return {"name": "smile"}


def test_a_label_by_name():
    affect = perceived([0.0])[0][1].faces[0].affect
    assert affect.probability("happiness") == pytest.approx(float(affect.probabilities[1]))
    with pytest.raises(KeyError, match="no label 'joy': choose neutral"):
        affect.probability("joy")


def test_table_has_a_row_per_face_and_keeps_empty_frames(tmp_path):
    target = tmp_path / "t.csv"
    sink = CsvTable(str(target))
    (pair,) = perceived([0.5])
    sink.write(*pair)
    empty = Pipeline(detect=SquareDetector(), affect=ShadeAffect()).process(draw(SIZE), 1.0)
    sink.write(Taken(draw(SIZE), 1.0), empty)
    assert sink.close() == f"{target} (2 rows)"
    with open(target, newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0]) == list(COLUMNS) and len(rows) == 2
    face = pair[1].faces[0]
    assert float(rows[0]["x0"]) == pytest.approx(float(face.box[0]), abs=0.01) and rows[0]["label"] == face.label
    assert float(rows[0]["p_happiness"]) == pytest.approx(face.affect.probability("happiness"), abs=1e-4)
    assert rows[1]["time"] == "1.000000" and rows[1]["label"] == ""


def test_text_shows_escapes_instead_of_obeying(capsys):
    (pair,) = perceived([0.0])
    pair[0].still = True
    result = Result(**{**{n: getattr(pair[1], n) for n in pair[1].__dataclass_fields__}, "source": "a\x1b[2Jb.png"})
    import sys

    Text(sys.stdout).write(pair[0], result)
    assert "\x1b" not in (out := capsys.readouterr().out) and "a\\x1b[2Jb.png" in out


def test_pictures_and_folders(tmp_path):
    (pair,) = perceived([0.0])
    Picture(tmp_path / "one.png").write(*pair)
    assert cv2.imread(str(tmp_path / "one.png")).shape == (120, 160, 3)
    original = tmp_path / "in" / "frame_000000.jpg"
    sink = PictureFolder(tmp_path / "in", SourceFacts("in", paths=[original]))
    with pytest.raises(SinkError, match="would be overwritten"):
        sink.write(*pair)
    with pytest.raises(SinkError, match=r"pictures like a\.xyz"):
        Picture(tmp_path / "a.xyz").write(*pair)
    with pytest.raises(ValueError, match=r"one picture, but film\.mp4 has more"):
        open_saver(str(tmp_path / "a.png"), SourceFacts("film.mp4", length=9))
    with pytest.raises(ValueError, match=r"takes a name ending in \.mp4"):
        open_saver(str(tmp_path / "a.doc"), SourceFacts("film.mp4"))
    with pytest.raises(FileNotFoundError, match="make it first"):
        open_saver(str(tmp_path / "no" / "a.mp4"), SourceFacts("film.mp4"))


def seconds_of(path: Path) -> float:
    capture = cv2.VideoCapture(str(path))
    frames, fps = capture.get(cv2.CAP_PROP_FRAME_COUNT), capture.get(cv2.CAP_PROP_FPS)
    capture.release()
    return frames / fps


@pytest.mark.parametrize("with_av", [True, False])
@pytest.mark.parametrize(
    "times", [[i / 5 for i in range(11)], [0, 0.1, 0.2, 1.2, 1.25, 2.0], [i / 100 for i in range(201)]]
)
def test_a_video_lasts_as_long_as_the_scene(tmp_path, monkeypatch, with_av, times):
    """5 frames a second, uneven ones, and 100 a second, of a source that says 30: two seconds are two seconds."""
    if with_av:
        av = pytest.importorskip("av")
    else:
        monkeypatch.setattr(video_module, "require", _without_av(video_module.require))
    target = tmp_path / "out.mp4"
    sink = open_saver(str(target), SourceFacts("camera", fps=30.0))
    for pair in perceived(times):
        sink.write(*pair)
    said = sink.close()
    if with_av:
        with av.open(str(target)) as file:
            stamps = [float(packet.pts * packet.time_base) for packet in file.demux(video=0) if packet.size]
        np.testing.assert_allclose(sorted(stamps), times, atol=1e-3)
        assert "H.264" in said or "MPEG-4" in said
    else:
        assert seconds_of(target) == pytest.approx(2.0, abs=0.1)
        assert "MPEG-4 Part 2, without sound" in said


def _without_av(require):
    def refuse(name):
        if name == "av":
            from edgeaffect.errors import DependencyError

            raise DependencyError("av is not installed")
        return require(name)

    return refuse


def test_sound_is_kept(tmp_path):
    av = pytest.importorskip("av")
    source = tmp_path / "in.mp4"
    with av.open(str(source), "w") as file:
        video, audio = file.add_stream("mpeg4", rate=25), file.add_stream("aac", rate=16000)
        video.width, video.height, video.pix_fmt = *SIZE, "yuv420p"
        for _ in range(25):
            file.mux(video.encode(av.VideoFrame.from_ndarray(draw(SIZE), format="bgr24")))
        for step in range(16):
            wave = np.sin(np.arange(1000) / 5).astype(np.float32)[None] * 0.3
            frame = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 16000, step * 1000
            file.mux(audio.encode(frame))
        file.mux(video.encode(None))
        file.mux(audio.encode(None))
    target = tmp_path / "out.mp4"
    sink = open_saver(str(target), SourceFacts(str(source), fps=25.0, file=source))
    for pair in perceived([i / 25 for i in range(25)]):
        sink.write(*pair)
    assert "with sound" in sink.close()
    with av.open(str(target)) as file:
        assert file.streams.audio[0].codec_context.name == "aac"
        assert sum(1 for packet in file.demux(audio=0) if packet.size) >= 10


def test_a_video_of_two_sizes_and_one_that_cannot_be_written(tmp_path):
    first, second = perceived([0.0, 0.1])
    sink = open_saver(str(tmp_path / "out.mp4"), SourceFacts("film"))
    sink.write(*first)
    small = Result(**{**{n: getattr(second[1], n) for n in second[1].__dataclass_fields__}, "size": (80, 60)})
    with pytest.raises(SinkError, match="save to a folder instead"):
        sink.write(second[0], small)
    sink.close()


def test_a_file_that_lost_frames_is_an_error(tmp_path, monkeypatch):
    """The disk filled: what was said to be written is not there."""
    monkeypatch.setattr(video_module, "require", _without_av(video_module.require))
    target = tmp_path / "out.avi"
    sink = open_saver(str(target), SourceFacts("film", fps=25.0))
    for pair in perceived([i / 25 for i in range(10)]):
        sink.write(*pair)
    real = sink._writer._file.release
    monkeypatch.setattr(sink._writer, "_file", _Cut(sink._writer._file, real, target))
    with pytest.raises(SinkError, match=r"out\.avi was not written whole: it holds \d of 10 frames"):
        sink.close()


class _Cut:
    """A writer whose file is cut off when it is closed."""

    def __init__(self, writer, release, path):
        self.write, self._release, self._path = writer.write, release, path

    def release(self):
        self._release()
        self._path.write_bytes(self._path.read_bytes()[:2000])
