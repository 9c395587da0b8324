"""The progress line: a bar on terminals, silence elsewhere."""

from __future__ import annotations

import io

import pytest

from edgeaffect import _progress
from edgeaffect._progress import ProgressLine


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A settable clock of the progress line: its one element is now."""
    now = [100.0]
    monkeypatch.setattr(_progress.time, "monotonic", lambda: now[0])
    return now


def last_line(stream: io.StringIO) -> str:
    return stream.getvalue().rpartition("\x1b[2K")[2]


def test_silent_elsewhere_and_where_it_is_not_wanted() -> None:
    for stream, enabled in ((io.StringIO(), True), (Terminal(), False)):
        with ProgressLine(stream, enabled=enabled) as line:
            line.show(1, 2, "words")
        assert not line.active and stream.getvalue() == ""


def test_bar_share_time_left_and_text(clock: list[float]) -> None:
    stream = Terminal()
    with ProgressLine(stream) as line:
        line.show(0, 10)
        assert last_line(stream) == "[............................]   0 %  "
        clock[0] += 4.0
        line.show(2, 10, "pictures")
        assert last_line(stream) == "[######......................]  20 %  16 s left  pictures"
    assert stream.getvalue().endswith("\r\x1b[2K")


def test_draws_ten_times_a_second_unless_forced(clock: list[float]) -> None:
    stream = Terminal()
    line = ProgressLine(stream)
    for done in range(101):
        line.show(done, 1000)
        clock[0] += 0.01
    assert 9 <= stream.getvalue().count("\r") <= 12
    before = stream.getvalue().count("\r")
    line.show(101, 1000, "next", force=True)
    line.show(102, 1000, "next", force=True)
    assert stream.getvalue().count("\r") == before + 2


def test_resumed_and_following_work_have_a_speed_of_their_own(clock: list[float]) -> None:
    stream = Terminal()
    line = ProgressLine(stream)
    line.show(900, 1000, "resumed download")
    clock[0] += 1.0
    line.show(950, 1000, "resumed download")
    assert "95 %  1 s left" in last_line(stream), "the 900 were there before"
    clock[0] += 1.0
    line.show(0, 10, "second file")
    assert "left" not in last_line(stream)
    line.show(5, None, "5 MB of an unknown number", force=True)
    assert last_line(stream) == "5 MB of an unknown number"
