"""The same job on a local Ray of two workers; one of them is killed.

With EDGEAFFECT_TEST_RAY=1 alone: starting Ray takes half a minute of a core. Continuous integration sets it.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from recording_files import write_film

from edgeaffect.models.registry import FILES
from edgeaffect.recordings import Progress, RecordingOptions, analyse

pytest.importorskip("av")
pytest.importorskip("skimage.data")
pytestmark = [
    pytest.mark.skipif(not (FILES / "face-detector.onnx").exists(), reason="no bundled detector in this tree"),
    pytest.mark.skipif(os.environ.get("EDGEAFFECT_TEST_RAY") != "1", reason="set EDGEAFFECT_TEST_RAY=1 to start Ray"),
]

OPTIONS = RecordingOptions(format="csv", sound=False, cues=False)


@pytest.fixture(scope="module")
def ray():
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    ray = pytest.importorskip("ray")
    try:
        ray.init(
            address="local", num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR",
            object_store_memory=80 << 20,
        )  # fmt: skip
    except Exception as error:  # no shared memory, no sockets: a container that allows neither
        pytest.skip(f"Ray does not start here: {error}")
    yield ray
    ray.shutdown()


@pytest.fixture(scope="module")
def films(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("films")
    for number in range(4):
        write_film(root / f"{number}.mp4", 10, shift=6 * number)
    (root / "broken.mp4").write_bytes(b"no film")
    return root


def tables(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*.csv"))}


def test_ray_writes_the_same_and_survives_the_death_of_a_worker(ray, films, tmp_path):
    analyse(films, tmp_path / "here", options=OPTIONS)
    killed: list[int] = []

    def kill_a_worker(progress: Progress) -> None:
        if not killed:
            killed.extend(children("ray::_analyse")[:1])
            for pid in killed:
                os.kill(pid, signal.SIGKILL)

    report = analyse(films, tmp_path / "ray", options=OPTIONS, engine="ray", workers=2, on_progress=kill_a_worker)
    assert killed and [outcome.status for outcome in report.outcomes].count("failed") == 1
    assert tables(tmp_path / "ray") == tables(tmp_path / "here")
    assert len((tmp_path / "ray" / "journal.jsonl").read_text().splitlines()) == 5
    assert ray.is_initialized()  # a cluster that was there before stays

    again = analyse(films, tmp_path / "ray", options=OPTIONS)  # without Ray: it is the same job
    assert again.already == 4


def children(title: str) -> list[int]:
    """Ids of processes below this one whose title begins so."""
    parents: dict[int, int] = {}
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            words = (path / "cmdline").read_bytes().decode("utf-8", "replace")
            parents[int(path.name)] = int((path / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if words.startswith(title):
            found.append(int(path.name))

    def is_below(pid: int) -> bool:
        while pid in parents:
            if pid == os.getpid():
                return True
            pid = parents[pid]
        return False

    return [pid for pid in found if is_below(pid)]
