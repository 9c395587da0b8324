"""A damaged film costs its damaged frames only, and tells how many; a healthy one loses none."""

from __future__ import annotations

import json

import pytest
from film_files import erase_packets, remux, write_film

from edgeaffect.cli import main
from edgeaffect.sources import VideoFile, open_source
from edgeaffect.sources.losses import TimeGaps

pytest.importorskip("cv2")
pytest.importorskip("av")


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.mp4", "libx264"), ("a.mov", "mpeg4"), ("a.mkv", "libx264"), ("a.ts", "libx264"), ("a.webm", "libvpx"),
     ("a.avi", "mpeg4")],
)  # fmt: skip
def test_damaged_packets_cost_their_frames_only(tmp_path, name, codec, caplog):
    path = write_film(tmp_path / name, codec)
    healthy = VideoFile(path)
    assert len(list(healthy)) == 60 and not healthy.lost and not healthy.errors
    erase_packets(path, [20, 31])
    film = VideoFile(path)
    times = [round(frame.timestamp * 25) for frame in film]
    assert len(times) + film.lost == 60 and 1 <= film.lost <= 2, times
    assert times[-1] in (59, 60)  # some AVIs begin at a frame's distance
    assert [str(error) for error in film.errors] == [
        f"{path} is damaged or cut off: {film.lost} of 60 frames are lost, the others were read"
    ]
    assert caplog.messages == [str(film.errors[0])]
    list(film)  # a second pass counts anew
    assert len(film.errors) == 1 and len(times) + film.lost == 60


def test_many_damaged_packets_in_a_row_do_not_end_a_film(tmp_path):
    path = write_film(tmp_path / "a.mp4", "mpeg4", frames=400)
    erase_packets(path, range(24, 324))
    film = VideoFile(path)
    times = [round(frame.timestamp * 25) for frame in film]
    assert times[-1] == 399 and len(times) + film.lost == 400
    assert 250 <= film.lost <= 312


def test_frames_tell_what_was_lost_before_them(tmp_path):
    path = write_film(tmp_path / "a.mp4", "mpeg4")
    erase_packets(path, [30])
    frames = [(frame.index, frame.dropped) for frame in open_source(path, rotate=90)]
    assert frames[29] == (29, 0) and frames[30] == (31, 1) and frames[-1] == (59, 1)


def test_a_broken_cluster_of_matroska_is_told_by_the_time(tmp_path):
    path = write_film(tmp_path / "a.mkv", frames=120)
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 40] = (
        b"\xff" * 40
    )  # headers of blocks: the reader looks for the next cluster
    path.write_bytes(data)
    film = VideoFile(path)
    shown = [round(frame.timestamp * 25) for frame in film]
    assert shown[-1] == 119 and film.lost == 120 - len(shown) > 0
    assert "is damaged" in str(film.errors[0])


@pytest.mark.parametrize("name", ["a.mkv", "a.ts", "a.webm"])
def test_a_film_that_is_cut_off_says_about_how_much_is_missing(tmp_path, name):
    path = write_film(tmp_path / name, "libvpx" if name == "a.webm" else "libx264", frames=120)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    film = VideoFile(path)
    shown = len(list(film))
    if name == "a.ts":  # a stream has no end of its own
        assert not film.lost and not film.errors
    else:
        assert film.lost == pytest.approx(120 - shown, abs=1)
        assert "may be cut off" in str(film.errors[0])


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts"])
def test_a_variable_rate_is_no_damage(tmp_path, name):
    times = [*range(20), *range(26, 90, 7)]
    film = VideoFile(write_film(tmp_path / name, times=times))
    assert [round(frame.timestamp * 25) for frame in film] == times
    assert (film.lost, film.errors) == (0, [])


def test_a_part_cut_by_an_edit_list_is_not_lost(tmp_path):
    av = pytest.importorskip("av")
    whole, part = write_film(tmp_path / "whole.mp4", frames=100), tmp_path / "part.mp4"
    with av.open(str(whole)) as film, av.open(str(part), "w") as copy:
        track = film.streams.video[0]
        film.seek(round(0.7 / track.time_base), stream=track)
        stream = copy.add_stream_from_template(track)
        for packet in film.demux(track):
            if packet.dts is not None:  # times below zero become an edit list: frames that are held and not shown
                packet.pts, packet.dts = (t - round(0.7 / track.time_base) for t in (packet.pts, packet.dts))
                packet.stream = stream
                copy.mux(packet)
    film = VideoFile(part)
    shown = len(list(film))
    assert shown < film.length  # the index lists more
    assert (film.lost, film.errors) == (0, [])


def test_fragments_and_other_containers_lose_nothing(tmp_path):
    whole = write_film(tmp_path / "whole.mp4")
    for name in ("a.mkv", "a.mov", "a.ts", "a.flv"):
        film = VideoFile(remux(whole, tmp_path / name))
        assert (len(list(film)), film.lost, film.errors) == (60, 0, []), name
    film = VideoFile(remux(whole, tmp_path / "f.mp4", options={"movflags": "frag_keyframe+empty_moov"}))
    assert (len(list(film)), film.lost, film.errors) == (60, 0, [])


def test_time_gaps_count_frames_of_a_constant_rate_only():
    def missing(times):
        gaps = TimeGaps()
        for time in times:
            gaps.add(time)
        return gaps.missing()

    thirds = [round(frame / 30, 3) for frame in range(60)]  # a container that counts in milliseconds
    assert missing(thirds) == 0
    assert missing(thirds[:20] + thirds[25:40] + thirds[41:]) == 6
    assert missing([round(frame / 240, 3) for frame in range(60)]) == 0
    assert missing([0.04 * frame**1.3 for frame in range(60)]) == 0
    assert missing([0, 1, 2, 5]) == 0  # too few to know a rate
    assert missing([0.0] * 20) == 0


@pytest.mark.parametrize("limit", [[], ["--max-frames", "40"]])
def test_run_tells_lost_frames_in_its_closing_line(tmp_path, capsys, limit):
    path = write_film(tmp_path / "a.mp4", "mpeg4")
    erase_packets(path, [30])
    code = main(["run", str(path), "--json", str(tmp_path / "o.jsonl"), *limit])
    errors = capsys.readouterr().err
    assert code == 2
    assert "1 lost to damage" in errors.splitlines()[-1] and "dropped" not in errors
    last = json.loads((tmp_path / "o.jsonl").read_text().splitlines()[-1])
    assert last["dropped_frames"] == 1
