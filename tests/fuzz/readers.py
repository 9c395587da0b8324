"""Everything that reads a file or an answer of strangers, as functions of bytes; see docs/robustness.md.

A reader may take any bytes, or refuse them by one of its errors, within seconds and little memory. Anything else is a
finding. `TARGETS` is what tests/fuzz/test_readers.py and tests/fuzz/run.py go through; the seeds lie in seeds/TARGET/.
"""

from __future__ import annotations

import contextlib
import io
import socket
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fuzz import page

import edgeaffect
from edgeaffect import PipelineOptions, Result
from edgeaffect.evaluation.archives import ArchiveLimits
from edgeaffect.evaluation.arrays import parse_npy
from edgeaffect.evaluation.datasets import read_pictures, read_votes
from edgeaffect.evaluation.explain_data import read_explain_data
from edgeaffect.evaluation.tables import read_table
from edgeaffect.events.detector import Event
from edgeaffect.events.rules import read_rules
from edgeaffect.models import ModelBundle, ModelSpec
from edgeaffect.models.calibration_file import AffectCalibration
from edgeaffect.models.download import RetryPolicy, download
from edgeaffect.models.engine_file import read_engine
from edgeaffect.models.pulled import RECORD, read_record
from edgeaffect.models.registry import FILES
from edgeaffect.sources import isobmff, matroska
from edgeaffect.sources.images import read_image
from edgeaffect.sources.select_sound import open_sound

SEEDS = Path(__file__).parent / "seeds"
MAX_PIXELS = 1 << 20
ARCHIVE = ArchiveLimits(
    directory=1 << 16, table=1 << 20, rows=500, arrays=1 << 20, faces=500, picture=1 << 20, pixels=1 << 20
)


@dataclass(frozen=True)
class Target:
    """One reader."""

    read: Callable[[bytes, Path], Any]
    """Of bytes, and of a folder that is its own."""
    refusals: tuple[type[BaseException], ...] = (edgeaffect.Error, ValueError)
    """What it may raise."""
    needs: str | None = None
    """Package without which it cannot run."""


def _file(suffix: str, read: Callable[[Path], Any]) -> Callable[[bytes, Path], Any]:
    def from_bytes(data: bytes, folder: Path) -> Any:
        path = folder / f"x{suffix}"
        path.write_bytes(data)
        return read(path)

    return from_bytes


def _sidecar(data: bytes, folder: Path) -> Any:
    (folder / "x.onnx").write_bytes(b"\x08\x08")  # a model that says nothing of itself
    (folder / "x.edgeaffect.json").write_bytes(data)
    return ModelSpec.from_onnx(folder / "x.onnx")


def _bundle_folder(data: bytes, folder: Path) -> Any:
    """The manifest, the part that it names before it."""
    (folder / "bundle.json").write_bytes(data)
    (folder / "words.json").write_bytes(b'{"pair_id": "p"}')
    return ModelBundle.open(folder)


def _engine(path: Path) -> bytes:
    return read_engine(path).payload()


def _record(data: bytes, folder: Path) -> Any:
    (folder / RECORD).write_bytes(data)
    return read_record(folder)


def _sound(path: Path) -> int:
    with open_sound(path) as sound:
        return sum(len(chunk.samples) for chunk, _ in zip(sound, range(1000), strict=False))


def _pictures(path: Path) -> int:
    _, _, rows = read_pictures(path, limits=ARCHIVE)
    return sum(1 for _ in rows)


def _film(data: bytes, folder: Path) -> Any:
    for reader in (isobmff.read_film, matroska.read_film, isobmff.item_properties):
        with contextlib.suppress(OSError):
            reader(io.BytesIO(data))


def _bag(path: Path) -> int:
    from edgeaffect.sources import Bag

    return sum(1 for _ in Bag(path, max_pixels=MAX_PIXELS))


def _checkpoint(suffix: str, *, trust: bool) -> Callable[[bytes, Path], Any]:
    def read(path: Path) -> Any:
        from edgeaffect.export.load import read_state_dict

        return read_state_dict(path, trust_pickle=trust)

    return _file(suffix, read)


