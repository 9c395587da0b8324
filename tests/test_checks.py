"""Values and errors as messages show them."""

from __future__ import annotations

from edgeaffect._checks import show_error


def test_an_error_of_other_code_is_shown_on_one_line() -> None:
    assert show_error(ValueError("no float: 'loat\n\x00'")) == "ValueError: no float: 'loat\\n\\x00'"
    assert len(show_error(KeyError("x" * 10_000))) < 400
    assert "hunter2" not in show_error(OSError("rtsp://me:hunter2@camera/1 is lost"))
