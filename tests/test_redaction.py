"""No secret of an address shows, wherever somebody gives one for a model, a file or an option."""

from __future__ import annotations

import contextlib
import io
import logging
from collections.abc import Callable

import numpy as np
import pytest
from squares import SquareDetector

from edgeaffect import FaceAffect, FaceDetector, Pipeline
from edgeaffect._checks import show
from edgeaffect.cli import main
from edgeaffect.events import read_rules
from edgeaffect.face.cues import FaceCues
from edgeaffect.models import ModelBundle, ModelSpec
from edgeaffect.models.engine_file import read_engine
from edgeaffect.models.registry import find_bundle
from edgeaffect.options import PipelineOptions
from edgeaffect.sinks import CsvTable, JsonLines, SourceFacts, open_saver

SECRET = "S3cr"
ADDRESSES = [
    f"https://admin:{SECRET}@127.0.0.1:9/m.onnx",
    f"https://127.0.0.1:9/m.onnx?token={SECRET}",
    f"rtsp://admin:{SECRET}@127.0.0.1:9/" + "x" * 400,  # longer than the name of a file may be
]
FRAME = np.zeros((9, 9, 3), np.uint8)


def uses(address: str) -> dict[str, Callable[[], object]]:
    """Ways in which an address gets where none belongs."""
    pipeline = Pipeline(detect=SquareDetector(), affect=False)
    return {
        "detector": lambda: FaceDetector(address),
        "affect": lambda: FaceAffect(address),
        "cues": lambda: FaceCues(address),
        "Pipeline(detect)": lambda: Pipeline(detect=address),
        "Pipeline(affect)": lambda: Pipeline(affect=address),
        "Pipeline(cues)": lambda: Pipeline(cues=address),
        "Pipeline(options)": lambda: Pipeline(options=address),  # type: ignore[arg-type]
        "Pipeline(track)": lambda: Pipeline(detect=SquareDetector(), affect=False, track=address),  # type: ignore[arg-type]
        "Pipeline(device)": lambda: Pipeline(device=address),
        "override": lambda: PipelineOptions().override(max_side=address),
        "from_dict": lambda: PipelineOptions.from_dict({"detect": address}),
        "from_toml": lambda: PipelineOptions.from_toml(address),
        "rules": lambda: read_rules(address),
        "spec": lambda: ModelSpec.from_onnx(address),
        "engine": lambda: read_engine(address),
        "bundle": lambda: ModelBundle.open(address),
        "bundle by name": lambda: find_bundle(address, "explain"),
        "process": lambda: pipeline.process(address),  # type: ignore[arg-type]
        "color": lambda: pipeline.process(FRAME, color=address),
        "timestamp": lambda: pipeline.process(FRAME, timestamp=address),  # type: ignore[arg-type]
        "run": lambda: pipeline.run(address, None),  # type: ignore[arg-type]
        "stream_batch": lambda: next(iter(pipeline.stream_batch(address))),
        "kept_crop": lambda: pipeline.kept_crop(address),  # type: ignore[arg-type]
        "json": lambda: JsonLines(f"{address}/a"),
        "csv": lambda: CsvTable(f"{address}/a"),
        "video": lambda: open_saver(f"{address}.mp4", SourceFacts("x")),
    }


COMMANDS = [
    ["ADDRESS"],
    ["run", "x.png", "ADDRESS"],
    ["run", "x.png", "--detector", "ADDRESS"],
    ["run", "x.png", "--config", "ADDRESS"],
    ["run", "x.png", "--set", "detect_model=ADDRESS"],
    ["run", "x.png", "--calibration", "ADDRESS"],
    ["run", "x.png", "--models", "ADDRESS"],
    ["run", "x.png", "--rules", "ADDRESS"],
    ["calibrate", "ADDRESS", "-o", "mine.json"],
    ["calibrate", "faces", "-o", "mine.json", "--affect", "ADDRESS"],
    ["models", "show", "ADDRESS"],
    ["models", "verify", "ADDRESS"],
    ["models", "annotate", "ADDRESS", "--like", "affect-base"],
    ["engines", "list", "ADDRESS"],
    ["engines", "build", "ADDRESS"],
    ["eval", "affect", "ADDRESS"],
    ["bench", "ADDRESS"],
    ["bench", "--detector", "ADDRESS"],
    ["bench", "--compare", "ADDRESS"],
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_error_and_no_log_shows_it(address: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for name, use in uses(address).items():
        with pytest.raises(Exception) as caught:  # noqa: PT011  (any kind: what is said counts)
            use()
        error: BaseException | None = caught.value
        while error is not None:
            assert SECRET not in str(error), name
            error = error.__cause__ or error.__context__
    assert SECRET not in caplog.text


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_command_shows_it(address: str) -> None:
    for words in COMMANDS:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main([word.replace("ADDRESS", address) for word in words])
        assert code in (1, 2), words
        assert SECRET not in out.getvalue() + err.getvalue(), words
        assert err.getvalue().count("\n") <= 1, words


def test_the_door_cuts_after_it_hides() -> None:
    """What is cut first could lose the `@` by which a password is known."""
    long = f"rtsp://admin:{SECRET}{'x' * 200}@10.0.0.1/live"
    assert show(long) == "'rtsp://10.0.0.1/live'"
    assert show("a" * 1000) == f"'{'a' * 79}..."
    assert show([long]) == "['rtsp://10.0.0.1/live']"
    assert show("\x1b[2J\n") == r"'\x1b[2J\n'"