def _bundled_text(name: str, role: str) -> Callable[[bytes, Path], Any]:
    def read(data: bytes, _: Path) -> Any:
        from edgeaffect.explain.evidence_rules import EvidenceRules
        from edgeaffect.explain.vocabulary import Vocabulary

        return {"Vocabulary": Vocabulary, "EvidenceRules": EvidenceRules}[name].from_json(data)

    return read


@contextlib.contextmanager
def _server(answer: bytes) -> Iterator[str]:
    """Answers every connection with these bytes and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.05)
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                with contextlib.suppress(OSError):
                    peer, _ = listening.accept()
                    with peer:
                        peer.settimeout(1.0)
                        peer.recv(1 << 16)
                        peer.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/x.onnx"
        finally:
            over.set()
            thread.join()


def _pull(data: bytes, folder: Path) -> Any:
    retry = RetryPolicy(stall=0.5, attempts=2, pause=0.0, connections=3, total=5.0)
    with _server(data) as address:
        download(address, folder / "x.onnx", retry=retry, max_bytes=1 << 16)
    assert (folder / "x.onnx").stat().st_size <= 1 << 16


CHECKPOINT_ERRORS = (edgeaffect.Error, ValueError)
TARGETS: dict[str, Target] = {
    "model": Target(_file(".onnx", ModelSpec.from_onnx)),
    "sidecar": Target(_sidecar),
    "bundle": Target(_file(".zip", ModelBundle.open)),
    "manifest": Target(_bundle_folder),
    "engine": Target(_file(".engine", _engine)),
    "options": Target(_file(".toml", PipelineOptions.from_toml)),
    "rules": Target(_file(".toml", read_rules)),
    "calibration": Target(_file(".json", AffectCalibration.read)),
    "votes": Target(_file(".npz", lambda path: read_votes(path, limits=ARCHIVE))),
    "pictures": Target(_file(".zip", _pictures)),
    "explanations": Target(_file(".zip", lambda path: read_explain_data(path, limits=ARCHIVE))),
    "npy": Target(lambda data, _: parse_npy(data)),
    "sound": Target(_file(".wav", _sound)),
    "picture": Target(_file(".bin", lambda path: read_image(path, max_pixels=MAX_PIXELS)), needs="cv2"),
    "film": Target(_film),
    "bag": Target(_file(".mcap", _bag), needs="rosbags"),
    "table": Target(_file(".csv", lambda path: read_table(path).columns)),
    "record": Target(_record),
    "result": Target(lambda data, _: Result.from_json(data), (ValueError, TypeError)),
    "event": Target(lambda data, _: Event.from_json(data), (ValueError, TypeError)),
    "vocabulary": Target(_bundled_text("Vocabulary", "vocabulary")),
    "evidence": Target(_bundled_text("EvidenceRules", "evidence")),
    "checkpoint": Target(_checkpoint(".pt", trust=False), CHECKPOINT_ERRORS, needs="torch"),
    "pickle": Target(_checkpoint(".pt", trust=True), CHECKPOINT_ERRORS, needs="torch"),
    "safetensors": Target(_checkpoint(".safetensors", trust=False), CHECKPOINT_ERRORS, needs="torch"),
    "pull": Target(_pull),
    "request": Target(page.request, needs="uvicorn"),
    "headers": Target(page.headers, needs="starlette"),
    "websocket": Target(page.websocket, needs="uvicorn"),
    "question": Target(page.question, needs="uvicorn"),
}


def seeds(name: str) -> list[bytes]:
    """What fuzzing of a target begins with: its files in the order of their names, or the part of the bundle."""
    if name in ("vocabulary", "evidence"):
        with zipfile.ZipFile(FILES / "explainer.zip") as archive:
            return [archive.read(f"{name}.json")]
    return [path.read_bytes() for path in sorted((SEEDS / name).iterdir())]
